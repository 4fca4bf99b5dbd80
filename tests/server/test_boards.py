"""Whole dashboards in one call: checked all at once, written all or not at all, undone as one."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from insights_mcp.server.journal import Journal, Step
from insights_mcp.server.states import GONE
from tests.server.boards import FIVE_TILES, ROWS, live_dashboards, live_insights, tiles_on
from tests.server.sessions import connect, refused, use
from tests.server.world import line, sql, trends, web_shop
from tests.snapshots import assert_snapshot
from tests.tokens import count_tokens
from tests.upstream import Failure, Upstream, envelope, lost
from tests.upstream_world import Refused

pytestmark = pytest.mark.anyio


async def test_five_tiles_are_made_and_laid_out_in_one_call() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        text = await use(client, "dashboard-create", name="Board", tiles=FIVE_TILES, rows=ROWS, tags=["core"])
    assert_snapshot("answers/create-a-dashboard.txt", text)
    assert count_tokens(text) <= 250
    assert upstream.world.dashboards[3]["tags"] == ["core"]
    assert tiles_on(upstream, 3) == {
        "Goal: 200 a week": (0, 0, 12, 2),
        5: (0, 2, 8, 5),
        6: (8, 2, 4, 5),
        7: (0, 7, 6, 5),
        4: (6, 7, 6, 5),
    }
    made = upstream.world.insights[5]
    assert made["name"] == "New accounts"
    assert made["description"] == "By week"
    assert made["query"] == trends("signed_up", interval="week")
    assert upstream.world.insights[6]["name"] == "Paying now"


async def test_tiles_find_their_own_places_without_rows() -> None:
    upstream = web_shop()
    number = {"query": {"kind": "TrendsQuery", "series": ["paid"], "display": "BoldNumber"}}
    chart = {"query": trends("signed_up", interval="week")}
    tiles = {"one": number, "two": {"query": {**number["query"], "series": ["signed_up"]}}, "chart": chart, "old": 2}
    async with connect(upstream) as client:
        await use(client, "dashboard-create", name="Board", tiles=tiles)
    assert tiles_on(upstream, 3) == {5: (0, 0, 6, 3), 6: (6, 0, 6, 3), 7: (0, 3, 6, 5), 2: (6, 3, 6, 5)}


async def test_all_mistakes_are_told_at_once_and_nothing_is_written() -> None:
    upstream = web_shop()
    upstream.answers("HogQLQuery", Refused(400, "validation_error", "unknown_table", "Unknown table `evnts`."))
    tiles = {
        "math": {"query": {"kind": "TrendsQuery", "series": [{"event": "paid", "math": "totl"}]}},
        "event": {"query": trends("sined_up")},
        "missing": 99,
        "table": "select 1 from evnts",
        "field": {"qurey": trends("paid")},
        "same": {"query": trends("signed_up", dateRange={"date_from": "-30d"})},
    }
    async with connect(upstream) as client:
        text = await refused(
            client, "dashboard-create", name="growth", tiles=tiles, rows=[["mth"]], filters={"date_form": "-7d"}
        )
    assert_snapshot("mistakes/a-dashboard-of-mistakes.txt", text)
    assert not [one for one in upstream.requests if one.method in ("PATCH", "DELETE")]
    assert not upstream.asked("POST", "/(insights|dashboards)/$")


MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"tiles": {}}, "at least one"),
    ({"tiles": {"a": 1}, "rows": [["a", "a"]]}, "a is placed twice"),
    ({"tiles": {"a": 1, "b": 2}, "rows": [["a:8", "b:6"]]}, "wider than 12 columns"),
    ({"tiles": {"a": 1}, "rows": [["a:13"]]}, "1 to 12 columns wide"),
    ({"tiles": {"signups": 1}, "rows": [["signup"]]}, "did you mean signups?"),
    ({"tiles": {"a": {"name": "x"}}}, "needs query, id or text"),
    ({"tiles": {"a": None}}, "must be {query, name}"),
    ({"tiles": {"a": {"query": trends("sined_up")}}}, "did you mean signed_up"),
    ({"tiles": {"a": "Weekly sign-ups"}}, 'Did you mean 1 "Weekly signups"?'),
    ({"tiles": {"a": 1}, "filters": {"date_from": "someday"}}, "no date that PostHog reads"),
    ({"tiles": {"a": 1}, "name": "Growth"}, "dashboard 1 is called so already"),
    ({"tiles": {"a": {"text": "x" * 5000}}}, "longer than 4000"),
    ({"tiles": {"a": {"query": {"kind": "FunnelsQuery", "series": ["paid"]}}}}, "at least two steps"),
]


@pytest.mark.parametrize(("arguments", "says"), MISTAKES)
async def test_mistake_in_a_dashboard_is_told_and_nothing_written(arguments: dict[str, Any], says: str) -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        assert says in await refused(client, "dashboard-create", **{"name": "Board", **arguments})
    assert not upstream.asked("POST", "/(insights|dashboards)/$")


async def test_dry_run_checks_and_shows_and_writes_nothing() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        text = await use(client, "dashboard-create", name="Board", tiles=FIVE_TILES, rows=ROWS, dry_run=True)
    assert "Dry run, nothing written." in text
    assert '"New accounts",total 70, 30 in week 09-13' in text
    assert live_dashboards(upstream) == ["Growth", "Support"]


SERVER_ERROR = envelope(500, "error", "A server error occurred.")
# What goes wrong, at which request, how many of those go well before it, how many times it goes wrong.
FAILURES: dict[str, tuple[Failure, str, int, int]] = {
    "dashboard refused": (envelope(400, "max_length", "Too long.", "name"), "POST .*/dashboards/$", 0, 1),
    "second insight refused": (envelope(400, "invalid_input", "No.", "query"), "POST .*/insights/$", 1, 1),
    "scope missing": (
        envelope(403, "permission_denied", "API key missing required scope 'insight:write'"),
        "POST .*/insights/$",
        0,
        1,
    ),
    "saved insight refused": (envelope(403, "permission_denied", "You may not."), "PATCH .*/insights/4/$", 0, 1),
    "server down at the texts": (SERVER_ERROR, "PATCH .*/dashboards/3/$", 0, 1),
    "server down at the layout": (SERVER_ERROR, "PATCH .*/dashboards/3/$", 1, 1),
    "answer lost for good": (lost(acts=True), "PATCH .*/dashboards/3/$", 0, 4),
    "insight lost for good": (lost(acts=False), "POST .*/insights/$", 2, 9),
}


@pytest.mark.parametrize("title", FAILURES)
async def test_failure_in_the_middle_leaves_nothing_behind(title: str) -> None:
    upstream = web_shop()
    failure, where, after, times = FAILURES[title]
    upstream.fail_next(failure, on=where, after=after, times=times)
    async with connect(upstream) as client:
        text = await refused(client, "dashboard-create", name="Board", tiles=FIVE_TILES, rows=ROWS)
        assert "nothing is left" in text or "Nothing was written" in text
        assert "could be undone" in await refused(client, "undo")
    assert live_dashboards(upstream) == ["Growth", "Support"]
    assert live_insights(upstream) == [1, 2, 3, 4]
    assert tiles_on(upstream, 1).keys() == {1, 2}
    assert 4 not in tiles_on(upstream, 3)


async def test_insight_whose_answer_was_lost_is_taken_back_too() -> None:
    upstream = web_shop()
    upstream.fail_next(lost(acts=True), on="POST .*/insights/$", after=1)
    upstream.fail_next(SERVER_ERROR, on="GET .*/insights/$", times=99)
    async with connect(upstream) as client:
        tiles = {"one": {"query": trends("paid")}, "two": {"query": trends("signed_up", interval="week")}}
        await refused(client, "dashboard-create", name="Board", tiles=tiles, force=True)
    assert live_insights(upstream) == [1, 2, 3, 4]
    assert live_dashboards(upstream) == ["Growth", "Support"]


async def test_client_that_gives_up_leaves_nothing_behind() -> None:
    upstream = web_shop()
    arrived = anyio.Event()

    async def hang(_: httpx.Request) -> httpx.Response:
        arrived.set()
        await anyio.sleep_forever()
        raise AssertionError("unreachable")

    upstream.fail_next(Failure(hang), on="POST .*/insights/$", after=1)
    async with connect(upstream) as client:
        with anyio.fail_after(5):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(client.call_tool, "dashboard-create", {"name": "Board", "tiles": FIVE_TILES})
                await arrived.wait()
                tasks.cancel_scope.cancel()
            while live_insights(upstream) != [1, 2, 3, 4] or "Board" in live_dashboards(upstream):
                await use(client, "insights-list")


async def test_rollback_that_fails_says_what_to_do_and_is_done_at_the_next_start(tmp_path: Path) -> None:
    upstream = web_shop()
    upstream.fail_next(SERVER_ERROR, on="PATCH .*", times=99)
    async with connect(upstream, journal_dir=tmp_path) as client:
        text = await refused(client, "dashboard-create", name="Board", tiles=FIVE_TILES, rows=ROWS)
        assert "undo with u1 takes it back; the next start of this server tries it too." in text
    assert "Board" in live_dashboards(upstream)
    healed = _same_world(upstream)
    async with connect(healed, journal_dir=tmp_path) as client:
        assert "Took back a half-made dashboard" in await use(client, "insights-list")
        assert "Took back" not in await use(client, "insights-list")
    assert live_dashboards(healed) == ["Growth", "Support"]
    assert live_insights(healed) == [1, 2, 3, 4]


def _same_world(upstream: Upstream) -> Upstream:
    healed = Upstream()
    healed.world = upstream.world
    return healed


async def test_dashboard_of_a_killed_process_is_taken_back_at_the_next_start(tmp_path: Path) -> None:
    """The journal as a process leaves it that is killed after a request and before it noted what that made."""
    upstream = web_shop()
    journal, scope = Journal(tmp_path), "us.posthog.com-1"
    handle = await journal.begin(scope, "dashboard-create", "Board", upstream.world.now)
    await journal.add_intent(scope, handle, {"noun": "dashboard", "name": "Board"})
    board = upstream.add_dashboard(name="Board")
    await journal.add_step(scope, handle, Step("dashboard", board["id"], GONE, {"deleted": False, "name": "Board"}))
    await journal.add_intent(scope, handle, {"noun": "insight", "name": "One", "dashboard": board["id"]})
    one = upstream.add_insight(name="One", query=trends("paid"), on=(board["id"],))
    await journal.add_step(scope, handle, Step("insight", one["id"], GONE, {"deleted": False, "name": "One"}))
    await journal.add_intent(scope, handle, {"noun": "insight", "name": "Two", "dashboard": board["id"]})
    upstream.add_insight(name="Two", query=trends("paid"), on=(board["id"],))
    async with connect(upstream, journal_dir=tmp_path) as client:
        assert 'half-made dashboard "Board" (3 objects)' in await use(client, "dashboards-list")
    assert live_dashboards(upstream) == ["Growth", "Support"]
    assert live_insights(upstream) == [1, 2, 3, 4]


async def test_dashboard_made_and_never_noted_is_found_by_its_name(tmp_path: Path) -> None:
    upstream = web_shop()
    journal, scope = Journal(tmp_path), "us.posthog.com-1"
    handle = await journal.begin(scope, "dashboard-create", "Board", upstream.world.now)
    await journal.add_intent(scope, handle, {"noun": "dashboard", "name": "Board"})
    upstream.add_dashboard(name="Board")
    async with connect(upstream, journal_dir=tmp_path, read_only=True) as client:
        assert "half-made" not in await use(client, "dashboards-list")
    async with connect(upstream, journal_dir=tmp_path) as client:
        assert "half-made" in await use(client, "dashboards-list")
    assert live_dashboards(upstream) == ["Growth", "Support"]


async def test_what_another_process_is_still_writing_is_left_alone(tmp_path: Path) -> None:
    upstream = web_shop()
    upstream.world.now = datetime.now(UTC)
    scope = "us.posthog.com-1"
    (tmp_path / f"{scope}.jsonl").write_text(
        json.dumps({"u": "u1", "tool": "dashboard-create", "title": "Board", "pid": os.getppid(), "state": "begun"})[
            :-1
        ]
        + f', "at": "{upstream.world.now.isoformat()}"}}\n'
    )
    upstream.add_dashboard(name="Board")
    async with connect(upstream, journal_dir=tmp_path) as client:
        assert "half-made" not in await use(client, "dashboards-list")
    assert "Board" in live_dashboards(upstream)


async def test_dashboard_is_undone_and_redone_as_one_after_a_restart(tmp_path: Path) -> None:
    upstream = web_shop()
    async with connect(upstream, journal_dir=tmp_path) as client:
        await use(client, "dashboard-create", name="Board", tiles=FIVE_TILES, rows=ROWS)
    tiles = tiles_on(upstream, 3)
    async with connect(upstream, journal_dir=tmp_path) as client:
        text = await use(client, "undo")
        assert "dashboard 3 deleted" in text
        assert live_insights(upstream) == [1, 2, 3, 4]
        assert live_dashboards(upstream) == ["Growth", "Support"]
        await use(client, "undo", what="u2")
    assert live_insights(upstream) == [1, 2, 3, 4, 5, 6, 7]
    assert tiles_on(upstream, 3) == tiles


async def test_undo_of_a_dashboard_that_somebody_worked_on_is_refused() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "dashboard-create", name="Board", tiles=FIVE_TILES)
        upstream.world.insights[5]["query"] = trends("paid")
        assert "was changed since" in await refused(client, "undo")
        await use(client, "undo", what="u1", force=True)
    assert live_insights(upstream) == [1, 2, 3, 4]


async def test_update_adds_removes_and_moves_and_is_undone_as_one() -> None:
    upstream = web_shop()
    new = {"weekly": {"query": trends("signed_up", interval="week")}, "note": {"text": "Read me"}}
    async with connect(upstream) as client:
        text = await use(
            client,
            "dashboard-update",
            id=1,
            name="Growth 2",
            add={**new, "revenue": 3},
            remove=["Signup to paid"],
            rows=[["note"], ["weekly", "revenue", "1"]],
        )
        assert_snapshot("answers/update-a-dashboard.txt", text)
        assert tiles_on(upstream, 1) == {"Read me": (0, 0, 12, 2), 5: (0, 2, 4, 5), 3: (4, 2, 4, 5), 1: (8, 2, 4, 5)}
        assert upstream.world.dashboards[1]["name"] == "Growth 2"
        await use(client, "undo")
    assert tiles_on(upstream, 1).keys() == {1, 2}
    assert upstream.world.dashboards[1]["name"] == "Growth"
    assert live_insights(upstream) == [1, 2, 3, 4]


async def test_added_tiles_go_below_what_is_there() -> None:
    upstream = web_shop()
    upstream.world.tiles[0]["layouts"] = {"sm": {"x": 0, "y": 4, "w": 6, "h": 5}}
    async with connect(upstream) as client:
        await use(client, "dashboard-update", id=1, add={"revenue": 3, "pageviews": 4})
    assert tiles_on(upstream, 1)[3] == (0, 9, 6, 5)
    assert tiles_on(upstream, 1)[4] == (6, 9, 6, 5)


async def test_tiles_nobody_named_move_below_the_new_rows() -> None:
    upstream = web_shop()
    for tile, y in zip(upstream.world.tiles, (0, 5), strict=True):
        tile["layouts"] = {"sm": {"x": 0, "y": y, "w": 12, "h": 5}}
    async with connect(upstream) as client:
        await use(client, "dashboard-update", id=1, rows=[["Signup to paid"]])
    assert tiles_on(upstream, 1) == {2: (0, 0, 12, 5), 1: (0, 5, 12, 5)}


async def test_filters_of_a_dashboard_are_merged_and_mended() -> None:
    upstream = web_shop()
    upstream.world.dashboards[1]["filters"] = {"date_from": "-7d", "properties": []}
    async with connect(upstream) as client:
        await use(
            client, "dashboard-update", id=1, filters={"date_from": "last 30 days", "properties": {"plan": "pro"}}
        )
    assert upstream.world.dashboards[1]["filters"] == {
        "date_from": "-30d",
        "properties": [{"key": "plan", "value": "pro", "operator": "exact", "type": "event"}],
    }


async def test_dashboard_is_deleted_restored_and_undone() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        assert "the insights stay" in await use(client, "dashboard-delete", id=1, confirm=True)
        assert live_dashboards(upstream) == ["Support"]
        await use(client, "undo")
        assert live_dashboards(upstream) == ["Growth", "Support"]
        await use(client, "dashboard-update", id=1, deleted=True, confirm=True)
        await use(client, "dashboard-update", id=1, deleted=False)
    assert live_dashboards(upstream) == ["Growth", "Support"]
    assert live_insights(upstream) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "nothing to change"),
        ({"remove": ["Weekly sign up"]}, "did you mean Weekly signups?"),
        ({"rows": [["99"]]}, "there is no tile 99"),
        ({"add": {"1": 3}}, "is on the dashboard already"),
        ({"remove": ["1"], "rows": [["1"]]}, "there is no tile 1"),
    ],
)
async def test_mistake_in_an_update_is_told_and_nothing_written(arguments: dict[str, Any], says: str) -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        assert says in await refused(client, "dashboard-update", id=1, **arguments)
    assert not [one for one in upstream.requests if one.method == "PATCH"]


async def test_look_alike_is_shown_before_another_is_created() -> None:
    upstream = web_shop()
    twin = trends("signed_up", dateRange={"date_from": "-30d"})
    twin["source"]["series"][0]["custom_name"] = "New"
    async with connect(upstream) as client:
        text = await refused(client, "insight-create", query=twin["source"], name="Again")
        assert text.startswith('1 "Weekly signups" asks the same already, on dashboards 1. Nothing was saved.')
        await use(client, "insight-create", query=trends("signed_up", interval="week"), name="Other interval")
        await use(client, "insight-create", query=sql("select plan from events", display="BoldNumber"), name="SQL")
        assert "SQL" in await refused(
            client, "insight-create", query=sql("select plan from events", display="BoldNumber")
        )
        await use(client, "insight-create", query=twin, name="Again", force=True)
    assert upstream.world.insights[7]["name"] == "Again"


async def test_empty_tile_is_warned_of_with_its_reason() -> None:
    upstream = web_shop()
    upstream.answers("TrendsQuery", results=[line("paid", [0, 0])])
    async with connect(upstream) as client:
        text = await use(client, "dashboard-create", name="Board", tiles={"none": {"query": trends("paid")}})
    assert '"None" finds nothing. The events exist: widen dateRange' in text


async def test_update_of_texts_and_places_is_undone_as_one() -> None:
    upstream = web_shop()
    text = {"text": "Goal", "layouts": {"sm": {"x": 0, "y": 9, "w": 12, "h": 2}}}
    upstream.world.tiles.append({"id": 9, "dashboard_id": 1, "insight": None, "deleted": None, **text})
    before = tiles_on(upstream, 1)
    async with connect(upstream) as client:
        note = {"note": {"text": "hello"}}
        await use(client, "dashboard-update", id=1, add=note, name="New", rows=[["1:12"], ["2"], ["note"]])
        assert tiles_on(upstream, 1)[1] == (0, 0, 12, 5)
        await use(client, "undo")
    assert tiles_on(upstream, 1) == before
