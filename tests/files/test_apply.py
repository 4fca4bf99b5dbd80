"""Files are checked as a whole, shown, written as a whole, read back, and undone as one."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from insights_mcp.errors import InsightsError, OutcomeUnknown
from insights_mcp.server.files.applying import Options, carry_out, prepare
from insights_mcp.server.files.findings import FilesRefused
from insights_mcp.server.journal import Journal
from tests.files.worlds import BOARD, BOTH, SIGNUPS, add_text, apply, call_on, export_all, placed_shop, plan, trends
from tests.server.boards import live_dashboards, live_insights, tiles_on
from tests.server.sessions import connect, use
from tests.server.world import web_shop
from tests.snapshots import assert_snapshot
from tests.upstream import Failure, Key, Upstream, envelope, lost

pytestmark = pytest.mark.anyio


async def refused(upstream: Upstream, text: str, **options: Any) -> list[str]:
    """Return what is wrong with a text; nothing may be written."""
    async with upstream.client() as api:
        with pytest.raises(FilesRefused) as caught:
            await prepare(call_on(api), {"a.yaml": text}, Options(**options))
    assert not [one for one in upstream.requests if one.method in ("PATCH", "POST") and "/query/" not in one.url.path]
    return list(caught.value.errors)


async def test_new_dashboard_is_made_with_new_and_saved_insights_laid_out() -> None:
    upstream = web_shop()
    async with upstream.client() as api:
        prepared = await apply(call_on(api), BOTH)
        assert prepared.lines == [
            '+ insight signups "Sign-ups"',
            '+ dashboard launch "Launch", 3 tiles',
            "2 new, 0 unchanged.",
        ]
        assert await plan(call_on(api), BOTH) == ["2 unchanged."]
    made = upstream.world.insights[5]
    assert made["query"]["source"] == {"kind": "TrendsQuery", "series": trends("signed_up")["source"]["series"]}
    assert made["tags"] == ["growth", "key:signups"]
    assert upstream.world.dashboards[3]["description"] == "What we watch"
    assert tiles_on(upstream, 3) == {"Goal, 200 a week": (0, 0, 12, 2), 5: (0, 2, 6, 5), 1: (6, 2, 6, 5)}
    assert 1 in tiles_on(upstream, 1), "it stays where it was"


async def test_changes_are_told_from_what_to_what() -> None:
    upstream = placed_shop()
    async with upstream.client() as api:
        exported = (await export_all(api)).text
        changed = (
            exported.replace("date_from: -30d\n    interval", "date_from: -90d\n    interval")
            .replace("tags: [growth]", "tags: [growth, core]")
            .replace("200 a week", "300 a week")
            .replace("sm: {x: 6, y: 2, w: 6, h: 5}", "sm: {x: 6, y: 2, w: 4, h: 5}")
            .replace("pinned: true", "pinned: false")
            .replace("tiles: []", "tiles: [{insight: weekly-signups}]")
        )
        assert_snapshot("files/changes.txt", "\n".join(await plan(call_on(api), changed)))
        await apply(call_on(api), changed)
        assert await plan(call_on(api), changed) == ["6 unchanged."]
    assert upstream.world.insights[1]["tags"] == ["core", "growth", "key:weekly-signups"]
    assert tiles_on(upstream, 1)["# Goal\n300 a week"] == (0, 0, 12, 2)
    assert tiles_on(upstream, 2).keys() == {1}


MISTAKES = """\
kind: insight
key: Weekly Signups
name: [a]
descripton: New accounts
tags: growth
favorited: no
query:
  kind: TrendsQuery
  series:
    - {kind: EventsNode, event: signed_up, math: totl}
    - {kind: EventsNode, evnt: paid}
  interval: fortnight
---
kind: insight
key: empty
---
kind: dashbord
---
- 1
---
kind: dashboard
name: Board
filters: 7
tiles:
  - insight: signups
  - insight: weekly-sign-ups
  - {text: "", layouts: {sm: {x: 1}}}
  - {insight: a, text: b}
  - insight: signups
  - {insight: signups2, colour: red, layouts: {sm: {x: 0, y: 0, w: 6, h: five}, big: {}}}
---
kind: dashboard
name: Board
"""


async def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    assert_snapshot("files/mistakes.txt", "\n".join(await refused(web_shop(), MISTAKES)))


BROKEN: list[tuple[str, str]] = [
    ("kind: insight\nkey: [a\nb: 1", "a.yaml:"),
    ("kind: insight\n\tkey: a", "a.yaml:2: is not YAML"),
    ("a: &x [1]\nb: [*x, *x]", "a.yaml:2: uses an alias (*name)"),
    ("a: !!python/object/apply:os.system [id]", "a.yaml:1: uses the tag tag:yaml.org,2002:python/object/apply"),
    ("kind: insight\nkind: insight", "a.yaml:2: has the key kind twice"),
    ("a: " + "[" * 500, "a.yaml:1: is nested more than 64 deep"),
    ("- " * 5000 + "a", "a.yaml:1: is nested more than 64 deep"),
    ("a: [" + "1," * 120_000 + "]", "a.yaml:1: holds more than 100,000 values"),
    ("a: b\n" * 500_000, "a.yaml:1: is longer than 2,000,000 characters"),
    ("a: \x1b[31m", "a.yaml:1: holds a control character (\\u001b)"),
    ("? [1, 2]\n: 3", "a.yaml:1: has a key that is no text"),
    ("", "a.yaml: holds no insight and no dashboard"),
    ("# nothing\n---\n", "a.yaml: holds no insight and no dashboard"),
]


@pytest.mark.parametrize(("text", "says"), BROKEN, ids=[says for _, says in BROKEN])
async def test_what_is_not_plain_yaml_is_refused_with_its_line(text: str, says: str) -> None:
    upstream = Upstream()
    assert (await refused(upstream, text))[0].startswith(says)
    assert upstream.requests == []


async def test_several_files_are_all_read_before_anything_is_told() -> None:
    async with web_shop().client() as api:
        texts = {"one.yaml": "a: [\n", "two.yaml": SIGNUPS, "three.yaml": SIGNUPS.replace("signed_up", "paid")}
        with pytest.raises(FilesRefused) as caught:
            await prepare(call_on(api), texts, Options())
    assert [one.split(": ")[0] for one in caught.value.errors] == ["one.yaml:2", "three.yaml:2"]
    assert caught.value.errors[1] == "three.yaml:2: key: signups is also in two.yaml:1"


async def test_events_and_properties_that_do_not_exist_are_warned_of_with_the_nearest() -> None:
    upstream = web_shop()
    query = "\n".join(
        [
            "  series: [{kind: EventsNode, event: sined_up}]",
            "  breakdownFilter: {breakdown: plann}",
            "  properties: [{key: emial, type: person, operator: is_set}]",
        ]
    )
    text = SIGNUPS.split("  series:")[0] + query
    async with upstream.client() as api:
        prepared = await prepare(call_on(api), {"a.yaml": text}, Options())
    expected = [
        "a.yaml:6: signups asks for event sined_up, which this project has never seen; did you mean signed_up?",
        "a.yaml:6: signups asks for property plann, which this project has never seen; did you mean plan?",
        "a.yaml:6: signups asks for person property emial, which this project has never seen; did you mean email?",
    ]
    assert sorted(prepared.warnings) == sorted(expected)
    assert sorted(await refused(upstream, text, strict=True)) == sorted(expected)


async def test_key_that_may_not_read_names_is_warned_once() -> None:
    upstream = web_shop()
    upstream.keys["phx_narrow"] = Key(
        frozenset({"insight:write", "dashboard:write", "user:read", "project:read", "query:read"})
    )
    async with upstream.client("phx_narrow") as api:
        prepared = await apply(call_on(api), BOTH)
    [warning] = prepared.warnings
    assert warning == (
        "names: whether events and properties exist could not be checked (the key lacks event_definition:read)"
    )
    unsure = "names: not checked, as this project has no events yet"
    assert await refused(Upstream(), SIGNUPS, strict=True) == [unsure]


async def test_numbers_of_another_project_are_warned_of() -> None:
    text = SIGNUPS.replace("{kind: EventsNode, event: signed_up}", "{kind: ActionsNode, id: 7, name: Paid}")
    text += "  properties: [{type: cohort, key: id, value: 3}]\n"
    elsewhere = text + "source: https://eu.posthog.com/project/9/insights/abcdefgh\n"
    async with web_shop().client() as api:
        here = await prepare(call_on(api), {"a.yaml": text}, Options())
        other = await prepare(call_on(api), {"a.yaml": elsewhere}, Options())
    assert here.warnings == ()
    assert [one.split(":", 2)[2].split(":")[0] for one in other.warnings] == [
        " signups uses cohort 3",
        " signups uses action 7 Paid",
    ]


async def test_query_of_a_newer_server_passes_only_unchecked() -> None:
    upstream = web_shop()
    text = SIGNUPS + "  newFangled: true\n"
    assert "newFangled" in (await refused(upstream, text))[0]
    async with upstream.client() as api:
        prepared = await apply(call_on(api), text, unchecked=True)
        assert await plan(call_on(api), text, unchecked=True) == ["1 unchanged."]
    assert "newFangled" in prepared.warnings[0]


async def test_two_that_could_be_meant_are_not_guessed_between() -> None:
    upstream = web_shop()
    for _ in range(2):
        upstream.add_insight(name="Sign-ups", query=trends("paid"))
    [problem] = await refused(upstream, SIGNUPS)
    assert problem == (
        "a.yaml:2: signups could be any of 5, 6 in the project; give the one that is meant, and no other, the tag "
        "key:signups"
    )
    upstream.world.insights[6]["tags"] = ["key:signups"]
    async with upstream.client() as api:
        await apply(call_on(api), SIGNUPS)
    assert upstream.world.insights[5]["query"] == trends("paid")


async def test_file_copied_under_another_key_makes_another_insight() -> None:
    upstream = web_shop()
    async with upstream.client() as api:
        [text] = [one.text for one in (await export_all(api)).documents if one.key == "weekly-signups"]
        copy = text.replace("key: weekly-signups", "key: copy").replace("name: Weekly signups", "name: Copy")
        assert (await plan(call_on(api), copy))[0] == '+ insight copy "Copy"'
        kept = text.replace("name: Weekly signups", "name: Renamed")
        assert (await plan(call_on(api), kept))[0] == '~ insight weekly-signups "Renamed" (id 1)'
        upstream.world.insights[1]["name"] = "Renamed there"
        assert (await plan(call_on(api), text))[0] == '~ insight weekly-signups "Weekly signups" (id 1)'
    again = text.replace("weekly-signups", "other-key")
    assert await refused(upstream, f"{text}---\n{again}") == [
        "a.yaml:35: other-key and weekly-signups come from the same one"
    ]


async def test_what_a_file_does_not_say_stays_as_it_is() -> None:
    upstream = placed_shop()
    bare = "kind: insight\nkey: weekly-signups\nquery: {kind: TrendsQuery, series: [{kind: EventsNode, event: paid}]}\n"
    board = "kind: dashboard\nname: growth\ndescription: New\n"
    async with upstream.client() as api:
        upstream.world.insights[1]["tags"] = ["growth", "key:weekly-signups"]
        await apply(call_on(api), f"{bare}---\n{board}")
    insight, dashboard = upstream.world.insights[1], upstream.world.dashboards[1]
    assert (insight["name"], insight["favorited"], insight["tags"]) == (
        "Weekly signups",
        True,
        ["growth", "key:weekly-signups"],
    )
    assert (dashboard["description"], dashboard["pinned"], dashboard["filters"]["date_from"]) == ("New", True, "-30d")
    assert tiles_on(upstream, 1).keys() == {1, 2, "# Goal\n200 a week"}


async def test_tiles_that_no_file_lists_stay_unless_pruned() -> None:
    upstream = placed_shop()
    board = "kind: dashboard\nkey: growth\nname: Growth\ntiles: [{insight: weekly-signups}]\n"
    async with upstream.client() as api:
        assert await plan(call_on(api), board) == [
            '  dashboard growth also shows 2 "Signup to paid", text "# Goal\\n200 a week", which its file does not '
            "list: kept.",
            "1 unchanged.",
        ]
        assert await plan(call_on(api), board, prune="tiles") == [
            '~ dashboard growth "Growth" (id 1)',
            '    - tile 2 "Signup to paid"',
            '    - tile text "# Goal\\n200 a week"',
            "1 changed, 0 unchanged.",
        ]
        await apply(call_on(api), board, prune="tiles")
    assert tiles_on(upstream, 1).keys() == {1}
    assert live_insights(upstream) == [1, 2, 3, 4]


async def test_pruning_all_deletes_what_was_applied_once_and_nothing_else() -> None:
    upstream = web_shop()
    async with upstream.client() as api:
        await apply(call_on(api), BOTH)
        other = SIGNUPS.replace("signups", "payments").replace("Sign-ups", "Payments")
        assert await plan(call_on(api), other, prune="all") == [
            '+ insight payments "Payments"',
            '- insight 5 "Sign-ups"',
            '- dashboard 3 "Launch"',
            "1 new, 2 deleted, 0 unchanged.",
        ]
        await apply(call_on(api), other, prune="all")
    assert live_insights(upstream) == [1, 2, 3, 4, 6]
    assert live_dashboards(upstream) == ["Growth", "Support"]


def state(upstream: Upstream) -> Any:
    names = ("name", "description", "tags", "favorited", "query")
    insights = [tuple(str(upstream.world.insights[one][name]) for name in names) for one in live_insights(upstream)]
    boards = [
        str({**one, "last_accessed_at": None}) for one in upstream.world.dashboards.values() if not one["deleted"]
    ]
    return insights, boards, [tiles_on(upstream, number) for number in (1, 2)]


CHANGED = """\
kind: insight
key: weekly-signups
name: Weekly signups
description: Changed
query: {kind: TrendsQuery, series: [{kind: EventsNode, event: paid}]}
---
kind: insight
key: new
name: New
query: {kind: TrendsQuery, series: [{kind: EventsNode, event: paid}], interval: week}
---
kind: dashboard
name: Growth
pinned: false
tiles:
  - {text: Other words, layouts: {sm: {x: 0, y: 0, w: 12, h: 2}}}
  - {insight: weekly-signups, layouts: {sm: {x: 0, y: 9, w: 12, h: 5}}}
  - insight: new
---
kind: dashboard
key: made
name: Made
tiles:
  - insight: new
  - insight: revenue-by-plan
  - text: Words
---
kind: insight
key: signup-to-paid
name: Signup to paid
favorited: true
query:
  kind: FunnelsQuery
  series: [{kind: EventsNode, event: signed_up}, {kind: EventsNode, event: paid}]
---
kind: dashboard
key: other
name: Other
tiles:
  - insight: signup-to-paid
  - text: More words
"""


async def test_application_is_undone_as_one_by_the_server(tmp_path: Path) -> None:
    upstream = placed_shop()
    before = state(upstream)
    async with upstream.client() as api:
        call = call_on(api, Journal(tmp_path))
        await apply(call, CHANGED, prune="tiles")
    assert call.handles == ["Undo: u1."]
    after = state(upstream)
    assert after != before
    async with connect(upstream, journal_dir=tmp_path) as client:
        await use(client, "undo", what="u1")
        assert state(upstream) == before
        await use(client, "undo", what="u2")
        assert state(upstream) == after


SERVER_ERROR = envelope(500, "error", "A server error occurred.")
FAILURES: dict[str, tuple[Failure, str, int, int]] = {
    "dashboard refused": (envelope(400, "max_length", "Too long.", "name"), "POST .*/dashboards/$", 0, 1),
    "change refused": (envelope(400, "invalid_input", "No.", "query"), "PATCH .*/insights/1/$", 0, 1),
    "insight refused": (envelope(400, "invalid_input", "No.", "query"), "POST .*/insights/$", 0, 1),
    "server down at the texts": (SERVER_ERROR, "PATCH .*/dashboards/1/$", 0, 1),
    "server down at the places": (SERVER_ERROR, "PATCH .*/dashboards/3/$", 0, 1),
    "answer lost for good": (lost(acts=True), "PATCH .*/dashboards/3/$", 0, 4),
}


@pytest.mark.parametrize("title", FAILURES)
async def test_failure_in_the_middle_is_taken_back_and_applying_again_works(title: str) -> None:
    upstream = placed_shop()
    before = state(upstream)
    failure, where, after, times = FAILURES[title]
    upstream.fail_next(failure, on=where, after=after, times=times)
    async with upstream.client() as api:
        with pytest.raises(InsightsError, match=r"taken back|Nothing was written"):
            await apply(call_on(api), CHANGED)
        assert state(upstream) == before
        await apply(call_on(api), CHANGED)
        assert (await plan(call_on(api), CHANGED))[-1] == "6 unchanged."


async def test_insight_whose_answer_was_lost_for_good_is_taken_back_too() -> None:
    upstream = web_shop()
    upstream.fail_next(lost(acts=True), on="POST .*/insights/$")
    upstream.fail_next(SERVER_ERROR, on="GET .*/insights/$", after=1, times=1)
    async with upstream.client() as api:
        prepared = await prepare(call_on(api), {"a.yaml": SIGNUPS}, Options())
        upstream.requests.clear()
        with pytest.raises(OutcomeUnknown):
            await carry_out(call_on(api), prepared)
    assert live_insights(upstream) == [1, 2, 3, 4]


async def test_failure_that_cannot_be_taken_back_says_how_to_go_on() -> None:
    upstream = placed_shop()
    upstream.fail_next(SERVER_ERROR, on="PATCH", times=50)
    async with upstream.client() as api:
        call = call_on(api)
        with pytest.raises(InsightsError) as caught:
            await apply(call, BOTH)
        text = str(caught.value)
        assert "2 writes were done before that and could not all be taken back" in text
        assert "Apply the same files again: it goes on from there. Or undo u1" in text
        upstream._planned.clear()
        await apply(call, BOTH)
        assert await plan(call, BOTH) == ["2 unchanged."]
    assert (len(live_insights(upstream)), len(live_dashboards(upstream))) == (5, 3)


class Mortal(httpx.AsyncBaseTransport):
    """The network of a process that dies with its last write: done upstream, and nobody lives to note it."""

    def __init__(self, upstream: Upstream, writes: int) -> None:
        self._inner = upstream.transport()
        self._left = writes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._left == 0:
            raise httpx.ConnectError("dead", request=request)
        answer = await self._inner.handle_async_request(request)
        if request.method in ("POST", "PATCH"):
            self._left -= 1
            if self._left == 0:
                raise httpx.ReadError("dead", request=request)
        return answer


async def kill(upstream: Upstream, journal: Path, writes: int) -> None:
    """Apply, and die at one of the writes."""
    async with upstream.client(transport=Mortal(upstream, writes)) as api:
        with pytest.raises(InsightsError):
            await apply(call_on(api, Journal(journal)), CHANGED)


@pytest.mark.parametrize("writes", range(1, 10))
async def test_killed_application_goes_on_when_applied_again(writes: int, tmp_path: Path) -> None:
    upstream = placed_shop()
    await kill(upstream, tmp_path, writes)
    async with upstream.client() as api:
        await apply(call_on(api, Journal(tmp_path)), CHANGED)
        assert (await plan(call_on(api), CHANGED))[-1] == "6 unchanged."
    assert (len(live_insights(upstream)), live_dashboards(upstream)) == (5, ["Growth", "Support", "Made", "Other"])
    async with connect(upstream, journal_dir=tmp_path) as client:
        assert "Took back" not in await use(client, "insights-list")
    assert len(live_insights(upstream)) == 5


@pytest.mark.parametrize("writes", [1, 3, 4])
async def test_killed_application_that_nobody_repeats_is_taken_back_by_the_server(writes: int, tmp_path: Path) -> None:
    upstream = placed_shop()
    before = state(upstream)
    await kill(upstream, tmp_path, writes)
    assert state(upstream) != before
    async with connect(upstream, journal_dir=tmp_path) as client:
        assert "Took back" in await use(client, "insights-list")
    assert state(upstream) == before


async def test_texts_with_equal_words_are_two_tiles() -> None:
    upstream = web_shop()
    add_text(upstream, 2, "Same", {})
    board = "kind: dashboard\nname: Support\ntiles: [{text: Same}, {text: Same}]\n"
    async with upstream.client() as api:
        await apply(call_on(api), board)
        assert await plan(call_on(api), board) == ["1 unchanged."]
    assert len([tile for tile in upstream.world.tiles if tile.get("text") == "Same"]) == 2


async def test_dashboard_that_mentions_an_unknown_insight_is_told_the_nearest() -> None:
    [problem] = await refused(web_shop(), BOARD.replace("insight: signups", "insight: weekly-signup"))
    assert problem == (
        "a.yaml:7: tiles.1: no file and no insight of the project has the key weekly-signup; did you mean "
        "weekly-signups?"
    )
