"""Each call is one exact request: method, path, parameters, body (facts/rest-api.md 4 to 12)."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import respx

from insights_mcp.client import PostHogClient
from insights_mcp.schema.insights import DashboardPatch, DashboardWrite, InsightFilters, InsightPatch, InsightWrite

pytestmark = pytest.mark.anyio
HOST = "https://eu.posthog.com"
P = f"{HOST}/api/projects/42"
VIZ = {"kind": "InsightVizNode", "source": {"kind": "TrendsQuery", "series": []}}
INSIGHT = {"id": 7, "short_id": "aB3dE5fG", "name": "A", "query": VIZ}
PAGE: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}
Do = Callable[[PostHogClient], Awaitable[Any]]

# title: (call, method, address, query, body, answer)
CASES: dict[str, tuple[Do, str, str, dict[str, str] | None, Any, httpx.Response]] = {
    "list": (
        lambda api: api.insights.list(
            InsightFilters(saved=True, short_id="aB3dE5fG"), limit=5, offset=10, order="name"
        ),
        "GET",
        f"{P}/insights/",
        {"basic": "true", "short_id": "aB3dE5fG", "saved": "true", "order": "name", "limit": "5", "offset": "10"},
        None,
        httpx.Response(200, json=PAGE),
    ),
    "get": (
        lambda api: api.insights.get("aB3dE5fG", basic=True),
        "GET",
        f"{P}/insights/aB3dE5fG/",
        {"basic": "true"},
        None,
        httpx.Response(200, json=INSIGHT),
    ),
    "create": (
        lambda api: api.insights.create(InsightWrite(name="A", query=VIZ, create_in_folder="Unfiled/X")),
        "POST",
        f"{P}/insights/",
        {},
        {"name": "A", "query": VIZ, "_create_in_folder": "Unfiled/X"},
        httpx.Response(201, json=INSIGHT),
    ),
    "update": (
        lambda api: api.insights.update(7, InsightPatch(tags=[], dashboards=[1, 2])),
        "PATCH",
        f"{P}/insights/7/",
        {},
        {"tags": [], "dashboards": [1, 2]},
        httpx.Response(200, json=INSIGHT),
    ),
    "restore": (
        lambda api: api.insights.update(7, InsightPatch(deleted=False)),
        "PATCH",
        f"{P}/insights/7/",
        {},
        {"deleted": False},
        httpx.Response(200, json=INSIGHT),
    ),
    "activity": (
        lambda api: api.insights.activity(7, limit=3, page=2),
        "GET",
        f"{P}/insights/7/activity/",
        {"limit": "3", "page": "2"},
        None,
        httpx.Response(200, json={"results": [], "next": None, "previous": None, "total_count": 0}),
    ),
    "activity of all": (
        lambda api: api.insights.activity(),
        "GET",
        f"{P}/insights/activity/",
        {"limit": "10", "page": "1"},
        None,
        httpx.Response(200, json={"results": [], "next": None, "previous": None, "total_count": 0}),
    ),
    "viewed": (
        lambda api: api.insights.viewed([7, 8]),
        "POST",
        f"{P}/insights/viewed/",
        {},
        {"insight_ids": [7, 8]},
        httpx.Response(201),
    ),
    "trending": (
        lambda api: api.insights.trending(3, 5),
        "GET",
        f"{P}/insights/trending/",
        {"days": "3", "limit": "5"},
        None,
        httpx.Response(200, json=PAGE),
    ),
    "my last viewed": (
        lambda api: api.insights.my_last_viewed(),
        "GET",
        f"{P}/insights/my_last_viewed/",
        {},
        None,
        httpx.Response(200, json=[INSIGHT]),
    ),
    "cancel": (
        lambda api: api.insights.cancel("q1"),
        "POST",
        f"{P}/insights/cancel/",
        {},
        {"client_query_id": "q1"},
        httpx.Response(201),
    ),
    "analyze": (
        lambda api: api.insights.analyze(7),
        "GET",
        f"{P}/insights/7/analyze/",
        {},
        None,
        httpx.Response(200, json={"result": "It grew."}),
    ),
    "suggestions": (
        lambda api: api.insights.suggestions(7),
        "GET",
        f"{P}/insights/7/suggestions/",
        {},
        None,
        httpx.Response(200, json=[{"title": "T", "description": "D", "targetQuery": VIZ}]),
    ),
    "suggestions in context": (
        lambda api: api.insights.suggestions(7, "It grew."),
        "POST",
        f"{P}/insights/7/suggestions/",
        {},
        {"context": "It grew."},
        httpx.Response(200, json=[]),
    ),
    "generate metadata": (
        lambda api: api.insights.generate_metadata(VIZ),
        "POST",
        f"{P}/insights/generate_metadata/",
        {},
        {"query": VIZ},
        httpx.Response(200, json={"name": "N", "description": "D"}),
    ),
    "sharing": (
        lambda api: api.sharing.get(7),
        "GET",
        f"{P}/insights/7/sharing/",
        {},
        None,
        httpx.Response(200, json={"enabled": False}),
    ),
    "share": (
        lambda api: api.sharing.update(7, enabled=True, settings={"whitelabel": True}),
        "PATCH",
        f"{P}/insights/7/sharing/",
        {},
        {"enabled": True, "settings": {"whitelabel": True}},
        httpx.Response(200, json={"enabled": True}),
    ),
    "new token": (
        lambda api: api.sharing.refresh(7),
        "POST",
        f"{P}/insights/7/sharing/refresh/",
        {},
        {},
        httpx.Response(200, json={"enabled": True}),
    ),
    "new password": (
        lambda api: api.sharing.create_password(7, note="n"),
        "POST",
        f"{P}/insights/7/sharing/passwords/",
        {},
        {"note": "n"},
        httpx.Response(201, json={"id": 3, "password": "x"}),
    ),
    "no password": (
        lambda api: api.sharing.delete_password(7, "3"),
        "DELETE",
        f"{P}/insights/7/sharing/passwords/3/",
        {},
        None,
        httpx.Response(204),
    ),
    "alerts": (
        lambda api: api.alerts.list(7),
        "GET",
        f"{P}/alerts/",
        {"insight_id": "7", "limit": "100", "offset": "0"},
        None,
        httpx.Response(200, json=PAGE),
    ),
    "thresholds": (
        lambda api: api.alerts.thresholds(7),
        "GET",
        f"{P}/insights/7/thresholds/",
        {"limit": "100", "offset": "0"},
        None,
        httpx.Response(200, json=PAGE),
    ),
    "threshold": (
        lambda api: api.alerts.threshold(7, "t-1"),
        "GET",
        f"{P}/insights/7/thresholds/t-1/",
        {},
        None,
        httpx.Response(200, json={"id": "t-1"}),
    ),
    "query": (
        lambda api: api.queries.run(VIZ, client_query_id="q1"),
        "POST",
        f"{P}/query/",
        {},
        {"query": VIZ, "refresh": "blocking", "client_query_id": "q1"},
        httpx.Response(200, json={"results": []}),
    ),
    "query status": (
        lambda api: api.queries.status("q1"),
        "GET",
        f"{P}/query/q1/",
        {"show_progress": "true"},
        None,
        httpx.Response(202, json={"query_status": {"id": "q1", "complete": False}}),
    ),
    "query cancel": (
        lambda api: api.queries.cancel("q1"),
        "DELETE",
        f"{P}/query/q1/",
        {},
        None,
        httpx.Response(204),
    ),
    "dashboards": (
        lambda api: api.dashboards.list(tags=["a", "b"], creation_mode="template", exclude_generated=True, limit=2),
        "GET",
        f"{P}/dashboards/",
        {"tags": "a", "creation_mode": "template", "exclude_generated": "true", "limit": "2", "offset": "0"},
        None,
        httpx.Response(200, json=PAGE),
    ),
    "dashboard": (
        lambda api: api.dashboards.get(5, refresh="blocking", filters_override={"date_from": "-1d"}),
        "GET",
        f"{P}/dashboards/5/",
        {"refresh": "blocking", "filters_override": '{"date_from":"-1d"}'},
        None,
        httpx.Response(200, json={"id": 5, "tiles": [{"id": 1, "insight": INSIGHT}, {"id": 2, "text": {"body": "x"}}]}),
    ),
    "new dashboard": (
        lambda api: api.dashboards.create(DashboardWrite(name="D", use_dashboard=3)),
        "POST",
        f"{P}/dashboards/",
        {},
        {"name": "D", "use_dashboard": 3},
        httpx.Response(201, json={"id": 5}),
    ),
    "dashboard change": (
        lambda api: api.dashboards.update(5, DashboardPatch(pinned=True)),
        "PATCH",
        f"{P}/dashboards/5/",
        {},
        {"pinned": True},
        httpx.Response(200, json={"id": 5}),
    ),
    "events": (
        lambda api: api.definitions.events(
            search="sign", event_type="event_custom", ordering="name", limit=9, offset=1
        ),
        "GET",
        f"{P}/event_definitions/",
        {"search": "sign", "event_type": "event_custom", "ordering": "name", "limit": "9", "offset": "1"},
        None,
        httpx.Response(200, json={**PAGE, "count_is_capped": True}),
    ),
    "properties": (
        lambda api: api.definitions.properties(event_names=["a", "ü"], search="x", names=["p", "q"]),
        "GET",
        f"{P}/property_definitions/",
        {
            "type": "event",
            "search": "x",
            "properties": "p,q",
            "event_names": '["a", "ü"]',
            "filter_by_event_names": "true",
            "limit": "100",
            "offset": "0",
        },
        None,
        httpx.Response(200, json=PAGE),
    ),
    "group properties": (
        lambda api: api.definitions.properties(type="group", group_type_index=0, event_names=["a"]),
        "GET",
        f"{P}/property_definitions/",
        {"type": "group", "group_type_index": "0", "limit": "100", "offset": "0"},
        None,
        httpx.Response(200, json=PAGE),
    ),
    "values": (
        lambda api: api.definitions.values("$os", event_names=["a"], search="mac"),
        "GET",
        f"{P}/events/values/",
        {"key": "$os", "event_name": "a", "value": "mac"},
        None,
        httpx.Response(200, json={"results": [{"name": "macOS"}], "refreshing": False}),
    ),
    "group values": (
        lambda api: api.definitions.values("size", type="group", group_type_index=1),
        "GET",
        f"{P}/groups/property_values/",
        {"key": "size", "group_type_index": "1"},
        None,
        httpx.Response(200, json=[{"name": "10", "count": 4}]),
    ),
    "me": (lambda api: api.users.me(), "GET", f"{HOST}/api/users/@me/", {}, None, httpx.Response(200, json={"id": 1})),
    "projects": (
        lambda api: api.projects.list(),
        "GET",
        f"{HOST}/api/projects/",
        {"limit": "100", "offset": "0"},
        None,
        httpx.Response(200, json={"results": [{"id": 42, "name": "X"}]}),
    ),
    "project": (
        lambda api: api.projects.get(43),
        "GET",
        f"{HOST}/api/projects/43/",
        {},
        None,
        httpx.Response(200, json={"id": 43}),
    ),
    "organizations": (
        lambda api: api.organizations.list(),
        "GET",
        f"{HOST}/api/organizations/",
        {"limit": "100", "offset": "0"},
        None,
        httpx.Response(200, json=PAGE),
    ),
    "organization": (
        lambda api: api.organizations.get("@current"),
        "GET",
        f"{HOST}/api/organizations/@current/",
        {},
        None,
        httpx.Response(200, json={"id": "o"}),
    ),
    "elements": (
        lambda api: api.elements.stats(include=["$rageclick"], date_from="-7d", date_to="-1d"),
        "GET",
        f"{P}/elements/stats/",
        {"include": "$rageclick", "date_from": "-7d", "date_to": "-1d", "limit": "100", "offset": "0"},
        None,
        httpx.Response(200, json={"results": [], "next": None}),
    ),
}


@pytest.mark.parametrize(("do", "method", "address", "query", "body", "answer"), CASES.values(), ids=CASES.keys())
async def test_call_is_this_request(
    do: Do, method: str, address: str, query: dict[str, str], body: Any, answer: httpx.Response
) -> None:
    with respx.mock(assert_all_called=True) as router:
        route = router.route(method=method, url__startswith=address).mock(return_value=answer)
        async with PostHogClient(HOST, "phx_1", project_id=42) as api:
            await do(api)

    assert route.call_count == 1
    request = route.calls.last.request
    assert str(request.url).partition("?")[0] == address
    assert dict(request.url.params) == query
    assert (json.loads(request.content) if request.content else None) == body
    assert request.headers["authorization"] == "Bearer phx_1"


@pytest.mark.parametrize("title", ["get", "suggestions", "dashboard", "values"])
async def test_answer_is_read_into_its_model(title: str) -> None:
    do, method, address, _, _, answer = CASES[title]
    with respx.mock() as router:
        router.route(method=method, url__startswith=address).mock(return_value=answer)
        async with PostHogClient(HOST, "phx_1", project_id=42) as api:
            read = await do(api)

    if title == "get":
        assert (read.id, read.short_id, read.query) == (7, "aB3dE5fG", VIZ)
    elif title == "suggestions":
        assert (read[0].title, read[0].target_query) == ("T", VIZ)
    elif title == "dashboard":
        assert [tile.insight.name if tile.insight else tile.text for tile in read.tiles] == ["A", {"body": "x"}]
    else:
        assert [value.name for value in read] == ["macOS"]


async def test_count_that_is_capped_says_so() -> None:
    do, method, address, _, _, answer = CASES["events"]
    with respx.mock() as router:
        router.route(method=method, url__startswith=address).mock(return_value=answer)
        async with PostHogClient(HOST, "phx_1", project_id=42) as api:
            assert (await do(api)).count_is_capped


async def test_tags_of_dashboards_and_kinds_of_elements_are_repeated() -> None:
    with respx.mock() as router:
        route = router.get(url__startswith=P).mock(return_value=httpx.Response(200, json=PAGE))
        async with PostHogClient(HOST, "phx_1", project_id=42) as api:
            await api.dashboards.list(tags=["a", "b"])
            await api.elements.stats(include=["$autocapture", "$dead_click"])

    boards, elements = (call.request.url.params for call in route.calls)
    assert boards.get_list("tags") == ["a", "b"]
    assert elements.get_list("include") == ["$autocapture", "$dead_click"]
