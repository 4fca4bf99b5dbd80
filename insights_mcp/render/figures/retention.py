"""Figures of a RetentionQuery: the triangle, or a curve per cohort or breakdown value (facts/queries.md 1.4)."""

from collections.abc import Mapping, Sequence

from insights_mcp.render.figures.limits import MAX_SERIES
from insights_mcp.render.figures.model import Axis, Figure, Grid, Series, Unit
from insights_mcp.render.figures.texts import clean_name, finite, tell_apart
from insights_mcp.render.figures.times import write_times
from insights_mcp.render.figures.trends import read_goals
from insights_mcp.render.figures.units import PERCENT
from insights_mcp.render.reading import amount, breakdown_text, mapping, mappings_of, text_of
from insights_mcp.render.reports import Result
from insights_mcp.render.retention import known_widths

_MAX_ROWS = 31


def draw_retention(result: Result) -> Figure | None:
    """Return the figure of a RetentionQuery's results, None if nobody began."""
    cohorts = [cohort for cohort in mappings_of(result.results) if _values(cohort)]
    if not any(_size(cohort) for cohort in cohorts):
        return None
    options = mapping(result.query.get("retentionFilter"))
    widths = known_widths(cohorts)
    rows = [_shares(cohort, width, options) for cohort, width in zip(cohorts, widths, strict=True)]
    unit = Unit() if _is_aggregated(options) else PERCENT
    first = max(cohorts, key=lambda cohort: len(_values(cohort)))
    columns = tell_apart([clean_name(value.get("label"), 20) for value in _values(first)])
    if any(cohort.get("breakdown_value") is not None for cohort in cohorts):
        return _draw_values(cohorts, rows, columns, unit, options)
    if options.get("dashboardDisplay") == "graph_only":
        return _draw_curves(_date_cohorts(cohorts), rows, columns, unit, options)
    return _draw_triangle(cohorts, rows, columns, unit)


def _values(cohort: Mapping[str, object]) -> list[Mapping[str, object]]:
    return list(mappings_of(cohort.get("values")))


def _size(cohort: Mapping[str, object]) -> float:
    return amount(_values(cohort)[0].get("count"))


def _is_aggregated(options: Mapping[str, object]) -> bool:
    return options.get("aggregationType") in ("sum", "avg")


def _shares(cohort: Mapping[str, object], width: int, options: Mapping[str, object]) -> tuple[float | None, ...]:
    """Return what is known of a row: per cent of those who began, or of the interval before; sums as they are."""
    values = _values(cohort)
    if _is_aggregated(options):
        return tuple(finite(value.get("aggregation_value")) for value in values[:width])
    counts = [amount(value.get("count")) for value in values]
    is_of_previous = options.get("retentionReference") == "previous"
    wholes = [counts[0], *counts] if is_of_previous else [counts[0]] * len(counts)
    pairs = list(zip(counts, wholes, strict=False))[:width]
    return tuple(100 * count / whole if whole else None for count, whole in pairs)


def _date_cohorts(cohorts: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    return tell_apart(write_times([text_of(cohort.get("date"))[:19] for cohort in cohorts]))


def _draw_triangle(
    cohorts: Sequence[Mapping[str, object]],
    rows: Sequence[tuple[float | None, ...]],
    columns: tuple[str, ...],
    unit: Unit,
) -> Figure:
    gone = max(0, len(cohorts) - _MAX_ROWS)
    width = len(columns)
    grid = Grid(
        _date_cohorts(cohorts)[gone:],
        columns,
        tuple((*row, *(None,) * (width - len(row))) for row in rows[gone:]),
        tuple(_size(cohort) for cohort in cohorts[gone:]),
    )
    return Figure(
        "retention",
        subtitle="Per cent of those who began" if unit == PERCENT else "",
        x=Axis("Back after", kind="category"),
        y=Axis("Came back" if unit == PERCENT else "Value", unit=unit),
        grid=grid,
        notes=(f"The earlier {gone} rows are left out.",) if gone else (),
    )


def _draw_values(
    cohorts: Sequence[Mapping[str, object]],
    rows: Sequence[tuple[float | None, ...]],
    columns: tuple[str, ...],
    unit: Unit,
    options: Mapping[str, object],
) -> Figure:
    """Return one curve per breakdown value: the mean of its rows, each weighing as many as it has people."""
    places: dict[str, list[int]] = {}
    for place, cohort in enumerate(cohorts):
        places.setdefault(breakdown_text(cohort.get("breakdown_value")), []).append(place)
    means = []
    for group in places.values():
        sizes = [_size(cohorts[place]) for place in group]
        means.append(tuple(_mean(index, [rows[place] for place in group], sizes) for index in range(len(columns))))
    return _draw_curves(tuple(clean_name(name) for name in places), means, columns, unit, options)


def _mean(index: int, rows: Sequence[tuple[float | None, ...]], sizes: Sequence[float]) -> float | None:
    known = [(row[index], size) for row, size in zip(rows, sizes, strict=True) if len(row) > index and size]
    weighed = [(value, size) for value, size in known if value is not None]
    return sum(value * size for value, size in weighed) / sum(size for _, size in weighed) if weighed else None


def _draw_curves(
    names: Sequence[str],
    rows: Sequence[tuple[float | None, ...]],
    columns: tuple[str, ...],
    unit: Unit,
    options: Mapping[str, object],
) -> Figure:
    width = len(columns)
    series = [
        Series(name, (*row, *(None,) * (width - len(row))), color=place)
        for place, (name, row) in enumerate(zip(names, rows, strict=True))
    ]
    shown = series[:MAX_SERIES]
    left_out = len(series) - len(shown)
    return Figure(
        "bar" if options.get("display") == "ActionsBar" else "line",
        x=Axis("Back after", kind="category"),
        y=Axis("Came back" if unit == PERCENT else "Value", unit=unit),
        labels=columns,
        series=tuple(shown),
        goals=read_goals(options),
        notes=(f"{left_out} more curves are left out.",) if left_out else (),
    )
