"""POST /insights/ (facts/rest-api.md 5)."""

import re

import httpx
import pytest

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import create_project
from tests.backend.canned import COMPUTED_AT, RESULTS
from tests.backend.samples import FUNNEL, HOGQL, INSIGHTS, SQL, TRENDS, VIZ, make_dashboard, make_insight

pytestmark = pytest.mark.anyio


async def test_new_insight_answers_201_with_every_key_of_the_full_shape(api: httpx.AsyncClient) -> None:
    insight = await make_insight(api)
    user = insight.pop("created_by")
    assert insight.pop("last_modified_by") == user
    assert list(user) == [
        "id",
        "uuid",
        "distinct_id",
        "first_name",
        "last_name",
        "email",
        "is_email_verified",
        "hedgehog_config",
        "role_at_organization",
    ]
    assert re.fullmatch("[A-Za-z0-9]{8}", insight.pop("short_id"))
    for moment in ("created_at", "updated_at", "last_modified_at", "last_viewed_at"):
        assert re.fullmatch(r"2026-03-01T12:00:00(\.\d{6})?Z", insight.pop(moment))
    assert insight.pop("filters_hash").startswith("cache_")
    assert insight == {
        "id": 1,
        "name": None,
        "derived_name": None,
        "filters": {},
        "query": VIZ,
        "order": None,
        "deleted": False,
        "dashboards": [],
        "dashboard_tiles": [],
        "last_refresh": None,
        "cache_target_age": None,
        "next_allowed_client_refresh": None,
        "result": None,
        "hasMore": None,
        "columns": None,
        "description": None,
        "tags": [],
        "favorited": False,
        "saved": True,
        "is_sample": False,
        "effective_restriction_level": 21,
        "effective_privilege_level": 37,
        "user_access_level": "manager",
        "timezone": None,
        "is_cached": False,
        "query_status": None,
        "hogql": None,
        "types": None,
        "resolved_date_range": None,
        "alerts": [],
    }


async def test_given_fields_are_stored_and_texts_trimmed(api: httpx.AsyncClient) -> None:
    insight = await make_insight(
        api,
        name="  Signups ",
        derived_name="Signed up",
        description="",
        order=3,
        favorited=True,
        saved=False,
        tags=[" Growth", "growth", "KPI"],
        _create_in_folder="Unfiled/Insights",
        short_id="ignored",
        unknown=1,
    )
    assert insight["name"] == "Signups"
    assert insight["derived_name"] == "Signed up"
    assert insight["description"] == ""
    assert insight["order"] == 3
    assert insight["favorited"] is True
    assert insight["saved"] is False
    assert insight["tags"] == ["growth", "kpi"]
    assert insight["short_id"] != "ignored"
    assert "_create_in_folder" not in insight


async def test_query_is_stored_exactly_as_given(api: httpx.AsyncClient) -> None:
    query = {**TRENDS, "breakdownFilter": None, "trendsFilter": {"display": "ActionsBar"}}
    assert (await make_insight(api, query=query))["query"] == query


async def test_refresh_computes_the_new_insight(api: httpx.AsyncClient) -> None:
    answer = await api.post(INSIGHTS, params={"refresh": "blocking"}, json={"query": VIZ})
    assert answer.json()["result"] == RESULTS
    assert answer.json()["last_refresh"] == COMPUTED_AT.isoformat().replace("+00:00", "Z")


async def test_new_insight_is_filled_when_the_query_is_already_cached(api: httpx.AsyncClient) -> None:
    await api.post(INSIGHTS, params={"refresh": "blocking"}, json={"query": VIZ})
    again = await make_insight(api)
    assert again["result"] == RESULTS
    assert again["is_cached"] is True


async def test_missing_query_is_required(api: httpx.AsyncClient) -> None:
    for body in ({}, {"name": "x"}, {"query": None}, {"query": {}}):
        answer = await api.post(INSIGHTS, json=body)
        assert answer.status_code == 400
        assert answer.json() == {
            "type": "validation_error",
            "code": "required",
            "detail": "This field is required.",
            "attr": "query",
        }


async def test_filters_without_query_are_forbidden(api: httpx.AsyncClient) -> None:
    answer = await api.post(INSIGHTS, json={"filters": {"insight": "TRENDS"}, "query": {}})
    assert answer.status_code == 403
    assert answer.json()["code"] == "permission_denied"
    assert answer.json()["detail"].startswith(
        "Creating or updating insights with legacy filters is not available for this user."
    )


async def test_filters_beside_a_query_are_ignored(api: httpx.AsyncClient) -> None:
    assert (await make_insight(api, filters={"insight": "TRENDS"}))["filters"] == {}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        {"kind": "NoSuchQuery"},
        {"kind": "InsightVizNode", "source": {**TRENDS, "nonsense": 1}},
        {**TRENDS, "interval": "fortnight"},
    ],
)
async def test_invalid_query_is_a_parse_error(api: httpx.AsyncClient, query: object) -> None:
    answer = await api.post(INSIGHTS, json={"query": query})
    assert answer.status_code == 400
    assert answer.json()["type"] == "invalid_request"
    assert answer.json()["code"] == "parse_error"
    assert answer.json()["attr"] is None


async def test_empty_list_as_query_is_refused_by_field(api: httpx.AsyncClient) -> None:
    answer = await api.post(INSIGHTS, json={"query": []})
    assert answer.json() == {
        "type": "validation_error",
        "code": "invalid_input",
        "detail": "Query must be a valid JSON object",
        "attr": "query",
    }


async def test_body_that_is_no_object_is_a_parse_error(api: httpx.AsyncClient) -> None:
    answer = await api.post(INSIGHTS, json=[1])
    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"


@pytest.mark.parametrize(
    ("fields", "code", "detail", "attr"),
    [
        (
            {"description": "x" * 401},
            "max_length",
            "Ensure this field has no more than 400 characters.",
            "description",
        ),
        ({"name": {"a": 1}}, "invalid_input", "Not a valid string.", "name"),
        ({"favorited": "perhaps"}, "invalid_input", "Must be a valid boolean.", "favorited"),
        ({"favorited": None}, "null", "This field may not be null.", "favorited"),
        ({"order": "x"}, "invalid_input", "A valid integer is required.", "order"),
        ({"order": 1 << 40}, "max_value", "Ensure this value is less than or equal to 2147483647.", "order"),
        ({"tags": "x"}, "not_a_list", 'Expected a list of items but got type "str".', "tags"),
        ({"dashboards": [999]}, "does_not_exist", 'Invalid pk "999" - object does not exist.', "dashboards"),
        (
            {"dashboards": [10**30]},
            "does_not_exist",
            f'Invalid pk "{10**30}" - object does not exist.',
            "dashboards",
        ),
        (
            {"dashboards": ["x"]},
            "incorrect_type",
            "Incorrect type. Expected pk value, received str.",
            "dashboards",
        ),
    ],
)
async def test_wrong_field_is_refused_by_name_and_nothing_is_created(
    api: httpx.AsyncClient, fields: dict[str, object], code: str, detail: str, attr: str
) -> None:
    answer = await api.post(INSIGHTS, json={"query": VIZ, **fields})
    assert answer.status_code == 400
    assert answer.json() == {"type": "validation_error", "code": code, "detail": detail, "attr": attr}
    assert (await api.get(INSIGHTS)).json()["count"] == 0


async def test_dashboards_get_a_tile_each(api: httpx.AsyncClient) -> None:
    dashboard = await make_dashboard(api)
    insight = await make_insight(api, dashboards=[dashboard["id"], dashboard["id"]])
    assert insight["dashboards"] == [dashboard["id"]]
    assert insight["dashboard_tiles"] == [{"id": 1, "dashboard_id": dashboard["id"], "deleted": None}]


async def test_dashboard_of_other_project_does_not_exist(api: httpx.AsyncClient, store: Store) -> None:
    with store.write() as db:
        create_project(db, "Other", now=store.clock())
    other = (await api.post("/api/projects/2/dashboards/", json={"name": "x"})).json()
    answer = await api.post(INSIGHTS, json={"query": VIZ, "dashboards": [other["id"]]})
    assert answer.json()["code"] == "does_not_exist"


async def test_creator_has_viewed_the_new_insight(api: httpx.AsyncClient) -> None:
    insight = await make_insight(api, name="Seen")
    viewed = (await api.get(f"{INSIGHTS}my_last_viewed/")).json()
    assert [each["id"] for each in viewed] == [insight["id"]]


async def test_only_named_insights_are_logged_as_created(api: httpx.AsyncClient) -> None:
    await make_insight(api)
    await make_insight(api, derived_name="Derived")
    entries = (await api.get(f"{INSIGHTS}activity/")).json()["results"]
    assert [(entry["activity"], entry["detail"]["name"]) for entry in entries] == [("created", "Derived")]


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        (TRENDS, VIZ),
        (HOGQL, SQL),
        (VIZ, VIZ),
        (FUNNEL, FUNNEL),
        ({**TRENDS, "interval": None}, VIZ),
    ],
)
async def test_query_of_the_mcp_server_is_wrapped_and_freed_of_nulls(
    api: httpx.AsyncClient, query: object, stored: object
) -> None:
    answer = await api.post(INSIGHTS, json={"query": query}, headers={"X-PostHog-Client": "mcp"})
    assert answer.status_code == 201
    assert answer.json()["query"] == stored


async def test_other_query_of_the_mcp_server_cannot_be_saved(api: httpx.AsyncClient) -> None:
    query = {"kind": "EventsQuery", "select": ["*"]}
    answer = await api.post(INSIGHTS, json={"query": query}, headers={"X-PostHog-Client": "mcp"})
    assert answer.status_code == 400
    assert answer.json()["attr"] == "query"
    assert answer.json()["detail"].startswith("This query can't be saved: ")
