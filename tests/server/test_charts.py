"""Charts on request: text in the answer, or a picture beside it."""

import base64
import struct
from typing import Any

import pytest
from mcp import Client

from tests.server.sessions import ERAS, connect, refused, use
from tests.server.world import trends, web_shop

pytestmark = pytest.mark.anyio

TREND = trends("signed_up")


async def contents(client: Client, tool: str, **arguments: Any) -> list[Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return list(result.content)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(("tool", "arguments"), [("insight-query", {"id": 1}), ("query-run", {"query": TREND})])
async def test_png_stands_beside_the_text(era: str, tool: str, arguments: dict[str, Any]) -> None:
    async with connect(web_shop(), era=era) as client:
        plain = await use(client, tool, **arguments)
        text, image = await contents(client, tool, **arguments, chart="png")
    assert text.text == plain
    assert (image.type, image.mime_type) == ("image", "image/png")
    data = base64.b64decode(image.data)
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    assert 600 <= width <= 1600
    assert 300 <= height <= 1200
    assert len(data) <= 200_000


async def test_text_chart_takes_the_place_of_the_table() -> None:
    async with connect(web_shop()) as client:
        plain = await use(client, "query-run", query=TREND)
        drawn = await use(client, "query-run", query=TREND, chart="text")
    assert "09-13,30" in plain
    assert "09-13,30" not in drawn
    assert "\u2588" in drawn
    assert drawn.startswith(plain.splitlines()[0])


async def test_nothing_is_drawn_of_an_empty_result_and_that_is_said() -> None:
    upstream = web_shop()
    upstream.answers("TrendsQuery", results=[])
    async with connect(upstream) as client:
        [content] = await contents(client, "query-run", query=TREND, chart="png")
    assert "There is nothing to draw." in content.text


async def test_unknown_chart_is_refused_with_those_there_are() -> None:
    async with connect(web_shop()) as client:
        assert "one of text, png" in await refused(client, "query-run", query=TREND, chart="sparkline")
