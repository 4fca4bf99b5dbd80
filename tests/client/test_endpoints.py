"""Every living endpoint, through the client, against the fake PostHog."""

import json

import pytest

from insights_mcp.errors import PermissionDenied
from insights_mcp.schema.insights import DashboardPatch, DashboardWrite, InsightPatch, InsightWrite
from tests.upstream import Upstream, sql, trends

pytestmark = pytest.mark.anyio


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


async def test_nothing_is_asked_before_the_first_call(upstream: Upstream) -> None:
    async with upstream.client() as api:
        assert api.insight_url("abc") == "https://us.posthog.com/insights/abc"
        assert api.dashboard_url(3) == "https://us.posthog.com/dashboard/3"

    assert upstream.requests == []


async def test_project_is_found_once_through_the_keys_owner(upstream: Upstream) -> None:
    async with upstream.client() as api:
        project = await api.project()
        again = await api.project()
        await api.insights.list()
        url = api.insight_url("abc")

    assert (project.id, project.name, project.timezone) == (1, "Web shop", "UTC")
    assert project.organization == upstream.world.organization["id"]
    assert again == project
    assert [r.url.path for r in upstream.requests] == ["/api/users/@me/", "/api/projects/1/insights/"]
    assert url == "https://us.posthog.com/project/1/insights/abc"


async def test_given_project_is_used_without_asking_who_owns_the_key(upstream: Upstream) -> None:
    upstream.add_project(7, "Other", timezone="Europe/Berlin")
    async with upstream.client(project_id=7) as api:
        await api.insights.list()
        project = await api.project()

    assert [r.url.path for r in upstream.requests] == ["/api/projects/7/insights/", "/api/projects/7/"]
    assert (project.name, project.timezone) == ("Other", "Europe/Berlin")


async def test_every_request_carries_key_agent_and_json(upstream: Upstream) -> None:
    async with upstream.client() as api:
        await api.queries.run({"kind": "HogQLQuery", "query": "select 1"})

    request = upstream.requests[-1]
    assert request.headers["authorization"] == "Bearer phx_test_key_of_ada"
    assert request.headers["user-agent"].startswith("insights-mcp/")
    assert request.headers["accept"] == request.headers["content-type"] == "application/json"


async def test_insight_goes_through_its_whole_life(upstream: Upstream) -> None:
    board = upstream.add_dashboard(name="Growth")
    async with upstream.client() as api:
        made = await api.insights.create(
            InsightWrite(name="Signups", query=trends("signed_up"), tags=["Growth "], dashboards=[board["id"]])
        )
        read = await api.insights.get(made.short_id)
        changed = await api.insights.update(made.id, InsightPatch(name="Sign-ups", favorited=True))
        deleted = await api.insights.update(made.short_id, InsightPatch(deleted=True))
        listed = await api.insights.list()
        restored = await api.insights.update(made.short_id, InsightPatch(deleted=False))

    assert made.tags == ("growth",)
    assert made.dashboard_ids == (board["id"],)
    assert read.id == made.id
    assert read.query == trends("signed_up")
    assert (changed.name, changed.favorited) == ("Sign-ups", True)
    assert deleted.deleted
    assert listed.results == []
    assert (restored.deleted, restored.dashboard_ids) == (False, ())


async def test_only_given_fields_are_written_and_null_is_one(upstream: Upstream) -> None:
    insight = upstream.add_insight(name="A", description="old", query=trends())
    async with upstream.client() as api:
        await api.insights.update(insight["id"], InsightPatch(description=None))

    assert json.loads(upstream.asked("PATCH", "insights")[0].content) == {"description": None}


async def test_writes_and_queries_say_they_come_from_mcp(upstream: Upstream) -> None:
    async with upstream.client() as api:
        made = await api.insights.create(InsightWrite(name="S", query={"kind": "HogQLQuery", "query": "select 1"}))
        await api.insights.update(made.id, InsightPatch(name="T"))
        await api.queries.run({"kind": "HogQLQuery", "query": "select 1"})

    sent = [r for r in upstream.requests if r.method in ("POST", "PATCH")]
    assert [r.headers.get("x-posthog-client") for r in sent] == ["mcp"] * 3
    assert made.query == sql("select 1")


async def test_activity_of_one_and_of_all_comes_in_pages(upstream: Upstream) -> None:
    async with upstream.client() as api:
        first = await api.insights.create(InsightWrite(name="One", query=trends()))
        await api.insights.create(InsightWrite(name="Two", query=trends()))
        await api.insights.update(first.id, InsightPatch(name="Uno"))
        page = await api.insights.activity(limit=2)
        rest = await api.insights.activity(limit=2, page=2)
        beyond = await api.insights.activity(limit=2, page=9)
        one = await api.insights.activity(first.short_id)

    assert [entry.activity for entry in page.results] == ["updated", "created"]
    assert (page.total_count, page.next_page) == (3, 2)
    assert (len(rest.results), rest.next_page) == (1, None)
    assert beyond.results == ()
    assert [(c.field, c.before, c.after) for c in one.results[0].detail.changes] == [("name", "One", "Uno")]
    assert one.results[0].user is not None
    assert one.results[0].user.name == "Ada"


async def test_views_count_towards_trending(upstream: Upstream) -> None:
    a, b = upstream.add_insight(name="A", query=trends()), upstream.add_insight(name="B", query=trends())
    upstream.add_user(2, "Bob", "bob@example.com")
    upstream.world.views[(2, b["id"])] = upstream.world.now
    async with upstream.client() as api:
        await api.insights.viewed([a["id"], b["id"]])
        rows = await api.insights.trending(days=7, limit=1)

    assert [(row.name, row.view_count) for row in rows] == [("B", 2)]
    assert [viewer.first_name for viewer in rows[0].viewers] == ["Bob", "Ada"]
    assert json.loads(upstream.asked("POST", "viewed")[0].content) == {"insight_ids": [a["id"], b["id"]]}


async def test_nothing_viewed_asks_nothing_of_the_view_endpoint(upstream: Upstream) -> None:
    async with upstream.client() as api:
        await api.insights.viewed([])

    assert upstream.asked("POST", "viewed") == []


async def test_what_keys_may_not_do_says_that_no_scope_helps(upstream: Upstream) -> None:
    insight = upstream.add_insight(name="A", query=trends())
    async with upstream.client() as api:
        for refused in (
            api.insights.my_last_viewed(),
            api.insights.analyze(insight["id"]),
            api.insights.suggestions(insight["id"]),
            api.insights.suggestions(insight["id"], "what next?"),
        ):
            with pytest.raises(PermissionDenied, match="does not let personal API keys") as caught:
                await refused
            assert caught.value.scope is None


async def test_cancel_takes_the_way_open_to_keys(upstream: Upstream) -> None:
    async with upstream.client() as api:
        await api.insights.cancel("query-7")

    assert upstream.world.cancelled == ["query-7"]


async def test_posthogs_own_namer_answers(upstream: Upstream) -> None:
    async with upstream.client() as api:
        named = await api.insights.generate_metadata(trends())

    assert (named.name, named.description) == ("Pageviews Over Time", "How many pages people looked at.")


async def test_insight_is_shared_with_a_password_and_unshared(upstream: Upstream) -> None:
    insight = upstream.add_insight(name="A", query=trends())
    async with upstream.client() as api:
        before = await api.sharing.get(insight["short_id"])
        on = await api.sharing.update(insight["short_id"], enabled=True, password_required=True)
        made = await api.sharing.create_password(insight["id"], raw_password="correct horse", note="for Eve")
        listed = await api.sharing.get(insight["id"])
        await api.sharing.delete_password(insight["id"], made.id)
        fresh = await api.sharing.refresh(insight["id"])
        pages = [api.sharing.page_url(state) for state in (before, on)]

    assert (before.enabled, on.enabled) == (False, True)
    assert made.password == "correct horse"
    assert "correct horse" not in repr(made)
    assert [p.note for p in listed.share_passwords] == ["for Eve"]
    assert (fresh.access_token, fresh.share_passwords) == ("token-1-2", ())
    assert pages == [None, "https://us.posthog.com/shared/token-1-1"]


async def test_alerts_and_thresholds_are_read(upstream: Upstream) -> None:
    insight = upstream.add_insight(name="A", query=trends())
    bounds = {"bounds": {"lower": 1, "upper": None}, "type": "absolute"}
    upstream.world.thresholds.append({"id": "t1", "name": "Low", "insight": insight["id"], "configuration": bounds})
    upstream.world.alerts.append({"id": "a1", "name": "Drop", "insight": insight["id"], "state": "Firing"})
    async with upstream.client() as api:
        alerts = await api.alerts.list(insight["short_id"])
        everything = await api.alerts.list()
        thresholds = await api.alerts.thresholds(insight["short_id"])
        one = await api.alerts.threshold(insight["id"], "t1")

    assert [(alert.name, alert.state) for alert in alerts.results] == [("Drop", "Firing")]
    assert everything.count == 1
    assert one == thresholds.results[0]
    assert one.configuration is not None
    assert one.configuration.bounds is not None
    assert (one.configuration.bounds.lower, one.configuration.bounds.upper) == (1.0, None)


async def test_dashboard_goes_through_its_whole_life(upstream: Upstream) -> None:
    async with upstream.client() as api:
        made = await api.dashboards.create(DashboardWrite(name="Growth", tags=["team"]))
        insight = await api.insights.create(InsightWrite(name="A", query=trends(), dashboards=[made.id]))
        read = await api.dashboards.get(made.id)
        changed = await api.dashboards.update(made.id, DashboardPatch(pinned=True))
        tagged = await api.dashboards.list(tags=["team"])
        none = await api.dashboards.list(tags=["other"])
        gone = await api.dashboards.update(made.id, DashboardPatch(deleted=True))

    assert [tile.insight.name for tile in read.tiles if tile.insight] == ["A"]
    assert insight.dashboard_ids == (made.id,)
    assert changed.pinned
    assert [board.name for board in tagged.results] == ["Growth"]
    assert none.count == 0
    assert gone.deleted


async def test_definitions_tell_events_properties_and_values(upstream: Upstream) -> None:
    upstream.add_event("$pageview")
    upstream.add_event("signed_up")
    upstream.add_property("$browser", events=("$pageview",), values=("Chrome", "Firefox", True))
    upstream.add_property("plan", events=("signed_up",))
    upstream.add_property("email", type="person", values=("ada@example.com",))
    async with upstream.client() as api:
        events = await api.definitions.events(search="sign")
        seen = await api.definitions.properties(event_names=["signed_up"])
        person = await api.definitions.properties(type="person")
        values = await api.definitions.values("$browser")
        some = await api.definitions.values("$browser", search="fire")
        emails = await api.definitions.values("email", type="person")

    assert [event.name for event in events.results] == ["signed_up"]
    assert [(p.name, p.is_seen_on_filtered_events) for p in seen.results] == [("plan", True)]
    assert [p.name for p in person.results] == ["email"]
    assert [value.name for value in values] == ["Chrome", "Firefox", "true"]
    assert [value.name for value in some] == ["Firefox"]
    assert [value.name for value in emails] == ["ada@example.com"]


async def test_owner_projects_and_organizations_are_read(upstream: Upstream) -> None:
    async with upstream.client() as api:
        me = await api.users.me()
        projects = await api.projects.list()
        project = await api.projects.get(1)
        organizations = await api.organizations.list()
        organization = await api.organizations.get("@current")

    assert (me.id, me.name, me.email) == (1, "Ada", "ada@example.com")
    assert me.organization is not None
    assert [team.id for team in me.organization.teams] == [1]
    assert [p.name for p in projects.results] == [project.name] == ["Web shop"]
    assert organizations.results[0].id == organization.id
    assert [team.name for team in organization.teams] == ["Web shop"]


async def test_element_stats_can_be_limited_to_a_kind(upstream: Upstream) -> None:
    upstream.world.elements += [{"count": 3, "hash": None, "type": "$rageclick", "elements": [{"text": "Buy"}]}]
    async with upstream.client() as api:
        rage = await api.elements.stats(include=["$rageclick"], date_from="-7d")
        none = await api.elements.stats(include=["$autocapture"])

    assert (rage.results[0].count, rage.results[0].elements) == (3, ({"text": "Buy"},))
    assert none.results == []
