"""Dashboards and tiles (facts/rest-api.md 12)."""

import json
from typing import Any

import httpx
import pytest

from insights_mcp.local.problems import invalid
from tests.backend.canned import RESULTS, CannedQueries
from tests.backend.samples import DASHBOARDS, INSIGHTS, TRENDS, make_dashboard, make_insight

pytestmark = pytest.mark.anyio

LIST_KEYS = {
    "id",
    "name",
    "description",
    "pinned",
    "created_at",
    "created_by",
    "last_accessed_at",
    "last_viewed_at",
    "is_shared",
    "deleted",
    "creation_mode",
    "tags",
    "restriction_level",
    "effective_restriction_level",
    "effective_privilege_level",
    "user_access_level",
    "access_control_version",
    "last_refresh",
    "team_id",
}
DETAIL_KEYS = LIST_KEYS | {
    "filters",
    "variables",
    "breakdown_colors",
    "data_color_theme_id",
    "persisted_filters",
    "persisted_variables",
    "quick_filter_ids",
    "tiles",
}


async def read(api: httpx.AsyncClient, dashboard: dict[str, Any], **params: str) -> dict[str, Any]:
    answer = await api.get(f"{DASHBOARDS}{dashboard['id']}/", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def patch(api: httpx.AsyncClient, dashboard: dict[str, Any], **fields: object) -> dict[str, Any]:
    answer = await api.patch(f"{DASHBOARDS}{dashboard['id']}/", json=fields)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def test_new_dashboard_has_every_key_and_no_tiles(api: httpx.AsyncClient) -> None:
    made = await make_dashboard(api, name=" Growth ", description="d", pinned=True, tags=["B", "a"])
    assert set(made) == DETAIL_KEYS
    assert (made["name"], made["description"], made["pinned"]) == ("Growth", "d", True)
    assert (made["tags"], made["tiles"], made["filters"]) == (["a", "b"], [], {})
    assert (made["creation_mode"], made["restriction_level"]) == ("default", 21)


async def test_list_has_no_tiles_and_puts_pinned_first_then_by_name(api: httpx.AsyncClient) -> None:
    for name, pinned in (("b", False), ("C", True), ("a", False), ("d", True)):
        await make_dashboard(api, name=name, pinned=pinned)
    listed = (await api.get(DASHBOARDS)).json()
    assert [board["name"] for board in listed["results"]] == ["C", "d", "a", "b"]
    assert set(listed["results"][0]) == LIST_KEYS


async def test_list_leaves_out_deleted_and_unlisted_and_filters_by_tag(api: httpx.AsyncClient) -> None:
    gone = await make_dashboard(api, name="gone")
    await patch(api, gone, deleted=True)
    await make_dashboard(api, name="hidden", creation_mode="unlisted")
    await make_dashboard(api, name="tagged", tags=["x"])
    await make_dashboard(api, name="plain")

    async def listed(**params: str) -> list[str]:
        return [board["name"] for board in (await api.get(DASHBOARDS, params=params)).json()["results"]]

    assert await listed() == ["plain", "tagged"]
    assert await listed(tags="x") == ["tagged"]
    assert await listed(creation_mode="unlisted") == ["hidden"]
    assert await listed(search="PLAI") == ["plain"]


async def test_detail_shows_full_insights_in_tiles(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    made = await make_insight(api, name="x", dashboards=[board["id"]])
    (tile,) = (await read(api, board))["tiles"]
    assert set(tile) == {
        "id",
        "order",
        "layouts",
        "color",
        "filters_overrides",
        "show_description",
        "transparent_background",
        "insight",
        "text",
        "button_tile",
        "last_refresh",
        "is_cached",
    }
    assert set(tile["insight"]) == set(made)
    assert tile["insight"]["result"] is None


async def test_refresh_computes_the_tiles_under_the_dashboards_filters(
    api: httpx.AsyncClient, queries: CannedQueries
) -> None:
    board = await make_dashboard(api, filters={"date_from": "-30d"})
    await make_insight(api, dashboards=[board["id"]])
    (tile,) = (await read(api, board, refresh="blocking"))["tiles"]
    assert tile["insight"]["result"] == RESULTS
    assert queries.asked[0]["source"] == {**TRENDS, "dateRange": {"date_from": "-30d"}}
    assert tile["last_refresh"] == tile["insight"]["last_refresh"]


async def test_filters_override_of_a_read_is_not_kept(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api, filters={"date_from": "-30d", "interval": "week"})
    await make_insight(api, dashboards=[board["id"]])
    seen = await read(api, board, filters_override=json.dumps({"date_from": "-1d"}))
    assert seen["filters"] == {"date_from": "-1d", "interval": "week"}
    assert seen["persisted_filters"] == {"date_from": "-30d", "interval": "week"}
    assert seen["tiles"][0]["insight"]["query"]["source"]["dateRange"] == {"date_from": "-1d"}
    assert (await read(api, board))["filters"]["date_from"] == "-30d"


async def test_broken_tile_tells_its_error_and_leaves_the_others(
    api: httpx.AsyncClient, queries: CannedQueries
) -> None:
    board = await make_dashboard(api)
    await make_insight(api, dashboards=[board["id"]])
    queries.problem = invalid("Unable to resolve field: foo")
    (tile,) = (await read(api, board, refresh="blocking"))["tiles"]
    assert tile["error"]["message"] == "Unable to resolve field: foo"
    assert tile["insight"]["result"] is None


async def test_reading_records_the_access(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    assert board["last_accessed_at"] is None
    assert (await read(api, board))["last_accessed_at"].startswith("2026-03-01")


async def test_patch_changes_fields_and_filters(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    changed = await patch(
        api, board, name="n", filters={"date_from": "-7d"}, variables={"v": {"code_name": "x"}}, tags=["t"]
    )
    assert (changed["name"], changed["filters"], changed["tags"]) == ("n", {"date_from": "-7d"}, ["t"])
    assert changed["variables"] == {"v": {"code_name": "x"}}
    refused = await api.patch(f"{DASHBOARDS}{board['id']}/", json={"filters": "x"})
    assert refused.status_code == 400
    assert refused.json()["detail"] == "Filters must be a dictionary"


async def test_tiles_are_laid_out_coloured_and_removed(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    await make_insight(api, dashboards=[board["id"]])
    (tile,) = (await read(api, board))["tiles"]
    layouts = {"sm": {"x": 0, "y": 0, "w": 6, "h": 5}}
    changed = await patch(api, board, tiles=[{"id": tile["id"], "layouts": layouts, "color": "blue"}])
    assert (changed["tiles"][0]["layouts"], changed["tiles"][0]["color"]) == (layouts, "blue")
    assert (await patch(api, board, tiles=[{"id": tile["id"], "deleted": True}]))["tiles"] == []
    assert (await api.get(f"{INSIGHTS}1/")).json()["dashboards"] == []


async def test_text_tiles_are_added_and_changed(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    (tile,) = (await patch(api, board, tiles=[{"text": {"body": "# Hi"}, "color": "red"}]))["tiles"]
    assert tile["insight"] is None
    assert (tile["text"]["body"], tile["color"]) == ("# Hi", "red")
    assert set(tile["text"]) == {"id", "body", "created_by", "last_modified_at", "last_modified_by", "team"}
    (changed,) = (await patch(api, board, tiles=[{"id": tile["id"], "text": {"body": "bye"}}]))["tiles"]
    assert (changed["id"], changed["text"]["body"]) == (tile["id"], "bye")
    long = await api.patch(f"{DASHBOARDS}{board['id']}/", json={"tiles": [{"text": {"body": "x" * 4001}}]})
    assert long.status_code == 400


async def test_insights_in_tiles_of_a_patch_are_silently_ignored(api: httpx.AsyncClient) -> None:
    board, made = await make_dashboard(api), await make_insight(api)
    assert (await patch(api, board, tiles=[{"insight": {"id": made["id"]}}]))["tiles"] == []


async def test_deleting_hides_the_dashboard_and_keeps_its_insights(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    made = await make_insight(api, dashboards=[board["id"]])
    assert (await patch(api, board, deleted=True))["deleted"] is True
    assert (await api.get(f"{DASHBOARDS}{board['id']}/")).status_code == 404
    assert (await api.get(f"{INSIGHTS}{made['id']}/")).json()["dashboards"] == []
    restored = await patch(api, board, deleted=False)
    assert [tile["insight"]["id"] for tile in restored["tiles"]] == [made["id"]]


async def test_deleting_with_insights_spares_those_on_other_dashboards(api: httpx.AsyncClient) -> None:
    board, other = await make_dashboard(api), await make_dashboard(api)
    only = await make_insight(api, dashboards=[board["id"]])
    shared = await make_insight(api, dashboards=[board["id"], other["id"]])
    await patch(api, board, deleted=True, delete_insights=True)
    assert (await api.get(f"{INSIGHTS}{only['id']}/")).status_code == 404
    assert (await api.get(f"{INSIGHTS}{shared['id']}/")).status_code == 200
    await patch(api, board, deleted=False)
    assert (await api.get(f"{INSIGHTS}{only['id']}/")).json()["dashboards"] == [board["id"]]


async def test_removed_tile_stays_removed_when_its_dashboard_returns(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    made = await make_insight(api, dashboards=[board["id"]])
    await api.patch(f"{INSIGHTS}{made['id']}/", json={"dashboards": []})
    await patch(api, board, deleted=True)
    assert (await patch(api, board, deleted=False))["tiles"] == []


async def test_dashboard_is_copied_with_the_same_insights_or_with_copies(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    made = await make_insight(api, name="x", tags=["t"], dashboards=[board["id"]])
    await patch(api, board, tiles=[{"text": {"body": "note"}}])
    same = await make_dashboard(api, use_dashboard=board["id"])
    assert same["creation_mode"] == "duplicate"
    assert [tile["insight"] and tile["insight"]["id"] for tile in same["tiles"]] == [made["id"], None]
    assert same["tiles"][1]["text"]["body"] == "note"
    copied = await make_dashboard(api, use_dashboard=board["id"], duplicate_tiles=True)
    insight = copied["tiles"][0]["insight"]
    assert insight["id"] != made["id"]
    assert (insight["name"], insight["tags"], insight["query"]) == ("x (Copy)", ["t"], made["query"])


@pytest.mark.parametrize(
    ("fields", "detail", "attr"),
    [
        ({"use_dashboard": 999}, "Invalid value provided", "use_dashboard"),
        ({"use_dashboard": "x"}, "Invalid value provided", "use_dashboard"),
        ({"use_template": "nope"}, "Invalid template provided: nope", "use_template"),
        (
            {"use_template": "nope", "use_dashboard": 1},
            "`use_dashboard` and `use_template` cannot be used together",
            None,
        ),
        ({"filters": [1]}, "Filters must be a dictionary", "filters"),
        ({"name": "x" * 401}, "Ensure this field has no more than 400 characters.", "name"),
    ],
)
async def test_wrong_new_dashboards_are_refused(
    api: httpx.AsyncClient, fields: dict[str, object], detail: str, attr: str | None
) -> None:
    answer = await api.post(DASHBOARDS, json=fields)
    assert answer.status_code == 400
    assert (answer.json()["detail"], answer.json()["attr"]) == (detail, attr)
    assert (await api.get(DASHBOARDS)).json()["count"] == 0


async def test_delete_is_405_without_a_body(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    answer = await api.delete(f"{DASHBOARDS}{board['id']}/")
    assert (answer.status_code, answer.content) == (405, b"")


async def test_tiles_move_are_copied_and_put_in_order(api: httpx.AsyncClient) -> None:
    one, two = await make_dashboard(api), await make_dashboard(api)
    first = await make_insight(api, name="first", dashboards=[one["id"]])
    second = await make_insight(api, name="second", dashboards=[one["id"]])
    tiles = [insight["dashboard_tiles"][0]["id"] for insight in (first, second)]
    ordered = await api.post(f"{DASHBOARDS}{one['id']}/reorder_tiles/", json={"tile_order": tiles[::-1]})
    assert [tile["insight"]["name"] for tile in ordered.json()["tiles"]] == ["second", "first"]
    assert ordered.json()["tiles"][1]["layouts"]["sm"] == {"x": 6, "y": 0, "w": 6, "h": 5}
    moved = await api.patch(
        f"{DASHBOARDS}{one['id']}/move_tile/", json={"tile": {"id": tiles[0]}, "toDashboard": two["id"]}
    )
    assert [tile["insight"]["name"] for tile in moved.json()["tiles"]] == ["second"]
    copied = await api.post(
        f"{DASHBOARDS}{two['id']}/copy_tile/", json={"fromDashboardId": one["id"], "tileId": tiles[1]}
    )
    assert {tile["insight"]["name"] for tile in copied.json()["tiles"]} == {"first", "second"}
    again = await api.patch(
        f"{DASHBOARDS}{one['id']}/move_tile/", json={"tile": {"id": tiles[1]}, "toDashboard": two["id"]}
    )
    assert again.status_code == 400


async def test_missing_key_is_401_on_dashboards(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get(DASHBOARDS)).status_code == 401
