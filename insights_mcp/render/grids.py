"""Trends whose results have a shape of their own: calendar heat maps and box plots (facts/queries.md 1.1)."""

from collections.abc import Mapping, Sequence

from insights_mcp.render.days import shorten_days
from insights_mcp.render.numbers import number, plural
from insights_mcp.render.periods import tell_span
from insights_mcp.render.reading import amount, mappings_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table

# Row 0 is Sunday.
_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_WEEK = (1, 2, 3, 4, 5, 6, 0)
_BOX = ("min", "p25", "median", "p75", "max", "mean")


def report_calendar(found: Mapping[str, object], result: Result) -> Report:
    """Return weekdays by hours: cells are `{row, column, value}`."""
    cells: dict[tuple[int, int], float] = {}
    for one in mappings_of(found.get("data")):
        row, column = one.get("row"), one.get("column")
        if isinstance(row, int) and isinstance(column, int):
            cells[row % 7, column % 24] = amount(one.get("value"))
    if not any(cells.values()):
        return Report(("Nothing happened in this period.",), is_empty=True)
    (weekday, hour), most = max(cells.items(), key=lambda pair: pair[1])
    days = {day: sum(cells.get((day, hour), 0.0) for hour in range(24)) for day in _WEEK}
    busiest = max(_WEEK, key=lambda day: days[day])
    facts = (
        f"By weekday and hour{_when(result)}: highest {_WEEKDAYS[weekday]} {hour:02}:00, {number(most)}; "
        f"busiest day {_WEEKDAYS[busiest]}, {number(days[busiest])}.",
    )
    # A row per hour: seven cells are counted off more surely than twenty-four.
    rows = [[hour, *(cells.get((day, hour), 0.0) for day in _WEEK)] for hour in range(24)]
    header = [Plain("hour"), *(Plain(_WEEKDAYS[day]) for day in _WEEK)]
    return Report(facts, Table(header, rows, ranked=False))


def report_boxes(rows: Sequence[Mapping[str, object]], result: Result) -> Report:
    """Return minimum, quartiles, maximum and mean of each bucket."""
    days = shorten_days([text_of(row.get("day") or row.get("date") or row.get("label")) for row in rows])
    labels = list(dict.fromkeys(text_of(row.get("series_label")) for row in rows if row.get("series_label")))
    many = len(labels) > 1
    table = Table(
        [*([Plain("series")] if many else []), Plain("date"), *map(Plain, _BOX)],
        [
            [*([text_of(row.get("series_label"))] if many else []), Plain(day), *(row.get(key) for key in _BOX)]
            for row, day in zip(rows, days, strict=True)
        ],
        ranked=False,
        grouped=many,
    )
    low, high = (edge([amount(row.get("median")) for row in rows]) for edge in (min, max))
    fact = f"{plural(len(rows), 'box', 'boxes')}{_when(result)}: medians from {number(low)} to {number(high)}."
    return Report((fact,), table, is_empty=not any(amount(row.get("max")) for row in rows))


def _when(result: Result) -> str:
    span = tell_span(result)
    return f", {span}" if span else ""
