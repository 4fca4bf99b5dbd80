"""Self-hosted servers of earlier years still read (facts/rest-api.md 1, 4.2, 9, 11)."""

import pytest

from insights_mcp.errors import NotFound
from insights_mcp.schema.insights import InsightPatch
from tests.upstream import Upstream, answered, envelope, trends

pytestmark = pytest.mark.anyio


@pytest.fixture
def upstream() -> Upstream:
    return Upstream("https://posthog.example.com", is_old=True)


async def test_short_id_is_looked_up_and_then_remembered(upstream: Upstream) -> None:
    a, b = upstream.add_insight(name="A", query=trends()), upstream.add_insight(name="B", query=trends())
    async with upstream.client() as api:
        first = await api.insights.get(a["short_id"])
        await api.insights.get(a["short_id"])
        second = await api.insights.get(b["short_id"])

    paths = [
        f"{r.url.path.removeprefix('/api/projects/1')}?{r.url.params.get('short_id', '')}" for r in upstream.requests
    ]
    assert (first.name, second.name) == ("A", "B")
    assert paths[1:] == [
        f"/insights/{a['short_id']}/?",
        f"/insights/?{a['short_id']}",
        f"/insights/{a['id']}/?",
        f"/insights/{a['id']}/?",
        f"/insights/?{b['short_id']}",
        f"/insights/{b['id']}/?",
    ]


async def test_server_that_answers_400_to_a_short_id_is_asked_by_number(upstream: Upstream) -> None:
    insight = upstream.add_insight(name="A", query=trends())
    upstream.fail_next(envelope(400, "invalid_input", "Invalid id.", type_="validation_error"), on=insight["short_id"])
    async with upstream.client() as api:
        found = await api.insights.get(insight["short_id"])

    assert found.name == "A"


async def test_writes_and_activity_take_short_ids_too(upstream: Upstream) -> None:
    insight = upstream.add_insight(name="A", query=trends())
    async with upstream.client() as api:
        changed = await api.insights.update(insight["short_id"], InsightPatch(name="B"))
        log = await api.insights.activity(insight["short_id"])

    assert changed.name == "B"
    assert [entry.activity for entry in log.results] == ["updated"]


@pytest.mark.parametrize("is_old", [True, False])
async def test_unknown_short_id_is_not_found_on_any_server(is_old: bool) -> None:
    async with Upstream(is_old=is_old).client() as api:
        with pytest.raises(NotFound, match="insight nope"):
            await api.insights.get("nope")


async def test_insight_with_filters_only_is_read(upstream: Upstream) -> None:
    upstream.add_insight(name="Old", filters={"insight": "TRENDS", "events": [{"id": "$pageview"}]})
    async with upstream.client() as api:
        insight = (await api.insights.list()).results[0]

    assert insight.query is None
    assert insight.filters["insight"] == "TRENDS"
    assert insight.dashboard_ids == ()


async def test_dashboards_are_taken_from_the_old_field(upstream: Upstream) -> None:
    board = upstream.add_dashboard(name="B")["id"]
    insight = upstream.add_insight(name="A", query=trends(), on=(board,))
    async with upstream.client() as api:
        assert (await api.insights.get(insight["id"])).dashboard_ids == (board,)


async def test_result_is_computed_by_the_only_refresh_they_know(upstream: Upstream) -> None:
    insight = upstream.add_insight(name="A", filters={"insight": "TRENDS"})
    async with upstream.client() as api:
        found = await api.insights.get(insight["id"], refresh="blocking")

    assert isinstance(found.result, list)
    assert [r.url.params.get("refresh") for r in upstream.asked("GET", "/insights/")] == ["blocking", "true"]


async def test_result_of_the_old_shape_is_unwrapped(upstream: Upstream) -> None:
    old = {"id": 5, "short_id": "abcdefgh", "result": {"result": [{"count": 1}], "last_refresh": None}}
    upstream.fail_next(answered(200, json=old), on="/insights/5/")
    async with upstream.client() as api:
        assert (await api.insights.get(5)).result == [{"count": 1}]


async def test_query_answer_of_the_old_shape_is_read(upstream: Upstream) -> None:
    upstream.fail_next(answered(200, json={"result": [[1]], "timezone": "UTC"}), on="/query/")
    async with upstream.client() as api:
        assert (await api.queries.run({"kind": "HogQLQuery", "query": "select 1"})).results == [[1]]


async def test_views_are_recorded_one_by_one(upstream: Upstream) -> None:
    ids = [upstream.add_insight(name=name, query=trends())["id"] for name in "AB"]
    async with upstream.client() as api:
        await api.insights.viewed(ids)

    assert set(upstream.world.views) == {(1, number) for number in ids}


async def test_trending_as_a_bare_array_is_read(upstream: Upstream) -> None:
    insight = upstream.add_insight(name="A", query=trends())
    upstream.world.views[(1, insight["id"])] = upstream.world.now
    async with upstream.client() as api:
        assert [row.name for row in await api.insights.trending()] == ["A"]


async def test_activity_without_ids_is_read(upstream: Upstream) -> None:
    upstream.add_insight(name="A", query=trends())
    async with upstream.client() as api:
        await api.insights.update(1, InsightPatch(name="B"))
        for entry in upstream.world.activity:
            del entry["id"]
        log = await api.insights.activity()

    assert [(entry.id, entry.item_id) for entry in log.results] == [(None, "1")]


async def test_missing_endpoint_says_the_server_may_be_old(upstream: Upstream) -> None:
    async with upstream.client() as api:
        with pytest.raises(NotFound, match="older PostHog"):
            await api.insights.generate_metadata(trends())


async def test_values_are_queried_where_there_is_no_list_of_them(upstream: Upstream) -> None:
    upstream.fail_next(envelope(404, "not_found", "Endpoint not found.", type_="invalid_request"), on="/events/values")
    upstream.answers("HogQLQuery", results=[["Chrome", 5], ["Safari", 2]])
    async with upstream.client() as api:
        values = await api.definitions.values("it's `odd`\\", event_names=["o'clock"], search="50%", limit=5)

    text = upstream.asked("POST", "/query/")[0].content.decode()
    assert [(value.name, value.count) for value in values] == [("Chrome", 5), ("Safari", 2)]
    assert r"properties.`it's \\`odd\\`\\\\`" in text
    assert r"event IN ('o\\'clock')" in text
    assert r"ILIKE '%50\\\\%%'" in text
