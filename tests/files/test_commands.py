"""`insights-mcp export` and `apply` as people run them."""

import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from insights_mcp.client import PostHogClient
from insights_mcp.commands.files import run_apply, run_export
from insights_mcp.settings import Settings
from tests.files.worlds import BOTH, SIGNUPS, placed_shop, trends
from tests.server.boards import live_dashboards, live_insights
from tests.server.sessions import connect, use
from tests.server.world import web_shop
from tests.session.upstream_server import served
from tests.upstream import KEY, Upstream

pytestmark = pytest.mark.anyio


def client_of(upstream: Upstream) -> Callable[[Settings], PostHogClient]:
    return lambda settings: upstream.client()


async def export(upstream: Upstream, **options: Any) -> int:
    given = {"insight": [], "dashboard": [], "tag": None, "all": False, "output": None, **options}
    return await run_export(Settings(api_key=KEY), Namespace(**given), make_client=client_of(upstream))


async def apply(
    upstream: Upstream,
    *paths: Path,
    settings: Mapping[str, Any] | None = None,
    ask: Callable[[str], str] | None = None,
    **options: Any,
) -> int:
    given = {"dry_run": False, "yes": False, "strict": False, "unchecked": False, "prune": "never", **options}
    found = Settings(api_key=KEY, **(settings or {}))
    return await run_apply(found, Namespace(paths=list(paths), **given), make_client=client_of(upstream), ask=ask)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "analytics"
    path.mkdir()
    return path


def names_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


async def test_export_writes_a_file_for_each_and_leaves_alone_what_says_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upstream = placed_shop()
    assert await export(upstream, all=True, output=str(folder)) == 0
    assert names_in(folder) == [
        "dashboards/growth.yaml",
        "dashboards/support.yaml",
        "insights/pageview-count.yaml",
        "insights/revenue-by-plan.yaml",
        "insights/signup-to-paid.yaml",
        "insights/weekly-signups.yaml",
    ]
    growth, signups = folder / "dashboards/growth.yaml", folder / "insights/weekly-signups.yaml"
    commented = "# Ours.\n" + growth.read_text()
    growth.write_text(commented)
    upstream.world.insights[1]["description"] = "Changed"
    (folder / "insights/other.yaml").write_text("kind: insight\n")
    assert await export(upstream, all=True, output=str(folder)) == 0
    assert growth.read_text() == commented
    assert "description: Changed" in signups.read_text()
    assert capsys.readouterr().out.splitlines() == [
        f"{folder}: written 6",
        f"{folder}: unchanged 5, changed 1",
        f"Not part of this export, and left as they are: {folder / 'insights/other.yaml'}",
    ]


async def test_renamed_insight_keeps_its_file(folder: Path) -> None:
    upstream = placed_shop()
    assert await export(upstream, all=True, output=str(folder)) == 0
    before = names_in(folder)
    upstream.world.insights[1]["name"] = "Signups by week"
    upstream.add_insight(name="Weekly signups", query=trends("paid"))
    assert await apply(upstream, folder / "insights", dry_run=True) == 3
    assert await export(upstream, all=True, output=str(folder)) == 0
    assert names_in(folder) == sorted([*before, "insights/weekly-signups-2.yaml"])
    assert "name: Signups by week" in (folder / "insights/weekly-signups.yaml").read_text()
    assert await apply(upstream, folder, dry_run=True) == 0


async def test_export_never_writes_over_something_else(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "compose.yaml").write_text("services: {}\n")
    assert await export(web_shop(), insight=["1"], output=str(folder / "compose.yaml")) == 2
    assert (folder / "compose.yaml").read_text() == "services: {}\n"
    assert "holds something else" in capsys.readouterr().err
    assert names_in(folder) == ["compose.yaml"]


async def test_export_without_output_shows_what_was_named(capsys: pytest.CaptureFixture[str]) -> None:
    upstream = web_shop()
    short_id = upstream.world.insights[1]["short_id"]
    assert await export(upstream, insight=[short_id, "https://us.posthog.com/project/1/insights/2"]) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if line.startswith("key:")] == [
        "key: signup-to-paid",
        "key: weekly-signups",
    ]
    assert await export(upstream) == 2
    assert "Give --insight, --dashboard, --tag or --all." in capsys.readouterr().err


async def test_apply_shows_asks_and_writes_only_when_told_yes(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    upstream = web_shop()
    (folder / "both.yaml").write_text(BOTH)
    asked: list[str] = []

    def answer(word: str) -> Callable[[str], str]:
        return lambda question: asked.append(question) or word

    assert await apply(upstream, folder, dry_run=True) == 3
    assert await apply(upstream, folder) == 1
    assert "there is nobody to ask" in capsys.readouterr().err
    assert await apply(upstream, folder, ask=answer("n")) == 1
    assert live_dashboards(upstream) == ["Growth", "Support"]
    data = {"data_dir": tmp_path}
    assert await apply(upstream, folder, settings=data, ask=answer("y")) == 0
    assert live_dashboards(upstream) == ["Growth", "Support", "Launch"]
    assert await apply(upstream, folder, dry_run=True) == 0
    assert await apply(upstream, folder, settings=data) == 0
    assert asked == ["Apply? [y/N] "] * 2
    assert capsys.readouterr().out.splitlines()[-10:] == [
        'Project "Web shop" at https://us.posthog.com/project/1',
        '+ insight signups "Sign-ups"',
        '+ dashboard launch "Launch", 3 tiles',
        "2 new, 0 unchanged.",
        "Applied.",
        "Undo: u1.",
        'Project "Web shop" at https://us.posthog.com/project/1',
        "2 unchanged.",
        'Project "Web shop" at https://us.posthog.com/project/1',
        "2 unchanged.",
    ]
    async with connect(upstream, journal_dir=tmp_path / "journal") as client:
        assert "dashboard 3 deleted" in await use(client, "undo", what="u1")


async def test_project_that_changes_while_somebody_looks_is_not_written_to(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upstream = web_shop()
    (folder / "signups.yaml").write_text(SIGNUPS)

    def look(_: str) -> str:
        upstream.add_insight(name="Sign-ups", query={"kind": "InsightVizNode"})
        return "y"

    assert await apply(upstream, folder, ask=look) == 1
    assert "the project changed while you looked" in capsys.readouterr().err
    assert not upstream.asked("POST", "/insights/$")


async def test_bad_files_are_told_with_their_names_and_lines(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    upstream = web_shop()
    (folder / ".hidden.yaml").write_text("a: [")
    (folder / "a.yaml").write_text("a: [\n")
    (folder / "b.yml").write_text(SIGNUPS.replace("query:", "qurey:"))
    assert await apply(upstream, folder) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "insights-mcp apply: 3 problems in the files, nothing was written."
    assert [line.split(": ")[0] for line in said[1:]] == [
        f"{folder / 'a.yaml'}:2",
        f"{folder / 'b.yml'}:1",
        f"{folder / 'b.yml'}:6",
    ]
    (tmp_path / "latin.yaml").write_bytes(b"kind: insight\nname: caf\xe9\n")
    for path, says in (("latin.yaml", "latin.yaml:2: is not UTF-8"), ("none.yaml", "no such file"), ("", "")):
        assert await apply(upstream, tmp_path / path) == 2
        assert says in capsys.readouterr().err


async def test_read_only_mode_shows_and_never_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upstream = web_shop()
    (folder / "signups.yaml").write_text(SIGNUPS)
    assert await apply(upstream, folder, settings={"read_only": True}, yes=True) == 2
    assert "INSIGHTS_MCP_READ_ONLY is set." in capsys.readouterr().err
    assert await apply(upstream, folder, settings={"read_only": True}, dry_run=True) == 3


def run(url: str, *arguments: str, home: Path) -> "subprocess.CompletedProcess[str]":
    environ = {"POSTHOG_HOST": url, "POSTHOG_API_KEY": KEY, "INSIGHTS_MCP_DATA_DIR": str(home)}
    command = [sys.executable, "-m", "insights_mcp", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=environ, stdin=subprocess.DEVNULL
    )


def test_commands_copy_one_project_into_another(tmp_path: Path) -> None:
    shop, empty, files = placed_shop(), Upstream(), str(tmp_path / "files")
    with served(shop) as source, served(empty) as target:
        exported = run(source, "export", "--all", "-o", files, home=tmp_path / "one")
        applied = run(target, "apply", files, "--yes", home=tmp_path / "two")
    assert (exported.returncode, exported.stdout) == (0, f"{files}: written 6\n"), exported.stderr
    assert (applied.returncode, applied.stdout.splitlines()[-2:]) == (0, ["Applied.", "Undo: u1."]), applied.stderr
    assert (len(live_insights(empty)), live_dashboards(empty)) == (4, ["Growth", "Support"])
    assert "names: not checked, as this project has no events yet" in applied.stderr
