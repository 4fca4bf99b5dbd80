"""GET /insights/:id/ and the refresh modes (facts/rest-api.md 4.2, 4.3, 4.4)."""

import json

import httpx
import pytest

from insights_mcp.local.problems import Problem, invalid
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import create_project
from tests.backend.canned import RESULTS, CannedQueries
from tests.backend.samples import DASHBOARDS, INSIGHTS, TRENDS, make_dashboard, make_insight

pytestmark = pytest.mark.anyio


async def test_insight_is_found_by_number_and_by_short_id(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="x")
    for key in (made["id"], made["short_id"]):
        assert (await api.get(f"{INSIGHTS}{key}/")).json()["id"] == made["id"]


async def test_digits_are_a_number_first_and_a_short_id_else(api: httpx.AsyncClient, store: Store) -> None:
    first, second = await make_insight(api), await make_insight(api)
    with store.write() as db:
        db.execute("UPDATE insights SET short_id = '12345678' WHERE id = ?", (second["id"],))
        db.execute("UPDATE insights SET short_id = ? WHERE id = ?", (str(second["id"]), first["id"]))
    assert (await api.get(f"{INSIGHTS}12345678/")).json()["id"] == second["id"]
    assert (await api.get(f"{INSIGHTS}{second['id']}/")).json()["id"] == second["id"]


async def test_unknown_foreign_and_deleted_insights_are_404(api: httpx.AsyncClient, store: Store) -> None:
    with store.write() as db:
        create_project(db, "Other", now=store.clock())
    made = await make_insight(api)
    await api.patch(f"{INSIGHTS}{made['id']}/", json={"deleted": True})
    for path in (f"{INSIGHTS}99/", f"{INSIGHTS}{'9' * 40}/", f"{INSIGHTS}nothing/", f"{INSIGHTS}{made['id']}/"):
        answer = await api.get(path)
        assert answer.status_code == 404
        assert answer.json()["detail"] == "Not found."
    alive = await make_insight(api)
    assert (await api.get(f"/api/projects/2/insights/{alive['id']}/")).status_code == 404


async def test_basic_retrieve_has_exactly_the_basic_keys(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    basic = (await api.get(f"{INSIGHTS}{made['id']}/", params={"basic": "True"})).json()
    assert list(basic) == [
        "id",
        "short_id",
        "name",
        "derived_name",
        "filters",
        "query",
        "dashboards",
        "dashboard_tiles",
        "description",
        "last_refresh",
        "refreshing",
        "saved",
        "tags",
        "updated_at",
        "created_by",
        "created_at",
        "last_modified_at",
        "favorited",
        "user_access_level",
        "last_viewed_at",
    ]


@pytest.mark.parametrize("refresh", [None, "false", "0", "no", "force_cache", "nonsense"])
async def test_nothing_is_computed_without_a_refresh(
    api: httpx.AsyncClient, queries: CannedQueries, refresh: str | None
) -> None:
    made = await make_insight(api)
    answer = await api.get(f"{INSIGHTS}{made['id']}/", params={"refresh": refresh} if refresh else {})
    assert answer.json()["result"] is None
    assert answer.json()["timezone"] is None
    assert queries.asked == []


@pytest.mark.parametrize("refresh", ["true", "1", "yes", "", "blocking", "force_blocking"])
async def test_refresh_computes_and_later_reads_come_from_the_cache(api: httpx.AsyncClient, refresh: str) -> None:
    made = await make_insight(api)
    computed = (await api.get(f"{INSIGHTS}{made['id']}/", params={"refresh": refresh})).json()
    assert computed["result"] == RESULTS
    assert computed["is_cached"] is False
    assert computed["timezone"] == "UTC"
    assert computed["last_refresh"] == "2026-03-01T12:00:00Z"
    assert computed["cache_target_age"] == "2026-03-01T18:00:00Z"
    assert computed["next_allowed_client_refresh"] == "2026-03-01T12:01:00Z"
    assert computed["resolved_date_range"] == {"date_from": "2026-02-22T12:00:00Z", "date_to": "2026-03-01T12:00:00Z"}
    cached = (await api.get(f"{INSIGHTS}{made['id']}/")).json()
    assert cached["result"] == RESULTS
    assert cached["is_cached"] is True


async def test_mistake_in_the_query_is_400(api: httpx.AsyncClient, queries: CannedQueries) -> None:
    made = await make_insight(api)
    queries.problem = invalid("Unable to resolve field: foo")
    answer = await api.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "blocking"})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "Unable to resolve field: foo"


async def test_timeout_is_told_inside_a_200(api: httpx.AsyncClient, queries: CannedQueries) -> None:
    made = await make_insight(api)
    queries.problem = Problem(504, "server_error", "error", "Query has hit the max execution time")
    answer = await api.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "blocking", "client_query_id": "mine"})
    assert answer.status_code == 200
    assert answer.json()["result"] is None
    assert answer.json()["last_refresh"] is None
    status = answer.json()["query_status"]
    assert (status["id"], status["error"], status["error_message"]) == (
        "mine",
        True,
        "Query has hit the max execution time",
    )


async def test_full_house_is_told_inside_a_200(api: httpx.AsyncClient, queries: CannedQueries) -> None:
    made = await make_insight(api)
    queries.problem = Problem(429, "throttled_error", "throttled", "Exceeded maximum concurrency limit: 3")
    body = (await api.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "blocking"})).json()
    assert body["result"] is None
    assert body["last_refresh"] is not None
    assert body["query_status"]["error_message"] == "concurrency_limit_exceeded"


async def test_stored_query_that_no_longer_fits_the_schema_has_no_result(api: httpx.AsyncClient, store: Store) -> None:
    made = await make_insight(api)
    with store.write() as db:
        db.execute("""UPDATE insights SET query = '{"kind": "GoneQuery"}'""")
    answer = await api.get(f"{INSIGHTS}{made['id']}/", params={"refresh": "blocking"})
    assert answer.status_code == 200
    assert answer.json()["result"] is None


async def test_dashboard_filters_are_laid_over_the_query_of_its_tile(
    api: httpx.AsyncClient, queries: CannedQueries
) -> None:
    dashboard = await make_dashboard(api, filters={"date_from": "-30d", "properties": [{"key": "a", "value": "b"}]})
    made = await make_insight(api, dashboards=[dashboard["id"]])
    params = {"from_dashboard": str(dashboard["id"]), "refresh": "blocking"}
    body = (await api.get(f"{INSIGHTS}{made['id']}/", params=params)).json()
    assert body["query"]["source"]["dateRange"] == {"date_from": "-30d"}
    assert body["query"]["source"]["properties"] == [{"key": "a", "value": "b"}]
    assert body["color"] is None
    assert body["layouts"] == {}
    assert queries.asked == [body["query"]]
    stored = (await api.get(f"{INSIGHTS}{made['id']}/")).json()
    assert stored["query"]["source"] == TRENDS
    assert stored["filters_hash"] != body["filters_hash"]


async def test_dashboard_without_a_tile_of_the_insight_is_ignored(api: httpx.AsyncClient) -> None:
    dashboard = await make_dashboard(api, filters={"date_from": "-30d"})
    made = await make_insight(api)
    for asked in (dashboard["id"], 999, "x"):
        body = (await api.get(f"{INSIGHTS}{made['id']}/", params={"from_dashboard": str(asked)})).json()
        assert body["query"]["source"] == TRENDS
        assert "layouts" not in body


async def test_filters_override_replaces_dashboard_filters_key_by_key(api: httpx.AsyncClient) -> None:
    dashboard = await make_dashboard(api, filters={"date_from": "-30d", "interval": "week"})
    made = await make_insight(api, dashboards=[dashboard["id"]])
    params = {"from_dashboard": str(dashboard["id"]), "filters_override": json.dumps({"date_from": "-1d"})}
    source = (await api.get(f"{INSIGHTS}{made['id']}/", params=params)).json()["query"]["source"]
    assert source["dateRange"] == {"date_from": "-1d"}
    assert source["interval"] == "week"
    assert (await api.get(f"{DASHBOARDS}{dashboard['id']}/")).json()["filters"]["date_from"] == "-30d"


async def test_filters_of_a_tile_take_the_place_of_the_dashboards(api: httpx.AsyncClient) -> None:
    dashboard = await make_dashboard(api, filters={"date_from": "-30d", "interval": "week"})
    made = await make_insight(api, dashboards=[dashboard["id"]])
    tile = {"id": made["dashboard_tiles"][0]["id"], "filters_overrides": {"date_from": "-3d"}}
    await api.patch(f"{DASHBOARDS}{dashboard['id']}/", json={"tiles": [tile]})
    params = {"from_dashboard": str(dashboard["id"])}
    source = (await api.get(f"{INSIGHTS}{made['id']}/", params=params)).json()["query"]["source"]
    assert source == {**TRENDS, "dateRange": {"date_from": "-3d"}}


async def test_variables_override_sets_the_values_of_a_sql_query(api: httpx.AsyncClient) -> None:
    query = {
        "kind": "DataVisualizationNode",
        "source": {
            "kind": "HogQLQuery",
            "query": "SELECT {variables.city}",
            "variables": {"v1": {"code_name": "city", "variableId": "v1", "value": "Rome"}},
        },
    }
    made = await make_insight(api, query=query)
    override = {"v1": {"code_name": "city", "variableId": "v1", "value": "Oslo"}, "v2": {"value": "dropped"}}
    body = (await api.get(f"{INSIGHTS}{made['id']}/", params={"variables_override": json.dumps(override)})).json()
    assert body["query"]["source"]["variables"] == {"v1": override["v1"]}


@pytest.mark.parametrize("name", ["filters_override", "variables_override"])
async def test_malformed_override_is_400(api: httpx.AsyncClient, name: str) -> None:
    made = await make_insight(api)
    for text in ("{", "[1]"):
        answer = await api.get(f"{INSIGHTS}{made['id']}/", params={name: text})
        assert answer.status_code == 400
        assert answer.json()["attr"] == name
        assert answer.json()["detail"] == f"Invalid JSON passed in {name} parameter"


async def test_csv_has_one_row_with_dotted_columns(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="Signups, weekly")
    answer = await api.get(f"{INSIGHTS}{made['id']}/", params={"format": "csv", "basic": "1"})
    assert answer.headers["content-type"].startswith("text/csv")
    header, row = answer.text.splitlines()
    assert "created_by.email" in header.split(",")
    assert "query.source.series.0.event" in header.split(",")
    assert '"Signups, weekly"' in row


async def test_auth_failures_on_insights_are_403_by_the_sharing_rule(anonymous: httpx.AsyncClient) -> None:
    for headers, code in (({}, "not_authenticated"), ({"Authorization": "Bearer phx_x"}, "authentication_failed")):
        answer = await anonymous.get(INSIGHTS, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["type"] == "authentication_error"
        assert answer.json()["code"] == code
        assert "www-authenticate" not in answer.headers


async def test_retrieving_records_no_view(api: httpx.AsyncClient) -> None:
    made = await make_insight(api)
    await api.get(f"{INSIGHTS}{made['id']}/")
    again = (await api.get(f"{INSIGHTS}{made['id']}/")).json()
    assert again["last_viewed_at"] == made["last_viewed_at"]
