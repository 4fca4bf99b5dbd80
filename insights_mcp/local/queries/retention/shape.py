"""The results of a retention query as PostHog prints them: one per row of the table (facts/queries.md 1.4)."""

from collections.abc import Mapping, Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.breakdowns import ALL_USERS, OTHER
from insights_mcp.local.queries.context import Outcome, QueryContext
from insights_mcp.local.queries.retention.plan import RetentionPlan, read_plan
from insights_mcp.local.queries.retention.rules import has_numbers
from insights_mcp.local.queries.sampling import scale
from insights_mcp.schema.retention import RetentionQuery

# By row and column: how many actors, and what their numbers add up to.
Cells = dict[tuple[int, int], tuple[float, float]]
_EMPTY = (0, 0.0)


def shape_retention(rows: Sequence[Rows], query: RetentionQuery, context: QueryContext) -> Outcome:
    """Return the rows of the table; with a breakdown those of the first value, of the second and so on."""
    plan = read_plan(query, context)
    tables = _read(rows, plan, query)
    shown: dict[str | None, Cells] = _rank(tables, plan.limit) if plan.is_broken_down else {None: tables.get("", {})}
    return Outcome(
        results=[result for value, cells in shown.items() for result in _shape_table(cells, value, plan, query)],
        dates=plan.grid.span,
    )


def _read(rows: Sequence[Rows], plan: RetentionPlan, query: RetentionQuery) -> dict[str, Cells]:
    """Return the cells by breakdown value; that of no breakdown is ''."""
    is_average = query.retentionFilter.aggregationType == "avg"
    tables: dict[str, Cells] = {}
    for place, answer in enumerate(rows):
        cohort = str(plan.cohorts[place]).replace(ALL_USERS, "0") if plan.cohorts else ""
        for row in answer.rows:
            value, numbers = (str(row[0]), row[1:]) if plan.item is not None else (cohort, row)
            start, offset, actors = (int(number) for number in numbers[:3])  # type: ignore[call-overload]  # integers
            total = float(numbers[3]) if len(numbers) > 3 else 0.0  # type: ignore[arg-type]  # a sum of floats
            cell = (actors, total / actors if is_average else total)
            tables.setdefault(value, {})[start, offset] = cell
    return tables


def _rank(tables: Mapping[str, Cells], limit: int) -> dict[str | None, Cells]:
    """Return the largest values by what started with them; what is beyond the limit is added up cell by cell."""
    sizes = {
        value: sum(cell[0] for (_, column), cell in cells.items() if column == 0) for value, cells in tables.items()
    }
    ranked = sorted(tables, key=lambda value: (-sizes[value], value))
    shown: dict[str | None, Cells] = {value: tables[value] for value in ranked[:limit]}
    if len(ranked) > limit:
        rest: Cells = {}
        for value in ranked[limit:]:
            for place, (actors, total) in tables[value].items():
                before = rest.get(place, _EMPTY)
                rest[place] = (before[0] + actors, before[1] + total)
        shown[OTHER] = rest
    return shown


def _shape_table(
    cells: Cells, value: str | None, plan: RetentionPlan, query: RetentionQuery
) -> list[Mapping[str, object]]:
    grid, labels = plan.grid, plan.grid.labels()
    return [
        {
            "values": [
                _shape_cell(cells.get((row, column), _EMPTY), label, query) for column, label in enumerate(labels)
            ],
            "label": f"{grid.period} {row}",
            "date": grid.date_of(row),
            "breakdown_value": value,
        }
        for row in range(grid.rows)
    ]


def _shape_cell(cell: tuple[float, float], label: str, query: RetentionQuery) -> Mapping[str, object]:
    factor = query.samplingFactor
    actors, total = cell if not factor or factor == 1 else (scale(number, factor, None) for number in cell)
    if not has_numbers(query.retentionFilter):
        return {"count": actors, "label": label}
    return {"count": actors, "aggregation_value": total, "label": label}
