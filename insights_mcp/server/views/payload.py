"""What the view is given to draw: a figure, and the call that gives another one.

It travels in the result's `_meta`. Hosts hand that to the view and not to the model, where `structuredContent` would
take the place of the text the model reads (facts/mcp.md 0.4, 5). Hosts that pass on the text alone (ext-apps issues
646 and 696) give the whole result when the view makes the call itself, which it then does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from insights_mcp.render.figures import Figure, figure_data

KEY = "insights-mcp/view"
MAX_BYTES = 100_000
# A query this long is SQL by the page: the view can be drawn, but not ask again.
_MAX_CALL_BYTES = 20_000
_INTERVALS = ("hour", "day", "week", "month")
_PERIODS = ("Hour", "Day", "Week", "Month")
_BY_INTERVAL = {"TrendsQuery", "StickinessQuery", "LifecycleQuery"}
_ROUNDS = 12


@dataclass(frozen=True)
class Again:
    """The call that gave the result, and where in its arguments the interval stands, if it has one."""

    tool: str
    arguments: Mapping[str, object]
    path: tuple[str, ...] = ()
    value: str = ""
    choices: Sequence[str] = ()


def ask_again(tool: str, arguments: Mapping[str, object], query: Mapping[str, object]) -> Again:
    """Return how the view asks for another interval of a query: in the query, or laid over a saved insight's."""
    found = _interval_of(query)
    if found is None:
        return Again(tool, arguments)
    path, value, choices = found
    if "query" in arguments:
        return Again(tool, {**arguments, "query": query}, ("query", *path), value, choices)
    if path != ("interval",):  # an override knows of no other (facts/rest-api.md 4.2)
        return Again(tool, arguments)
    return Again(tool, arguments, ("filters_override", "interval"), value, choices)


def view_data(figure: Figure, again: Again | None = None, *, url: str | None = None) -> dict[str, object]:
    """Return the `_meta` of a result whose figure the view draws, at most about 100 KB of JSON."""
    data: dict[str, object] = {"figure": _fit(figure)}
    if url:
        data["url"] = url
    if again is not None and _size(again.arguments) <= _MAX_CALL_BYTES:
        data["call"] = {"name": again.tool, "arguments": again.arguments}
        if again.path:
            options = [{"value": choice, "name": f"By {choice.lower()}"} for choice in again.choices]
            control = {"name": "Interval", "path": again.path, "value": again.value, "options": options}
            data["controls"] = [control]
    return {KEY: data}


def _interval_of(query: Mapping[str, object]) -> tuple[tuple[str, ...], str, Sequence[str]] | None:
    kind = query.get("kind")
    if kind == "RetentionQuery":
        options = query.get("retentionFilter")
        period = options.get("period") if isinstance(options, Mapping) else None
        return ("retentionFilter", "period"), str(period or "Day"), _PERIODS
    if kind in _BY_INTERVAL or (kind == "FunnelsQuery" and _is_over_time(query)):
        value = str(query.get("interval") or "day")
        return ("interval",), value, _INTERVALS if value in _INTERVALS else (value, *_INTERVALS)
    return None


def _is_over_time(query: Mapping[str, object]) -> bool:
    options = query.get("funnelsFilter")
    return isinstance(options, Mapping) and options.get("funnelVizType") == "trends"


def _fit(figure: Figure) -> dict[str, object]:
    """Return the figure as data, halved in its longest direction until it fits, and saying so."""
    data = figure_data(figure)
    for _ in range(_ROUNDS):
        if _size(data) <= MAX_BYTES:
            break
        figure = _halve(figure)
        data = figure_data(
            replace(figure, notes=(*figure.notes, "Not everything fits in here: the table of the answer has more."))
        )
    return data


def _halve(figure: Figure) -> Figure:
    if figure.rows:
        return replace(figure, rows=figure.rows[: len(figure.rows) // 2])
    if figure.grid is not None:
        half = (len(figure.grid.rows) + 1) // 2
        grid = replace(
            figure.grid, rows=figure.grid.rows[:half], values=figure.grid.values[:half], sizes=figure.grid.sizes[:half]
        )
        return replace(figure, grid=grid)
    if figure.edges:
        largest = sorted(figure.edges, key=lambda edge: -edge.value)
        return replace(figure, edges=tuple(largest[: len(largest) // 2]))
    if len(figure.series) > 2:  # one series and its previous period are the least there can be
        return replace(figure, series=figure.series[: len(figure.series) // 2])
    gone = len(figure.labels) // 2
    series = tuple(replace(one, values=one.values[gone:], times=one.times[gone:]) for one in figure.series)
    return replace(
        figure, labels=figure.labels[gone:], times=figure.times[gone:], series=series, boxes=figure.boxes[gone:]
    )


def _size(data: object) -> int:
    return len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())
