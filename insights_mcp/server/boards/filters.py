"""A dashboard's own filters, which lie over every tile (facts/rest-api.md 12)."""

from collections.abc import Mapping

from insights_mcp.errors import QueryInvalid
from insights_mcp.render.reading import mapping
from insights_mcp.schema.text import nearest
from insights_mcp.server.boards.problems import Problems

_KNOWN = ("date_from", "date_to", "properties", "breakdown_filter", "explicitDate", "filterTestAccounts", "interval")
_STREAM = {"kind": "EventsNode", "event": "$pageview"}


def read_filters(given: Mapping[str, object], problems: Problems) -> dict[str, object]:
    """Return the filters, dates and conditions mended as in a query; what is wrong is added to the problems."""
    from insights_mcp.schema.mending import mend_query  # loads every kind of query

    found = {_rename(name): value for name, value in given.items()}
    for name in found:
        if name not in _KNOWN:
            near = nearest(name, _KNOWN)
            meant = f"did you mean {near}?" if near else f"known are {', '.join(_KNOWN)}"
            problems.add(f"filters.{name[:40]}", f"is not known; {meant}")
    dates = {name: found[name] for name in ("date_from", "date_to") if found.get(name) is not None}
    try:
        probe: dict[str, object] = {"kind": "TrendsQuery", "series": [_STREAM], "dateRange": dates}
        if found.get("properties") is not None:
            probe["properties"] = found["properties"]
        mended = mend_query(probe).body
    except QueryInvalid as invalid:
        problems.add_query("filters", invalid)
        return found
    if dates:
        found |= mapping(mended.get("dateRange"))
    if "properties" in mended:
        found["properties"] = mended["properties"]
    return found


def _rename(name: str) -> str:
    shape = name.lower().replace("_", "")
    return next((known for known in _KNOWN if known.lower().replace("_", "") == shape), name)
