"""Filters, the older form of questions, as queries."""

from collections.abc import Mapping

from insights_mcp.local.legacy.entities import Maths, read_series
from insights_mcp.local.legacy.options import OPTIONS, breakdown_option
from insights_mcp.local.legacy.properties import global_properties
from insights_mcp.local.legacy.values import Filters, given, read_flag, read_integer, read_json, read_number, read_text

_KINDS = {
    "TRENDS": "TrendsQuery",
    "SESSIONS": "TrendsQuery",
    "FUNNELS": "FunnelsQuery",
    "RETENTION": "RetentionQuery",
    "PATHS": "PathsQuery",
    "LIFECYCLE": "LifecycleQuery",
    "STICKINESS": "StickinessQuery",
}
_SHOWN_AS = {"Stickiness": "STICKINESS", "Lifecycle": "LIFECYCLE"}
_MATHS: Mapping[str, Maths] = {"TrendsQuery": "all", "StickinessQuery": "actors", "FunnelsQuery": "first times"}
_WITHOUT_SERIES = ("RetentionQuery", "PathsQuery")
_WITH_BREAKDOWN = ("TrendsQuery", "FunnelsQuery")
_WITHOUT_GROUPS = ("StickinessQuery",)
_CORRELATION_LISTS = {
    "funnelCorrelationNames": "funnel_correlation_names",
    "funnelCorrelationExcludeNames": "funnel_correlation_exclude_names",
    "funnelCorrelationEventNames": "funnel_correlation_event_names",
    "funnelCorrelationExcludeEventNames": "funnel_correlation_exclude_event_names",
    "funnelCorrelationEventExcludePropertyNames": "funnel_correlation_event_exclude_property_names",
}


def query_of_filters(filters: Filters) -> dict[str, object]:
    """Return filters as the query that asks the same. What makes no sense in them is left out."""
    kind = _KINDS.get(_insight(filters), "TrendsQuery")
    query: dict[str, object] = {"kind": kind}
    if kind not in _WITHOUT_SERIES:
        query["series"] = read_series(filters, _MATHS.get(kind, "none"))
        query |= _interval(filters)
    query |= _dates(filters)
    query |= given(
        {
            "samplingFactor": read_number(filters, "sampling_factor"),
            "filterTestAccounts": read_flag(filters, "filter_test_accounts"),
            "properties": global_properties(filters),
        }
    )
    if kind in _WITH_BREAKDOWN:
        query |= breakdown_option(filters, kind)
    if kind not in _WITHOUT_GROUPS:
        index = read_integer(filters, "aggregation_group_type_index")
        query |= given({"aggregation_group_type_index": index})
    query |= OPTIONS[kind](filters)
    return query | (_funnel_paths(filters) if kind == "PathsQuery" else {})


def node_of_filters(filters: Filters) -> dict[str, object]:
    """Return filters as the chart an insight is (facts/rest-api.md 3.1)."""
    return {"kind": "InsightVizNode", "source": query_of_filters(filters), "full": True}


def correlation_of_filters(filters: Filters) -> dict[str, object]:
    """Return the filters of a funnel's correlation as a query."""
    asked: dict[str, object] = {"funnelCorrelationType": read_text(filters, "funnel_correlation_type")}
    for name, older in _CORRELATION_LISTS.items():
        value = read_json(filters, older)
        asked[name] = [str(item) for item in value] if isinstance(value, list) else None
    funnel = query_of_filters({**filters, "insight": "FUNNELS"})
    source = {"kind": "FunnelsActorsQuery", "source": funnel, "funnelStep": 1}
    return {"kind": "FunnelCorrelationQuery", "source": source, **given(asked)}


def _insight(filters: Filters) -> str:
    named = str(filters.get("insight") or "TRENDS").upper()
    return _SHOWN_AS.get(str(filters.get("shown_as")), named) if named == "TRENDS" else named


def _interval(filters: Filters) -> dict[str, object]:
    """Return the interval. Minutes were hours in those days."""
    interval = read_text(filters, "interval")
    return given({"interval": "hour" if interval == "minute" else interval})


def _dates(filters: Filters) -> dict[str, object]:
    dates = given(
        {
            "date_from": read_text(filters, "date_from"),
            "date_to": read_text(filters, "date_to"),
            "explicitDate": read_flag(filters, "explicit_date"),
        }
    )
    return {"dateRange": dates} if dates else {}


def _funnel_paths(filters: Filters) -> dict[str, object]:
    """Return the funnel that paths are taken before, between or after the steps of."""
    type_, funnel = read_text(filters, "funnel_paths"), read_json(filters, "funnel_filter")
    if type_ is None or not isinstance(funnel, Mapping) or not funnel:
        return {}
    asked = {
        "funnelPathType": type_,
        "funnelSource": query_of_filters({**funnel, "insight": "FUNNELS"}),
        "funnelStep": read_integer(funnel, "funnel_step"),
    }
    return {"funnelPathsFilter": given(asked)}
