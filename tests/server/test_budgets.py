"""`max_tokens`: no read costs more, what is left out is said, and the call that it names gets the rest."""

import re
from typing import Any

import pytest

from tests.server.cases import history
from tests.server.sessions import connect, use
from tests.server.world import line, sql, trends, web_shop
from tests.tokens import count_tokens
from tests.upstream import Upstream

pytestmark = pytest.mark.anyio

READS: list[tuple[str, dict[str, Any]]] = [
    ("insights-list", {"limit": 100}),
    ("insights-list", {"limit": 100, "order": "trending"}),
    ("insight-get", {"id": 1}),
    ("insight-get", {"id": 5}),
    ("dashboards-list", {"limit": 100}),
    ("dashboard-get", {"id": 1}),
    ("insight-query", {"id": 1}),
    ("insights-activity-retrieve", {"limit": 100}),
    ("query-run", {"query": "select plan, sum(amount) from events"}),
    ("query-run", {"query": trends("signed_up")}),
    ("query-run", {"query": {"kind": "FunnelsQuery", "series": ["signed_up", "paid"]}}),
]


def large_shop() -> Upstream:
    """Return a project in which every read is long."""
    upstream = web_shop()
    long_sql = "select " + ", ".join(f"count() as number_{place}" for place in range(400)) + " from events"
    upstream.add_insight(name="A long one", query=sql(long_sql), on=(1,))
    for number in range(60):
        upstream.add_insight(name=f"Insight number {number}", query=trends("signed_up"), on=(1,), tags=["growth"])
        upstream.add_dashboard(name=f"Dashboard number {number}")
    for _ in range(20):
        history(upstream)
    upstream.answers("HogQLQuery", results=[[f"plan {n}", n] for n in range(500)], columns=["plan", "sum(amount)"])
    days = [f"2025-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(300)]
    upstream.answers("TrendsQuery", results=[line("signed_up", list(range(300))) | {"days": days}])
    steps = [{"name": name, "count": 100 - 10 * place} for place, name in enumerate(("signed_up", "paid"))]
    values = [[{**step, "breakdown_value": [f"value {n}"]} for step in steps] for n in range(200)]
    upstream.answers("FunnelsQuery", results=values)
    return upstream


@pytest.mark.parametrize("budget", [200, 600])
@pytest.mark.parametrize(("tool", "arguments"), READS)
async def test_no_read_costs_more_than_asked_for(tool: str, arguments: dict[str, Any], budget: int) -> None:
    async with connect(large_shop()) as client:
        text = await use(client, tool, **arguments, max_tokens=budget)
    assert count_tokens(text) <= budget * 1.1


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("insight-get", {"id": 5}),
        ("dashboard-get", {"id": 1}),
        ("insight-query", {"id": 1}),
        ("query-run", {"query": "select plan, sum(amount) from events"}),
        ("query-run", {"query": {"kind": "FunnelsQuery", "series": ["signed_up", "paid"]}}),
    ],
)
async def test_budget_that_an_answer_names_shows_all(tool: str, arguments: dict[str, Any]) -> None:
    async with connect(large_shop()) as client:
        text = await use(client, tool, **arguments, max_tokens=300)
        [needed] = re.findall(r"max_tokens=(\d+) shows all", text)
        whole = await use(client, tool, **arguments, max_tokens=int(needed))
    assert "max_tokens" not in whole
    assert count_tokens(whole) <= int(needed)


@pytest.mark.parametrize(("tool", "count"), [("insights-list", 65), ("dashboards-list", 62)])
async def test_pages_cut_by_tokens_follow_one_another_without_a_gap(tool: str, count: int) -> None:
    seen: list[str] = []
    async with connect(large_shop()) as client:
        offset: int | None = 0
        while offset is not None:
            head, _, *rows = (await use(client, tool, limit=50, offset=offset, max_tokens=500)).splitlines()
            seen += [row.partition(",")[0] for row in rows]
            found = re.search(r"Next page: offset=(\d+)", head)
            offset = int(found.group(1)) if found else None
    assert len(seen) == len(set(seen)) == count


async def test_old_result_says_when_it_was_computed() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        assert "Computed" not in await use(client, "query-run", query=trends("a"))
        upstream.answers(
            "TrendsQuery", results=[line("a", [1, 2])], is_cached=True, last_refresh="2026-09-13T09:05:00Z"
        )
        for text in (await use(client, "query-run", query=trends("b")), await use(client, "insight-query", id=1)):
            assert text.splitlines()[-1] == "Computed 2026-09-13 09:05 UTC; refresh=force_blocking computes it anew."


async def test_warnings_of_the_server_are_told() -> None:
    upstream = web_shop()
    upstream.answers("TrendsQuery", results=[line("a", [1, 2])], warnings=["Sampled", {"message": "Slow \u202equery"}])
    async with connect(upstream) as client:
        lines = (await use(client, "query-run", query=trends("a"))).splitlines()
    assert lines[-2:] == ["The server warns: Sampled", r"The server warns: Slow \u202equery"]
