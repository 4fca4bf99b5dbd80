"""Public shares of an insight (facts/rest-api.md 9, Sharing)."""

from typing import Any

import httpx
import pytest

from tests.backend.conftest import TestClock
from tests.backend.samples import INSIGHTS, make_dashboard, make_insight

pytestmark = pytest.mark.anyio


async def share(api: httpx.AsyncClient, insight: dict[str, Any], **fields: object) -> dict[str, Any]:
    answer = await api.patch(f"{INSIGHTS}{insight['id']}/sharing/", json={"enabled": True, **fields})
    assert answer.status_code == 200, answer.text
    shared: dict[str, Any] = answer.json()
    return shared


async def read_with(api: httpx.AsyncClient, path: str, token: str) -> httpx.Response:
    return await api.get(path, params={"sharing_access_token": token}, headers={"Authorization": ""})


async def test_share_that_never_was_is_off_with_a_useless_token(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    first = (await api.get(f"{INSIGHTS}{made['id']}/sharing/")).json()
    second = (await api.get(f"{INSIGHTS}{made['id']}/sharing/")).json()
    assert first["access_token"] != second["access_token"]
    assert (await read_with(api, INSIGHTS, first["access_token"])).status_code == 403
    del first["access_token"]
    assert first == {
        "created_at": None,
        "enabled": False,
        "settings": None,
        "password_required": False,
        "share_passwords": [],
    }


async def test_shared_insight_is_read_without_a_key_and_no_other_one(api: httpx.AsyncClient) -> None:
    made, other = await make_insight(api, name="shared"), await make_insight(api, name="secret")
    token = (await share(api, made))["access_token"]
    assert (await read_with(api, f"{INSIGHTS}{made['id']}/", token)).json()["name"] == "shared"
    assert (await read_with(api, f"{INSIGHTS}{other['id']}/", token)).status_code == 404
    listed = (await read_with(api, INSIGHTS, token)).json()
    assert [insight["name"] for insight in listed["results"]] == ["shared"]


async def test_shared_dashboard_opens_its_insights(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    made, other = await make_insight(api, name="on it", dashboards=[board["id"]]), await make_insight(api, name="off")
    path = f"/api/projects/1/dashboards/{board['id']}/"
    token = (await api.patch(f"{path}sharing/", json={"enabled": True})).json()["access_token"]
    assert (await read_with(api, f"{INSIGHTS}{made['id']}/", token)).status_code == 200
    assert (await read_with(api, f"{INSIGHTS}{other['id']}/", token)).status_code == 404
    assert (await read_with(api, path, token)).json()["tiles"][0]["insight"]["name"] == "on it"
    assert (await api.get(path)).json()["is_shared"] is True


async def test_share_reads_only_and_only_insights(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    token = (await share(api, made))["access_token"]
    answer = await api.patch(f"{INSIGHTS}{made['id']}/", params={"sharing_access_token": token}, json={"name": "x"})
    assert answer.status_code == 403
    assert answer.json()["detail"] == "Sharing access token can only be used for GET requests."
    assert (await read_with(api, f"{INSIGHTS}activity/", token)).status_code == 403
    assert (await read_with(api, "/api/projects/1/", token)).status_code == 401


async def test_invalid_token_is_403_authentication_failed(api: httpx.AsyncClient) -> None:
    answer = await read_with(api, INSIGHTS, "nonsense")
    assert answer.status_code == 403
    assert answer.json() == {
        "type": "authentication_error",
        "code": "authentication_failed",
        "detail": "Sharing access token is invalid.",
        "attr": None,
    }


async def test_disabled_share_opens_nothing(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    token = (await share(api, made))["access_token"]
    await share(api, made, enabled=False)
    assert (await read_with(api, INSIGHTS, token)).status_code == 403


async def test_refresh_gives_a_new_token_and_the_old_one_ends_after_a_grace(
    api: httpx.AsyncClient, clock: TestClock
) -> None:
    made = await make_insight(api, name="x")
    old = await share(api, made)
    new = (await api.post(f"{INSIGHTS}{made['id']}/sharing/refresh/")).json()
    assert new["enabled"] is True
    assert new["access_token"] != old["access_token"]
    assert (await read_with(api, INSIGHTS, new["access_token"])).status_code == 200
    assert (await read_with(api, INSIGHTS, old["access_token"])).status_code == 200
    clock.advance(hours=1)
    assert (await read_with(api, INSIGHTS, old["access_token"])).status_code == 403
    assert (await api.get(f"{INSIGHTS}{made['id']}/sharing/")).json()["access_token"] == new["access_token"]


async def test_settings_drop_unknown_keys_and_refuse_wrong_ones(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    assert (await share(api, made, settings={"noHeader": True, "nonsense": 1}))["settings"] == {"noHeader": True}
    for wrong in ("x", [1], {"noHeader": "perhaps"}):
        answer = await api.patch(f"{INSIGHTS}{made['id']}/sharing/", json={"settings": wrong})
        assert answer.status_code == 400
        assert (answer.json()["attr"], answer.json()["detail"]) == ("settings", "Invalid settings format")


async def test_sharing_is_logged_even_when_nothing_changes(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="x")
    await share(api, made)
    await share(api, made)
    await share(api, made, enabled=False)
    await api.post(f"{INSIGHTS}{made['id']}/sharing/refresh/")
    entries = (await api.get(f"{INSIGHTS}{made['id']}/activity/")).json()["results"]
    assert [entry["activity"] for entry in entries] == [
        "access token refreshed",
        "sharing disabled",
        "sharing enabled",
        "sharing enabled",
        "created",
    ]
    assert entries[2]["detail"]["changes"] == [
        {"type": "Insight", "action": "changed", "field": "sharing", "before": None, "after": True}
    ]


async def test_unknown_insight_or_a_short_id_is_404_insight_not_found(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    for key in (999, made["short_id"]):
        answer = await api.get(f"{INSIGHTS}{key}/sharing/")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "Insight not found."


async def test_password_is_shown_once_and_guards_the_share(api: httpx.AsyncClient, clock: TestClock) -> None:
    made = await make_insight(api, name="guarded")
    token = (await share(api, made, password_required=True))["access_token"]
    path = f"{INSIGHTS}{made['id']}/sharing/"
    answer = await api.post(f"{path}passwords/", json={"raw_password": "correct horse", "note": "for Ada"})
    assert answer.status_code == 201
    password = answer.json()
    assert password.pop("created_at").startswith("2026-03-01")
    assert password == {"id": 1, "password": "correct horse", "note": "for Ada", "created_by_email": "you@localhost"}
    (listed,) = (await api.get(path)).json()["share_passwords"]
    assert set(listed) == {"id", "created_at", "note", "created_by_email", "is_active"}
    assert (await read_with(api, INSIGHTS, token)).status_code == 403

    wrong = await api.post(f"/shared/{token}", json={"password": "wrong"})
    assert (wrong.status_code, wrong.json()) == (401, {"error": "Incorrect password"})
    unlocked = (await api.post(f"/shared/{token}", json={"password": "correct horse"})).json()["shareToken"]
    headers = {"Authorization": f"Bearer {unlocked}"}
    assert (await api.get(f"{INSIGHTS}{made['id']}/", headers=headers)).json()["name"] == "guarded"
    forged = {"Authorization": f"Bearer {unlocked[:-2]}xx"}
    assert (await api.get(f"{INSIGHTS}{made['id']}/", headers=forged)).status_code == 403
    clock.advance(days=2)
    assert (await api.get(f"{INSIGHTS}{made['id']}/", headers=headers)).status_code == 403


async def test_removed_password_ends_what_it_opened(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    token = (await share(api, made, password_required=True))["access_token"]
    path = f"{INSIGHTS}{made['id']}/sharing/passwords/"
    password = (await api.post(path, json={})).json()
    assert len(password["password"]) >= 8
    unlocked = (await api.post(f"/shared/{token}", json={"password": password["password"]})).json()["shareToken"]
    removed = await api.delete(f"{path}{password['id']}/")
    assert (removed.status_code, removed.content) == (204, b"")
    answer = await api.get(f"{INSIGHTS}{made['id']}/", headers={"Authorization": f"Bearer {unlocked}"})
    assert answer.status_code == 403
    again = await api.delete(f"{path}{password['id']}/")
    assert (again.status_code, again.json()["detail"]) == (404, "Password not found")


async def test_passwords_need_protection_to_be_on_and_eight_characters(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    path = f"{INSIGHTS}{made['id']}/sharing/passwords/"
    off = await api.post(path, json={})
    assert off.status_code == 400
    assert off.json() == {"error": "Password protection must be enabled before creating passwords"}
    await share(api, made, password_required=True)
    short = await api.post(path, json={"raw_password": "short"})
    assert short.json()["attr"] == "raw_password"
    assert short.json()["detail"] == "Password must be at least 8 characters long."
    long = await api.post(path, json={"note": "x" * 101})
    assert long.json()["attr"] == "note"


async def test_public_page_shows_what_is_shared_and_escapes_it(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="<script>alert(1)</script>")
    token = (await share(api, made))["access_token"]
    page = await api.get(f"/shared/{token}", headers={"Authorization": ""})
    assert page.status_code == 200
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert (await api.get("/shared/nonsense")).status_code == 404


async def test_share_can_hide_who_made_the_insight(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    token = (await share(api, made, settings={"hideExtraDetails": True}))["access_token"]
    hidden = {"created_by", "created_at", "last_modified_at", "last_modified_by"}
    assert not hidden & set((await read_with(api, f"{INSIGHTS}{made['id']}/", token)).json())
    assert not hidden & set((await read_with(api, INSIGHTS, token)).json()["results"][0])
    assert hidden <= set((await api.get(f"{INSIGHTS}{made['id']}/")).json())
