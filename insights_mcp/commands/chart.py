"""`insights-mcp chart`: a saved insight drawn, in the terminal or as a PNG or SVG file."""

import shutil
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from anyio import to_thread

from insights_mcp.commands.calls import open_call
from insights_mcp.commands.connect import make_client
from insights_mcp.errors import InputError
from insights_mcp.render.figures import Figure, draw_figure
from insights_mcp.render.text_charts import WIDTH, draw_text
from insights_mcp.server.asking import ask_source, source_of
from insights_mcp.server.identifiers import find_insight
from insights_mcp.server.tool import Call

if TYPE_CHECKING:
    from insights_mcp.commands.calls import MakeClient
    from insights_mcp.render.vega.themes import ThemeName
    from insights_mcp.settings import Settings

DONE, WRONG = 0, 2
_PNG, _SVG = ".png", ".svg"


async def run_chart(settings: "Settings", options: Namespace, *, make_client: "MakeClient" = make_client) -> int:
    """Draw the insight that the options name. Return the exit code: 0 done, 2 something is wrong in the options.

    Raises what the API raises, and ExtraMissing without the renderer of pictures.
    """
    output: Path | None = options.output
    try:
        if output is not None and output.suffix not in (_PNG, _SVG):
            raise InputError(f"{output.name} is neither .png nor .svg.", advice="Give -o NAME.png or -o NAME.svg.")
        async with open_call(settings, make_client) as call:
            figure = await _draw(call, options.insight)
        if output is None:
            sys.stdout.write(draw_text(figure, width=shutil.get_terminal_size((WIDTH, 24)).columns) + "\n")
        else:
            await to_thread.run_sync(_write_picture, figure, output, options.theme)
            sys.stdout.write(f"{output}: written\n")
    except InputError as error:
        sys.stderr.write(f"insights-mcp chart: {error}\n")
        return WRONG
    return DONE


async def _draw(call: Call, given: str) -> Figure:
    insight = await call.api.insights.get(await find_insight(call, given))
    if insight.query is None:
        raise InputError("This server keeps that insight as old filters, without a query.")
    asked = await ask_source(call, source_of(insight.query), is_stored=True)
    figure = draw_figure(asked.result, insight.title, node=insight.query)
    if figure is None:
        raise InputError("There is nothing to draw: the insight finds nothing.")
    return figure


def _write_picture(figure: Figure, output: Path, theme: "ThemeName") -> None:
    from insights_mcp.render.pictures import draw_png, draw_svg

    drawn = draw_png(figure, theme) if output.suffix == _PNG else draw_svg(figure, theme).encode()
    try:
        output.write_bytes(drawn)
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror}.") from error
