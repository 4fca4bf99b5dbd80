"""Every write can be taken back: by its handle, after a restart, from the history; never over somebody else's work."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

from insights_mcp.server.journal import Journal, Step
from tests.server.sessions import connect, refused, use
from tests.server.world import sql, trends, web_shop
from tests.snapshots import assert_snapshot
from tests.tokens import count_tokens
from tests.upstream import KEY, Key, Upstream

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 9, 14, tzinfo=UTC)
GRACE = "phx_test_key_of_grace"


def with_grace() -> Upstream:
    upstream = web_shop()
    upstream.keys[GRACE] = Key(user_id=2)
    return upstream


def state(upstream: Upstream, number: int) -> dict[str, Any]:
    """Return what people can change of an insight."""
    insight = upstream.world.insights[number]
    boards = sorted(
        tile["dashboard_id"] for tile in upstream.world.tiles if tile["insight"] == number and not tile["deleted"]
    )
    kept = {name: insight[name] for name in ("name", "description", "tags", "favorited", "deleted", "query")}
    return json.loads(json.dumps({**kept, "dashboards": boards}))  # type: ignore[no-any-return]


WRITES: list[tuple[str, dict[str, Any]]] = [
    ("insight-update", {"id": 1, "query": {"dateRange": {"date_from": "-90d"}, "breakdown": "plan"}}),
    ("insight-update", {"id": 1, "name": "Signups", "description": "x", "tags": ["a", "b"], "favorited": False}),
    ("insight-update", {"id": 1, "add_to_dashboards": [2], "remove_from_dashboards": [1]}),
    ("insight-update", {"id": 3, "query": trends("paid")}),
    ("insight-delete", {"id": 1, "confirm": True}),
    ("generate_metadata", {"id": 1, "apply": True}),
]


@pytest.mark.parametrize(("tool", "arguments"), WRITES)
async def test_write_is_undone_and_redone_after_a_restart(tool: str, arguments: dict[str, Any], tmp_path: Path) -> None:
    upstream, number = web_shop(), arguments["id"]
    before = state(upstream, number)
    async with connect(upstream, journal_dir=tmp_path / "journal") as client:
        done = await use(client, tool, **arguments)
    assert done.splitlines()[-1] == "Undo: u1."
    after = state(upstream, number)
    assert after != before
    async with connect(upstream, journal_dir=tmp_path / "journal") as client:
        assert (await use(client, "undo")).splitlines()[-1] == "Undo: u2."
        assert state(upstream, number) == before
        await use(client, "undo", what="u2")
        assert state(upstream, number) == after


async def test_undone_create_is_deleted_and_comes_back(tmp_path: Path) -> None:
    upstream = web_shop()
    async with connect(upstream, journal_dir=tmp_path) as client:
        assert "Undo: u1." in await use(client, "insight-create", query=trends("paid"), name="Payments", dashboards=[2])
        assert "insight 5 deleted" in await use(client, "undo", what="u1")
        assert state(upstream, 5)["deleted"]
        await use(client, "undo", what="u2")
    assert not state(upstream, 5)["deleted"]
    assert state(upstream, 5)["dashboards"] == [2]


async def test_restore_with_changes_is_undone_as_one() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-delete", id=1, confirm=True)
        text = await use(client, "insight-update", id=1, restore=True, name="Back", add_to_dashboards=[1])
        assert text.splitlines()[-1] == "Undo: u2."
        await use(client, "undo")
    assert state(upstream, 1)["deleted"]


async def test_sharing_is_undone() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        assert "Undo: u1." in await use(client, "insight-sharing", id=1, action="enable")
        assert "so already" in await use(client, "insight-sharing", id=1, action="enable")
        await use(client, "undo", what="u1")
        assert "not shared" in await use(client, "insight-sharing", id=1)
        assert "cannot be undone" in await use(client, "insight-sharing", id=1, action="refresh")


async def test_undo_goes_back_write_by_write() -> None:
    upstream = web_shop()
    first = state(upstream, 1)
    async with connect(upstream) as client:
        await use(client, "insight-update", id=1, name="One")
        await use(client, "insight-update", id=1, tags=["two"])
        await use(client, "undo")
        assert state(upstream, 1)["name"] == "One"
        await use(client, "undo")
        assert state(upstream, 1) == first
        assert "could be undone" in await refused(client, "undo")


async def test_undo_over_somebody_elses_change_is_refused_with_what_they_did() -> None:
    upstream = with_grace()
    async with connect(upstream) as client, connect(upstream, api_key=GRACE) as grace:
        await use(client, "insight-update", id=1, query={"dateRange": {"date_from": "-90d"}})
        await use(grace, "insight-update", id=1, query={"interval": "week"})
        text = await refused(client, "undo", what="u1")
        assert_snapshot("mistakes/undo-over-another-change.txt", text)
        assert state(upstream, 1)["query"]["source"]["interval"] == "week"
        await use(client, "undo", what="u1", force=True)
    assert state(upstream, 1)["query"] == trends("signed_up", dateRange={"date_from": "-30d"})


async def test_what_others_added_meanwhile_stays() -> None:
    upstream = with_grace()
    async with connect(upstream) as client, connect(upstream, api_key=GRACE) as grace:
        await use(client, "insight-update", id=1, tags=["growth", "mine"])
        await use(grace, "insight-update", id=1, tags=["growth", "mine", "hers"], add_to_dashboards=[2])
        await use(client, "undo", what="u1")
    assert state(upstream, 1)["tags"] == ["growth", "hers"]
    assert state(upstream, 1)["dashboards"] == [1, 2]


async def test_change_of_another_field_does_not_stand_in_the_way() -> None:
    upstream = with_grace()
    async with connect(upstream) as client, connect(upstream, api_key=GRACE) as grace:
        await use(client, "insight-update", id=1, name="Mine")
        await use(grace, "insight-update", id=1, description="Hers")
        await use(client, "undo", what="u1")
    assert state(upstream, 1)["name"] == "Weekly signups"
    assert state(upstream, 1)["description"] == "Hers"


@pytest.mark.parametrize(("tool", "arguments"), WRITES)
async def test_without_a_journal_the_history_is_enough(tool: str, arguments: dict[str, Any]) -> None:
    upstream, number = web_shop(), arguments["id"]
    before = state(upstream, number)
    async with connect(upstream) as client:
        await use(client, tool, **arguments)
    async with connect(upstream) as client:
        text = await use(client, "undo", what=str(number))
    assert "Undone: the change 2026-09-14" in text
    after = state(upstream, number)
    if tool == "insight-delete":  # the log does not keep which dashboards it was on
        after["dashboards"] = before["dashboards"]
    assert after == before


async def test_deleted_insight_is_found_in_the_history_by_its_short_id() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-delete", id=1, confirm=True)
    async with connect(upstream) as client:
        assert "insight 1 restored" in await use(client, "undo", what=upstream.world.insights[1]["short_id"])
    assert not state(upstream, 1)["deleted"]


async def test_change_of_somebody_else_is_not_undone_from_the_history() -> None:
    upstream = with_grace()
    async with connect(upstream, api_key=GRACE) as grace:
        await use(grace, "insight-update", id=1, name="Hers")
    async with connect(upstream) as client:
        text = await refused(client, "undo", what="1")
    assert_snapshot("mistakes/undo-the-change-of-another.txt", text)
    assert state(upstream, 1)["name"] == "Hers"


async def test_insight_that_is_gone_for_its_undo_comes_back_when_forced() -> None:
    upstream = with_grace()
    async with connect(upstream) as client, connect(upstream, api_key=GRACE) as grace:
        await use(client, "insight-update", id=1, name="Mine")
        await use(grace, "insight-delete", id=1, confirm=True)
        assert "deleted" in await refused(client, "undo", what="u1")
        await use(client, "undo", what="u1", force=True)
    assert state(upstream, 1)["name"] == "Weekly signups"
    assert not state(upstream, 1)["deleted"]


async def test_lost_dashboard_does_not_keep_a_delete_from_being_undone() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-update", id=1, add_to_dashboards=[2])
        await use(client, "insight-delete", id=1, confirm=True)
        upstream.world.dashboards[1]["deleted"] = True
        assert "Dashboard 1 is gone." in await use(client, "undo", what="u2")
    assert state(upstream, 1)["dashboards"] == [2]


async def test_dry_run_undoes_nothing() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-update", id=1, name="Mine")
        assert 'name Mine -> "Weekly signups"' in await use(client, "undo", dry_run=True)
        assert state(upstream, 1)["name"] == "Mine"
        await use(client, "undo", what="u1")
        assert "undone already" in await refused(client, "undo", what="u1")


async def test_undo_answers_stay_small() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-update", id=3, query=sql("select 1", display="BoldNumber"), name="X", tags=["a"])
        assert count_tokens(await use(client, "undo")) <= 150


async def test_projects_and_hosts_have_journals_of_their_own(tmp_path: Path) -> None:
    upstream, other = web_shop(), Upstream("https://eu.posthog.com")
    other.add_insight(name="Other", query=trends("x"))
    async with connect(upstream, journal_dir=tmp_path) as client, connect(other, journal_dir=tmp_path) as elsewhere:
        await use(client, "insight-update", id=1, name="Mine")
        assert "could be undone" in await refused(elsewhere, "undo")
    assert os.listdir(tmp_path) == ["us.posthog.com-1.jsonl"]
    assert (tmp_path / "us.posthog.com-1.jsonl").stat().st_mode & 0o077 == 0


async def test_disk_that_cannot_be_written_keeps_nobody_from_writing(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    async with connect(web_shop(), journal_dir=tmp_path / "journal") as client:
        assert "Undo: u1." in await use(client, "insight-update", id=1, name="Mine")
        await use(client, "undo", what="u1")


async def test_write_is_told_as_done_when_its_journal_cannot_say_where() -> None:
    upstream = web_shop()
    upstream.keys[KEY].scopes = frozenset({"insight:write"})
    async with connect(upstream) as client:
        assert "Undo: u1." in await use(client, "insight-update", id=1, name="Mine")
        await use(client, "undo", what="u1")
    assert state(upstream, 1)["name"] == "Weekly signups"


def step(number: int, size: int = 0) -> Step:
    return Step("insight", number, {"name": "x" * size}, {"name": "new"})


async def test_journal_skips_torn_lines_and_goes_on(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    await journal.record("here", "insight-update", "One", [step(1)], NOW)
    path = tmp_path / "here.jsonl"
    path.write_text(path.read_text() + '{"u":"u2","tool":"insight-upd')
    assert await Journal(tmp_path).record("here", "insight-update", "Two", [step(2)], NOW) == "u2"
    assert [entry.title for entry in await Journal(tmp_path).entries("here")] == ["One", "Two"]


async def test_journal_stays_bounded_and_keeps_what_was_begun(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    begun = await journal.begin("here", "dashboard-create", "Half", NOW)
    for number in range(60):
        await journal.record("here", "insight-update", f"Change {number}", [step(number, 60_000)], NOW)
    entries = await journal.entries("here")
    assert (tmp_path / "here.jsonl").stat().st_size < 3_000_000
    assert entries[-1].handle == "u61"
    assert begun in {entry.handle for entry in entries}


async def test_processes_never_give_the_same_handle(tmp_path: Path) -> None:
    handles: list[str] = []

    async def write(journal: Journal) -> None:
        for number in range(10):
            handle = await journal.record("here", "insight-update", "x", [step(number)], NOW)
            handles.append(handle)

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(write, Journal(tmp_path))
    assert len(set(handles)) == 40
    assert len(await Journal(tmp_path).entries("here")) == 40
    assert not (tmp_path / "here.lock").exists()
