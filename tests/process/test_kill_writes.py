"""kill -9 at any moment of a write loses nothing that was acknowledged."""

from pathlib import Path

import pytest

from tests.process.killing import kill_repeatedly

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

KILLS = 6  # benchmarks/kill_writes.py kills 20 times


async def test_nothing_acknowledged_is_lost_when_the_backend_is_killed_while_writing(tmp_path: Path) -> None:
    outcome = await kill_repeatedly(tmp_path / "data", KILLS, write_seconds=0.4)
    assert outcome.kills == KILLS
    assert outcome.insights > KILLS
    assert outcome.events > KILLS * 30
    assert outcome.lost_insights == []
    assert outcome.lost_events == []
    assert outcome.doubled_events == []
