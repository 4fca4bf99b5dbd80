"""Dates in query strings: absolute or relative, on the project's clock (facts/rest-api.md 4.1)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from insights_mcp.local.app.http import Call
from insights_mcp.local.problems import invalid
from insights_mcp.local.queries.context import QueryError
from insights_mcp.local.queries.relative import parse_moment


def read_moment(call: Call, name: str) -> datetime | None:
    """Return the moment a parameter names, None when it is absent or `all`. Raises Problem for what is no date."""
    text = (call.query.get(name) or "").strip()
    if not text or text == "all":
        return None
    try:
        moment = parse_moment(
            text,
            ZoneInfo(call.team.timezone),
            call.now,
            truncate=text.endswith("Start"),
            week_start_day=call.team.week_start_day,
        )
    except QueryError as error:
        raise invalid(error.message, attr=name) from error
    if moment.is_relative and not moment.delta and text != "now":
        raise invalid(f"{text[:60]!r} is not a date. Use a date like 2026-01-31 or -7d.", attr=name)
    return moment.at
