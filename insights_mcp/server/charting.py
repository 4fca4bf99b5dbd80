"""Charts on request: drawn as text for terminals, or as a picture beside the numbers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import anyio.to_thread

from insights_mcp.render.reports import Report, Result, render_report
from insights_mcp.server.answers import Answer, Picture

ChartArgument = Literal["text", "png"]
_NOTHING = "There is nothing to draw."


async def draw_answer(
    chart: ChartArgument | None,
    report: Report,
    result: Result | None,
    max_tokens: int,
    *,
    title: str | None = None,
    node: Mapping[str, object] | None = None,
) -> Answer:
    """Return the report with its chart: a text chart takes the table's place, a picture stands beside the text.

    Raises ExtraMissing when a picture is asked for and its renderer is not installed.
    """
    text = render_report(report, max_tokens)
    if chart is None or result is None:
        return Answer(text)
    if report.is_empty:
        return Answer(f"{text}\n{_NOTHING}")
    if chart == "png":
        picture = await anyio.to_thread.run_sync(_draw_png, result, title, node)
        return Answer(text, images=[Picture(picture)]) if picture else Answer(f"{text}\n{_NOTHING}")
    from insights_mcp.render.figures import draw_figure
    from insights_mcp.render.text_charts import draw_text

    figure = draw_figure(result, node=node)
    if figure is None:
        return Answer(f"{text}\n{_NOTHING}")
    drawn = draw_text(replace(figure, subtitle=""))  # which the facts above it say as well
    return Answer(f"{render_report(replace(report, table=None), max_tokens)}\n{drawn}")


def _draw_png(result: Result, title: str | None, node: Mapping[str, object] | None) -> bytes | None:
    from insights_mcp.render.figures import draw_figure
    from insights_mcp.render.pictures import draw_png

    figure = draw_figure(result, title, node=node)
    return draw_png(figure) if figure else None
