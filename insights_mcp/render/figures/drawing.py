"""The figure of any query kind's result: one visible registry."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from insights_mcp.render.figures.flows import draw_correlation, draw_lifecycle, draw_paths, draw_stickiness
from insights_mcp.render.figures.funnels import draw_funnel
from insights_mcp.render.figures.model import Figure, Series
from insights_mcp.render.figures.retention import draw_retention
from insights_mcp.render.figures.rows import draw_rows
from insights_mcp.render.figures.texts import clean_name, tell_apart
from insights_mcp.render.figures.trends import draw_trends
from insights_mcp.render.reports import Result

KINDS: Mapping[str, Callable[[Result], Figure | None]] = {
    "TrendsQuery": draw_trends,
    "FunnelsQuery": draw_funnel,
    "RetentionQuery": draw_retention,
    "PathsQuery": draw_paths,
    "LifecycleQuery": draw_lifecycle,
    "StickinessQuery": draw_stickiness,
    "FunnelCorrelationQuery": draw_correlation,
}
_LONGEST_TITLE = 120


def draw_figure(result: Result, title: str | None = None, *, node: Mapping[str, object] | None = None) -> Figure | None:
    """Return what is to be drawn of a result, None when there is nothing in it to draw.

    `node` is the wrapper the query is stored in, if it is: a DataVisualizationNode says how SQL rows are charted.
    """
    draw = KINDS.get(result.kind)
    figure = draw(result) if draw else draw_rows(result, node or {})
    if figure is None:
        return None
    return replace(
        figure,
        title=clean_name(title, _LONGEST_TITLE),
        labels=tell_apart(figure.labels),
        series=_name_apart(figure.series),
    )


def _name_apart(series: Sequence[Series]) -> tuple[Series, ...]:
    """Return the series under distinct names; a previous period keeps the name of its current one."""
    current = [one for one in series if one.role != "previous"]
    names = dict(zip(map(id, current), tell_apart([one.name for one in current]), strict=True))
    found: list[Series] = []
    for one in series:
        if one.role == "previous" and found and found[-1].name.startswith(one.name):
            found.append(replace(one, name=found[-1].name))
        else:
            found.append(replace(one, name=names.get(id(one), one.name)))
    return tuple(found)
