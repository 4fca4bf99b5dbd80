"""`insights-mcp doctor`: is the key known, where, what may it do, is the project right, do the clocks agree.

Says what to do about each trouble and prints ready client configuration. No key is ever printed.
"""

import importlib.util
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from insights_mcp.commands.connect import make_client
from insights_mcp.commands.snippets import make_snippets
from insights_mcp.errors import ApiError, AuthenticationFailed, InsightsError, NotFound, PermissionDenied
from insights_mcp.settings import REGIONS, Settings

if TYPE_CHECKING:
    from insights_mcp.client import PostHogClient

MakeClient = Callable[[Settings], "PostHogClient"]
Write = Callable[[str], None]

LARGEST_SKEW = timedelta(minutes=1)
COUNT_EVENTS = {"kind": "HogQLQuery", "query": "SELECT count() FROM events"}
# No object has this number, so a write to it tests the scope and changes nothing.
NOBODY = 0


@dataclass(frozen=True)
class Probe:
    """A cheap call that needs one scope; `is_needed` when nothing works without it."""

    scope: str
    purpose: str
    call: Callable[["PostHogClient"], Awaitable[object]]
    is_needed: bool = False


class Report:
    """Writes one line per finding and remembers whether any failed."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self.has_failed = False

    def good(self, subject: str, text: str) -> None:
        """Say that something works."""
        self._line("ok", subject, text)

    def doubtful(self, subject: str, text: str) -> None:
        """Say that something works in part."""
        self._line("warn", subject, text)

    def bad(self, subject: str, text: str) -> None:
        """Say that something does not work."""
        self.has_failed = True
        self._line("FAIL", subject, text)

    def _line(self, mark: str, subject: str, text: str) -> None:
        self._write(f"{mark:<5}{subject:<9}{plain(text)}")


async def run_doctor(settings: Settings, write: Write, *, make_client: MakeClient = make_client) -> int:
    """Test the settings, write the findings and the client configuration. Return 1 when anything failed, else 0."""
    report = Report(write)
    host = settings.host
    if settings.is_local:
        async with make_client(settings) as api:
            await _check_local(settings, api, report)
    else:
        host = await _check_posthog(settings, make_client, report)
    _check_naming(settings, report)
    for snippet in make_snippets(settings, host):
        write("")
        write(f"{snippet.client} ({snippet.where}):")
        write(snippet.text)
    return 1 if report.has_failed else 0


async def _check_local(settings: Settings, api: "PostHogClient", report: Report) -> None:
    try:
        project = await api.project()
        report.good("backend", f"The local backend answers, in {settings.data_dir}.")
        report.good("project", f"{project.name} ({project.id}), time zone {project.timezone}.")
        answer = await api.queries.run(COUNT_EVENTS)
        place = "the ClickHouse server of INSIGHTS_CLICKHOUSE_URL" if settings.clickhouse_url else "the embedded engine"
        report.good("engine", f"{_first_cell(answer.results)} events in {place}.")
    except InsightsError as error:
        report.bad("backend", describe(error))


async def _check_posthog(settings: Settings, make_client: MakeClient, report: Report) -> str:
    """Test everything about a PostHog. Return the host that knows the key."""
    async with make_client(settings) as api:
        try:
            me = await api.users.me()
        except AuthenticationFailed as error:
            return await _look_elsewhere(settings, make_client, report, error)
        except PermissionDenied:
            report.good("key", f"{settings.host} knows it.")
        except InsightsError as error:
            report.bad("host", describe(error))
            return settings.host
        else:
            report.good("key", f"{settings.host} knows it; it is {me.name or 'somebody'}'s.")
        _check_clock(api.clock_skew, report)
        if await _check_project(settings, api, report):
            await _check_scopes(settings, api, report)
    return settings.host


async def _look_elsewhere(settings: Settings, make_client: MakeClient, report: Report, error: InsightsError) -> str:
    """Try the key in the other region of PostHog's cloud. Return the host that knows it, else the one that was set.

    A key for a server of one's own is never shown to the cloud.
    """
    others = {name: url for name, url in REGIONS.items() if url != settings.host}
    if settings.host not in REGIONS.values():
        report.bad("key", describe(error))
        return settings.host
    for name, url in others.items():
        async with make_client(replace(settings, host=url)) as api:
            if await _is_known(api):
                report.bad("region", f"The key belongs to the {name} region. Set POSTHOG_HOST={name}.")
                return url
    report.bad(
        "key",
        "Neither region of PostHog knows it. Create a personal API key (phx_...) in PostHog under Settings, "
        "Personal API keys and set POSTHOG_API_KEY.",
    )
    return settings.host


async def _is_known(api: "PostHogClient") -> bool:
    try:
        await api.users.me()
    except PermissionDenied:
        return True
    except InsightsError:
        return False
    return True


async def _check_project(settings: Settings, api: "PostHogClient", report: Report) -> bool:
    try:
        project = await api.project()
    except PermissionDenied as error:
        if error.scope is None:
            report.bad("project", describe(error))
            return False
        report.doubtful("project", "The owner's current one, as the key may not say which. Set POSTHOG_PROJECT_ID.")
        return True
    except InsightsError as error:
        report.bad("project", f"{describe(error)} {await _reachable_projects(api)}".strip())
        return False
    source = "POSTHOG_PROJECT_ID" if settings.project_id is not None else "the owner's current one"
    report.good("project", f"{project.name or 'unnamed'} ({project.id}), time zone {project.timezone}; {source}.")
    return True


async def _reachable_projects(api: "PostHogClient") -> str:
    try:
        page = await api.projects.list(limit=10)
    except InsightsError:
        return ""
    return f"The key reaches: {', '.join(f'{item.id} {item.name}' for item in page.results)}." if page.results else ""


def _check_clock(skew: timedelta | None, report: Report) -> None:
    if skew is None:
        report.doubtful("clock", "The server did not tell its time.")
    elif abs(skew) > LARGEST_SKEW:
        side = "behind" if skew > timedelta(0) else "ahead of"
        minutes = abs(skew).total_seconds() / 60
        report.bad("clock", f"This machine's clock is {minutes:.0f} minutes {side} the server's. Set it right.")
    else:
        report.good("clock", "This machine's clock and the server's agree.")


def _probes(settings: Settings) -> Sequence[Probe]:
    # Here, as building the bodies loads the schemas.
    from insights_mcp.schema.insights import DashboardPatch, InsightPatch

    reads = (
        Probe("insight:read", "read insights", lambda api: api.insights.list(limit=1), is_needed=True),
        Probe("query:read", "run queries", lambda api: api.queries.run(COUNT_EVENTS), is_needed=True),
        Probe("user:read", "know its owner", lambda api: api.users.me()),
        Probe("project:read", "read the project", lambda api: api.projects.list(limit=1)),
        Probe("event_definition:read", "see events", lambda api: api.definitions.events(limit=1)),
        Probe("property_definition:read", "see properties", lambda api: api.definitions.properties(limit=1)),
        Probe("dashboard:read", "read dashboards", lambda api: api.dashboards.list(limit=1)),
        Probe("activity_log:read", "read activity", lambda api: api.insights.activity(limit=1)),
        Probe("sharing_configuration:read", "see share links", lambda api: api.sharing.get(NOBODY)),
    )
    writes = (
        Probe("insight:write", "change insights", lambda api: api.insights.update(NOBODY, InsightPatch(order=0))),
        Probe(
            "dashboard:write",
            "change dashboards",
            lambda api: api.dashboards.update(NOBODY, DashboardPatch(pinned=False)),
        ),
        Probe("sharing_configuration:write", "make share links", lambda api: api.sharing.update(NOBODY, enabled=False)),
    )
    return reads if settings.read_only else reads + writes


async def _check_scopes(settings: Settings, api: "PostHogClient", report: Report) -> None:
    missing: list[str] = []
    for probe in _probes(settings):
        try:
            await probe.call(api)
        except NotFound:
            pass
        except PermissionDenied as error:
            if error.scope is None:
                report.doubtful("scopes", f"Cannot {probe.purpose}: {describe(error)}")
                continue
            missing.append(probe.scope)
            say = report.bad if probe.is_needed else report.doubtful
            say("scopes", f"Without {probe.scope} it cannot {probe.purpose}.")
        except InsightsError as error:
            report.doubtful("scopes", f"{probe.scope} could not be tested: {describe(error)}")
    if missing:
        advice = f"Add to the key in PostHog under Settings, Personal API keys: {', '.join(missing)}."
        if all(scope.endswith(":write") for scope in missing):
            advice += " Or set INSIGHTS_MCP_READ_ONLY=true."
        report.doubtful("scopes", advice)
    else:
        report.good("scopes", "The key may do all that the tools need.")


def _check_naming(settings: Settings, report: Report) -> None:
    if settings.openai_api_key is None and settings.openai_base_url is None:
        report.good("names", "Written by rules. With OPENAI_API_KEY or OPENAI_BASE_URL a model writes them.")
    elif importlib.util.find_spec("openai") is None:
        report.doubtful("names", "A model is set, but the 'ai' extra is not: pip install 'insights-mcp[ai]'.")
    else:
        report.good("names", f"Written by {settings.model}.")


def describe(error: InsightsError) -> str:
    """Return our own words on an error, with what the API said where it said more."""
    detail = error.detail if isinstance(error, ApiError) else None
    return f"{error} (The server says: {detail[:200]})" if detail else str(error)


def plain(text: str) -> str:
    """Return text on one line that cannot steer a terminal: names come from the project."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _first_cell(results: object) -> object:
    if isinstance(results, list) and results and isinstance(results[0], list | tuple) and results[0]:
        return results[0][0]
    return "No"
