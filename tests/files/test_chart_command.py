"""`insights-mcp chart` as people run it."""

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from insights_mcp.commands.chart import run_chart
from insights_mcp.settings import Settings
from tests.server.world import web_shop
from tests.upstream import KEY, Upstream

pytestmark = pytest.mark.anyio


async def chart(upstream: Upstream, insight: str, **options: Any) -> int:
    given = Namespace(insight=insight, **{"output": None, "theme": "light", **options})
    return await run_chart(Settings(api_key=KEY), given, make_client=lambda settings: upstream.client())


async def test_insight_is_drawn_in_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert await chart(web_shop(), "Weekly signups") == 0
    drawn = capsys.readouterr().out
    assert drawn.startswith('"Weekly signups"')
    assert "13 Sep" in drawn
    assert max(map(len, drawn.splitlines())) <= 80


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "start"), [("signups.png", b"\x89PNG"), ("signups.svg", b"<svg")])
async def test_insight_is_drawn_into_a_file(name: str, start: bytes, theme: str, tmp_path: Path) -> None:
    assert await chart(web_shop(), "1", output=tmp_path / name, theme=theme) == 0
    assert (tmp_path / name).read_bytes().startswith(start)


async def test_other_file_is_refused_before_anything_runs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    upstream = web_shop()
    assert await chart(upstream, "1", output=tmp_path / "signups.gif") == 2
    assert "neither .png nor .svg" in capsys.readouterr().err
    assert not upstream.requests


async def test_folder_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert await chart(web_shop(), "1", output=tmp_path / "nowhere" / "signups.svg") == 2
    assert "cannot be written: No such file or directory." in capsys.readouterr().err


async def test_insight_that_finds_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    upstream = web_shop()
    upstream.answers("TrendsQuery", results=[])
    assert await chart(upstream, "1") == 2
    assert "nothing to draw" in capsys.readouterr().err
