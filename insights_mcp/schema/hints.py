"""What callers mean when they write something else: other words, old names, and examples of the right thing."""

from collections.abc import Sequence

from insights_mcp.schema.text import nearest

# Words people use for an allowed value. The first one that is allowed where the word stands is meant.
SYNONYMS: dict[str, tuple[str, ...]] = {
    # display
    "area": ("ActionsAreaGraph",),
    "bar": ("ActionsBar",),
    "barchart": ("ActionsBar",),
    "bignumber": ("BoldNumber",),
    "bold": ("BoldNumber",),
    "column": ("ActionsBar",),
    "cumulative": ("ActionsLineGraphCumulative", "cumulative"),
    "donut": ("ActionsDonut",),
    "heatmap": ("CalendarHeatmap",),
    "line": ("ActionsLineGraph",),
    "linechart": ("ActionsLineGraph",),
    "linegraph": ("ActionsLineGraph",),
    "map": ("WorldMap",),
    "number": ("BoldNumber",),
    "pie": ("ActionsPie",),
    "piechart": ("ActionsPie",),
    "stackedbar": ("ActionsBar",),
    "table": ("ActionsTable", "DataTableNode"),
    # math
    "average": ("avg",),
    "count": ("total", "count"),
    "distinct": ("dau",),
    "mau": ("monthly_active",),
    "mean": ("avg",),
    "p50": ("median",),
    "sessions": ("unique_session",),
    "unique": ("dau",),
    "uniq": ("dau",),
    "uniqueusers": ("dau",),
    "users": ("dau", "person"),
    "wau": ("weekly_active",),
    # interval and units
    "daily": ("day", "Day"),
    "days": ("day", "Day"),
    "hourly": ("hour", "Hour"),
    "hours": ("hour", "Hour"),
    "minutes": ("minute",),
    "monthly": ("month", "Month"),
    "months": ("month", "Month"),
    "weekly": ("week", "Week"),
    "weeks": ("week", "Week"),
    # operators
    "=": ("exact",),
    "==": ("exact",),
    "!=": ("is_not",),
    "<": ("lt",),
    "<=": ("lte",),
    "<>": ("is_not",),
    ">": ("gt",),
    ">=": ("gte",),
    "contains": ("icontains",),
    "doesnotcontain": ("not_icontains",),
    "eq": ("exact",),
    "equals": ("exact",),
    "exists": ("is_set",),
    "isempty": ("is_not_set",),
    "isnotnull": ("is_set",),
    "isnull": ("is_not_set",),
    "like": ("icontains",),
    "ne": ("is_not",),
    "neq": ("is_not",),
    "notcontains": ("not_icontains",),
    "notequals": ("is_not",),
    "notexists": ("is_not_set",),
    # property and breakdown types
    "eventproperties": ("event", "event_properties"),
    "eventproperty": ("event",),
    "events": ("event", "EventsNode", "EventsQuery"),
    "people": ("person",),
    "personproperties": ("person", "person_properties"),
    "personproperty": ("person",),
    "user": ("person",),
    "userproperties": ("person", "person_properties"),
    # retention
    "firstever": ("retention_first_ever_occurrence",),
    "firsttime": ("retention_first_time", "first_time_for_user"),
    "recurring": ("retention_recurring",),
    # kinds
    "action": ("ActionsNode",),
    "event": ("EventsNode",),
    "funnel": ("FunnelsQuery",),
    "hogql": ("HogQLQuery",),
    "insight": ("InsightVizNode",),
    "path": ("PathsQuery",),
    "query": ("HogQLQuery",),
    "sql": ("HogQLQuery",),
    "trend": ("TrendsQuery",),
}

# Field names of the older `filters` bodies, or of common sense, and the fields that took their place.
OLD_NAMES: dict[str, tuple[str, ...]] = {
    "actions": ("series",),
    "chart": ("trendsFilter", "display"),
    "chart_type": ("trendsFilter", "display"),
    "date": ("dateRange",),
    "dates": ("dateRange",),
    "entities": ("series",),
    "event_name": ("event",),
    "events": ("series",),
    "filter": ("properties",),
    "filters": ("properties",),
    "funnel_window_days": ("funnelsFilter",),
    "granularity": ("interval",),
    "group_by": ("breakdownFilter",),
    "hogql": ("query",),
    "id": ("event",),
    "metrics": ("series",),
    "property": ("key",),
    "property_filters": ("properties",),
    "series": ("retentionFilter", "pathsFilter"),
    "sql": ("query",),
    "steps": ("series",),
    "time_range": ("dateRange",),
    "values": ("value",),
    "where": ("properties",),
}

# A right value for a field.
EXAMPLES: dict[str, object] = {
    "breakdown": "$browser",
    "breakdownFilter": {"breakdown": "$browser", "breakdown_type": "event"},
    "breakdowns": [{"property": "$browser", "type": "event"}],
    "compareFilter": {"compare": True},
    "dateRange": {"date_from": "-30d"},
    "exclusions": [{"kind": "EventsNode", "event": "refund", "funnelFromStep": 0, "funnelToStep": 1}],
    "filters": {"dateRange": {"date_from": "-30d"}},
    "formulaNodes": [{"formula": "A / B"}],
    "formulas": ["A / B"],
    "funnelsFilter": {"funnelWindowInterval": 7, "funnelWindowIntervalUnit": "day"},
    "funnelFromStep": 0,
    "funnelToStep": 1,
    "lifecycleFilter": {"toggledLifecycles": ["new", "returning"]},
    "pathsFilter": {"includeEventTypes": ["$pageview"]},
    "properties": [{"key": "$browser", "value": ["Chrome"], "operator": "exact", "type": "event"}],
    "query": "SELECT event, count() FROM events GROUP BY event",
    "retentionFilter": {
        "targetEntity": {"id": "$pageview", "type": "events"},
        "returningEntity": {"id": "$pageview", "type": "events"},
        "period": "Week",
    },
    "returningEntity": {"id": "$pageview", "type": "events"},
    "select": ["event", "timestamp"],
    "series": [{"kind": "EventsNode", "event": "$pageview", "math": "total"}],
    "source": {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "$pageview"}]},
    "stickinessCriteria": {"operator": "gte", "value": 3},
    "targetEntity": {"id": "$pageview", "type": "events"},
    "toggledLifecycles": ["new", "returning"],
    "trendsFilter": {"display": "ActionsLineGraph"},
    "value": ["Chrome"],
    "values": {"name": "value"},
    "variables": {"id": {"code_name": "name", "value": "value"}},
}

# Where a text was given for an object, the field of the object that was probably meant.
MAIN_FIELDS: dict[str, str] = {
    "breakdownFilter": "breakdown",
    "dateRange": "date_from",
    "funnelsFilter": "funnelVizType",
    "retentionFilter": "period",
    "returningEntity": "id",
    "targetEntity": "id",
    "trendsFilter": "display",
}


def guess(word: str, allowed: Sequence[str]) -> str | None:
    """Return the allowed value `word` probably stands for, by spelling, by meaning, then by likeness."""
    shape = "".join(letter for letter in word.lower() if letter not in "_- ")
    for value in allowed:
        if value.lower().replace("_", "") == shape:
            return value
    for meant in SYNONYMS.get(shape, ()):
        if meant in allowed:
            return meant
    return nearest(word, allowed)
