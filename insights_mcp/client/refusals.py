"""What a refused key and a failed query mean, and what to do about each (facts/rest-api.md 2.3, 2.4, 2.7)."""

import re
from typing import TypedDict, Unpack
from urllib.parse import urlsplit

from insights_mcp.errors import AuthenticationFailed, PermissionDenied, QueryFailed, Throttled

_SCOPE = re.compile(r"required scope '([a-z_]+:[a-z]+)'", re.IGNORECASE)
KEY_PAGE = "PostHog under Settings, Personal API keys"
_OTHER_REGION = {"us.posthog.com": "eu", "app.posthog.com": "eu", "eu.posthog.com": "us"}
CONCURRENCY = "concurrency_limit_exceeded"


class Facts(TypedDict):
    """What every ApiError carries of the answer."""

    status: int
    code: str | None
    detail: str | None
    attr: str | None
    extra: object


# (part of the API's text, our message, our advice); the first that fits is used.
_DENIALS = (
    (
        "does not support personal api key",
        "PostHog does not let personal API keys do this.",
        "It works only in PostHog's own web pages; no scope will change that.",
    ),
    (
        "does not have access to the requested project",
        "The key is not allowed into this project.",
        f"Allow the project for the key in {KEY_PAGE}, or set POSTHOG_PROJECT_ID to one it may enter.",
    ),
    (
        "does not have access to the requested organization",
        "The key is not allowed into this organization.",
        f"Allow the organization for the key in {KEY_PAGE}.",
    ),
    (
        "scoped projects are only supported",
        "A key limited to projects cannot ask for this.",
        f"Set POSTHOG_PROJECT_ID, or remove the key's limit to projects in {KEY_PAGE}.",
    ),
    (
        "don't have access to the project",
        "The key's owner is no member of this project.",
        "Ask an admin of the project for access, or set POSTHOG_PROJECT_ID to another project.",
    ),
    (
        "legacy filters",
        "PostHog no longer saves insights in the old `filters` form.",
        "Send a `query` object instead.",
    ),
    (
        "ai data processing",
        "The organization has not allowed AI data processing.",
        "An admin can allow it in PostHog under Organization settings.",
    ),
    (
        "on a dashboard that can only be edited",
        "The insight is on a dashboard that the key's owner may not edit.",
        "Ask the dashboard's owner, or remove the insight from that dashboard in PostHog.",
    ),
    (
        "insights to dashboard",
        "The key's owner may not add insights to that dashboard.",
        "Choose another dashboard, or ask its owner for the right to edit it.",
    ),
    (
        "insights from dashboard",
        "The key's owner may not remove insights from that dashboard.",
        "Ask the dashboard's owner for the right to edit it.",
    ),
    (
        "advanced permissions feature",
        "Passwords on shared insights are a paid feature of PostHog.",
        "Share without a password, or change the plan.",
    ),
    (
        "public sharing is disabled",
        "The organization has switched public sharing off.",
        "An admin can switch it on in PostHog under Organization settings.",
    ),
)

# (part of the API's text, or an exact status as number; our message; our advice)
_HEAVY = "The server is under heavy load and could not finish the query."
_QUERY_FAILURES: tuple[tuple[str | int, str, str], ...] = (
    ("under heavy load", _HEAVY, "Try again in a few minutes."),
    ("little too busy", _HEAVY, "Try again in a few minutes."),
    (
        "ran out of memory",
        "The query needed more memory than it may use.",
        "Shorten the period, add filters, or use fewer breakdown values.",
    ),
    (
        "clickhouse_memory_limit_exceeded",
        "The query needed more memory than it may use.",
        "Shorten the period, add filters, or use fewer breakdown values.",
    ),
    ("max execution time", "The query took longer than it may.", "Shorten the period, add filters, or sample."),
    ("estimated query execution time", "The query would take longer than it may.", "Shorten the period or sample."),
    ("timeout exceeded", "The query took longer than it may.", "Shorten the period, add filters, or sample."),
    ("query size exceeded", "The query text is too long.", "Use fewer series, filters or values."),
    (
        "too_many_bytes",
        "The query reads more data than it may.",
        "Shorten the period or add filters on event and timestamp.",
    ),
    (513, "The query needed more memory than it may use.", "Shorten the period, add filters, or use fewer breakdowns."),
    (512, "The query would take longer than it may.", "Shorten the period, add filters, or sample."),
    (504, "The query took longer than it may.", "Shorten the period, add filters, or sample."),
    (503, _HEAVY, "Try again in a few minutes."),
    (500, "The server failed while it ran the query.", "Try again; if it fails again, make the query simpler."),
)


def is_too_heavy(failed: QueryFailed) -> bool:
    """Return whether asking for less would help: the query took too long, too much memory or too much data."""
    return any(helps == failed.advice for _, _, helps in _QUERY_FAILURES if helps.startswith("Shorten"))


def denied(*, subject: str, **facts: Unpack[Facts]) -> PermissionDenied:
    """Return the error for a missing scope or right; `scope` is parsed from the API's text."""
    detail = facts["detail"] or ""
    found = _SCOPE.search(detail)
    if found:
        scope = found[1].lower()
        return PermissionDenied(
            f"The API key lacks the scope {scope}.",
            advice=f"Add the scope {scope} to the key in {KEY_PAGE}.",
            scope=scope,
            **facts,
        )
    lowered = detail.lower()
    for part, message, advice in _DENIALS:
        if part in lowered:
            return PermissionDenied(message, advice=advice, **facts)
    return PermissionDenied(
        f"The key's owner has no right to do this{f' with {subject}' if subject else ''}.",
        advice="Ask an admin of the project for the right.",
        **facts,
    )


def unauthenticated(base_url: str, *, is_local: bool, **facts: Unpack[Facts]) -> AuthenticationFailed:
    """Return the error for a key that is missing, unknown or expired; on PostHog's cloud it names the other region."""
    host = urlsplit(base_url).hostname or ""
    other = _OTHER_REGION.get(host)
    if is_local:
        message, advice = "The local backend refused the key.", "Check the key given to `insights-mcp api`."
    elif other:
        region = "eu" if other == "us" else "us"
        message = f"PostHog's {region} region does not know this API key."
        advice = (
            f"If the project is in the {other} region set POSTHOG_HOST={other}; "
            f"else create a new personal API key (phx_...) in {KEY_PAGE} and set POSTHOG_API_KEY."
        )
    else:
        message = "PostHog does not know this API key."
        advice = (
            f"Create a personal API key (phx_...) in {KEY_PAGE} of this server and set POSTHOG_API_KEY; "
            "keys of PostHog's cloud need POSTHOG_HOST=us or eu."
        )
    return AuthenticationFailed(message, advice=advice, **facts)


def query_failed(
    detail: str | None, *, status: int, code: str | None = None, attr: str | None = None, extra: object = None
) -> QueryFailed | Throttled:
    """Return the error for a query that ran and failed; too many at once is a Throttled."""
    if detail and CONCURRENCY in detail:
        return Throttled(
            "Too many queries run in this project at once.",
            advice="Wait until some are done, and run fewer at a time.",
            status=status,
            code=code,
            detail=detail,
        )
    lowered = f"{code or ''} {detail or ''}".lower()
    message, advice = "The query could not be run.", "Correct the query as the detail says."
    for mark, says, helps in _QUERY_FAILURES:
        if mark == status or (isinstance(mark, str) and mark in lowered):
            message, advice = says, helps
            break
    return QueryFailed(message, advice=advice, status=status, code=code, detail=detail, attr=attr, extra=extra)
