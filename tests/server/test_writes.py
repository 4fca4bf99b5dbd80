"""What writes really do upstream: run first, once, merged, verified."""

import json
from typing import Any

import httpx
import pytest

from insights_mcp.naming import Metadata, QuerySummary
from tests.server.sessions import connect, refused, use
from tests.server.world import sql, trends, web_shop
from tests.upstream import KEY, Upstream, envelope, throttled
from tests.upstream_failures import Failure
from tests.upstream_world import Refused

pytestmark = pytest.mark.anyio


def bodies(upstream: Upstream, method: str, path: str) -> list[dict[str, Any]]:
    return [json.loads(request.content) for request in upstream.asked(method, path)]


async def test_create_runs_the_query_then_saves_it_once_and_reads_it_back() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-create", query=trends("paid")["source"], name="Payments", favorited=True)
    methods = [(one.method, one.url.path.rsplit("/", 2)[-2]) for one in upstream.requests]
    assert methods.index(("POST", "query")) < methods.index(("POST", "insights")) < methods.index(("GET", "5"))
    [body] = bodies(upstream, "POST", "/insights/$")
    assert body == {"name": "Payments", "favorited": True, "query": trends("paid")}


async def test_create_with_sql_is_saved_as_a_chart_of_sql() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-create", query="-- mine\nWITH 1 AS x SELECT x", name="One")
    assert upstream.world.insights[5]["query"] == sql("-- mine\nWITH 1 AS x SELECT x")


async def test_query_that_can_never_work_is_not_saved() -> None:
    upstream = web_shop()
    mistake = Refused(400, "validation_error", "unknown_table", "Unknown table `evnts`.")
    upstream.answers("HogQLQuery", mistake)
    async with connect(upstream) as client:
        text = await refused(client, "insight-create", query="select 1 from evnts", name="X")
    assert 'The API says: "Unknown table `evnts`."' in text
    assert upstream.asked("POST", "/insights/$") == []


async def test_busy_server_does_not_keep_an_insight_from_being_saved() -> None:
    upstream = web_shop()
    upstream.fail_next(
        envelope(504, "error", "Query has hit the max execution time before completing."), on="POST .*/query/"
    )
    async with connect(upstream) as client:
        text = await use(client, "insight-create", query=trends("paid"), name="X")
    assert "Not tried: The query took longer than it may." in text
    assert len(upstream.asked("POST", "/insights/$")) == 1


def silent(event: str) -> list[dict[str, Any]]:
    return [{"label": event, "data": [0, 0], "days": ["2026-09-13", "2026-09-14"]}]


async def test_unknown_event_is_not_saved_unless_forced() -> None:
    upstream = web_shop()
    upstream.answers("TrendsQuery", results=silent("sined_up"))
    async with connect(upstream) as client:
        text = await refused(client, "insight-create", query=trends("sined_up"), name="X")
        assert "did you mean signed_up" in text
        assert upstream.asked("POST", "/insights/$") == []
        text = await use(client, "insight-create", query=trends("sined_up"), name="X", force=True)
    assert "Warning, it finds nothing now: sined_up: 0 throughout. No event sined_up was ever seen" in text
    assert len(upstream.asked("POST", "/insights/$")) == 1


async def test_query_that_finds_nothing_of_known_events_is_saved_with_a_warning() -> None:
    upstream = web_shop()
    upstream.answers("TrendsQuery", results=silent("paid"))
    async with connect(upstream) as client:
        text = await use(client, "insight-create", query=trends("paid"), name="X")
    assert "Warning, it finds nothing now: paid: 0 throughout. The events exist: widen dateRange" in text


async def test_event_that_was_asked_for_before_does_not_keep_an_update_from_being_saved() -> None:
    upstream = web_shop()
    upstream.world.insights[1]["query"] = trends("long_gone")
    async with connect(upstream) as client:
        await use(client, "insight-update", id=1, query={"interval": "week"})
        await refused(client, "insight-update", id=1, query={"series": ["long_gone", "never_seen"]})


async def test_names_go_unchecked_when_the_key_may_not_read_definitions() -> None:
    upstream = web_shop()
    upstream.keys[KEY].scopes = frozenset({"insight:write", "query:read", "user:read"})
    upstream.answers("TrendsQuery", results=silent("sined_up"))
    async with connect(upstream) as client:
        text = await use(client, "insight-create", query=trends("sined_up"), name="X")
    assert "Whether the names exist could not be checked (the key lacks event_definition:read)." in text


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("insight-create", {"query": "select 1", "name": "X"}),
        ("insight-update", {"id": 1, "query": {"interval": "week"}, "tags": ["x"], "add_to_dashboards": [2]}),
        ("insight-update", {"id": 1, "restore": True}),
        ("insight-delete", {"id": 1, "confirm": True}),
    ],
)
async def test_dry_run_changes_nothing(tool: str, arguments: dict[str, Any]) -> None:
    upstream = web_shop()
    before = json.dumps(upstream.world.insights, default=str)
    async with connect(upstream) as client:
        assert (await use(client, tool, **arguments, dry_run=True)).startswith("Dry run, nothing")
    assert json.dumps(upstream.world.insights, default=str) == before
    assert not [
        one
        for one in upstream.requests
        if one.method == "PATCH" or (one.url.path.endswith("/insights/") and one.method == "POST")
    ]


async def test_what_the_server_stores_otherwise_is_told() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        upstream.fail_next(_forget_display(upstream), on=r"GET .*/insights/5/")
        text = await use(client, "insight-create", query=sql("select 1", display="BoldNumber"), name="X")
    assert "The server stored these otherwise: display." in text


def _forget_display(upstream: Upstream) -> Any:
    def answer(_: httpx.Request) -> httpx.Response:
        insight = upstream.world.insights[5]
        return httpx.Response(200, json={**insight, "query": sql("select 1")})

    return Failure(answer)


@pytest.mark.parametrize(
    ("patch", "merged"),
    [
        ({"dateRange": {"date_from": "-7d"}}, trends("signed_up", dateRange={"date_from": "-7d"})),
        (
            {"dateRange": {"date_from": None, "date_to": "2026-01-01"}},
            trends("signed_up", dateRange={"date_to": "2026-01-01"}),
        ),
        ({"interval": None}, {"source": {**trends("signed_up", dateRange={"date_from": "-30d"})["source"]}}),
        (
            {"kind": "InsightVizNode", "source": {"interval": "week"}},
            trends("signed_up", dateRange={"date_from": "-30d"}, interval="week"),
        ),
        ({"series": [{"kind": "EventsNode", "event": "paid"}]}, trends("paid", dateRange={"date_from": "-30d"})),
    ],
)
async def test_query_is_merged_into_what_is_stored(patch: dict[str, Any], merged: dict[str, Any]) -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-update", id=1, query=patch)
    stored = upstream.world.insights[1]["query"]
    expected = {"kind": "InsightVizNode", **merged}
    if patch == {"interval": None}:
        del expected["source"]["interval"]
    assert stored == expected


async def test_new_sql_keeps_the_chart_it_is_shown_as() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-update", id=3, query={"kind": "HogQLQuery", "query": "select 2"})
    assert upstream.world.insights[3]["query"] == sql("select 2", display="ActionsBar")


async def test_another_kind_replaces_the_query_and_is_wrapped_anew() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-update", id=3, query=trends("paid")["source"])
        assert upstream.world.insights[3]["query"] == trends("paid")
        upstream.world.insights[1]["query"]["full"] = True
        await use(
            client,
            "insight-update",
            id=1,
            query={"kind": "LifecycleQuery", "series": [{"kind": "EventsNode", "event": "paid"}]},
        )
    stored = upstream.world.insights[1]["query"]
    assert stored["source"]["kind"] == "LifecycleQuery"
    assert stored["full"] is True


async def test_stored_query_beyond_our_schema_is_still_patched() -> None:
    upstream = web_shop()
    upstream.world.insights[1]["query"]["source"]["brandNewField"] = 1
    async with connect(upstream) as client:
        text = await use(client, "insight-update", id=1, query={"interval": "week"})
    assert "Not tried: what is stored is newer" in text
    source = upstream.world.insights[1]["query"]["source"]
    assert source["brandNewField"] == 1
    assert source["interval"] == "week"


@pytest.mark.parametrize(
    ("arguments", "boards"),
    [
        ({"add_to_dashboards": [2]}, {1, 2}),
        ({"add_to_dashboards": 2, "remove_from_dashboards": ["1"]}, {2}),
        ({"dashboards": []}, set()),
        ({"dashboards": [2], "add_to_dashboards": [1]}, {1, 2}),
        ({"remove_from_dashboards": [2]}, {1}),
    ],
)
async def test_dashboards_are_added_and_removed_one_by_one(arguments: dict[str, Any], boards: set[int]) -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-update", id=1, **arguments)
    assert {
        tile["dashboard_id"] for tile in upstream.world.tiles if tile["insight"] == 1 and not tile["deleted"]
    } == boards


async def test_delete_is_soft_and_restore_brings_it_back() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        await use(client, "insight-delete", id=1, confirm=True)
        assert upstream.world.insights[1]["deleted"] is True
        assert "no insight 1" in await refused(client, "insight-get", id=1)
        await use(client, "insight-update", id=1, restore=True, add_to_dashboards=[1])
    assert upstream.world.insights[1]["deleted"] is False
    assert {tile["dashboard_id"] for tile in upstream.world.tiles if tile["insight"] == 1 and not tile["deleted"]} == {
        1
    }
    assert upstream.asked("DELETE", ".*") == []


async def test_missing_scope_is_named() -> None:
    upstream = web_shop()
    upstream.fail_next(
        envelope(
            403, "permission_denied", "API key missing required scope 'insight:write'", type_="authentication_error"
        ),
        on="POST .*/insights/",
    )
    async with connect(upstream) as client:
        text = await refused(client, "insight-create", query="select 1", name="X")
    assert text.startswith("The API key lacks the scope insight:write.")


class CannedModel:
    """A naming model that answers one thing and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[QuerySummary] = []

    async def describe(self, summary: QuerySummary) -> Metadata:
        self.told.append(summary)
        return Metadata("Signups By Week", "How many people sign up each week.", "model")


async def test_metadata_by_the_model_is_shown_beside_the_old_and_applied_on_request() -> None:
    upstream, model = web_shop(), CannedModel()
    async with connect(upstream, model=model) as client:
        text = await use(client, "generate_metadata", id=1)
        assert 'name: "Weekly signups" -> "Signups By Week"' in text
        assert upstream.world.insights[1]["name"] == "Weekly signups"
        await use(client, "generate_metadata", id=1, apply=True, include_results=True)
    assert upstream.world.insights[1]["name"] == "Signups By Week"
    assert upstream.world.insights[1]["description"] == "How many people sign up each week."
    assert "total 70" not in model.told[0].text
    assert "total 70" in model.told[1].text


async def test_throttled_trial_is_left_out() -> None:
    upstream = web_shop()
    upstream.fail_next(throttled(3600), on="POST .*/query/", times=9)
    async with connect(upstream) as client:
        assert "Not tried: Too many requests" in await use(client, "insight-create", query="select 1", name="X")
