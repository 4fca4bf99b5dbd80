"""Names by rule: what a careful colleague would type, without a model."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import singledispatch

from insights_mcp.naming.metadata import Metadata
from insights_mcp.naming.series import label_of, labels_of, series_label, series_phrase, short_condition
from insights_mcp.naming.sql import describe_select, describe_sql
from insights_mcp.naming.summary import breakdown_keys, formulas_of
from insights_mcp.naming.text import clean_label, find_fault
from insights_mcp.naming.titles import fit_description, fit_name, join_names
from insights_mcp.naming.words import (
    INTERVAL_WORDS,
    count_of,
    humanize,
    path_label,
    period_text,
    property_label,
    title_case,
)
from insights_mcp.schema.base import Model
from insights_mcp.schema.breakdowns import BreakdownFilter
from insights_mcp.schema.correlation import FunnelCorrelationActorsQuery, FunnelCorrelationQuery, FunnelsActorsQuery
from insights_mcp.schema.entities import ActionsNode, Entity, EventsNode
from insights_mcp.schema.events import ActorsQuery, EventsQuery, InsightActorsQuery, StickinessActorsQuery
from insights_mcp.schema.filters import PropertyFilter
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.hogql import HogQLQuery
from insights_mcp.schema.insight_query import InsightQuery
from insights_mcp.schema.lifecycle import LifecycleQuery
from insights_mcp.schema.nodes import ForeignQuery
from insights_mcp.schema.paths import PathsQuery
from insights_mcp.schema.queries import AnyQuery, unwrap_query
from insights_mcp.schema.retention import RetentionQuery
from insights_mcp.schema.stickiness import StickinessQuery
from insights_mcp.schema.trends import TrendsQuery

# Displays of one number over the whole range (facts/queries.md 1.1); the calendar is one too, but shows hours.
_EVENTS = " Events"
_TOTALS = frozenset(
    {"BoldNumber", "ActionsPie", "ActionsDonut", "ActionsProportionBar", "ActionsBarValue", "ActionsTable", "WorldMap"}
)
_MOST_CONDITIONS = 2


@dataclass(frozen=True)
class _Parts:
    """A name's core and suffixes, a description's opening and clauses; later ones are left out first."""

    core: str
    suffixes: tuple[str, ...]
    opening: str
    clauses: tuple[str, ...] = ()


def describe_deterministically(query: AnyQuery) -> Metadata:
    """Return the name and description rules give to a query of any kind."""
    parts = _parts(unwrap_query(query))
    name = fit_name(parts.core, parts.suffixes)
    if find_fault(name):
        name = fit_name(" ".join(re.findall(r"\w+", name.replace("_", " "))) or "Untitled Custom Insight")
    return Metadata(name=name, description=fit_description(parts.opening, parts.clauses), source="rules")


@singledispatch
def _parts(_query: Model) -> _Parts:
    return _Parts("Untitled Custom Insight", (), "Shows a custom query")


@_parts.register
def _(query: TrendsQuery) -> _Parts:
    who = _who(query)
    breakdown = _breakdown_suffix(query.breakdownFilter)
    shown = query.trendsFilter
    if not query.series:
        return _Parts("Empty Trend without Series", (), "A trend that counts nothing yet")
    formulas = formulas_of(query)
    core = _formula_name(query, formulas, who) if formulas else _series_name(query.series, who, query)
    things = join_names([series_phrase(entity, who) for entity in query.series], "and")
    opening = f"Shows {things}"
    if formulas:
        opening = f"Calculates {'a formula' if core.startswith('Formula of') else core} from {things}"
    if shown.display == "ActionsLineGraphCumulative":
        core, opening = f"Cumulative {core}", f"Shows the running total of {things}"
    elif shown.display in _TOTALS and not formulas and not breakdown and _counts_one_event(query):
        core = f"Total {'Number of ' if len(core.split()) < 2 else ''}{core}"
    pace = "" if breakdown else _pace(query, core)
    compared = query.compareFilter.compare
    clauses = (
        " in total" if shown.display in _TOTALS else f" per {query.interval}",
        _period(query),
        *_breakdown_clause(query.breakdownFilter),
        *([", compared with the previous period"] if compared else []),
        *_filters(query),
    )
    return _Parts(core, _present(pace, breakdown, "vs Previous Period" if compared else ""), opening, clauses)


@_parts.register
def _(query: FunnelsQuery) -> _Parts:
    shown, steps = query.funnelsFilter, [label_of(entity) for entity in query.series]
    if not steps:
        return _Parts("Empty Funnel without Steps", (), "A funnel that has no steps yet")
    route = f"{steps[0]} to {steps[-1]}"
    if len(steps) == 1:
        core = f"{steps[0]} Single-Step Funnel"
    elif shown.funnelVizType == "time_to_convert":
        core = f"Time to Convert from {route}"
    else:
        core = f"{route} Conversion"
    suffix = "over Time" if shown.funnelVizType == "trends" else ""
    through = f" through {_and(steps[1:-1])}" if len(steps) > 2 else ""
    end = f" to {steps[-1]}" if len(steps) > 1 else ""
    what = "how long it takes" if shown.funnelVizType == "time_to_convert" else f"how many {_who(query).lower()} get"
    window = count_of(shown.funnelWindowInterval, shown.funnelWindowIntervalUnit)
    clauses = (f" within {window}", *_breakdown_clause(query.breakdownFilter), f", {_period(query)[1:]}")
    return _Parts(
        core,
        _present(suffix, _breakdown_suffix(query.breakdownFilter)),
        f"Shows {what} from {steps[0]}{through}{end}",
        (*clauses, *_filters(query)),
    )


@_parts.register
def _(query: RetentionQuery) -> _Parts:
    shown = query.retentionFilter
    start, back = label_of(shown.targetEntity), label_of(shown.returningEntity)
    pace = {"Hour": "Hourly", "Day": "Daily", "Week": "Weekly", "Month": "Monthly"}[shown.period]
    first = "First-Time " if shown.retentionType not in (None, "retention_recurring") else ""
    same = start == back
    core = f"{pace} {first}{start} Retention" if same else f"{pace} {first}Retention from {start} to {back}"
    whom = _who(query).lower()
    if first:
        opening = f"Shows how many {whom} come back to {back} after their first {'one' if same else start}"
    else:
        opening = f"Shows how many {whom} of {start} come back to {'it' if same else back}"
    span = f" over {count_of(shown.totalIntervals, shown.period.lower())}"
    clauses = (span, *_breakdown_clause(query.breakdownFilter), *_filters(query))
    return _Parts(core, _present(_breakdown_suffix(query.breakdownFilter)), opening, clauses)


@_parts.register
def _(query: PathsQuery) -> _Parts:
    shown, around = query.pathsFilter, query.funnelPathsFilter
    kinds = {"$pageview": "Pageviews", "$screen": "Screens", "custom_event": "Custom Events", "hogql": "Custom Steps"}
    named = [kinds[kind] for kind in shown.includeEventTypes or ()]
    through = _and(named) if named and len(named) < len(kinds) - 1 else "All Events"
    start = f" from {path_label(shown.startPoint)}" if shown.startPoint else ""
    end = f" to {path_label(shown.endPoint)}" if shown.endPoint else ""
    core = f"User Paths{start}{end}" if start or end else f"User Paths through {through}"
    if around and around.funnelSource.series:
        steps = [label_of(entity) for entity in around.funnelSource.series]
        where = (around.funnelPathType or "around").removeprefix("funnel_path_").split("_")[0]
        core = f"User Paths {where} {steps[0] if where == 'before' else steps[-1]}"
        if where == "between":
            core = f"User Paths between {steps[0]} and {steps[-1]}"
        start, end = core.removeprefix("User Paths"), ""
    opening = f"Shows the ways people take through {through.lower()}{start}{end}"
    return _Parts(core, (), opening, (_period(query), *_filters(query)))


@_parts.register
def _(query: StickinessQuery) -> _Parts:
    names = [label_of(entity) for entity in query.series] or ["Event"]
    core = f"{INTERVAL_WORDS[query.interval]} {join_names(names, 'and')} Stickiness"
    opening = f"Shows on how many {query.interval}s the same people do {_and(names)}"
    return _Parts(core, (), opening, (_period(query), *_filters(query)))


@_parts.register
def _(query: LifecycleQuery) -> _Parts:
    label = label_of(query.series[0]) if query.series else "All Events"
    core = f"{INTERVAL_WORDS[query.interval]} User Lifecycle" + ("" if label == "All Events" else f" for {label}")
    of = "" if label == "All Events" else f" of {label}"
    opening = f"Shows new, returning, resurrecting and dormant {_who(query).lower()}{of} per {query.interval}"
    return _Parts(core, (), opening, (_period(query), *_filters(query)))


@_parts.register
def _(query: FunnelCorrelationQuery) -> _Parts:
    inner = _parts(query.source.source)
    what = "Events" if query.funnelCorrelationType == "events" else "Properties"
    opening = f"Shows which {what.lower()} go along with {inner.core}"
    return _Parts(f"{what} Correlated with {inner.core}", inner.suffixes, opening, inner.clauses)


@_parts.register(InsightActorsQuery)
@_parts.register(FunnelsActorsQuery)
@_parts.register(StickinessActorsQuery)
@_parts.register(FunnelCorrelationActorsQuery)
def _(
    query: InsightActorsQuery | FunnelsActorsQuery | StickinessActorsQuery | FunnelCorrelationActorsQuery,
) -> _Parts:
    inner = _parts(query.source)
    return _Parts(f"People behind {inner.core}", (), f"Lists the people behind {inner.core}")


@_parts.register
def _(query: ActorsQuery) -> _Parts:
    if isinstance(query.source, HogQLQuery):
        return _Parts("People Selected by SQL", (), "Lists the people a SQL query selects")
    if query.source is not None:
        return _parts(query.source)
    return _Parts("List of People", (), "Lists people", _conditions(query.properties))


@_parts.register
def _(query: EventsQuery) -> _Parts:
    events = [query.event] if query.event else query.events or []
    label = join_names([labels_of(EventsNode(event=name)) for name in events], "and") or "Events"
    period = f" {period_text(query.after or '-24h', query.before)}"
    described = describe_select(query.select, query.event)
    if described:
        return _Parts(described.core, described.suffixes, described.sentence, _conditions(query.properties))
    columns = _and([property_label(column.split("--")[-1].strip()) for column in query.select[:3] if column != "*"])
    opening = f"Lists {label if events else 'events'} with {columns or 'all fields'}"
    return _Parts(f"List of Recent {label}", (), opening, (period, *_conditions(query.properties)))


@_parts.register
def _(query: HogQLQuery) -> _Parts:
    described = describe_sql(query.query, query.name)
    return _Parts(described.core, described.suffixes, described.sentence)


@_parts.register(EventsNode)
@_parts.register(ActionsNode)
def _(query: EventsNode | ActionsNode) -> _Parts:
    return _Parts(f"List of Recent {labels_of(query)}", (), f"Lists {labels_of(query)}")


@_parts.register
def _(query: ForeignQuery) -> _Parts:
    words = humanize(query.kind.removesuffix("Query").removesuffix("Node"))
    return _Parts(f"{words} Query Results", (), f"Shows the results of a {words} query")


def _series_name(series: Sequence[Entity], who: str, query: TrendsQuery) -> str:
    single = series[0]
    if len(series) == 1 and isinstance(single, EventsNode) and not single.custom_name and single.event is None:
        pace = {"dau": INTERVAL_WORDS[query.interval], "weekly_active": "Weekly", "monthly_active": "Monthly"}
        total = query.trendsFilter.display in _TOTALS
        if single.math in pace and not (total and single.math == "dau"):
            return f"{pace[single.math]} Active {who}"
    maths = {entity.math or "total" for entity in series}
    if len(series) > 1 and maths == {"dau"}:
        return f"Unique {who} for {join_names([label_of(entity) for entity in series], 'vs')}"
    names = list(dict.fromkeys(_own_name(entity, who) for entity in series))
    if sum(name.endswith(_EVENTS) for name in names) > 1:  # said once is said too often
        names = [name.removesuffix(_EVENTS) for name in names]
    return join_names(names, "vs" if len(names) == 2 else "and")


def _own_name(entity: Entity, who: str) -> str:
    return label_of(entity) if entity.custom_name and clean_label(entity.custom_name) else series_label(entity, who)


def _counts_one_event(query: TrendsQuery) -> bool:
    return len(query.series) == 1 and (query.series[0].math or "total") == "total"


def _formula_name(query: TrendsQuery, formulas: Sequence[tuple[str, str | None]], who: str) -> str:
    named = [title_case(label) for _, name in formulas if name and (label := clean_label(name))]
    if named:
        return join_names(named, "vs")
    labels = {chr(65 + index): label_of(entity) for index, entity in enumerate(query.series)}
    first = "".join(formulas[0][0].upper().split())
    left, operator, right = first[:1], first[1:2], first[2:3]
    if left in labels and right in labels and first[3:] in ("", "*100"):
        return {
            "/": f"{labels[left]} to {labels[right]} {'Rate' if first[3:] else 'Ratio'}",
            "+": f"{labels[left]} plus {labels[right]}",
            "-": f"{labels[left]} minus {labels[right]}",
        }.get(operator, f"{labels[left]} and {labels[right]} Formula")
    used = [label for letter, label in labels.items() if letter in first]
    return f"Formula of {join_names(used or [_own_name(query.series[0], who)], 'and')}"


def _pace(query: TrendsQuery, core: str) -> str:
    if "per " in core or core.startswith(tuple(INTERVAL_WORDS.values())) or query.trendsFilter.display in _TOTALS:
        return ""
    if query.trendsFilter.display in ("ActionsLineGraphCumulative", "CalendarHeatmap"):
        return "over Time"
    return f"per {query.interval.title()}"


def _breakdown_suffix(breakdown: BreakdownFilter | None) -> str:
    names = _breakdown_names(breakdown)
    return f"by {_and(names)}" if names else ""


def _breakdown_clause(breakdown: BreakdownFilter | None) -> tuple[str, ...]:
    names = _breakdown_names(breakdown)
    return (f", broken down by {_and(names)}",) if names else ()


def _breakdown_names(breakdown: BreakdownFilter | None) -> list[str]:
    keys = breakdown_keys(breakdown)
    names = ["Cohort" if kind == "cohort" else property_label(key) for key, kind in keys]
    return list(dict.fromkeys(names))[:3]


def _period(query: InsightQuery) -> str:
    return f" {period_text(query.dateRange.date_from, query.dateRange.date_to)}"


def _filters(query: InsightQuery) -> tuple[str, ...]:
    test_users = (", without test users",) if query.filterTestAccounts else ()
    return (*_conditions(query.properties), *test_users)


def _conditions(filters: object) -> tuple[str, ...]:
    if isinstance(filters, list):
        conditions = [short_condition(item) for item in filters if isinstance(item, PropertyFilter)]
        if 0 < len(conditions) <= _MOST_CONDITIONS:
            return (f" where {' and '.join(conditions)}",)
        return (f" with {len(conditions)} filters",) if conditions else ()
    return (" with filters",) if getattr(filters, "values", None) else ()


def _who(query: InsightQuery) -> str:
    return "Users" if query.aggregation_group_type_index is None else "Groups"


def _and(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _present(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in parts if part)
