"""Paths, lifecycle, stickiness and correlation (facts/queries.md 1.5 to 1.8)."""

from collections.abc import Mapping

from insights_mcp.render.days import shorten_days
from insights_mcp.render.numbers import duration, number, share
from insights_mcp.render.reading import amount, mapping, mappings_of, numbers_of, rows_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word
from insights_mcp.render.trends import name_series


def report_paths(result: Result) -> Report:
    """Return the edges of a PathsQuery, the most walked first."""
    edges = sorted(mappings_of(result.results), key=lambda edge: -amount(edge.get("value")))
    if not edges:
        return Report(("No paths in this period.",), is_empty=True)
    rows: list[list[object]] = []
    for edge in edges:
        step, source = split_node(edge.get("source"))
        milliseconds = edge.get("average_conversion_time")
        rows.append(
            [
                step,
                source,
                split_node(edge.get("target"))[1],
                edge.get("value"),
                Plain(duration(amount(milliseconds) / 1000)) if milliseconds is not None else None,
            ]
        )
    _, start, end, times, _ = rows[0]
    fact = f"{len(rows)} edges; most walked: {word(text_of(start))} to {word(text_of(end))}, {number(times)} times."
    header = [Plain(name) for name in ("step", "from", "to", "times", "mean time")]
    return Report((fact,), Table(header, rows), how_to_get_less="Or lower edgeLimit.")


def report_lifecycle(result: Result) -> Report:
    """Return new, returning, resurrecting and dormant people of a LifecycleQuery, side by side."""
    rows = list(mappings_of(result.results))
    columns = [numbers_of(row.get("data")) for row in rows]
    if not any(any(data) for data in columns):
        return Report(("Nobody was active in this period.",), is_empty=True)
    days = shorten_days([text_of(day) for day in rows_of(rows[0].get("days"))])
    names = [text_of(row.get("status")) or text_of(row.get("label")) for row in rows]
    totals = ", ".join(f"{name} {number(sum(data))}" for name, data in zip(names, columns, strict=True))
    table = Table(
        [Plain("date"), *names],
        [
            [Plain(day), *(data[index] if index < len(data) else None for data in columns)]
            for index, day in enumerate(days)
        ],
        ranked=False,
    )
    return Report((f"Over the period: {totals}.",), table, how_to_get_less="Or ask for a coarser interval.")


def report_stickiness(result: Result) -> Report:
    """Return how many people were active on how many days, of a StickinessQuery."""
    rows = list(mappings_of(result.results))
    columns = [numbers_of(row.get("data")) for row in rows]
    if not any(any(data) for data in columns):
        return Report(("Nobody was active in this period.",), is_empty=True)
    names = name_series(rows)
    facts = [
        f"{word(name)}: {number(sum(data))} people; {share(data[0], sum(data))} on one interval only, "
        f"{share(sum(data[len(data) // 2 :]), sum(data))} on half of all or more."
        for name, data in zip(names, columns, strict=True)
        if any(data)
    ]
    counts = [text_of(day) for day in rows_of(rows[0].get("days"))] or [
        str(place + 1) for place in range(len(columns[0]))
    ]
    table = Table(
        [Plain("active intervals"), *names],
        [
            [Plain(count), *(data[index] if index < len(data) else None for data in columns)]
            for index, count in enumerate(counts)
        ],
        ranked=False,
    )
    return Report(tuple(facts[:4]), table)


def report_correlation(result: Result) -> Report:
    """Return what goes with success and with failure, of a FunnelCorrelationQuery."""
    found = mapping(result.results)
    events = list(mappings_of(found.get("events")))
    if not events:
        why = " The groups differ too much in size." if found.get("skewed") else ""
        return Report((f"Nothing correlates with converting.{why}",), is_empty=True)
    rows = [_correlation_row(event) for event in events]
    header = [Plain(name) for name in ("event", "goes with", "odds ratio", "converted", "dropped")]
    return Report((f"{len(rows)} correlate with converting or dropping out.",), Table(header, rows))


def _correlation_row(event: Mapping[str, object]) -> list[object]:
    return [
        text_of(mapping(event.get("event")).get("event")),
        event.get("correlation_type"),
        event.get("odds_ratio"),
        event.get("success_count"),
        event.get("failure_count"),
    ]


def split_node(node: object) -> tuple[object, str]:
    """Return step and item of a path's node, which PostHog writes as `1_/a`."""
    step, mark, item = text_of(node).partition("_")
    return (int(step), item) if mark and step.isdecimal() else (None, text_of(node))
