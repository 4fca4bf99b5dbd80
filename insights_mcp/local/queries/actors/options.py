"""What may be asked of the people behind an insight: its days, series, breakdown values and periods.

`InsightActorsQueryOptions` holds a query for actors in `source`; its answer has no results but one list per choice,
null where an insight has no such choice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from insights_mcp.errors import QueryInvalid
from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.actors import funnel_options
from insights_mcp.local.queries.actors.choices import PERIODS, Item, list_cohorts, name_text
from insights_mcp.local.queries.breakdowns import NULL, OTHER
from insights_mcp.local.queries.buckets import list_buckets, list_starts, print_labels
from insights_mcp.local.queries.context import Outcome, QueryContext, QueryError, Statement
from insights_mcp.local.queries.dates import QueryDates
from insights_mcp.local.queries.entities import ALL_EVENTS, name_entity
from insights_mcp.local.queries.lifecycle.plan import read_dates as read_lifecycle_dates
from insights_mcp.local.queries.trends.actors import ANY_NUMBER
from insights_mcp.local.queries.trends.displays import is_total_value
from insights_mcp.local.queries.trends.plan import plan_trends
from insights_mcp.local.queries.trends.runs import plan_runs
from insights_mcp.local.queries.trends.shape import shape_trends
from insights_mcp.schema.breakdowns import BreakdownFilter
from insights_mcp.schema.dates import CompareFilter
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.lifecycle import LifecycleQuery
from insights_mcp.schema.nodes import ForeignQuery
from insights_mcp.schema.queries import parse_query
from insights_mcp.schema.trends import TrendsFilter, TrendsQuery

_CHOICES = ("day", "status", "interval", "series", "breakdown", "breakdowns", "compare")
_STATUSES = ("dormant", "new", "resurrecting", "returning")


def plan_options(query: ForeignQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the statement that finds breakdown values, nothing where all is known. Raises QueryError."""
    insight = _read_insight(query)
    if isinstance(insight, TrendsQuery) and _has_values(insight.breakdownFilter):
        return plan_trends(_broken_down(insight), context)
    return funnel_options.plan_values(insight, context) if isinstance(insight, FunnelsQuery) else []


def shape_options(rows: Sequence[Rows], query: ForeignQuery, context: QueryContext) -> Outcome:
    """Return every choice there is. Raises QueryError."""
    insight = _read_insight(query)
    known: Mapping[str, object] = {}
    if isinstance(insight, TrendsQuery):
        known = _of_trends(rows, insight, context)
    elif isinstance(insight, FunnelsQuery):
        known = funnel_options.list_choices(rows, insight, context)
    elif isinstance(insight, LifecycleQuery):
        statuses = [{"label": status.capitalize(), "value": status} for status in _STATUSES]
        known = {"day": _list_days(read_lifecycle_dates(insight, context)), "status": statuses}
    return Outcome(results=None, extra={choice: known.get(choice) for choice in _CHOICES})


def _read_insight(query: ForeignQuery) -> object:
    """Return the insight of the query for actors in `source`. Raises QueryError."""
    source = (query.model_extra or {}).get("source")
    if not isinstance(source, Mapping):
        raise QueryError("InsightActorsQueryOptions needs a `source`: a query for actors.", attr="source")
    try:
        return getattr(parse_query(dict(source)), "source", None)
    except QueryInvalid as error:
        raise QueryError(f"source: {error}", attr="source") from None


def _of_trends(rows: Sequence[Rows], query: TrendsQuery, context: QueryContext) -> Mapping[str, object]:
    names = [name_entity(entity, context) or ALL_EVENTS for entity in query.series]
    known: dict[str, object] = {"series": [{"label": name, "value": place} for place, name in enumerate(names)]}
    if not is_total_value(query):
        known["day"] = _list_days(plan_runs(query, context).current)
    if query.compareFilter.compare:
        known["compare"] = PERIODS
    given = query.breakdownFilter
    if given is not None and given.breakdown_type == "cohort" and not given.breakdowns:
        known["breakdown"] = list_cohorts(given, context)
    elif given is not None and _has_values(given):
        known |= _list_values(rows, query, given, context)
    return known


def _list_days(dates: QueryDates) -> list[Item]:
    labels = print_labels(list_buckets(replace(dates, weekdays=())), dates)
    return [{"label": label, "value": start} for label, start in zip(labels, list_starts(dates), strict=False)]


def _has_values(given: BreakdownFilter | None) -> bool:
    """Return whether the breakdown is one whose values only the events know."""
    if given is None:
        return False
    return bool(given.breakdowns) or (given.breakdown is not None and given.breakdown_type != "cohort")


def _broken_down(query: TrendsQuery) -> TrendsQuery:
    """Return the trend whose results have the breakdown values: that of the last series, as upstream."""
    shown = TrendsFilter(display=query.trendsFilter.display) if is_total_value(query) else TrendsFilter()
    given = query.breakdownFilter
    changed = {
        "series": query.series[-1:],
        "compareFilter": CompareFilter(),
        "trendsFilter": shown,
        "breakdownFilter": given and given.model_copy(update={"breakdown_hide_other_aggregation": None}),
    }
    return query.model_copy(update=changed)


def _list_values(
    rows: Sequence[Rows], query: TrendsQuery, given: BreakdownFilter, context: QueryContext
) -> Mapping[str, object]:
    outcome = shape_trends(rows, _broken_down(query), context)
    results = outcome.results if isinstance(outcome.results, list) else []
    values = [result["breakdown_value"] for result in results]
    if given.breakdowns:
        per_item = list(zip(*values, strict=True)) or [()] * len(given.breakdowns)
        return {
            "breakdowns": [
                {"values": _name_values(found, is_histogram=item.histogram_bin_count is not None)}
                for item, found in zip(given.breakdowns, per_item, strict=True)
            ]
        }
    return {"breakdown": _name_values(values, is_histogram=given.breakdown_histogram_bin_count is not None)}


def _name_values(values: Sequence[object], *, is_histogram: bool) -> list[Item]:
    """Return each value once; bins end with that of any number, and then what is none."""
    texts = list(dict.fromkeys(map(str, values)))
    if is_histogram:
        sentinels = [one for one in (OTHER, NULL) if one in texts]
        texts = [*(one for one in texts if one not in sentinels), ANY_NUMBER, *sentinels]
    return [{"label": name_text(text), "value": text} for text in texts]
