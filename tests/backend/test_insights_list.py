"""GET /insights/: filters, order, paging (facts/rest-api.md 2.5, 4.1)."""

import json

import httpx
import pytest

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import get_organization
from insights_mcp.local.store.users import create_user
from insights_mcp.local.store.views import record_views
from tests.backend.canned import RESULTS
from tests.backend.conftest import TestClock
from tests.backend.samples import (
    DASHBOARDS,
    FUNNEL,
    HOGQL,
    INSIGHTS,
    RETENTION,
    SQL,
    TRENDS,
    VIZ,
    make_dashboard,
    make_insight,
    names,
)

pytestmark = pytest.mark.anyio


async def test_envelope_counts_all_and_links_the_neighbours(api: httpx.AsyncClient) -> None:
    for name in "abcde":
        await make_insight(api, name=name)
    first = (await api.get(INSIGHTS, params={"limit": "2", "basic": "1"})).json()
    assert list(first) == ["count", "next", "previous", "results"]
    assert (first["count"], first["previous"]) == (5, None)
    assert first["next"] == f"http://testserver{INSIGHTS}?basic=1&limit=2&offset=2"
    second = (await api.get(first["next"])).json()
    assert [insight["name"] for insight in second["results"]] == ["c", "d"]
    assert second["previous"] == f"http://testserver{INSIGHTS}?basic=1&limit=2"
    last = (await api.get(second["next"])).json()
    assert last["next"] is None
    assert last["previous"] == f"http://testserver{INSIGHTS}?basic=1&limit=2&offset=2"


async def test_links_keep_the_environments_prefix_of_the_caller(api: httpx.AsyncClient) -> None:
    await make_insight(api)
    await make_insight(api)
    answer = await api.get("/api/environments/1/insights?limit=1")
    assert answer.json()["next"] == "http://testserver/api/environments/1/insights?limit=1&offset=1"


@pytest.mark.parametrize("limit", ["0", "-1", "x", "", "9" * 40])
async def test_useless_limit_and_offset_fall_back_to_the_defaults(api: httpx.AsyncClient, limit: str) -> None:
    await make_insight(api, name="a")
    assert await names(api, limit=limit) == ["a"]
    if not limit.startswith("9"):
        assert await names(api, offset=limit) == ["a"]


async def test_unknown_parameters_are_ignored(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="a")
    assert await names(api, nonsense="1") == ["a"]


async def test_full_list_shows_cached_results_and_computes_nothing(api: httpx.AsyncClient) -> None:
    await api.post(INSIGHTS, params={"refresh": "blocking"}, json={"query": VIZ, "name": "cached"})
    await make_insight(api, name="never run", query=FUNNEL)
    listed = (await api.get(INSIGHTS)).json()["results"]
    assert [(insight["name"], insight["result"]) for insight in listed] == [("cached", RESULTS), ("never run", None)]
    assert "filters_hash" in listed[0]


async def test_refresh_applies_to_every_listed_insight(api: httpx.AsyncClient) -> None:
    await make_insight(api)
    assert (await api.get(INSIGHTS, params={"refresh": "blocking"})).json()["results"][0]["result"] == RESULTS


async def test_deleted_insights_are_never_listed(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="gone")
    await api.patch(f"{INSIGHTS}{made['id']}/", json={"deleted": True})
    assert await names(api) == []


async def test_default_order_is_by_order_with_nulls_last_then_by_number(api: httpx.AsyncClient) -> None:
    for name, order in (("none", None), ("second", 2), ("first", 1), ("none too", None)):
        await make_insight(api, name=name, order=order)
    assert await names(api) == ["first", "second", "none", "none too"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("name", ["apple", "Banana", "cherry"]),
        ("-name", ["cherry", "Banana", "apple"]),
        ("created_at", ["Banana", "cherry", "apple"]),
        ("-created_at", ["apple", "cherry", "Banana"]),
        ("-last_modified_at", ["Banana", "apple", "cherry"]),
        ("-id", ["apple", "cherry", "Banana"]),
        ("favorited", ["Banana", "apple", "cherry"]),
        ("created_by", ["Banana", "cherry", "apple"]),
    ],
)
async def test_lists_are_ordered_as_asked(api: httpx.AsyncClient, order: str, expected: list[str]) -> None:
    banana = await make_insight(api, name="Banana")
    await make_insight(api, name="cherry", favorited=True)
    await make_insight(api, name="apple")
    await api.patch(f"{INSIGHTS}{banana['id']}/", json={"description": "changed last"})
    assert await names(api, order=order) == expected


async def test_never_viewed_insights_come_last_down_and_first_up(api: httpx.AsyncClient, store: Store) -> None:
    first, second, never = [await make_insight(api, name=name) for name in ("first", "second", "never")]
    with store.write() as db:
        db.execute("DELETE FROM insight_views")
    await api.post(f"{INSIGHTS}viewed/", json={"insight_ids": [first["id"]]})
    await api.post(f"{INSIGHTS}viewed/", json={"insight_ids": [second["id"]]})
    assert never["name"] == "never"
    assert await names(api, order="-last_viewed_at") == ["second", "first", "never"]
    assert await names(api, order="last_viewed_at") == ["never", "first", "second"]


@pytest.mark.parametrize("order", ["nonsense", "-nonsense", "name,id", "query; DROP TABLE insights", "--name"])
async def test_unknown_order_is_refused_with_the_choices(api: httpx.AsyncClient, order: str) -> None:
    answer = await api.get(INSIGHTS, params={"order": order})
    assert answer.status_code == 400
    assert answer.json()["attr"] == "order"
    assert "last_viewed_at" in answer.json()["detail"]


async def test_search_finds_substrings_first_and_then_what_resembles(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="Retenton of teams")
    await make_insight(api, name="Weekly retention")
    await make_insight(api, name="Revenue")
    await make_insight(api, name="Tagged", tags=["retention"])
    await make_insight(api, name="Described", description="Retention by plan")
    answer = await api.get(INSIGHTS, params={"search": "retention", "basic": "1"})
    found = [(insight["name"], insight["search_match_type"]) for insight in answer.json()["results"]]
    assert [name for name, match in found if match == "similar"] == ["Retenton of teams"]
    assert {name for name, match in found if match == "exact"} == {"Weekly retention", "Tagged", "Described"}
    assert found[-1] == ("Retenton of teams", "similar")
    assert found[-2] == ("Described", "exact")
    assert answer.json()["count"] == 4


async def test_misspelled_search_still_finds(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="Signups by country")
    await make_insight(api, name="Daily active users")
    assert await names(api, search="singups") == ["Signups by country"]
    assert await names(api, search="dayly actve users") == ["Daily active users"]
    assert await names(api, search="zzzz") == []


async def test_match_type_is_shown_only_when_searching(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="a")
    assert "search_match_type" not in (await api.get(INSIGHTS)).json()["results"][0]


async def test_explicit_order_overrides_relevance_and_paging_works(api: httpx.AsyncClient) -> None:
    for name in ("signup b", "signup a", "signup c"):
        await make_insight(api, name=name)
    assert await names(api, search="signup", order="-name") == ["signup c", "signup b", "signup a"]
    assert await names(api, search="signup", order="name", limit="1", offset="1") == ["signup b"]


async def test_insight_with_several_matching_tags_appears_once(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="x", tags=["growth one", "growth two"])
    answer = (await api.get(INSIGHTS, params={"search": "growth"})).json()
    assert answer["count"] == 1


async def test_blank_search_filters_nothing_and_a_long_one_is_refused(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="a")
    assert await names(api, search="  ") == ["a"]
    assert await names(api, search="\0a") == ["a"]
    assert await names(api, search="x" * 200) == []
    answer = await api.get(INSIGHTS, params={"search": "x" * 201})
    assert answer.json()["attr"] == "search"
    assert answer.json()["detail"] == "Search query must be 200 characters or fewer."


async def test_created_by_is_an_array_of_users_and_user_means_me(api: httpx.AsyncClient, store: Store) -> None:
    await make_insight(api, name="mine")
    theirs = await make_insight(api, name="theirs")
    with store.write() as db:
        other = create_user(
            db, get_organization(db).id, first_name="B", last_name="", email="b@x.org", now=store.clock()
        )
        db.execute("UPDATE insights SET created_by = ? WHERE id = ?", (other.id, theirs["id"]))
    assert await names(api, created_by="[1]") == ["mine"]
    assert await names(api, created_by=f"[1,{other.id}]") == ["mine", "theirs"]
    assert await names(api, created_by=str(other.id)) == ["theirs"]
    assert await names(api, created_by="[]") == ["mine", "theirs"]
    assert await names(api, user="false") == ["mine"]


async def test_favorited_filters_by_its_mere_presence(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="plain")
    await make_insight(api, name="favorite", favorited=True)
    for value in ("true", "false", ""):
        assert await names(api, favorited=value) == ["favorite"]


async def test_saved_includes_what_stands_on_a_listed_dashboard(api: httpx.AsyncClient) -> None:
    listed, unlisted = await make_dashboard(api), await make_dashboard(api, creation_mode="unlisted")
    await make_insight(api, name="saved")
    await make_insight(api, name="draft", saved=False)
    await make_insight(api, name="draft on dashboard", saved=False, dashboards=[listed["id"]])
    await make_insight(api, name="draft on unlisted", saved=False, dashboards=[unlisted["id"]])
    assert await names(api, saved="true") == ["saved", "draft on dashboard"]
    assert await names(api, saved="0") == ["draft", "draft on dashboard", "draft on unlisted"]


@pytest.mark.parametrize(
    ("insight", "expected"),
    [
        ("TRENDS", ["trends"]),
        ("FUNNELS", ["funnel"]),
        ("RETENTION", ["retention"]),
        ("PATHS", []),
        ("SQL", ["sql"]),
        ("JSON", ["bare trends", "bare sql", "table"]),
        ("NONSENSE", []),
    ],
)
async def test_insight_type_tells_queries_apart(api: httpx.AsyncClient, insight: str, expected: list[str]) -> None:
    table = {"kind": "DataTableNode", "source": {"kind": "EventsQuery", "select": ["event"]}}
    for name, query in (
        ("trends", VIZ),
        ("funnel", FUNNEL),
        ("retention", RETENTION),
        ("sql", SQL),
        ("bare trends", TRENDS),
        ("bare sql", HOGQL),
        ("table", table),
    ):
        await make_insight(api, name=name, query=query)
    assert await names(api, insight=insight) == expected


async def test_dates_are_strict_bounds_relative_or_absolute(api: httpx.AsyncClient, clock: TestClock) -> None:
    await make_insight(api, name="old")
    clock.advance(days=10)
    await make_insight(api, name="new")
    assert await names(api, date_from="-7d") == ["new"]
    assert await names(api, date_to="-7d") == ["old"]
    assert await names(api, created_date_from="2026-03-05") == ["new"]
    assert await names(api, created_date_to="2026-03-05T00:00:00Z") == ["old"]
    assert await names(api, last_viewed_date_from="-1d") == ["new"]
    assert await names(api, date_from="mStart") == ["old", "new"]
    assert await names(api, date_from="all") == ["old", "new"]


async def test_dates_are_read_in_the_projects_time_zone(api: httpx.AsyncClient) -> None:
    await api.patch("/api/projects/1/", json={"timezone": "Pacific/Kiritimati"})  # UTC+14
    await make_insight(api, name="made at 02:00 on March 2")
    assert await names(api, created_date_from="2026-03-02") == ["made at 02:00 on March 2"]
    assert await names(api, created_date_from="2026-03-02T03:00:00") == []


async def test_text_that_is_no_date_is_refused(api: httpx.AsyncClient) -> None:
    answer = await api.get(INSIGHTS, params={"created_date_from": "%%%"})
    assert answer.status_code == 400
    assert answer.json()["attr"] == "created_date_from"


async def test_never_viewed_insights_fall_out_of_view_dates(api: httpx.AsyncClient, store: Store) -> None:
    await make_insight(api, name="never")
    with store.write() as db:
        db.execute("DELETE FROM insight_views")
    assert await names(api, last_viewed_date_from="-10y") == []
    assert await names(api, last_viewed_date_to="2030-01-01") == []


async def test_view_dates_look_at_the_latest_view_by_anyone(
    api: httpx.AsyncClient, store: Store, clock: TestClock
) -> None:
    made = await make_insight(api, name="x")
    clock.advance(days=10)
    with store.write() as db:
        other = create_user(
            db, get_organization(db).id, first_name="B", last_name="", email="b@x.org", now=store.clock()
        )
        record_views(db, 1, other.id, [made["id"]], store.clock())
    assert await names(api, last_viewed_date_from="-1d") == ["x"]
    assert await names(api, last_viewed_date_to="-1d") == []


async def test_dashboards_must_all_hold_the_insight(api: httpx.AsyncClient) -> None:
    one, two = await make_dashboard(api), await make_dashboard(api)
    both = await make_insight(api, name="both", dashboards=[one["id"], two["id"]])
    await make_insight(api, name="one", dashboards=[one["id"]])
    assert await names(api, dashboards=json.dumps([one["id"]])) == ["both", "one"]
    assert await names(api, dashboards=json.dumps([one["id"], two["id"]])) == ["both"]
    await api.patch(f"{INSIGHTS}{both['id']}/", json={"dashboards": [two["id"]]})
    assert await names(api, dashboards=json.dumps([one["id"]])) == ["one"]


async def test_insights_of_a_deleted_dashboard_are_not_on_it(api: httpx.AsyncClient) -> None:
    board = await make_dashboard(api)
    await make_insight(api, name="x", dashboards=[board["id"]])
    await api.patch(f"{DASHBOARDS}{board['id']}/", json={"deleted": True})
    assert await names(api, dashboards=json.dumps([board["id"]])) == []
    assert await names(api) == ["x"]


async def test_any_of_the_tags_is_enough_and_tags_are_exact(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="a", tags=["x", "y"])
    await make_insight(api, name="b", tags=["y"])
    await make_insight(api, name="c", tags=["yy"])
    assert await names(api, tags='["x","y"]') == ["a", "b"]
    assert await names(api, tags='["yy"]') == ["c"]


async def test_events_must_all_occur_in_the_query(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="trends")
    await make_insight(api, name="funnel", query=FUNNEL)
    await make_insight(api, name="retention", query=RETENTION)
    assert await names(api, events='["signed_up"]') == ["trends", "funnel", "retention"]
    assert await names(api, events='["signed_up","paid"]') == ["funnel"]
    assert await names(api, events='["opened"]') == ["retention"]


async def test_short_id_lists_none_or_one(api: httpx.AsyncClient) -> None:
    made = await make_insight(api, name="x")
    await make_insight(api, name="y")
    assert await names(api, short_id=made["short_id"]) == ["x"]
    assert await names(api, short_id="unknown") == []


@pytest.mark.parametrize("name", ["created_by", "dashboards", "tags", "events"])
@pytest.mark.parametrize("text", ["{", "[", '{"a":1}', '[{"a":1}]', "[true]", "[1.5]", "true"])
async def test_malformed_json_in_a_filter_is_400_naming_it(api: httpx.AsyncClient, name: str, text: str) -> None:
    answer = await api.get(INSIGHTS, params={name: text})
    assert answer.status_code == 400
    assert answer.json()["attr"] == name


async def test_filters_hold_together(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="a", tags=["x"], favorited=True)
    await make_insight(api, name="b", tags=["x"])
    assert await names(api, tags='["x"]', favorited="1") == ["a"]


async def test_list_as_csv_flattens_the_envelope(api: httpx.AsyncClient) -> None:
    await make_insight(api, name="=cmd()")
    answer = await api.get(INSIGHTS, params={"format": "csv", "basic": "1"})
    header, row = answer.text.splitlines()
    cells = dict(zip(header.split(","), row.split(","), strict=True))
    assert cells["count"] == "1"
    assert cells["results.0.name"] == "'=cmd()"


async def test_unknown_format_is_404(api: httpx.AsyncClient) -> None:
    assert (await api.get(INSIGHTS, params={"format": "xml"})).status_code == 404
