"""Lifecycle: who is new, stays, comes back and goes quiet, interval by interval (facts/queries.md 1.7)."""

from insights_mcp.render.numbers import number
from insights_mcp.render.periods import dates_of, read_period
from insights_mcp.render.reading import mappings_of, numbers_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word


def report_lifecycle(result: Result) -> Report:
    """Return new, returning, resurrecting and dormant people of a LifecycleQuery, side by side."""
    rows = list(mappings_of(result.results))
    columns = [numbers_of(row.get("data")) for row in rows]
    if not any(any(data) for data in columns):
        return Report(("Nobody was active in this period.",), is_empty=True)
    period = read_period(result, dates_of(rows))
    names = [text_of(row.get("status")) or text_of(row.get("label")) for row in rows]
    counted = text_of(rows[0].get("label")).removesuffix(f" - {names[0]}")
    last = period.last_whole
    latest = ", ".join(
        f"{word(name)} {number(data[last])}" for name, data in zip(names, columns, strict=True) if last < len(data)
    )
    when = f"{period.labels[last]}: " if last < len(period.labels) else ""
    sentence = period.sentence
    what = f"People by {word(counted)}, {sentence[:1].lower()}{sentence[1:]}." if counted else f"{sentence}."
    facts = [what, f"{when}{latest}.", *_tell_balance(names, columns, last)]
    table = Table(
        [Plain(period.header), *names],
        [
            [Plain(day), *(data[index] if index < len(data) else None for data in columns)]
            for index, day in enumerate(period.labels)
        ],
        ranked=False,
    )
    return Report(tuple(facts), table, how_to_get_less="Or ask for a coarser interval.", summary=facts[1], short=latest)


def _tell_balance(names: list[str], columns: list[list[float]], last: int) -> list[str]:
    """Return whether more came than went over the whole intervals: one person counts once in each."""
    whole = {name: sum(data[: last + 1]) for name, data in zip(names, columns, strict=True)}
    if not {"new", "resurrecting", "dormant"} <= set(whole):
        return []
    came, went = whole["new"] + whole["resurrecting"], -whole["dormant"]
    return [f"Over all whole intervals {number(came)} came or came back, {number(went)} went quiet."]
