"""Who is behind a funnel's bar or point: those who did a step, or left before it (facts/queries.md 1.9)."""

from dataclasses import replace

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.visitor import transform
from insights_mcp.local.queries.breakdowns import ALL_USERS, read_breakdown
from insights_mcp.local.queries.context import QueryContext, QueryError, Statement
from insights_mcp.local.queries.dates import FINE_INTERVALS, resolve_dates, start_of
from insights_mcp.local.queries.expressions import (
    alias,
    all_of,
    any_of,
    call,
    compare,
    constant,
    field,
    from_select,
    from_table,
)
from insights_mcp.local.queries.funnels.arrays import opposite
from insights_mcp.local.queries.funnels.conversions import did_step
from insights_mcp.local.queries.funnels.entrances import (
    CONVERTED,
    STARTED,
    may_be_hard,
    select_entrances,
)
from insights_mcp.local.queries.funnels.histories import ACTOR, PACKED, VALUE, actor_of, match_events
from insights_mcp.local.queries.funnels.layout import lay_out
from insights_mcp.local.queries.funnels.question import NOT_IN_COHORT, Funnel, Run, list_cohorts, read_attribution
from insights_mcp.local.queries.funnels.reached import select_reached
from insights_mcp.local.queries.funnels.rules import check_funnel
from insights_mcp.local.queries.funnels.sequences import IS_HARD
from insights_mcp.local.queries.funnels.tallies import MAX_ROWS
from insights_mcp.local.queries.funnels.trends_shape import Walk
from insights_mcp.local.queries.periods import compared_dates
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.correlation import FunnelsActorsQuery

# What our own functions are called for callers: these selects are put into tables whose authors write HogQL.
_PUBLIC_NAMES = {
    "_equals": "equals",
    "_notEquals": "notEquals",
    "_greater": "greater",
    "_greaterOrEquals": "greaterOrEquals",
    "_less": "less",
    "_lessOrEquals": "lessOrEquals",
}


def select_actors(asked: FunnelsActorsQuery, context: QueryContext) -> ast.AnySelect:
    """Return the actors behind a bar or a point, each once, as `actor_id`. Raises QueryError. May run a query."""
    funnel = open_funnel(asked, context)
    if funnel.is_trend:
        actors = _select_of_point(asked, funnel)
    else:
        reached = from_select(select_reached(funnel))
        actors = _select_distinct(reached, match_actors(asked, funnel))
    is_person = actor_of(funnel) == field("person_id")
    if not is_person and actors_group_index(asked) is None:
        actors = _select_persons(funnel, actors)
    return make_public(actors)


def _select_distinct(source: ast.JoinExpr, condition: ast.Expr) -> ast.SelectQuery:
    return ast.SelectQuery(
        select=[alias("actor_id", field(ACTOR))], select_from=source, where=condition, group_by=[field(ACTOR)]
    )


def _select_persons(funnel: Funnel, actors: ast.SelectQuery) -> ast.SelectQuery:
    """Return the persons whose events have these actors, such as sessions."""
    is_theirs = ast.CompareOperation(left=actor_of(funnel), op="in", right=actors)
    return ast.SelectQuery(
        select=[alias("actor_id", field("person_id"))],
        select_from=from_table("events"),
        where=all_of([match_events(funnel), is_theirs]),
        group_by=[field("person_id")],
    )


def actors_group_index(asked: FunnelsActorsQuery) -> int | None:
    """Return the type of group that acts, None for persons."""
    return asked.source.aggregation_group_type_index


def open_funnel(asked: FunnelsActorsQuery, context: QueryContext) -> Funnel:
    """Return the funnel that actors are asked of: of the period and cohort that they are in. Raises QueryError."""
    query = asked.source
    check_funnel(query)
    dates = resolve_dates(query.dateRange, query.interval, context, is_exact=query.dateRange.explicitDate)
    is_previous = asked.compare == "previous"
    if is_previous:
        dates = compared_dates(dates, query.compareFilter, context)
    cohort, is_outside = _cohort_of(asked, context)
    anywhere = _cohorts_of(asked, context) if asked.funnelStepBreakdown is None else ()
    run = Run("previous" if is_previous else "current", dates, cohort, is_outside, anywhere)
    return Funnel(query, run, read_attribution(query, context), context)


def _cohort_of(asked: FunnelsActorsQuery, context: QueryContext) -> tuple[int | str | None, bool]:
    """Return the cohort that is asked for, and whether it is about those outside of it."""
    breakdown = read_breakdown(asked.source.breakdownFilter, context)
    value = asked.funnelStepBreakdown
    if breakdown is None or not breakdown.cohorts or value is None:
        return None, False
    one = _text(value[0] if isinstance(value, list) and value else value)
    if one == str(NOT_IN_COHORT):
        return breakdown.cohorts[0], True
    if one in ("0", ALL_USERS):
        return ALL_USERS, False
    return int(one) if one.isdecimal() else None, False


def _cohorts_of(asked: FunnelsActorsQuery, context: QueryContext) -> tuple[int | str, ...]:
    """Return the cohorts of the breakdown that all its actors are in one of; none when together they are everybody."""
    parts = list_cohorts(asked.source, context)
    if any(cohort == ALL_USERS or is_outside for cohort, is_outside in parts):
        return ()
    return tuple(cohort for cohort, _ in parts if cohort is not None)


def match_actors(asked: FunnelsActorsQuery, funnel: Funnel) -> ast.Expr:
    """Return the condition that an actor did the asked step, or left before it, with the asked value.

    Raises QueryError. `funnelStep` counts from 1; -2 asks for those who did the first step and not the second. Optional
    steps do not count there: who left did the last required step before.
    """
    return all_of([_match_step(asked, funnel), _match_value(asked, funnel)])


def _match_step(asked: FunnelsActorsQuery, funnel: Funnel) -> ast.Expr:
    if asked.funnelCustomSteps:
        return any_of(_stopped_at(funnel, step) for step in asked.funnelCustomSteps)
    step = asked.funnelStep
    if step is None:
        raise QueryError("Missing funnelStep in actors query", attr="funnelStep")
    if step == 0:
        raise QueryError("Funnel steps are 1-indexed, so step 0 doesn't exist", attr="funnelStep")
    if step == -1:
        raise QueryError(
            "The first valid drop-off argument for funnelStep is -2. -2 refers to persons who performed the first step "
            "but never made it to the second.",
            attr="funnelStep",
        )
    if abs(step) > funnel.size:
        raise QueryError(f"The funnel has {funnel.size} steps, so there is no step {abs(step)}.", attr="funnelStep")
    if step > 0:
        return did_step(step)
    required = next(one for one in range(-step - 1, 0, -1) if one not in funnel.optional)
    return all_of([did_step(required), opposite(did_step(-step))])


def _stopped_at(funnel: Funnel, step: int) -> ast.Expr:
    if not 0 < step <= funnel.size:
        raise QueryError(f"The funnel has no step {step}.", attr="funnelCustomSteps")
    return did_step(step) if step == funnel.size else all_of([did_step(step), opposite(did_step(step + 1))])


def _match_value(asked: FunnelsActorsQuery, funnel: Funnel) -> ast.Expr:
    value = asked.funnelStepBreakdown
    if value is None or funnel.attribution is None:
        return constant(True)
    texts = [_text(one) for one in (value if isinstance(value, list) else [value])]
    if not funnel.attribution.is_list:
        return compare(field(VALUE), "==", constant(texts[0] if texts else ""))
    return call("equals", field(VALUE), constant(texts))


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _select_of_point(asked: FunnelsActorsQuery, funnel: Funnel) -> ast.SelectQuery:
    """Return who entered in one interval and converted, or did not."""
    if asked.funnelTrendsDropOff is None:
        raise QueryError("Actors parameter `funnelTrendsDropOff` must be provided for funnel trends persons!")
    if asked.funnelTrendsEntrancePeriodStart is None:
        raise QueryError("Actors parameter `funnelTrendsEntrancePeriodStart` must be provided funnel trends persons!")
    dates = funnel.run.dates
    moment = parse_moment(asked.funnelTrendsEntrancePeriodStart, funnel.context.timezone, funnel.context.now).at
    start = start_of(moment, dates.interval, dates.week_start_day)
    key = constant(int(start.timestamp()) if dates.interval in FINE_INTERVALS else start.date())
    converted, started = call("has", field(CONVERTED), key), call("has", field(STARTED), key)
    condition = all_of([started, opposite(converted)]) if asked.funnelTrendsDropOff else converted
    condition = all_of([condition, _match_value(asked, funnel)])
    entrances = select_entrances(funnel, lay_out(funnel))
    if may_be_hard(funnel):
        walked = call(
            "in", call("toString", field(ACTOR)), ast.Tuple(exprs=_walk_point(asked, funnel, start.timestamp()))
        )
        condition = any_of([all_of([opposite(field(IS_HARD)), condition]), walked])
    return _select_distinct(from_select(entrances), condition)


def _walk_point(asked: FunnelsActorsQuery, funnel: Funnel, start: float) -> list[ast.Expr]:
    """Return the ids of those who must be walked and are behind the point. Runs a query."""
    select = ast.SelectQuery(
        select=[alias("name", call("toString", field(ACTOR))), alias("events", field(PACKED))],
        select_from=from_select(select_entrances(funnel, lay_out(funnel))),
        where=all_of([field(IS_HARD), _match_value(asked, funnel)]),
    )
    rows = funnel.context.fetch(Statement(select, label="actors to walk", max_rows=MAX_ROWS)).rows
    walk, wanted = Walk(funnel), not asked.funnelTrendsDropOff
    found = [str(row[0]) for row in rows if walk.follow(row[1]).get(walk.interval_at(start)) is wanted]
    # a list of nobody would be no list
    return [constant(one) for one in found] or [constant("")]


def make_public(select: ast.SelectQuery) -> ast.SelectQuery:
    """Return the query in functions that anybody may use. They mean the same: nothing in it is null."""

    def change(node: ast.Node) -> ast.Node | None:
        if not isinstance(node, ast.Call) or node.name not in _PUBLIC_NAMES:
            return None
        args = [transform(arg, change) for arg in node.args]
        return replace(node, name=_PUBLIC_NAMES[node.name], args=args)  # type: ignore[arg-type]  # still expressions

    public = transform(select, change)
    if not isinstance(public, ast.SelectQuery):
        raise TypeError("a query stays a query")
    return public
