"""The view of a result: who is told of it, and what it is given to draw."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from mcp.client.extension import ClientExtension
from mcp_types import CallToolResult, TextContent, TextResourceContents

from insights_mcp.render.figures import Axis, Column, Figure, Grid, Series
from insights_mcp.render.figures.model import Edge, Node
from insights_mcp.server.build import build_server
from insights_mcp.server.views.payload import MAX_BYTES, QueryCall, SavedCall, view_data
from tests.server.sessions import ERAS
from tests.server.world import funnel, line, sql, trends, web_shop
from tests.tokens import count_tokens
from tests.upstream import Upstream

pytestmark = pytest.mark.anyio

URI = "ui://insights-mcp/insight"
MIME = "text/html;profile=mcp-app"
KEY = "insights-mcp/view"
in_both_eras = pytest.mark.parametrize("era", ERAS)


class ShowsViews(ClientExtension):
    identifier = "io.modelcontextprotocol/ui"

    def settings(self) -> dict[str, Any]:
        return {"mimeTypes": [MIME]}


@asynccontextmanager
async def connect(upstream: Upstream, era: str = "auto", *, has_views: bool = True) -> AsyncIterator[Client]:
    server = build_server(upstream.client)
    extensions = [ShowsViews()] if has_views else None
    async with Client(server, mode=era, extensions=extensions) as client:
        yield client


def data_of(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error
    data: dict[str, Any] = (result.meta or {})[KEY]
    return data


@in_both_eras
async def test_clients_with_views_are_told_of_the_view_and_read_it(era: str) -> None:
    async with connect(web_shop(), era) as client:
        tools = {tool.name: tool.meta for tool in (await client.list_tools()).tools}
        assert {name for name, meta in tools.items() if meta} == {"insight-query", "query-run"}
        assert tools["query-run"] == {"ui": {"resourceUri": URI}}
        listed = (await client.list_resources()).resources[0]
        assert (listed.uri, listed.mime_type) == (URI, MIME)
        [page] = (await client.read_resource(URI)).contents
    assert isinstance(page, TextResourceContents)
    assert page.mime_type == MIME
    assert page.text.startswith("<!doctype html>")


@in_both_eras
async def test_other_clients_hear_nothing_of_views_and_get_nothing_to_draw(era: str) -> None:
    async with connect(web_shop(), era, has_views=False) as client:
        assert all(tool.meta is None for tool in (await client.list_tools()).tools)
        assert all(resource.uri != URI for resource in (await client.list_resources()).resources)
        result = await client.call_tool("query-run", {"query": trends("signed_up")})
    assert KEY not in (result.meta or {})


async def test_list_of_tools_for_one_client_is_not_shared_with_others() -> None:
    async with connect(web_shop()) as client:
        assert (await client.list_tools()).cache_scope == "private"
    async with connect(web_shop(), has_views=False) as client:
        assert (await client.list_tools()).cache_scope == "public"


async def test_list_of_tools_stays_small_with_the_view() -> None:
    async with connect(web_shop()) as client:
        listed = (await client.list_tools()).tools
    shown = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed]
    plain = [{key: value for key, value in tool.items() if key != "_meta"} for tool in shown]
    assert count_tokens(json.dumps(shown)) - count_tokens(json.dumps(plain)) <= 60


@in_both_eras
async def test_text_for_the_model_is_the_same_with_and_without_a_view(era: str) -> None:
    texts = []
    for has_views in (True, False):
        async with connect(web_shop(), era, has_views=has_views) as client:
            result = await client.call_tool("insight-query", {"id": 1})
        assert result.structured_content is None
        [content] = result.content
        assert isinstance(content, TextContent)
        texts.append(content.text)
    assert texts[0] == texts[1]


@in_both_eras
async def test_query_that_is_run_is_drawn_and_can_be_asked_by_another_interval(era: str) -> None:
    async with connect(web_shop(), era) as client:
        data = data_of(await client.call_tool("query-run", {"query": trends("signed_up")}))
        [interval] = data["controls"]
        assert (interval["value"], interval["path"]) == ("day", ["query", "source", "interval"])
        data["call"]["arguments"]["query"]["source"]["interval"] = "week"
        again = data_of(await client.call_tool(data["call"]["name"], data["call"]["arguments"]))
    assert data["figure"]["drawing"] == "line"
    assert data["figure"]["title"]
    assert data["figure"]["series"][0]["values"] == [12, 15, 9, 30, 4]
    assert again["controls"][0]["value"] == "week"


async def test_saved_insight_is_drawn_under_its_name_with_the_interval_laid_over_it() -> None:
    upstream = web_shop()
    async with connect(upstream) as client:
        data = data_of(await client.call_tool("insight-query", {"id": "Weekly signups"}))
        assert data["figure"]["title"] == "Weekly signups"
        assert data["url"].endswith(f"/insights/{data['call']['arguments']['id']}")
        assert data["controls"][0]["path"] == ["filters_override", "interval"]
        given = {**data["call"]["arguments"], "filters_override": {"interval": "week"}}
        again = data_of(await client.call_tool("insight-query", given))
    assert again["call"]["arguments"]["filters_override"] == {"interval": "week"}
    assert again["controls"][0]["value"] == "week"
    assert again["figure"]["subtitle"].startswith("By week")


async def test_interval_in_the_text_is_the_one_that_was_laid_over_the_insight() -> None:
    async with connect(web_shop(), has_views=False) as client:
        result = await client.call_tool("insight-query", {"id": 1, "filters_override": {"interval": "week"}})
    assert isinstance(result.content[0], TextContent)
    assert "By week" in result.content[0].text


async def test_funnel_and_sql_are_drawn_without_an_interval() -> None:
    async with connect(web_shop()) as client:
        steps = data_of(await client.call_tool("query-run", {"query": funnel("signed_up", "paid")}))
        bars = data_of(await client.call_tool("insight-query", {"id": "Revenue by plan"}))
        cached = await client.call_tool("insight-query", {"id": 1, "refresh": "force_cache"})
    assert steps["figure"]["drawing"] == "funnel"
    assert bars["figure"]["labels"] == ["pro", "team"]
    assert "controls" not in steps | bars
    assert KEY not in (cached.meta or {}), "nothing is cached, so there is nothing to draw"


async def test_result_without_anything_to_draw_is_an_empty_table() -> None:
    upstream = web_shop()
    upstream.answers("HogQLQuery", results=[], columns=["plan"])
    async with connect(upstream) as client:
        data = data_of(await client.call_tool("query-run", {"query": sql("select plan from events")}))
    assert data["figure"]["drawing"] == "table"
    assert "rows" not in data["figure"]


async def test_error_has_nothing_to_draw() -> None:
    async with connect(web_shop()) as client:
        result = await client.call_tool("query-run", {"query": {"kind": "FunnelsQuery", "series": []}})
    assert result.is_error
    assert KEY not in (result.meta or {})


async def test_hostile_names_reach_the_view_as_data_and_never_its_page() -> None:
    hostile = '</script><script>alert(1)</script>"\u202e'
    upstream = web_shop()
    upstream.answers("TrendsQuery", results=[line(hostile, [1, 2, 3])])
    async with connect(upstream) as client:
        data = data_of(await client.call_tool("query-run", {"query": trends("signed_up")}))
        [page] = (await client.read_resource(URI)).contents
    assert data["figure"]["series"][0]["name"] == '</script><script>alert(1)</script>"\\u202e'
    assert "alert(1)" not in page.model_dump_json()


async def test_page_holds_no_way_to_make_markup_of_text_and_names_no_other_place() -> None:
    async with connect(web_shop()) as client:
        [page] = (await client.read_resource(URI)).contents
    assert isinstance(page, TextResourceContents)
    ways = r"(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextual"
    assert not re.search(ways, page.text)
    assert set(re.findall(r"https?://[^\s\"'`]+", page.text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|import\(|\bsrc=|@import|url\(", page.text)
    assert page.text.count("<script>") == page.text.count("</script>") == 1
    assert len(page.text.encode()) <= 60_000


LONG = "x" * 70
WIDE = tuple(f"{LONG} {n}" for n in range(900))
GRID = Grid(WIDE, WIDE[:90], ((1.5,) * 90,) * 900)
TOO_LARGE = {
    "rows": Figure("table", columns=(Column("a"),), rows=tuple((name * 3,) for name in WIDE)),
    "places": Figure("line", labels=WIDE, times=WIDE, series=(Series("a", (0.123456789,) * 900),)),
    "series": Figure("line", labels=WIDE[:50], series=tuple(Series(name, (1234.5678,) * 50) for name in WIDE)),
    "grid": Figure("heatmap", grid=GRID),
    "edges": Figure(
        "paths",
        nodes=tuple(Node(name, n, 1) for n, name in enumerate(WIDE[:400])),
        edges=tuple(Edge(n % 400, n % 399, n) for n in range(9000)),
    ),
}


@pytest.mark.parametrize("figure", TOO_LARGE.values(), ids=TOO_LARGE)
async def test_what_is_too_large_is_cut_and_said(figure: Figure) -> None:
    data = view_data(figure)
    assert len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()) <= MAX_BYTES + 200
    drawn = data[KEY]["figure"]  # type: ignore[index]  # JSON
    assert "Not everything fits" in drawn["notes"][-1]
    assert any(drawn.get(key) for key in ("rows", "series", "grid", "edges"))


async def test_query_too_long_to_be_sent_again_is_drawn_without_a_way_to_ask_again() -> None:
    query = {"kind": "TrendsQuery", "interval": "day", "properties": ["x" * 30_000]}
    figure = Figure("line", x=Axis(kind="time"), labels=("a",), series=(Series("a", (1,)),))
    data = view_data(figure, QueryCall("query-run", query))[KEY]
    assert set(data) == {"figure"}  # type: ignore[call-overload]  # JSON


@pytest.mark.parametrize(
    ("query", "path", "value"),
    [
        ({"kind": "TrendsQuery"}, ("query", "interval"), "day"),
        ({"kind": "TrendsQuery", "interval": "minute"}, ("query", "interval"), "minute"),
        ({"kind": "InsightVizNode", "source": {"kind": "LifecycleQuery"}}, ("query", "source", "interval"), "day"),
        ({"kind": "RetentionQuery"}, ("query", "retentionFilter", "period"), "Day"),
        ({"kind": "FunnelsQuery", "funnelsFilter": {"funnelVizType": "trends"}}, ("query", "interval"), "day"),
        ({"kind": "FunnelsQuery"}, None, None),
        ({"kind": "HogQLQuery"}, None, None),
    ],
)
async def test_interval_stands_where_the_kind_has_it(
    query: dict[str, Any], path: tuple[str, ...] | None, value: str | None
) -> None:
    found = QueryCall("query-run", query).interval
    assert (found and found.path, found and found.value) == (path, value)
    assert found is None or found.value in found.choices


async def test_period_of_a_saved_retention_cannot_be_laid_over_it() -> None:
    assert SavedCall("insight-query", "abc", {"kind": "RetentionQuery"}, {}, {}).interval is None
