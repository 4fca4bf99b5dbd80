"""PATCH and PUT /insights/:id/ and what the activity log says of it (facts/rest-api.md 6, 7)."""

import itertools
from typing import Any

import anyio
import httpx
import pytest

from insights_mcp.local.store.database import Store
from tests.backend.conftest import TestClock
from tests.backend.samples import (
    DASHBOARDS,
    FUNNEL,
    INSIGHTS,
    TRENDS,
    VIZ,
    make_dashboard,
    make_insight,
)
from tests.backend.test_envelope import new_key

pytestmark = pytest.mark.anyio


async def patch(api: httpx.AsyncClient, insight: dict[str, Any], **fields: object) -> dict[str, Any]:
    answer = await api.patch(f"{INSIGHTS}{insight['id']}/", json=fields)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def log(api: httpx.AsyncClient, insight: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await api.get(f"{INSIGHTS}{insight['id']}/activity/")
    entries: list[dict[str, Any]] = answer.json()["results"]
    return entries


async def test_patch_changes_what_was_sent_and_nothing_else(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="a", description="b", tags=["x"], favorited=True)
    changed = await patch(api, made, name="c")
    different = {key for key in made if made[key] != changed[key]}
    assert different == {"name", "last_modified_at", "updated_at"}


async def test_put_and_short_id_work_too(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="a")
    answer = await api.put(f"{INSIGHTS}{made['short_id']}/", json={"name": "b", "query": VIZ})
    assert answer.json()["name"] == "b"


async def test_patch_saves_a_draft_unless_told_otherwise(api: httpx.AsyncClient) -> None:
    draft = await make_insight(api, saved=False)
    assert (await patch(api, draft, saved=False, name="x"))["saved"] is False
    assert (await patch(api, draft, name="y"))["saved"] is True


async def test_patch_ends_being_a_sample(api: httpx.AsyncClient, store: Store) -> None:
    made = await make_insight(api)
    with store.write() as db:
        db.execute("UPDATE insights SET is_sample = 1")
    assert (await patch(api, made))["is_sample"] is False


@pytest.mark.parametrize("fields", [{"name": "b"}, {"description": "b"}, {"query": FUNNEL}])
async def test_material_fields_say_who_modified_last(
    api: httpx.AsyncClient, clock: TestClock, fields: dict[str, object]
) -> None:
    made = await make_insight(api, name="a")
    clock.advance(days=1)
    assert (await patch(api, made, **fields))["last_modified_at"] > made["last_modified_at"]


@pytest.mark.parametrize("fields", [{"favorited": True}, {"tags": ["x"]}, {"order": 1}, {"dashboards": []}])
async def test_other_fields_only_move_updated_at(api: httpx.AsyncClient, fields: dict[str, object]) -> None:
    made = await make_insight(api, name="a")
    changed = await patch(api, made, **fields)
    assert changed["last_modified_at"] == made["last_modified_at"]
    assert changed["updated_at"] > made["updated_at"]


async def test_tags_replace_the_set_and_an_empty_list_clears_it(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, tags=["a", "b"])
    assert (await patch(api, made, tags=["C", "b "]))["tags"] == ["b", "c"]
    assert (await patch(api, made, name="x"))["tags"] == ["b", "c"]
    assert (await patch(api, made, tags=[]))["tags"] == []


async def test_dashboards_replace_the_set_and_a_removed_tile_comes_back(api: httpx.AsyncClient) -> None:
    one, two = await make_dashboard(api), await make_dashboard(api)
    made = await make_insight(api, dashboards=[one["id"]])
    tile_id = made["dashboard_tiles"][0]["id"]
    layout = {"sm": {"x": 1, "y": 2, "w": 3, "h": 4}}
    await api.patch(f"{DASHBOARDS}{one['id']}/", json={"tiles": [{"id": tile_id, "layouts": layout}]})
    moved = await patch(api, made, dashboards=[two["id"]])
    assert moved["dashboards"] == [two["id"]]
    assert [tile["dashboard_id"] for tile in moved["dashboard_tiles"]] == [two["id"]]
    back = await patch(api, made, dashboards=[one["id"], two["id"]])
    assert {"id": tile_id, "dashboard_id": one["id"], "deleted": False} in back["dashboard_tiles"]
    tile = (await api.get(f"{DASHBOARDS}{one['id']}/")).json()["tiles"][0]
    assert (tile["id"], tile["layouts"]) == (tile_id, layout)


async def test_unknown_or_deleted_dashboard_is_refused_and_nothing_changes(api: httpx.AsyncClient) -> None:
    good, gone = await make_dashboard(api), await make_dashboard(api)
    await api.patch(f"{DASHBOARDS}{gone['id']}/", json={"deleted": True})
    made = await make_insight(api, name="a", dashboards=[good["id"]])
    for bad in (999, gone["id"]):
        answer = await api.patch(f"{INSIGHTS}{made['id']}/", json={"name": "b", "dashboards": [bad]})
        assert answer.status_code == 400
        assert answer.json()["detail"] == f'Invalid pk "{bad}" - object does not exist.'
    stored = (await api.get(f"{INSIGHTS}{made['id']}/")).json()
    assert (stored["name"], stored["dashboards"]) == ("a", [good["id"]])


async def test_deleting_hides_the_insight_with_its_tiles_and_alerts(api: httpx.AsyncClient) -> None:
    board, other = await make_dashboard(api), await make_dashboard(api)
    made = await make_insight(api, name="a", dashboards=[board["id"]])
    await api.post("/api/projects/1/alerts/", json={"insight": made["id"], "name": "x"})
    deleted = await patch(api, made, deleted=True, dashboards=[other["id"]])
    assert deleted["deleted"] is True
    assert deleted["dashboards"] == []
    assert deleted["alerts"] == []
    assert (await api.get(f"{INSIGHTS}{made['id']}/")).status_code == 404
    assert (await api.patch(f"{INSIGHTS}{made['id']}/", json={"name": "b"})).status_code == 404
    assert (await api.get(f"{DASHBOARDS}{board['id']}/")).json()["tiles"] == []
    assert (await api.get("/api/projects/1/alerts/")).json()["count"] == 0


async def test_only_a_literal_false_restores_and_tiles_stay_removed(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    made = await make_insight(api, name="a", dashboards=[board["id"]])
    await patch(api, made, deleted=True)
    assert (await api.patch(f"{INSIGHTS}{made['id']}/", json={"deleted": "false"})).status_code == 404
    restored = await patch(api, made, deleted=False)
    assert restored["deleted"] is False
    assert restored["dashboards"] == []
    assert (await patch(api, made, dashboards=[board["id"]]))["dashboard_tiles"][0]["deleted"] is False


async def test_query_that_cannot_carry_alerts_loses_them(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="a")
    await api.post("/api/projects/1/alerts/", json={"insight": made["id"], "name": "x"})
    assert len((await patch(api, made, query={**VIZ, "showHeader": True}))["alerts"]) == 1
    assert (await patch(api, made, query=FUNNEL))["alerts"] == []


async def test_filters_alone_are_forbidden_and_beside_a_query_ignored(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="a")
    answer = await api.patch(f"{INSIGHTS}{made['id']}/", json={"filters": {"insight": "TRENDS"}})
    assert answer.status_code == 403
    assert (await patch(api, made, filters={"insight": "TRENDS"}, query=FUNNEL))["filters"] == {}


async def test_insight_keeps_a_query(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    for empty in (None, {}):
        answer = await api.patch(f"{INSIGHTS}{made['id']}/", json={"query": empty})
        assert answer.status_code == 400
        assert answer.json()["attr"] == "query"


async def test_insight_without_a_query_can_still_be_renamed(api: httpx.AsyncClient, store: Store) -> None:
    made = await make_insight(api, name="old")
    with store.write() as db:
        db.execute("UPDATE insights SET query = NULL, query_kind = NULL, source_kind = NULL")
    changed = await patch(api, made, name="new", query=None)
    assert (changed["name"], changed["query"], changed["result"]) == ("new", None, None)


async def test_query_of_the_mcp_server_is_normalised_on_patch(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, query=FUNNEL)
    answer = await api.patch(f"{INSIGHTS}{made['id']}/", json={"query": TRENDS}, headers={"X-PostHog-Client": "mcp"})
    assert answer.json()["query"] == VIZ


async def test_delete_is_405_without_a_body(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    answer = await api.delete(f"{INSIGHTS}{made['id']}/")
    assert answer.status_code == 405
    assert answer.content == b""


async def test_update_is_logged_with_each_change(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api, name="Board")
    made = await make_insight(api, name="a", tags=["x"])
    await patch(
        api, made, name="b", description="new", query=FUNNEL, favorited=True, tags=["z", "y"], dashboards=[board["id"]]
    )
    newest, oldest = await log(api, made)
    assert oldest["activity"] == "created"
    assert oldest["detail"]["changes"] is None
    assert newest["activity"] == "updated"
    assert newest["detail"]["changes"] == [
        {"type": "Insight", "action": "changed", "field": "name", "before": "a", "after": "b"},
        {"type": "Insight", "action": "created", "field": "description", "before": None, "after": "new"},
        {"type": "Insight", "action": "changed", "field": "query", "before": VIZ, "after": FUNNEL},
        {"type": "Insight", "action": "changed", "field": "favorited", "before": False, "after": True},
        {"type": "Insight", "action": "changed", "field": "tags", "before": ["x"], "after": ["y", "z"]},
        {
            "type": "Insight",
            "action": "changed",
            "field": "dashboards",
            "before": [],
            "after": [{"id": board["id"], "name": "Board"}],
        },
    ]


async def test_activity_entry_has_exactly_these_keys(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="a")
    (entry,) = await log(api, made)
    assert len(entry.pop("id")) == 36
    assert entry.pop("created_at").startswith("2026-03-01T12:00:00")
    assert entry == {
        "user": {"first_name": "Local", "email": "you@localhost"},
        "activity": "created",
        "scope": "Insight",
        "item_id": str(made["id"]),
        "detail": {"changes": None, "trigger": None, "type": None, "name": "a", "short_id": made["short_id"]},
    }


async def test_deleting_and_restoring_are_their_own_activities(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="a")
    await patch(api, made, deleted=True)
    await patch(api, made, deleted=False)
    entries = await log(api, made)
    assert [entry["activity"] for entry in entries] == ["restored", "deleted", "created"]
    assert entries[0]["detail"]["changes"] == [
        {"type": "Insight", "action": "changed", "field": "deleted", "before": True, "after": False}
    ]


async def test_change_of_untracked_fields_or_of_nameless_insights_is_not_logged(api: httpx.AsyncClient) -> None:
    named, nameless = await make_insight(api, name="a"), await make_insight(api)
    await patch(api, named, name="a", order=3, saved=True)
    await patch(api, nameless, favorited=True)
    assert len(await log(api, named)) == 1
    assert await log(api, nameless) == []


async def test_activity_is_paged_by_number_newest_first(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="0")
    for name in "123456789ab":
        await patch(api, made, name=name)
    first = (await api.get(f"{INSIGHTS}{made['id']}/activity/")).json()
    assert list(first) == ["results", "next", "previous", "total_count"]
    assert (len(first["results"]), first["total_count"], first["previous"]) == (10, 12, None)
    assert first["results"][0]["detail"]["name"] == "b"
    second = (await api.get(first["next"])).json()
    assert [entry["activity"] for entry in second["results"]] == ["updated", "created"]
    assert second["next"] is None
    assert "page=1" in second["previous"]
    beyond = (await api.get(f"{INSIGHTS}{made['id']}/activity/", params={"page": "99"})).json()
    assert beyond["results"] == []


@pytest.mark.parametrize("params", [{"limit": "0"}, {"page": "0"}, {"limit": "x"}, {"page": "-1"}, {"limit": "9" * 10}])
async def test_activity_refuses_useless_pages(api: httpx.AsyncClient, params: dict[str, str]) -> None:
    answer = await api.get(f"{INSIGHTS}activity/", params=params)
    assert answer.status_code == 400
    assert answer.json()["attr"] in params


async def test_project_activity_holds_every_insight_and_needs_its_own_scope(
    api: httpx.AsyncClient, store: Store
) -> None:
    await make_insight(api, name="a")
    await make_insight(api, name="b")
    entries = (await api.get(f"{INSIGHTS}activity/", params={"limit": "1"})).json()
    assert entries["results"][0]["detail"]["name"] == "b"
    assert entries["total_count"] == 2
    answer = await api.get(f"{INSIGHTS}activity/", headers=new_key(store, "insight:write"))
    assert answer.status_code == 403
    assert answer.json()["detail"] == "API key missing required scope 'activity_log:read'"


async def test_activity_of_unknown_insight_is_404_and_of_a_deleted_one_stays(api: httpx.AsyncClient) -> None:
    assert (await api.get(f"{INSIGHTS}999/activity/")).status_code == 404
    made = await make_insight(api, name="a")
    await patch(api, made, deleted=True)
    assert len(await log(api, made)) == 2


async def test_concurrent_patches_lose_nothing(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="a")
    async with anyio.create_task_group() as group:
        for index in range(20):
            group.start_soon(lambda index=index: patch(api, made, name=f"name {index}"))
    answer = await api.get(f"{INSIGHTS}{made['id']}/activity/", params={"limit": "100"})
    entries = answer.json()["results"]
    assert len(entries) == 21
    changes = [entry["detail"]["changes"][0] for entry in entries[:-1]]
    assert all(later["before"] == earlier["after"] for later, earlier in itertools.pairwise(changes))
