"""Dashboard filters and variables laid over a query (facts/rest-api.md 4.2). Pure, on JSON objects."""

from collections.abc import Mapping

Query = Mapping[str, object]

WRAPPERS = ("InsightVizNode", "DataVisualizationNode", "DataTableNode")
_INSIGHT_KINDS = ("TrendsQuery", "FunnelsQuery", "RetentionQuery", "PathsQuery", "StickinessQuery", "LifecycleQuery")
_TABLE_KINDS = ("EventsQuery", "SessionsQuery")
_ACTOR_KINDS = ("ActorsQuery", "InsightActorsQuery", "FunnelsActorsQuery", "StickinessActorsQuery")
_BREAKDOWN_KINDS = ("TrendsQuery", "FunnelsQuery", "RetentionQuery")
_INTERVAL_KINDS = ("TrendsQuery", "FunnelsQuery", "StickinessQuery", "LifecycleQuery")


def apply_overrides(query: Query, filters: Mapping[str, object], variables: Mapping[str, object]) -> Query:
    """Return the query as a dashboard with these filters and variables runs it; the given one is not changed."""
    source = query.get("source")
    if query.get("kind") in WRAPPERS and isinstance(source, Mapping):
        return {**query, "source": apply_overrides(source, filters, variables)}
    kind = str(query.get("kind"))
    if kind == "HogQLQuery":
        return _apply_to_hogql(query, filters, variables)
    if kind in _TABLE_KINDS:
        return _apply_to_table(query, filters)
    if kind in _ACTOR_KINDS:  # their own conditions are about people; the dashboard's are about what people did
        return {**query, "source": apply_overrides(source, filters, {})} if isinstance(source, Mapping) else query
    if kind not in _INSIGHT_KINDS:
        return query
    changes = _dates(query, filters) | _test_accounts(filters) | _compare(query, filters)
    if filters.get("properties"):
        changes["properties"] = _both(query.get("properties"), filters["properties"])
    if filters.get("breakdown_filter") and kind in _BREAKDOWN_KINDS:
        changes["breakdownFilter"] = filters["breakdown_filter"]
    if filters.get("interval") and kind in _INTERVAL_KINDS:
        changes["interval"] = filters["interval"]
    return {**query, **changes}


def keep_named_variables(variables: Mapping[str, object]) -> dict[str, object]:
    """Return the variables that say their code_name; the API drops the others without a word."""
    return {key: value for key, value in variables.items() if isinstance(value, Mapping) and value.get("code_name")}


def _apply_to_hogql(query: Query, filters: Mapping[str, object], variables: Mapping[str, object]) -> Query:
    changes: dict[str, object] = {}
    own = query.get("filters")
    own = own if isinstance(own, Mapping) else {}
    laid = {**_dates(own, filters), **_test_accounts(filters)}
    if "dateRange" in laid:  # in SQL the exactness is a part of the dates, in insights it is kept
        laid["dateRange"] = {**_as_map(laid["dateRange"]), "explicitDate": bool(filters.get("explicitDate"))}
    if filters.get("properties"):
        laid["properties"] = [*_as_list(own.get("properties")), *_as_list(filters["properties"])]
    if laid:
        changes["filters"] = {**own, **laid}
    given = query.get("variables")
    if isinstance(given, Mapping) and given:
        changes["variables"] = {key: variables.get(key, value) for key, value in given.items()}
    return {**query, **changes}


def _apply_to_table(query: Query, filters: Mapping[str, object]) -> Query:
    """Return a table of events or sessions, which has its dates and properties in fields of their own."""
    changes: dict[str, object] = {}
    if filters.get("date_from") or filters.get("date_to"):
        changes |= {"after": filters.get("date_from"), "before": filters.get("date_to")}
    if filters.get("properties"):
        changes["properties"] = [*_as_list(query.get("properties")), *_as_list(filters["properties"])]
    return {**query, **changes}


def _dates(own: Query, filters: Mapping[str, object]) -> dict[str, object]:
    """Return the dates in place of the query's; what else its range says, such as its weekdays, stays."""
    if not (filters.get("date_from") or filters.get("date_to")):
        return {}
    names = ("date_from", "date_to", "explicitDate")
    kept = {name: value for name, value in _as_map(own.get("dateRange")).items() if name not in names[:2]}
    return {"dateRange": {**kept, **{name: filters[name] for name in names if filters.get(name) is not None}}}


def _compare(query: Query, filters: Mapping[str, object]) -> dict[str, object]:
    """Return no comparison for a trend over all time: there is nothing before it."""
    own = _as_map(query.get("compareFilter"))
    if query.get("kind") != "TrendsQuery" or filters.get("date_from") != "all" or not own.get("compare"):
        return {}
    return {"compareFilter": {**own, "compare": False}}


def _test_accounts(filters: Mapping[str, object]) -> dict[str, object]:
    value = filters.get("filterTestAccounts")
    return {} if value is None else {"filterTestAccounts": value}


def _both(own: object, laid: object) -> object:
    """Return property filters that ask for both."""
    if not own:
        return laid
    return {"type": "AND", "values": [_group(own), _group(laid)]}


def _group(properties: object) -> object:
    return {"type": "AND", "values": properties} if isinstance(properties, list) else properties


def _as_map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _as_list(properties: object) -> list[object]:
    return list(properties) if isinstance(properties, list) else [properties] if properties else []
