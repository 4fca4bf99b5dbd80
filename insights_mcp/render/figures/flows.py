"""Figures of paths, lifecycle, stickiness and correlation (facts/queries.md 1.5 to 1.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from insights_mcp.render.figures.limits import MAX_CATEGORIES, Drawn, limit_points, limit_series
from insights_mcp.render.figures.model import Axis, Edge, Figure, Node, Series, Unit
from insights_mcp.render.figures.texts import LONGEST_SENTENCE, clean_name, finite, tell_apart, values_of
from insights_mcp.render.figures.times import write_times
from insights_mcp.render.flows import common_origin, shows_origin, split_node, without_origin
from insights_mcp.render.periods import read_period
from insights_mcp.render.reading import amount, mapping, mappings_of, rows_of, text_of
from insights_mcp.render.reports import Result
from insights_mcp.render.trends import name_series

_MAX_EDGES = 50
# In any palette: blue, green, violet and red.
_COLORS = {"new": 0, "returning": 2, "resurrecting": 5, "dormant": 6}


def draw_paths(result: Result) -> Figure | None:
    """Return nodes and edges of a PathsQuery, the most walked edges first, None without any."""
    found = [edge for edge in mappings_of(result.results) if amount(edge.get("value")) > 0]
    if not found:
        return None
    ranked = sorted(found, key=lambda edge: -amount(edge.get("value")))
    shown, left_out = ranked[:_MAX_EDGES], len(ranked[_MAX_EDGES:])
    keys = {text_of(edge.get(end)): None for edge in shown for end in ("source", "target")}
    places = {key: place for place, key in enumerate(keys)}
    edges = tuple(_edge(edge, places) for edge in shown)
    origin = "" if shows_origin(result) else common_origin([split_node(key)[1] for key in keys])
    return Figure(
        "paths",
        subtitle="How often each step led to the next",
        x=Axis("Step", kind="category"),
        y=Axis("Times"),
        nodes=tuple(_node(key, places[key], edges, origin) for key in keys),
        edges=edges,
        notes=(f"{left_out} less walked edges are left out.",) if left_out else (),
    )


def _edge(edge: Mapping[str, object], places: Mapping[str, int]) -> Edge:
    milliseconds = finite(edge.get("average_conversion_time"))
    return Edge(
        places[text_of(edge.get("source"))],
        places[text_of(edge.get("target"))],
        amount(edge.get("value")),
        None if milliseconds is None else milliseconds / 1000,
    )


def _node(key: str, place: int, edges: Sequence[Edge], origin: str) -> Node:
    """Return a node with how often it was passed: what came in or what went out, whichever is more."""
    step, item = split_node(key)
    came = sum(edge.value for edge in edges if edge.target == place)
    went = sum(edge.value for edge in edges if edge.source == place)
    item = without_origin(item, origin)
    return Node(clean_name(item or "(empty)"), step if isinstance(step, int) else 1, max(came, went))


def draw_lifecycle(result: Result) -> Figure | None:
    """Return new, returning, resurrecting and dormant people over time, None if nobody was active."""
    rows = list(mappings_of(result.results))
    toggled = rows_of(mapping(result.query.get("lifecycleFilter")).get("toggledLifecycles"))
    statuses = [text_of(row.get("status")) or text_of(row.get("label")) for row in rows]
    series = [
        Series(clean_name(status), values_of(row.get("data")), color=_COLORS.get(status, place))
        for place, (status, row) in enumerate(zip(statuses, rows, strict=True))
        if not toggled or status in toggled
    ]
    days = [text_of(day) for day in rows_of(rows[0].get("days"))] if rows else []
    if not days or not any(any(one.values) for one in series):
        return None
    period = read_period(result, days)
    figure = Figure(
        "lifecycle",
        subtitle=clean_name(f"{period.sentence}. Those who went dormant are below zero", LONGEST_SENTENCE),
        x=Axis(period.interval.capitalize(), kind="time"),
        y=Axis("People"),
        labels=write_times(days),
        times=tuple(days),
        series=tuple(series),
        unfinished=1 if period.open_reason else 0,
    )
    return limit_points(figure)


def draw_stickiness(result: Result) -> Figure | None:
    """Return how many people were active on how many intervals, None if nobody was."""
    rows = list(mappings_of(result.results))
    names = name_series([row for row in rows if row.get("compare_label") != "previous"])
    previous = [row for row in rows if row.get("compare_label") == "previous"]
    drawn = []
    for place, (name, row) in enumerate(
        zip(names, (row for row in rows if row.get("compare_label") != "previous"), strict=True)
    ):
        series = Series(clean_name(name), values_of(row.get("data")), color=place)
        past = values_of(previous[place].get("data")) if place < len(previous) else None
        drawn.append(Drawn(series, replace(series, values=past, role="previous") if past else None))
    if not any(any(one.current.values) for one in drawn):
        return None
    kept, notes = limit_series(drawn, can_sum=False)
    options = mapping(result.query.get("stickinessFilter"))
    interval = text_of(result.query.get("interval")) or "day"
    labels = _interval_counts(rows)
    return Figure(
        "bar" if text_of(options.get("display")) in ("ActionsBar", "ActionsUnstackedBar") else "line",
        x=Axis(f"Active {interval}s{' or more' if options.get('computedAs') == 'cumulative' else ''}", kind="category"),
        y=Axis("People"),
        labels=labels,
        series=tuple(one for pair in kept for one in (pair.current, pair.previous) if one),
        notes=notes,
    )


def _interval_counts(rows: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    longest = max(rows, key=lambda row: len(rows_of(row.get("data"))))
    count = len(rows_of(longest.get("data")))
    days = [text_of(day) for day in rows_of(longest.get("days"))]
    return tell_apart(days if len(days) == count else [str(place + 1) for place in range(count)])


def draw_correlation(result: Result) -> Figure | None:
    """Return what goes with converting (right of zero) and with dropping out (left), None if nothing does."""
    found = []
    for event in mappings_of(mapping(result.results).get("events")):
        odds = finite(event.get("odds_ratio"))
        if odds is not None and odds > 0:
            name = clean_name(mapping(event.get("event")).get("event"))
            found.append((name, odds if odds >= 1 else -1 / odds))
    if not found:
        return None
    found.sort(key=lambda one: -one[1])
    ups, downs = [one for one in found if one[1] > 0], [one for one in found if one[1] < 0]
    half = MAX_CATEGORIES // 2
    shown = [*ups[:half], *downs[-half:]]
    return Figure(
        "horizontal_bar",
        subtitle="Times as likely to convert, or below zero to drop out",
        x=Axis(kind="category"),
        y=Axis("Odds ratio", unit=Unit(postfix="×")),
        labels=tell_apart([name for name, _ in shown]),
        series=(Series("Odds ratio", tuple(value for _, value in shown), color=0),),
    )
