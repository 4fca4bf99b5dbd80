"""Trends of one number per series: bold numbers, pies, tables, maps (facts/queries.md 1.1)."""

from collections.abc import Sequence

from insights_mcp.render.numbers import change, share
from insights_mcp.render.periods import is_running, tell_span
from insights_mcp.render.reading import mapping, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word
from insights_mcp.render.trends import Series
from insights_mcp.render.units import TextUnit


def report_totals(series: Sequence[Series], result: Result, unit: TextUnit, asked: str) -> Report:
    """Return what each series comes to, the largest first, beside the period before if that was asked for."""
    span = tell_span(result)
    when = f", {span}" if span else ""
    if any(one.previous for one in series) and _is_open(result):
        when += " (the period before is whole)"
    if len(series) == 1 and not asked:
        fact = f"{word(series[0].label)}: {_tell(series[0], unit)}{when}."
        short = _tell(series[0], unit)
        return Report((fact,), is_empty=not series[0].value and _was_nothing(series[0]), short=short)
    ranked = sorted(series, key=lambda one: (one.is_remainder, -one.value))
    first = _headline(ranked, unit, f"{asked or f'{len(series)} series'}{when}", is_breakdown=bool(asked))
    mover = _tell_mover(ranked)
    return Report(
        tuple(fact for fact in (first, mover) if fact),
        _table(ranked, unit),
        is_empty=not any(one.value for one in series),
        how_to_get_less="Or lower breakdown_limit.",
        short=f"{word(ranked[0].label)} {unit.write(ranked[0].value)}",
    )


def _is_open(result: Result) -> bool:
    """Return whether a whole period is compared with one that goes on. A bold number is cut to the second for both."""
    display = text_of(mapping(result.query.get("trendsFilter")).get("display"))
    return display != "BoldNumber" and is_running(result)


def _headline(ranked: Sequence[Series], unit: TextUnit, what: str, *, is_breakdown: bool) -> str:
    top = ranked[0]
    whole = sum(one.value for one in ranked)
    if is_breakdown and whole and all(one.is_additive and one.value >= 0 for one in ranked):
        return (
            f"{what}: {unit.write(whole)} in all; "
            f"highest {word(top.label)}, {unit.write(top.value)} ({share(top.value, whole)})."
        )
    return f"{what}: highest {word(top.label)}, {unit.write(top.value)}."


def _tell_mover(ranked: Sequence[Series]) -> str:
    moved = [(one, one.previous) for one in ranked if one.previous and not one.is_remainder]
    if len(moved) < 2:
        return ""
    one, before = max(moved, key=lambda pair: abs(pair[0].value - pair[1].value))
    if one.value == before.value:
        return "Nothing changed on the period before."
    return f"Largest mover: {word(one.label)}, {change(one.value, before.value)} on the period before."


def _table(ranked: Sequence[Series], unit: TextUnit) -> Table:
    compared = any(one.previous for one in ranked)
    value = f"value ({unit.name})" if unit.name else "value"
    header: list[object] = [Plain("series"), Plain(value)]
    if compared:
        header += [Plain("before"), Plain("change")]
    rows: list[list[object]] = []
    for one in ranked:
        row: list[object] = [one.label, unit.scale(one.value)]
        if compared:
            before = one.previous.value if one.previous else 0.0
            row += [unit.scale(before), Plain(change(one.value, before))]
        rows.append(row)
    return Table(header, rows)


def _tell(series: Series, unit: TextUnit) -> str:
    if series.previous is None:
        return unit.write(series.value)
    before = series.previous.value
    return f"{unit.write(series.value)} ({change(series.value, before)} on {unit.write(before)} in the period before)"


def _was_nothing(series: Series) -> bool:
    return series.previous is None or not series.previous.value
