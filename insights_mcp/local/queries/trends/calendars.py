"""The CalendarHeatmap display: when in the week things happen, by day and hour (PostHog's calendar heat map runner).

Only the first series counts, with one of two maths: events, or the people behind them (`dau`), who count once in
every hour of the week, day, hour of the day and in all. On request they count by the starts of their sessions only.
"""

from collections import Counter
from collections.abc import Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.context import Outcome, QueryContext, Statement
from insights_mcp.local.queries.dates import QueryDates, drop_fraction
from insights_mcp.local.queries.entities import ALL_EVENTS, match_action, name_entity, require_action
from insights_mcp.local.queries.expressions import alias, all_of, call, compare, constant, field, from_select
from insights_mcp.local.queries.trends.displays import check_query
from insights_mcp.local.queries.trends.question import Question, select, until
from insights_mcp.local.queries.trends.runs import Run, read_dates
from insights_mcp.schema.entities import ActionsNode
from insights_mcp.schema.trends import TrendsQuery

# Stand for every day and for every hour; neither is a day (1 to 7) or an hour (0 to 23).
_ALL_DAYS, _ALL_HOURS = 0, 24
_MAX_CELLS = 1000


def plan_calendar(query: TrendsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the statement of the first series. Raises QueryError."""
    check_query(query)
    if not query.series:
        return []
    dates = read_dates(query, "day", context)
    question = Question(query, Run(query.series[0], 0, "current", dates), None, context)
    return [Statement(_select(question), label="calendar", max_rows=_MAX_CELLS)]


def shape_calendar(rows: Sequence[Rows], query: TrendsQuery, context: QueryContext) -> Outcome:
    """Return the one result, with the cells and their sums. Raises QueryError."""
    dates = read_dates(query, "day", context)
    results = [_result(_read_cells(answer), query, context) for answer in rows]
    return Outcome(results=results, has_more=False, dates=dates.span)


def _select(question: Question) -> ast.SelectQuery:
    dates = question.dates
    where = all_of([_matches(question), question.passes_filters])
    if question.entity.math != "dau":
        columns = [*_day_and_hour(field("timestamp")), alias("cell_value", call("count"))]
        return select(columns, question.events, all_of([where, *_within(field("timestamp"), dates)]), ["day", "hour"])
    shown = question.query.calendarHeatmapFilter
    if shown is not None and shown.bucketBySessionStart:
        return _count_people(_select_session_starts(question, where))
    people = select(
        [alias("actor", field("person_id")), *_day_and_hour(field("timestamp"))],
        question.events,
        all_of([where, *_within(field("timestamp"), dates)]),
        ["actor", "day", "hour"],
    )
    return _count_people(people)


def _select_session_starts(question: Question, where: ast.Expr) -> ast.SelectQuery:
    """Return people with the first moment of each of their sessions, which must be in the range."""
    columns = [
        alias("actor", call("any", field("person_id"))),
        alias("session_key", field("$session_id")),
        alias("started", call("min", field("timestamp"))),
    ]
    sessions = select(columns, question.events, all_of([where, until(question.dates)]), ["session_key"])
    started = field("started")
    return select(
        [alias("actor", field("actor")), *_day_and_hour(started)],
        from_select(sessions),
        all_of(_within(started, question.dates)),
        ["actor", "day", "hour"],
    )


def _count_people(people: ast.SelectQuery) -> ast.SelectQuery:
    """Count each person once in a cell, once in its day, once in its hour, and once in all."""
    day, hour = field("day"), field("hour")
    places = [
        ast.Tuple(exprs=[day, hour]),
        ast.Tuple(exprs=[day, constant(_ALL_HOURS)]),
        ast.Tuple(exprs=[constant(_ALL_DAYS), hour]),
        ast.Tuple(exprs=[constant(_ALL_DAYS), constant(_ALL_HOURS)]),
    ]
    placed = select(
        [alias("actor", field("actor")), alias("place", call("arrayJoin", ast.Array(exprs=places)))],
        from_select(people),
        None,
        [],
    )
    columns = [
        alias("day", call("tupleElement", field("place"), constant(1))),
        alias("hour", call("tupleElement", field("place"), constant(2))),
        alias("cell_value", call("count", field("actor"), distinct=True)),
    ]
    return select(columns, from_select(placed), None, ["day", "hour"])


def _day_and_hour(moment: ast.Expr) -> list[ast.Alias]:
    return [alias("day", call("toDayOfWeek", moment)), alias("hour", call("toHour", moment))]


def _within(moment: ast.Expr, dates: QueryDates) -> list[ast.Expr]:
    start, end = drop_fraction(dates.date_from), drop_fraction(dates.date_to)
    return [compare(moment, ">=", constant(start)), compare(moment, "<=", constant(end))]


def _matches(question: Question) -> ast.Expr:
    """Return the condition that an event is what is counted: the conversion goal, unless the series is an action."""
    goal = question.query.conversionGoal
    if goal is None or isinstance(question.entity, ActionsNode):
        return question.is_entity
    if goal.customEventName is not None:
        return compare(field("event"), "==", constant(goal.customEventName))
    if goal.actionId is not None:
        return match_action(require_action(goal.actionId, question.context), question.context)
    return question.is_entity


def _read_cells(rows: Rows) -> dict[tuple[int, int], int]:
    """Return the number of each hour of the week, with the sums over days and hours."""
    cells = {(int(str(day)), int(str(hour))): int(str(number)) for day, hour, number in rows.rows}
    if any(hour == _ALL_HOURS for _, hour in cells):
        return cells
    sums: Counter[tuple[int, int]] = Counter()
    for (day, hour), number in cells.items():
        for place in ((day, _ALL_HOURS), (_ALL_DAYS, hour), (_ALL_DAYS, _ALL_HOURS)):
            sums[place] += number
    return cells | sums


def _result(cells: dict[tuple[int, int], int], query: TrendsQuery, context: QueryContext) -> dict[str, object]:
    series = query.series[0]
    name = name_entity(series, context)
    places = sorted(place for place in cells if place != (_ALL_DAYS, _ALL_HOURS))
    in_all = cells.get((_ALL_DAYS, _ALL_HOURS), 0)
    heatmap = {
        "data": [
            {"row": day, "column": hour, "value": cells[day, hour]}
            for day, hour in places
            if day != _ALL_DAYS and hour != _ALL_HOURS
        ],
        "rowAggregations": [{"row": day, "value": cells[day, hour]} for day, hour in places if hour == _ALL_HOURS],
        "columnAggregations": [{"column": hour, "value": cells[day, hour]} for day, hour in places if day == _ALL_DAYS],
        "allAggregations": in_all,
    }
    return {
        "action": {"id": name, "type": "events", "order": 0, "name": name or ALL_EVENTS, "math": series.math},
        "label": name or ALL_EVENTS,
        "data": [],
        "aggregated_value": in_all,
        "calendar_heatmap_data": heatmap,
        "count": in_all,
    }
