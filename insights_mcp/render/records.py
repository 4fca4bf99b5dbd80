"""Rows under columns: SQL, events, people, and whatever else comes as a list (facts/queries.md 1.9)."""

import json
from collections.abc import Mapping, Sequence

from insights_mcp.render.instants import shorten_column
from insights_mcp.render.marking import mark
from insights_mcp.render.numbers import number, plural
from insights_mcp.render.reading import amount, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.spreading import spread_objects
from insights_mcp.render.tables import Plain, Table, cell

# Of the first row, in the one line that tells of a table.
_TOLD_CELLS = 4
_TOLD_CHARACTERS = 40
# Properties as JSON, stack traces, whole URLs: the beginning tells enough, and one row must not fill the answer.
_LONGEST_CELL = 400
_LONGEST_VALUE = 120
# Of a series of fewer rows the extremes are seen at a glance.
_LONG_SERIES = 8


def report_rows(result: Result) -> Report:
    """Return rows under their columns."""
    columns, rows = _read(result)
    if not rows:
        empty = "No rows." if isinstance(result.results, Sequence | Mapping) else f"Result: {_tell_bare(result)}."
        return Report((empty,), is_empty=True)
    is_nothing = len(rows) == 1 and all(
        value is None or (not isinstance(value, str) and not value) for value in rows[0]
    )
    if len(rows) == 1 and len(rows[0]) == 1:
        return Report((f"{columns[0]}: {cell(_cut_cell(rows[0][0]))}",), is_empty=is_nothing)
    columns, rows, notes = spread_objects(columns, rows)
    table, is_series = _table(columns, rows)
    if any(_is_cut(value) for row in rows for value in row):
        notes.append(f"Cells are cut at {_LONGEST_CELL} characters: select parts of them, such as properties.plan.")
    counted = f"{plural(len(rows), 'field')}." if isinstance(result.results, Mapping) else _count(result, len(rows))
    first = table.rows[0]
    told = [f"{column} {_short(value)}" for column, value in zip(columns, first, strict=False)][:_TOLD_CELLS]
    return Report(
        (counted, *(_tell_extremes(columns, table) if is_series else ())),
        table,
        notes=tuple(notes),
        summary=f"{counted.rstrip('.').split(';')[0]}; first: {', '.join(told)}.",
        is_empty=is_nothing,
        how_to_get_less="Or select fewer columns; LIMIT and OFFSET page through.",
    )


def _read(result: Result) -> tuple[list[str], list[Sequence[object]]]:
    """Return the columns' names and the rows; an object is a row per key."""
    results, given = result.results, [_name_column(text_of(column)) for column in result.columns]
    if isinstance(results, Mapping):
        return ["field", "value"], [[key, value] for key, value in results.items() if value is not None]
    objects = list(mappings_of(results))
    if objects and len(objects) == len(rows_of(results)):
        keys = list(dict.fromkeys(key for one in objects for key in one))
        kept = [key for key in keys if any(one.get(key) is not None for one in objects)]
        return [text_of(key) for key in kept], [[one.get(key) for key in kept] for one in objects]
    rows = [rows_of(row) or [row] for row in rows_of(results)]
    width = max((len(row) for row in rows), default=0)
    names = [*given, *(str(place + 1) for place in range(len(given), width))]
    return names or ["value"], rows


def _name_column(expression: str) -> str:
    """Return what a selected expression is called: `expr -- Label` says it in a comment."""
    expression, _, label = expression.partition(" -- ")
    return label.strip() or expression.strip()


def _count(result: Result, count: int) -> str:
    if not result.has_more:
        return f"{plural(count, 'row')}."
    first = (
        f"Rows {result.offset + 1} to {result.offset + count}" if result.offset else f"The first {plural(count, 'row')}"
    )
    return f"{first}; more match: raise LIMIT or use OFFSET."


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[Table, bool]:
    """Return the table, and whether it is a series: rows by date, the earliest first."""
    shown: list[list[object]] = [[_cut_cell(value) for value in row] for row in rows]
    header: list[object] = list(columns)
    is_series = False
    for place, name in enumerate(columns):
        short = shorten_column([row[place] if place < len(row) else None for row in rows])
        if short is None:
            continue
        header[place] = Plain(f"{cell(name)} ({short.note})") if short.note else name
        for row, text in zip(shown, short.texts, strict=True):
            if place < len(row) and text is not None:
                row[place] = Plain(text)
        is_series = is_series or (place == 0 and short.is_rising)
    return Table(header, shown, ranked=not is_series), is_series


def _tell_extremes(columns: Sequence[str], table: Table) -> list[str]:
    """Return the highest and the lowest of the first column of numbers beside the dates."""
    if len(table.rows) < _LONG_SERIES:
        return []
    for place, name in enumerate(columns[1:], 1):
        values = [row[place] if place < len(row) else None for row in table.rows]
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            sizes = [amount(value) for value in values]
            high, low = (pick(range(len(sizes)), key=sizes.__getitem__) for pick in (max, min))
            when = [cell(row[0]) for row in table.rows]
            return [
                f"{cell(name)}: high {number(sizes[high])} on {when[high]}, low {number(sizes[low])} on {when[low]}."
            ]
    return []


def _tell_bare(result: Result) -> str:
    return cell(_cut_cell(result.results)) or "none"


def _cut_cell(value: object) -> object:
    if isinstance(value, str):
        parsed = _parse(value)
        if parsed is not None:
            return _cut_json(parsed)
        return f"{value[: _LONGEST_CELL - 1]}…" if _is_cut(value) else value
    return _cut_json(value) if isinstance(value, Mapping | list | tuple) else value


def _cut_json(value: object) -> object:
    """Return an object as JSON without what is null, cut between its keys: it is quoted already, so it stands bare."""
    if isinstance(value, Mapping):
        value = {key: _cut_text(item) for key, item in value.items() if item not in (None, "", [], {})}
    text = _dump(value)
    if len(text) <= _LONGEST_CELL:
        return Plain(text)
    if not isinstance(value, Mapping):
        return Plain(f"{text[: _LONGEST_CELL - 1]}…")
    kept: dict[str, object] = {}
    room = _LONGEST_CELL
    for key, item in value.items():
        room -= len(_dump({key: item}))
        if room < 0 and kept:
            break
        kept[key] = item if room >= 0 else "…"
    return Plain(f"{_dump(kept)[:-1]},…{len(value) - len(kept)} more}}")


def _cut_text(value: object) -> object:
    is_long = isinstance(value, str) and len(value) > _LONGEST_VALUE
    return f"{value[: _LONGEST_VALUE - 1]}…" if is_long and isinstance(value, str) else value


def _dump(value: object) -> str:
    return mark(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def _is_cut(value: object) -> bool:
    if isinstance(value, str):
        return len(value) > _LONGEST_CELL
    return isinstance(value, Mapping | list | tuple) and len(_dump(value)) > _LONGEST_CELL


def _parse(text: str) -> Mapping[str, object] | None:
    """Return the object in a text of JSON: quoting it once more would double its cost."""
    if not text.startswith("{"):
        return None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _short(value: object) -> str:
    if isinstance(value, str) and len(value) > _TOLD_CHARACTERS:
        cut = f"{value[: _TOLD_CHARACTERS - 1]}…"
        return cut if isinstance(value, Plain) else cell(cut)
    return cell(value)
