"""Users, projects, organizations and keys (facts/rest-api.md 12)."""

import httpx
import pytest

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import create_project, mark_has_events
from tests.backend.test_envelope import new_key

pytestmark = pytest.mark.anyio

PROJECT_KEYS = {
    "id",
    "uuid",
    "organization",
    "project_id",
    "api_token",
    "name",
    "completed_snippet_onboarding",
    "has_completed_onboarding_for",
    "ingested_event",
    "is_demo",
    "timezone",
    "access_control",
}
ORGANIZATION_KEYS = {
    "id",
    "name",
    "slug",
    "logo_media_id",
    "membership_level",
    "members_can_use_personal_api_keys",
    "is_active",
    "is_not_active_reason",
    "is_pending_deletion",
}


async def test_me_tells_the_user_the_project_and_the_organizations(api: httpx.AsyncClient) -> None:
    me = (await api.get("/api/users/@me/")).json()
    assert {"id", "uuid", "distinct_id", "first_name", "last_name", "email", "date_joined", "is_staff"} <= set(me)
    assert set(me["team"]) == PROJECT_KEYS
    assert me["team"]["id"] == me["team"]["project_id"] == 1
    (organization,) = me["organizations"]
    assert set(organization) == ORGANIZATION_KEYS
    assert set(me["organization"]) >= ORGANIZATION_KEYS | {"teams"}
    assert [team["id"] for team in me["organization"]["teams"]] == [1]


async def test_current_project_is_the_demo_until_own_events_arrive(api: httpx.AsyncClient, store: Store) -> None:
    with store.write() as db:
        demo = create_project(db, "Demo project", now=store.clock(), is_demo=True)
    assert (await api.get("/api/users/@me/")).json()["team"]["id"] == demo.id
    assert (await api.get("/api/projects/@current/")).json()["id"] == demo.id
    with store.write() as db:
        mark_has_events(db, 1)
    assert (await api.get("/api/projects/@current/")).json()["id"] == 1


async def test_projects_and_organizations_are_listed_in_envelopes(api: httpx.AsyncClient) -> None:
    organization = (await api.get("/api/organizations/@current/")).json()
    for path in ("/api/projects/", "/api/organizations/", f"/api/organizations/{organization['id']}/projects/"):
        body = (await api.get(path)).json()
        assert (set(body), body["count"]) == ({"count", "next", "previous", "results"}, 1)
    assert set((await api.get("/api/projects/")).json()["results"][0]) == PROJECT_KEYS
    assert (await api.get(f"/api/organizations/{organization['id']}/")).json() == organization
    assert (await api.get("/api/organizations/nonsense/")).status_code == 404


async def test_key_of_a_project_sees_that_project_only(anonymous: httpx.AsyncClient, store: Store) -> None:
    with store.write() as db:
        create_project(db, "Other", now=store.clock())
    headers = new_key(store, "project:read", scoped_projects=[2])
    listed = (await anonymous.get("/api/projects/", headers=headers)).json()["results"]
    assert [project["id"] for project in listed] == [2]


async def test_project_detail_holds_what_queries_depend_on_and_is_changed(api: httpx.AsyncClient) -> None:
    filters = [{"key": "email", "value": "@x.org", "operator": "not_icontains", "type": "person"}]
    body = {"timezone": "Europe/Rome", "week_start_day": 1, "test_account_filters": filters, "nonsense": 1}
    changed = (await api.patch("/api/projects/1/", json=body)).json()
    assert (changed["timezone"], changed["week_start_day"]) == ("Europe/Rome", 1)
    assert changed["test_account_filters"] == filters
    assert (await api.get("/api/projects/1/")).json() == changed
    for wrong in ({"week_start_day": 5}, {"timezone": 7}, {"test_account_filters": {}}):
        answer = await api.patch("/api/projects/1/", json=wrong)
        assert answer.json()["attr"] == next(iter(wrong))


async def test_key_tells_its_scopes_and_never_its_value(anonymous: httpx.AsyncClient, store: Store) -> None:
    headers = new_key(store, "insight:read", "query:read", scoped_projects=[1])
    key = (await anonymous.get("/api/personal_api_keys/@current/", headers=headers)).json()
    assert key["scopes"] == ["insight:read", "query:read"]
    assert (key["scoped_teams"], key["scoped_organizations"], key["value"]) == ([1], [], None)


async def test_environments_are_refused(api: httpx.AsyncClient) -> None:
    for method in ("GET", "POST"):
        answer = await api.request(method, "/api/projects/1/environments/")
        assert answer.status_code == 403
        assert answer.json()["code"] == "permission_denied"
