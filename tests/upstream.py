"""A fake PostHog in memory: faithful to facts/rest-api.md where the client can tell the difference.

    upstream = Upstream()
    upstream.add_insight(name="Signups", query=trends("signed_up"))
    upstream.answers("TrendsQuery", results=[...])
    upstream.fail_next(throttled(3), on="POST .*/query/")
    async with upstream.client() as api: ...
    assert upstream.asked("GET", "/insights/")

`upstream.world` is all its state. Waiting costs nothing: `client()` sleeps on the fake clock.
"""

import inspect
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import anyio.lowlevel
import httpx

from insights_mcp.client import PostHogClient
from tests import upstream_dashboards as dashboards
from tests import upstream_insights as insights
from tests import upstream_queries as queries
from tests.upstream_failures import Failure, answered, envelope, lost, refused, silence, throttled
from tests.upstream_world import ALL_SCOPES, Asked, Canned, Key, Record, Refused, World, forbidden, missing

KEY = "phx_test_key_of_ada"
Handler = Callable[[World, Asked], Any]


@dataclass(frozen=True)
class Route:
    """One endpoint: scope None means it needs only a key; "session" that keys are refused."""

    method: str
    pattern: re.Pattern[str]
    scope: str | None
    handler: Handler


def _route(method: str, pattern: str, scope: str | None, handler: Handler) -> Route:
    return Route(method, re.compile(pattern), scope, handler)


def _session_only(world: World, asked: Asked) -> None:
    raise forbidden(insights.SESSION_ONLY)


def _no_delete(world: World, asked: Asked) -> tuple[int, None]:
    return 405, None


_ID = r"(?P<id>[^/]+)"
# Within a project; more particular ones first.
PROJECT_ROUTES = (
    _route("GET", r"insights/?", "insight:read", insights.list_insights),
    _route("POST", r"insights/?", "insight:write", insights.create),
    _route("GET", r"insights/activity/?", "activity_log:read", insights.activity),
    _route("POST", r"insights/viewed/?", "insight:read", insights.viewed),
    _route("GET", r"insights/trending/?", "insight:read", insights.trending),
    _route("POST", r"insights/generate_metadata/?", "insight:write", insights.generate_metadata),
    _route("GET", r"insights/my_last_viewed/?", "session", _session_only),
    _route("POST", r"insights/cancel/?", "session", _session_only),
    _route("GET", rf"insights/{_ID}/analyze/?", "session", _session_only),
    _route("GET", rf"insights/{_ID}/suggestions/?", "session", _session_only),
    _route("POST", rf"insights/{_ID}/suggestions/?", "session", _session_only),
    _route("GET", rf"insights/{_ID}/activity/?", "activity_log:read", insights.activity),
    _route("GET", rf"insights/{_ID}/sharing/?", "sharing_configuration:read", insights.sharing),
    _route("PATCH", rf"insights/{_ID}/sharing/?", "sharing_configuration:write", insights.sharing),
    _route("POST", rf"insights/{_ID}/sharing/refresh/?", "sharing_configuration:write", insights.refresh_share),
    _route("POST", rf"insights/{_ID}/sharing/passwords/?", "sharing_configuration:write", insights.add_password),
    _route(
        "DELETE",
        rf"insights/{_ID}/sharing/passwords/(?P<password>[^/]+)/?",
        "sharing_configuration:write",
        insights.remove_password,
    ),
    _route("GET", rf"insights/{_ID}/thresholds/?", "alert:read", insights.list_thresholds),
    _route("GET", rf"insights/{_ID}/thresholds/(?P<threshold>[^/]+)/?", "alert:read", insights.one_threshold),
    _route("GET", rf"insights/{_ID}/?", "insight:read", insights.retrieve),
    _route("PATCH", rf"insights/{_ID}/?", "insight:write", insights.update),
    _route("DELETE", rf"insights/{_ID}/?", "insight:write", _no_delete),
    _route("GET", r"alerts/?", "alert:read", insights.list_alerts),
    _route("POST", r"query/?", "query:read", queries.post_query),
    _route("GET", rf"query/{_ID}/?", "query:read", queries.query_status),
    _route("DELETE", rf"query/{_ID}/?", "query:read", queries.cancel_query),
    _route("GET", r"dashboards/?", "dashboard:read", dashboards.list_dashboards),
    _route("POST", r"dashboards/?", "dashboard:write", dashboards.create_dashboard),
    _route("GET", rf"dashboards/{_ID}/?", "dashboard:read", dashboards.one_dashboard),
    _route("PATCH", rf"dashboards/{_ID}/?", "dashboard:write", dashboards.update_dashboard),
    _route("DELETE", rf"dashboards/{_ID}/?", "dashboard:write", _no_delete),
    _route("GET", r"event_definitions/?", "event_definition:read", queries.event_definitions),
    _route("GET", r"property_definitions/?", "property_definition:read", queries.property_definitions),
    _route("GET", r"(?P<kind>events|persons|sessions)/values/?", "query:read", queries.property_values),
    _route("GET", r"(?P<kind>groups)/property_values/?", "query:read", queries.property_values),
    _route("GET", r"elements/stats/?", "element:read", queries.element_stats),
)
OTHER_ROUTES = (
    _route("GET", r"users/@me/?", "user:read", queries.me),
    _route("GET", r"projects/?", "project:read", queries.list_projects),
    _route("GET", r"organizations/?", "organization:read", queries.list_organizations),
    _route("GET", rf"organizations/{_ID}/?", "organization:read", queries.one_organization),
)
# Auth failures on these are 403 (facts/rest-api.md 2.3).
_FORBIDS_BAD_KEYS = re.compile(r"projects/[^/]+/(insights|query)\b")
# Servers of before 2025-12 do not have these.
_NEW_ENDPOINTS = re.compile(r"insights/(viewed|generate_metadata|[^/]+/(analyze|suggestions))/?$")


@dataclass
class _Planned:
    failure: Failure
    on: re.Pattern[str]
    left: int
    skip: int = 0


class Upstream:
    """A PostHog of one organization, one user Ada (id 1), one project (id 1)."""

    def __init__(self, base_url: str = "https://us.posthog.com", *, is_old: bool = False) -> None:
        self.base_url = base_url
        self.world = World(is_old=is_old)
        self.keys: dict[str, Key] = {KEY: Key()}
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []
        self.clock_ahead = timedelta(0)
        self._planned: list[_Planned] = []
        self._monotonic = 0.0
        self._current_project = 1
        self.add_user(1, "Ada", "ada@example.com")
        self.world.organization = {
            "id": "0190a000-0000-0000-0000-000000000001",
            "name": "Analytical Engines",
            "slug": "engines",
            "membership_level": 8,
            "is_active": True,
        }
        self.add_project(1, "Web shop")

    # The state

    def add_user(self, number: int, first_name: str, email: str) -> Record:
        """Add a person."""
        user = {
            "id": number,
            "uuid": f"0190b000-0000-0000-0000-{number:012d}",
            "distinct_id": f"distinct-{number}",
            "first_name": first_name,
            "last_name": "",
            "email": email,
            "is_email_verified": None,
            "hedgehog_config": None,
            "role_at_organization": None,
        }
        self.world.users[number] = user
        return user

    def add_project(self, number: int, name: str, timezone: str = "UTC") -> Record:
        """Add a project."""
        project = {
            "id": number,
            "uuid": f"0190c000-0000-0000-0000-{number:012d}",
            "organization": self.world.organization["id"],
            "project_id": number,
            "api_token": f"phc_project_{number}",
            "name": name,
            "timezone": timezone,
            "is_demo": False,
            "ingested_event": True,
            "access_control": False,
        }
        self.world.projects[number] = project
        return project

    def add_insight(self, *, user_id: int = 1, on: tuple[int, ...] = (), **fields: Any) -> Record:
        """Add a saved insight, on these dashboards; the fields are the API's own."""
        insight = insights.new_insight(self.world, user_id, fields)
        insights.place(self.world, insight, list(on))
        return insight

    def add_dashboard(self, *, user_id: int = 1, **fields: Any) -> Record:
        """Add a dashboard; the fields are the API's own."""
        return dashboards.new_dashboard(self.world, user_id, fields)

    def add_event(self, name: str, *, count: int = 10, **fields: Any) -> Record:
        """Add an event definition, seen now, and so many times in the last 30 days."""
        event = {
            "id": f"0190d000-0000-0000-0000-{len(self.world.events):012d}",
            "name": name,
            "created_at": self.world.stamp(),
            "last_seen_at": self.world.stamp(),
            "tags": [],
            **fields,
        }
        self.world.events.append(event)
        self.world.counts[name] = count
        return event

    def add_property(
        self,
        name: str,
        property_type: str | None = "String",
        *,
        type: str = "event",  # noqa: A002  # the API's own name
        events: tuple[str, ...] = (),
        values: tuple[Any, ...] = (),
    ) -> Record:
        """Add a property definition, seen on these events with these values."""
        shown: Record = {
            "id": f"0190e000-0000-0000-0000-{len(self.world.properties):012d}",
            "name": name,
            "property_type": property_type,
            "is_numerical": property_type == "Numeric",
            "tags": [],
        }
        self.world.properties.append({"name": name, "type": type, "events": events, "shown": shown})
        self.world.values[(type, name)] = list(values)
        return shown

    def answers(self, kind: str | Callable[[Record], bool], refusal: Refused | None = None, **answer: Any) -> None:
        """Let queries of a kind (or those a function picks) answer with these keys, or be refused."""
        matches = kind if callable(kind) else (lambda source: source.get("kind") == kind)
        self.world.canned.append(Canned(matches, answer, refusal))

    def runs_in_background(self, polls: int) -> None:
        """Let asynchronous queries take that many polls."""
        self.world.background_polls = polls

    def fail_next(self, failure: Failure, *, on: str = ".*", times: int = 1, after: int = 0) -> None:
        """Go wrong the next time(s) a request's `METHOD /path` matches, after letting some pass."""
        self._planned.append(_Planned(failure, re.compile(on), times, after))

    # What was asked

    def asked(self, method: str, path: str) -> list[httpx.Request]:
        """Return the requests of a method whose path matches (a regular expression, searched)."""
        return [r for r in self.requests if r.method == method and re.search(path, r.url.path)]

    # How to speak to it

    def transport(self) -> httpx.AsyncBaseTransport:
        """Return the transport that ends here."""
        return httpx.MockTransport(self._handle)

    def client(self, api_key: str = KEY, **options: Any) -> PostHogClient:
        """Return a client of it, on the fake clock."""
        settings: dict[str, Any] = {
            "transport": self.transport(),
            "sleep": self.sleep,
            "monotonic": self.monotonic,
            "now": self.now,
            **options,
        }
        return PostHogClient(self.base_url, api_key, **settings)

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.slept.append(seconds)
        self._monotonic += seconds
        self.world.now += timedelta(seconds=seconds)
        await anyio.lowlevel.checkpoint()

    def monotonic(self) -> float:
        """Return the fake seconds since the start."""
        return self._monotonic

    def now(self) -> datetime:
        """Return the client's idea of now; the server's is `clock_ahead` of it."""
        return self.world.now - self.clock_ahead

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        failure = self._planned_for(request)
        if failure is None:
            return self._serve(request)
        if failure.acts:
            self._serve(request)
        answer = failure.answer(request)
        return await answer if inspect.isawaitable(answer) else answer

    def _planned_for(self, request: httpx.Request) -> Failure | None:
        for plan in self._planned:
            if plan.left > 0 and plan.on.search(f"{request.method} {request.url.path}"):
                if plan.skip > 0:
                    plan.skip -= 1
                    continue
                plan.left -= 1
                return plan.failure
        return None

    def _serve(self, request: httpx.Request) -> httpx.Response:
        headers = {"Date": format_datetime(self.world.now.astimezone(UTC), usegmt=True)}
        try:
            result = self._dispatch(request)
        except Refused as refused_:
            return httpx.Response(refused_.status, json=refused_.body, headers=headers)
        status, body = result if isinstance(result, tuple) else (200, result)
        if body is None:
            return httpx.Response(status, headers=headers)
        return httpx.Response(status, json=body, headers=headers)

    def _dispatch(self, request: httpx.Request) -> Any:
        path = request.url.path
        if not path.startswith("/api/"):
            raise missing("Endpoint not found.")
        path = path.removeprefix("/api/")
        key = self._authenticate(request, path)
        within = re.fullmatch(r"(?:projects|environments)/(?P<project>[^/]+)/(?P<rest>.*)", path)
        if within and within["rest"]:
            return self._serve_route(request, within["rest"], key, self._project(within["project"]), PROJECT_ROUTES)
        if within:
            self._check_scope(key, "project:read")
            number = self._project(within["project"])
            return queries.one_project(self.world, self._read(request, key, {}, number))
        return self._serve_route(request, path, key, self._current_project, OTHER_ROUTES)

    def _authenticate(self, request: httpx.Request, path: str) -> Key:
        header = request.headers.get("authorization", "")
        key = self.keys.get(header.removeprefix("Bearer "))
        if key is not None:
            return key
        status = 403 if _FORBIDS_BAD_KEYS.match(path) else 401
        if not header:
            detail, code = "Authentication credentials were not provided.", "not_authenticated"
        else:
            detail = "Personal API key found in request Authorization header is invalid."
            code = "authentication_failed"
        raise Refused(status, "authentication_error", code, detail)

    def _project(self, text: str) -> int:
        number = self._current_project if text == "@current" else int(text) if text.isdecimal() else 0
        if number not in self.world.projects:
            raise missing("Project not found.")
        return number

    def _check_scope(self, key: Key, scope: str | None) -> None:
        if scope and scope != "session" and not key.allows(scope):
            raise forbidden(f"API key missing required scope '{scope}'")

    def _serve_route(self, request: httpx.Request, path: str, key: Key, project: int, routes: tuple[Route, ...]) -> Any:
        if self.world.is_old and path.startswith("insights/viewed"):
            raise Refused(405, "invalid_request", "method_not_allowed", 'Method "POST" not allowed.')
        if self.world.is_old and _NEW_ENDPOINTS.match(path):
            raise missing("Endpoint not found.")
        if self.world.is_old and request.method == "POST" and (old := re.match(rf"insights/{_ID}/viewed/?$", path)):
            return insights.viewed(self.world, self._read(request, key, old.groupdict(), project))
        for route in routes:
            found = route.pattern.fullmatch(path)
            if found and route.method == request.method:
                self._check_scope(key, route.scope)
                return route.handler(self.world, self._read(request, key, found.groupdict(), project))
        raise missing("Endpoint not found.")

    def _read(self, request: httpx.Request, key: Key, parts: dict[str, str], project: int) -> Asked:
        try:
            body = json.loads(request.content) if request.content else None
        except ValueError as error:
            raise Refused(400, "invalid_request", "parse_error", f"JSON parse error - {error}") from None
        return Asked(
            method=request.method,
            url=request.url,
            params=request.url.params,
            body=body,
            headers=request.headers,
            key=key,
            parts=parts,
            project_id=project,
        )


def trends(event: str | None = "$pageview", **fields: Any) -> Record:
    """Return a trends insight's query."""
    series = [{"kind": "EventsNode", "event": event}]
    return {"kind": "InsightVizNode", "source": {"kind": "TrendsQuery", "series": series, **fields}}


def sql(text: str) -> Record:
    """Return a SQL insight's query."""
    return {"kind": "DataVisualizationNode", "source": {"kind": "HogQLQuery", "query": text}}


__all__ = [
    "ALL_SCOPES",
    "KEY",
    "Failure",
    "Key",
    "Upstream",
    "answered",
    "envelope",
    "lost",
    "refused",
    "silence",
    "sql",
    "throttled",
    "trends",
]
