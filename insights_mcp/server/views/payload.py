"""What the view is given to draw: a figure, and the call that gives another one.

It travels in the result's `_meta`. Hosts hand that to the view and not to the model, where `structuredContent` would
take the place of the text the model reads (facts/mcp.md 0.4, 5). Hosts that pass on the text alone (ext-apps issues
646 and 696) give the whole result when the view makes the call itself, which it then does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from insights_mcp.render.figures import Figure, draw_figure, figure_data
from insights_mcp.render.reports import Result

KEY = "insights-mcp/view"
MAX_BYTES = 100_000
# A query this long is SQL by the page: the view can be drawn, but not ask again.
_MAX_CALL_BYTES = 20_000
_INTERVALS = ("hour", "day", "week", "month")
_PERIODS = ("Hour", "Day", "Week", "Month")
_BY_INTERVAL = {"TrendsQuery", "StickinessQuery", "LifecycleQuery"}
_SHORT = {"max_tokens": 200}
_ROUNDS = 12


@dataclass(frozen=True)
class Interval:
    """Where in a call the interval stands, what it is and what else it may be.

    Totals know of none: without `is_always` it changes only what is drawn over time.
    """

    path: tuple[str, ...]
    value: str
    choices: tuple[str, ...]
    is_always: bool = False


@dataclass(frozen=True)
class QueryCall:
    """The call that runs a query once more: its answer is for the view alone, so its text may be short."""

    tool: str
    query: Mapping[str, object]

    @property
    def arguments(self) -> dict[str, object]:
        """Return the arguments of the call."""
        return {"query": self.query, **_SHORT}

    @property
    def interval(self) -> Interval | None:
        """Return the interval within the query, which may stand in a wrapper."""
        source = self.query.get("source")
        if isinstance(source, Mapping):
            return _interval_of(source, ("query", "source"))
        return _interval_of(self.query, ("query",))


@dataclass(frozen=True)
class SavedCall:
    """The call that runs a saved insight once more, with what is laid over it."""

    tool: str
    insight: str
    query: Mapping[str, object]
    filters: Mapping[str, object]
    variables: Mapping[str, object]

    @property
    def arguments(self) -> dict[str, object]:
        """Return the arguments of the call."""
        laid = {"filters_override": self.filters, "variables_override": self.variables}
        return {"id": self.insight, **{key: value for key, value in laid.items() if value}, **_SHORT}

    @property
    def interval(self) -> Interval | None:
        """Return the interval that is laid over the query; a period of retention cannot be (facts/rest-api.md 4.2)."""
        found = _interval_of({**self.query, **self.filters}, ())
        return (
            None
            if found is None or found.path != ("interval",)
            else replace(found, path=("filters_override", *found.path))
        )


def show_result(
    result: Result,
    again: QueryCall | SavedCall,
    *,
    title: str,
    node: Mapping[str, object] | None = None,
    url: str | None = None,
) -> dict[str, object]:
    """Return the `_meta` of a result that a view draws, at most about 100 KB of JSON."""
    figure = draw_figure(result, title, node=node) or Figure("table", title=title)
    return view_data(figure, again, url=url)


def view_data(
    figure: Figure, again: QueryCall | SavedCall | None = None, *, url: str | None = None
) -> dict[str, object]:
    """Return the `_meta` whose figure a view draws, and how the view asks for another interval."""
    data: dict[str, object] = {"figure": _fit(figure)}
    if url:
        data["url"] = url
    if again is not None and _size(again.arguments) <= _MAX_CALL_BYTES:
        data["call"] = {"name": again.tool, "arguments": again.arguments}
        interval = again.interval
        if interval is not None and (interval.is_always or figure.x.kind == "time"):
            data["controls"] = [_control(interval)]
    return {KEY: data}


def _control(interval: Interval) -> dict[str, object]:
    options = [{"value": choice, "name": f"By {choice.lower()}"} for choice in interval.choices]
    return {"name": "Interval", "path": interval.path, "value": interval.value, "options": options}


def _interval_of(query: Mapping[str, object], within: tuple[str, ...]) -> Interval | None:
    kind = query.get("kind")
    if kind == "RetentionQuery":
        options = query.get("retentionFilter")
        period = options.get("period") if isinstance(options, Mapping) else None
        return Interval((*within, "retentionFilter", "period"), str(period or "Day"), _PERIODS, True)
    if kind in _BY_INTERVAL or (kind == "FunnelsQuery" and _is_over_time(query)):
        value = str(query.get("interval") or "day")
        choices = _INTERVALS if value in _INTERVALS else (value, *_INTERVALS)
        return Interval((*within, "interval"), value, choices, kind == "StickinessQuery")
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
