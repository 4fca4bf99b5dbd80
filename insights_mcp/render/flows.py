"""Paths: the ways people go (facts/queries.md 1.5)."""

from insights_mcp.render.numbers import duration, number
from insights_mcp.render.reading import amount, mappings_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word


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


def split_node(node: object) -> tuple[object, str]:
    """Return step and item of a path's node, which PostHog writes as `1_/a`."""
    step, mark, item = text_of(node).partition("_")
    return (int(step), item) if mark and step.isdecimal() else (None, text_of(node))
