"""List filters, correct despite their quirks (facts/rest-api.md 4.1)."""

import json

import pytest

from insights_mcp.schema.insights import InsightFilters
from tests.upstream import Upstream, answered, sql, trends

pytestmark = pytest.mark.anyio


@pytest.fixture
def upstream() -> Upstream:
    """Twelve insights, every third a favorite, every fourth Bob's."""
    upstream = Upstream()
    upstream.add_user(2, "Bob", "bob@example.com")
    for number in range(1, 13):
        upstream.add_insight(
            user_id=2 if number % 4 == 0 else 1, name=f"I{number}", favorited=number % 3 == 0, query=trends()
        )
    return upstream


def sent(upstream: Upstream) -> list[dict[str, str]]:
    return [dict(request.url.params) for request in upstream.asked("GET", "/insights/$")]


async def names(
    upstream: Upstream, filters: InsightFilters | None = None, order: str | None = "created_at"
) -> list[str]:
    async with upstream.client() as api:
        page = await api.insights.list(filters, order=order)
    return [insight.name or "" for insight in page.results]


async def test_list_is_always_basic_and_ordered(upstream: Upstream) -> None:
    await names(upstream, order=None)

    assert sent(upstream) == [{"basic": "true", "order": "-last_modified_at", "limit": "100", "offset": "0"}]


async def test_search_keeps_the_order_of_relevance(upstream: Upstream) -> None:
    await names(upstream, InsightFilters(search="I1"), order=None)

    assert "order" not in sent(upstream)[0]


async def test_favorites_only(upstream: Upstream) -> None:
    assert await names(upstream, InsightFilters(favorited=True)) == ["I3", "I6", "I9", "I12"]


async def test_not_favorites_leaves_favorites_out(upstream: Upstream) -> None:
    found = await names(upstream, InsightFilters(favorited=False))

    assert found == ["I1", "I2", "I4", "I5", "I7", "I8", "I10", "I11"]
    assert "favorited" not in sent(upstream)[0]


@pytest.mark.parametrize("limit", [1, 3, 8, 50])
async def test_not_favorites_pages_without_gaps_and_counts_right(upstream: Upstream, limit: int) -> None:
    found: list[str] = []
    offset: int | None = 0
    async with upstream.client() as api:
        while offset is not None:
            page = await api.insights.list(
                InsightFilters(favorited=False), limit=limit, offset=offset, order="created_at"
            )
            assert page.count == 8
            assert page.offset == offset
            found += [insight.name or "" for insight in page.results]
            offset = page.next_offset

    assert found == ["I1", "I2", "I4", "I5", "I7", "I8", "I10", "I11"]


async def test_not_mine_and_not_favorites_count_right_together(upstream: Upstream) -> None:
    filters = InsightFilters(favorited=False, user=False)
    async with upstream.client() as api:
        page = await api.insights.list(filters, limit=1, order="created_at")
        rest = await api.insights.list(filters, limit=5, offset=1, order="created_at")

    assert [insight.name for insight in [*page.results, *rest.results]] == ["I4", "I8"]
    assert (page.count, page.next_offset) == (2, 1)
    assert (rest.count, rest.next_offset) == (2, None)


async def test_mine_is_sent_by_presence_only_when_true(upstream: Upstream) -> None:
    mine = await names(upstream, InsightFilters(user=True))
    others = await names(upstream, InsightFilters(user=False))

    assert len(mine) == 9
    assert others == ["I4", "I8", "I12"]
    assert [params.get("user") for params in sent(upstream)] == ["true", None]


async def test_lists_are_sent_as_json_arrays(upstream: Upstream) -> None:
    board = upstream.add_dashboard(name="B")["id"]
    upstream.add_insight(name="placed", query=trends(), on=(board,), tags=["ünit", "b c"])
    filters = InsightFilters(created_by=[1, 2], dashboards=[board], tags=["ünit", "B C"], events=["a", "b"])
    found = await names(upstream, filters)

    params = sent(upstream)[0]
    assert found == ["placed"]
    assert params["created_by"] == "[1,2]"
    assert params["dashboards"] == f"[{board}]"
    assert json.loads(params["tags"]) == ["ünit", "B C", "b c"]
    assert params["events"] == '["a","b"]'


async def test_empty_lists_and_blanks_are_no_filters(upstream: Upstream) -> None:
    await names(upstream, InsightFilters(created_by=[], tags=[], dashboards=[], search=""))

    assert set(sent(upstream)[0]) == {"basic", "order", "limit", "offset"}


async def test_unsaved_is_sent_as_false(upstream: Upstream) -> None:
    upstream.add_insight(name="draft", query=trends(), saved=False)

    assert await names(upstream, InsightFilters(saved=False)) == ["draft"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (InsightFilters(insight="SQL"), ["query"]),
        (InsightFilters(created_date_from="-30d", search="I12"), ["I12"]),
        (InsightFilters(created_date_to="2020-01-01"), []),
        (InsightFilters(search="quer"), ["query"]),
    ],
    ids=["type", "date from", "date to", "search"],
)
async def test_other_filters_pass_through(upstream: Upstream, filters: InsightFilters, expected: list[str]) -> None:
    upstream.add_insight(name="query", query=sql("select 1"))

    assert await names(upstream, filters) == expected


async def test_page_says_where_the_next_begins(upstream: Upstream) -> None:
    async with upstream.client() as api:
        page = await api.insights.list(limit=5, offset=5)
        last = await api.insights.list(limit=5, offset=10)

    assert (page.count, page.next_offset, page.has_more) == (12, 10, True)
    assert (last.next_offset, last.has_more) == (None, False)


async def test_limit_below_one_asks_for_one(upstream: Upstream) -> None:
    async with upstream.client() as api:
        page = await api.insights.list(limit=0)

    assert len(page.results) == 1


async def test_iterating_yields_each_once_though_pages_overlap(upstream: Upstream) -> None:
    rows = [{"id": number, "short_id": f"s{number}"} for number in (1, 2, 2, 3)]
    pages = [
        {"count": 4, "next": "https://us.posthog.com/next", "results": rows[:2]},
        {"count": 4, "next": None, "results": rows[2:]},
    ]
    for page in pages:
        upstream.fail_next(answered(200, json=page), on="GET .*/insights/$")
    async with upstream.client() as api:
        found = [insight.id async for insight in api.insights.iterate()]

    assert found == [1, 2, 3]


async def test_address_of_the_next_page_is_never_followed(upstream: Upstream) -> None:
    page = {"count": 12, "next": "https://evil.example/api/insights/?offset=5", "results": [{"id": 1, "short_id": "s"}]}
    upstream.fail_next(answered(200, json=page), on="GET .*/insights/$")
    async with upstream.client() as api:
        found = [insight.id async for insight in api.insights.iterate(order="created_at")]

    assert len(found) == 12
    assert {request.url.host for request in upstream.requests} == {"us.posthog.com"}


async def test_iterating_stops_at_an_empty_page_that_claims_more(upstream: Upstream) -> None:
    endless = {"count": 99, "next": "https://us.posthog.com/more", "results": []}
    upstream.fail_next(answered(200, json=endless), on="GET .*/insights/$")
    async with upstream.client() as api:
        assert [insight async for insight in api.insights.iterate()] == []
