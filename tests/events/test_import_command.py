"""The command as a person runs it: a process of its own, which starts the backend it needs."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from insights_mcp.commands.connect import stop_backend

pytestmark = pytest.mark.anyio


@pytest.fixture
async def data_dir(tmp_path: Path) -> AsyncIterator[Path]:
    path = tmp_path / "data"
    yield path
    await stop_backend(path)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "insights_mcp", "import", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


async def test_command_says_what_came_of_each_file(data_dir: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("what,time,user_id\nbought,2026-10-01 12:00,ann\nbought,,ann\n")
    bad.write_text("nothing,here\n1,2\n")
    options = ("--data-dir", str(data_dir), "--event-column", "what", "--timezone", "Europe/Berlin")
    ended = run(str(good), str(bad), str(tmp_path / "missing.csv"), *options)
    assert ended.returncode == 1
    said = {line[:16].strip(): line[16:] for line in ended.stdout.splitlines()}
    assert (said["events added"], said["new persons"], said["events found"]) == ("1", "1", "bought (1)")
    assert said["time range"] == "2026-10-01T10:00:00Z to 2026-10-01T10:00:00Z"
    assert said["rejected"].startswith("1, set aside with reasons in ")
    assert "bad.csv: There is no column 'what'. The columns are: nothing, here." in ended.stderr
    assert "missing.csv: there is no such file." in ended.stderr
    again = run(str(good), *options)
    assert (again.returncode, "already there 1" in again.stdout.replace("  ", " ")) == (0, True)
