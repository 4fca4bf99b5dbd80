"""Recording views; my last viewed and trending insights (facts/rest-api.md 9)."""

import httpx
import pytest

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import get_organization
from insights_mcp.local.store.users import create_user
from insights_mcp.local.store.views import record_views
from tests.backend.conftest import TestClock
from tests.backend.samples import INSIGHTS, make_insight

pytestmark = pytest.mark.anyio


async def view(api: httpx.AsyncClient, *ids: int) -> httpx.Response:
    return await api.post(f"{INSIGHTS}viewed/", json={"insight_ids": list(ids)})


async def test_bulk_views_answer_201_without_a_body_and_drop_unknown_numbers(
    api: httpx.AsyncClient, clock: TestClock
) -> None:
    made = await make_insight(api)
    gone = await make_insight(api)
    await api.patch(f"{INSIGHTS}{gone['id']}/", json={"deleted": True})
    clock.advance(days=1)
    answer = await view(api, made["id"], gone["id"], 999, 1 << 62, -1)
    assert (answer.status_code, answer.content) == (201, b"")
    assert (await api.get(f"{INSIGHTS}{made['id']}/")).json()["last_viewed_at"].startswith("2026-03-02")


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({}, "required", "insight_ids"),
        ({"insight_ids": []}, "empty", "insight_ids"),
        ({"insight_ids": list(range(2501))}, "max_length", "insight_ids"),
        ({"insight_ids": [1, "x"]}, "invalid_input", "insight_ids__1"),
        ({"insight_ids": "x"}, "not_a_list", "insight_ids"),
    ],
)
async def test_wrong_views_are_refused(api: httpx.AsyncClient, body: object, code: str, attr: str) -> None:
    answer = await api.post(f"{INSIGHTS}viewed/", json=body)
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["attr"]) == (code, attr)


async def test_old_view_of_one_insight_still_works(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    answer = await api.post(f"{INSIGHTS}{made['id']}/viewed/")
    assert (answer.status_code, answer.content) == (201, b"")
    assert (await api.post(f"{INSIGHTS}999/viewed/")).status_code == 404


async def test_my_last_viewed_is_an_array_of_five_newest_first_without_deleted(api: httpx.AsyncClient) -> None:
    made = [await make_insight(api, name=str(index)) for index in range(7)]
    await view(api, made[0]["id"])
    await api.patch(f"{INSIGHTS}{made[6]['id']}/", json={"deleted": True})
    mine = (await api.get(f"{INSIGHTS}my_last_viewed/")).json()
    assert [insight["name"] for insight in mine] == ["0", "5", "4", "3", "2"]
    assert "result" not in mine[0]


async def test_trending_counts_people_not_views(api: httpx.AsyncClient, store: Store) -> None:
    popular, other = await make_insight(api, name="popular"), await make_insight(api, name="other")
    for _ in range(3):
        await view(api, other["id"])
    with store.write() as db:
        ada = create_user(
            db, get_organization(db).id, first_name="Ada", last_name="L", email="ada@x.org", now=store.clock()
        )
        record_views(db, 1, ada.id, [popular["id"]], store.clock())
    body = (await api.get(f"{INSIGHTS}trending/")).json()
    assert (body["count"], body["next"], body["previous"]) == (2, None, None)
    first, second = body["results"]
    assert (first["name"], first["view_count"]) == ("popular", 2)
    assert [viewer["first_name"] for viewer in first["viewers"]] == ["Ada", "Local"]
    assert first["last_modified_by"]["email"] == "you@localhost"
    assert (second["name"], second["view_count"]) == ("other", 1)


async def test_trending_looks_at_a_window_and_at_most_a_hundred(api: httpx.AsyncClient, clock: TestClock) -> None:
    await make_insight(api, name="old")
    clock.advance(days=8)
    await make_insight(api, name="new")
    assert [row["name"] for row in (await api.get(f"{INSIGHTS}trending/")).json()["results"]] == ["new"]
    wide = (await api.get(f"{INSIGHTS}trending/", params={"days": "30", "limit": "1000"})).json()
    assert wide["count"] == 2
    assert (await api.get(f"{INSIGHTS}trending/", params={"days": "30", "limit": "1"})).json()["count"] == 1


@pytest.mark.parametrize("params", [{"days": "x"}, {"limit": "1.5"}, {"days": "-1"}, {"days": "9" * 30}])
async def test_trending_refuses_bad_numbers(api: httpx.AsyncClient, params: dict[str, str]) -> None:
    answer = await api.get(f"{INSIGHTS}trending/", params=params)
    assert answer.status_code == 400
    assert answer.json()["detail"] == "days and limit must be valid integers"
