"""What to do about a query that failed: the very change that would make it pass, not only what was wrong."""

import json
import re
from collections.abc import Mapping

from insights_mcp.client.refusals import is_too_heavy
from insights_mcp.errors import ApiError, DeadlineExceeded, PermissionDenied, QueryFailed
from insights_mcp.render.reading import mapping, text_of
from insights_mcp.render.tables import word
from insights_mcp.schema.text import nearest
from insights_mcp.server.tool import Call

_UNRESOLVED = re.compile(r"(?:resolve field|Field not found|Unknown field):?\s+[`'\"]?([\w$.]+)")
_UNKNOWN_TABLE = re.compile(r"[Uu]nknown table")
_SYNTAX = re.compile(r"no viable alternative|mismatched input|extraneous input|missing .+ at|syntax error", re.I)
_COLUMNS = ("event", "timestamp", "distinct_id", "person_id", "properties", "person", "session", "uuid", "created_at")
_TABLES = "events, persons, sessions, groups, cohort_people"
_DAYS = {"h": 1 / 24, "d": 1, "w": 7, "m": 30, "q": 91, "y": 365}
# What the failed query's period is cut down to.
_SHORTER = ((31, "-30d"), (8, "-7d"), (0, "-1d"))
_FOREVER = 10_000.0


async def improve_advice(
    call: Call, failed: QueryFailed | DeadlineExceeded, source: Mapping[str, object], *, is_stored: bool
) -> QueryFailed | DeadlineExceeded:
    """Return the same failure with advice for this very query."""
    if isinstance(failed, DeadlineExceeded):
        return DeadlineExceeded(failed.message, advice=f"Ask for less: {ask_for_less(source, is_stored=is_stored)}.")
    advice = failed.advice
    if is_too_heavy(failed):
        advice = f"Try {ask_for_less(source, is_stored=is_stored)}."
    elif source.get("kind") == "HogQLQuery":
        advice = await _mend_sql(call, failed) or advice
    return QueryFailed(
        failed.message,
        advice=advice,
        status=failed.status,
        code=failed.code,
        detail=failed.detail,
        attr=failed.attr,
        extra=failed.extra,
    )


def ask_for_less(source: Mapping[str, object], *, is_stored: bool) -> str:
    """Return changes that make a query cheaper, the strongest first, as they are to be written."""
    if source.get("kind") == "HogQLQuery":
        return _ask_less_of_sql(text_of(source.get("query")))
    shorter = next(name for days, name in _SHORTER if _span(source) >= days)
    if is_stored:
        return f'filters_override {{"date_from":"{shorter}"}}; or query-run with a simpler query'
    ways = [f'"dateRange":{{"date_from":"{shorter}"}}']
    if mapping(source.get("breakdownFilter")):
        ways.append("no breakdownFilter")
    if source.get("interval") in ("hour", "minute") or (_span(source) > 60 and source.get("interval") in (None, "day")):
        ways.append('"interval":"week"' if _span(source) > 60 else '"interval":"day"')
    if source.get("kind") != "EventsQuery":
        ways.append('"samplingFactor":0.1')
    return ", or ".join(ways)


def _ask_less_of_sql(text: str) -> str:
    ways = []
    if "timestamp" not in text.lower():
        ways.append("WHERE timestamp > now() - INTERVAL 7 DAY")
    else:
        ways.append("a shorter period in WHERE")
    if not re.search(r"\bevent\s*(=|in\b)", text, re.IGNORECASE):
        ways.append("AND event = '...'")
    if re.search(r"\*", text):
        ways.append("the columns you need in place of *")
    return ", ".join([*ways, "or a smaller LIMIT"])


def _span(source: Mapping[str, object]) -> float:
    """Return about how many days a query covers."""
    given = mapping(source.get("dateRange")).get("date_from")
    if given is None:
        return 7.0
    found = re.match(r"-?(\d+)([hdwmqy])", str(given))
    return float(found[1]) * _DAYS[found[2]] if found else _FOREVER


async def _mend_sql(call: Call, failed: ApiError) -> str | None:
    detail = failed.detail or ""
    if "Perhaps you meant" in detail:
        return "Take the name that the detail suggests."
    if found := _UNRESOLVED.search(detail):
        return await _find_field(call, found[1])
    if _UNKNOWN_TABLE.search(detail):
        return f"Tables: {_TABLES}."
    if _SYNTAX.search(detail):
        return "HogQL is ClickHouse SQL: check brackets, commas and quotes (texts in '...') at that place."
    return None


async def _find_field(call: Call, given: str) -> str:
    name = given.rsplit(".", 1)[-1]
    known = {column: column for column in _COLUMNS}
    try:
        for kind, prefix in (("person", "person.properties"), ("event", "properties")):
            page = await call.api.definitions.properties(type=kind, limit=500)
            known |= {one.name: _path(prefix, one.name) for one in page.results}
    except PermissionDenied:
        pass
    near = nearest(name, known)
    if near is not None:
        return f"Did you mean {known[near]}?"
    return f"Columns of events: {', '.join(_COLUMNS)}; properties as properties.NAME and person.properties.NAME."


def _path(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if re.fullmatch(r"\$?\w+", name) else word(f"{prefix}[{json.dumps(name)}]")
