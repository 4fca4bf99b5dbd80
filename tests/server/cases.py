"""Calls of every tool in the small web shop: what is typical, and what models get wrong. Data anyone can add to."""

from dataclasses import dataclass
from typing import Any

from tests.server.world import funnel, trends
from tests.upstream import Upstream

SHORT = {1: "k6b86b27", 2: "kd4735e3", 3: "k4e07408", 4: "k4b22777"}

FILE = """
kind: insight
key: weekly-signups
name: Weekly signups
description: All new accounts, by week
query: {kind: TrendsQuery, series: [{kind: EventsNode, event: signed_up}], dateRange: {date_from: -90d}}
"""
WRONG_FILE = """
kind: insight
name: Signups
qurey: {kind: TrendsQuery}
---
kind: dashboard
name: Growth
tiles: [{insight: nothing}]
"""


@dataclass(frozen=True)
class Case:
    """One call, after those in `first`. Its answer is held in a snapshot named by the title."""

    title: str
    tool: str
    arguments: dict[str, Any]
    first: tuple[tuple[str, dict[str, Any]], ...] = ()


TYPICAL = [
    Case("list all", "insights-list", {}),
    Case("list by search", "insights-list", {"search": "sign", "limit": 1}),
    Case("list what was viewed last", "insights-list", {"order": "-last_viewed_at"}),
    Case("list trending", "insights-list", {"order": "trending"}),
    Case("list favorites", "insights-list", {"favorited": True}),
    Case("list those that are no favorites", "insights-list", {"favorited": "false"}),
    Case("list nothing", "insights-list", {"search": "zzz", "tags": ["growth"]}),
    Case("list beyond the end", "insights-list", {"offset": 40}),
    Case("get a trend", "insight-get", {"id": 1}),
    Case("get by short id", "insight-get", {"id": SHORT[3]}),
    Case("get by name", "insight-get", {"id": "weekly signups"}),
    Case("get as other servers ask", "insight-get", {"insightId": "1"}),
    Case("get by address", "insight-get", {"id": f"https://us.posthog.com/project/1/insights/{SHORT[2]}"}),
    Case("run a saved trend", "insight-query", {"id": "1"}),
    Case("run a saved funnel", "insight-query", {"id": SHORT[2], "filters_override": '{"date_from":"-7d"}'}),
    Case("run from the cache only", "insight-query", {"id": 1, "refresh": "force_cache"}),
    Case("run as old clients ask", "insight-query", {"id": 2, "refresh": True}),
    Case("run sql", "query-run", {"query": "SELECT plan, sum(amount) FROM events"}),
    Case("run a trend", "query-run", {"query": trends("signed_up")}),
    Case(
        "run a trend with near-misses",
        "query-run",
        {"query": {"kind": "trends", "series": ["signed_up"], "breakdown": "plan", "display": "line"}},
    ),
    Case("run a query given bare", "query-run", trends("signed_up")["source"]),
    Case("run a query as text", "query-run", {"query": '{"kind":"HogQLQuery","query":"select 1"}'}),
    Case("schema of events", "data-schema", {}),
    Case("schema of one event", "data-schema", {"event": "paid"}),
    Case("schema of people", "data-schema", {"type": "person"}),
    Case("schema of values", "data-schema", {"property": "plan"}),
    Case("schema of nothing", "data-schema", {"search": "zzz"}),
    Case(
        "create a trend",
        "insight-create",
        {"query": trends("signed_up")["source"], "name": "New accounts", "tags": ["growth"], "dashboards": [1]},
    ),
    Case("create without a name", "insight-create", {"query": funnel("paid", "signed_up")}),
    Case("create dry", "insight-create", {"query": "select plan from events", "name": "Plans", "dry_run": True}),
    Case(
        "update a query",
        "insight-update",
        {"id": 1, "query": {"dateRange": {"date_from": "-90d"}, "interval": "week"}, "name": "Signups by week"},
    ),
    Case("update the sql of a chart", "insight-update", {"id": 3, "query": "select plan, count() from events"}),
    Case("update the display of a chart", "insight-update", {"id": 3, "query": {"display": "BoldNumber"}}),
    Case("update dashboards", "insight-update", {"id": 1, "add_to_dashboards": [2], "remove_from_dashboards": [1]}),
    Case("update dry", "insight-update", {"id": 3, "query": trends("paid"), "dry_run": True}),
    Case("update to what it is", "insight-update", {"id": 1, "name": "Weekly signups"}),
    Case("delete", "insight-delete", {"id": 1, "confirm": True}),
    Case("delete dry", "insight-delete", {"id": 1, "dry_run": True}),
    Case("undo an update", "undo", {}, (("insight-update", {"id": 1, "query": {"interval": "week"}, "name": "New"}),)),
    Case("undo a delete", "undo", {"what": "u1"}, (("insight-delete", {"id": 1, "confirm": True}),)),
    Case("undo dry", "undo", {"dry_run": True}, (("insight-create", {"query": "select 1", "name": "One"}),)),
    Case("name a saved insight", "generate_metadata", {"id": 4}),
    Case("name a saved insight and save", "generate_metadata", {"id": 1, "apply": True}),
    Case("name sql", "generate_metadata", {"query": "select count() from events", "include_results": True}),
    Case("history of nothing", "insights-activity-retrieve", {}),
    Case("sharing", "insight-sharing", {"id": 1}),
    Case("share", "insight-sharing", {"id": 1, "action": "enable"}),
    Case("dashboards", "dashboards-list", {}),
    Case("dashboards by search", "dashboards-list", {"search": "team looks"}),
    Case("a dashboard", "dashboard-get", {"id": 1}),
    Case("a dashboard by name", "dashboard-get", {"id": "growth"}),
    Case("create a dashboard dry", "dashboard-create", {"name": "B", "tiles": {"old": 1}, "dry_run": True}),
    Case("rename a dashboard", "dashboard-update", {"id": 2, "name": "Care", "tags": ["x"]}),
    Case("delete a dashboard", "dashboard-update", {"id": 1, "deleted": True, "confirm": True}),
    Case("export an insight", "insights-files", {"insights": ["1"]}),
    Case("apply a file dry", "insights-files", {"yaml": FILE, "dry_run": True}),
    Case("apply a file", "insights-files", {"yaml": FILE}),
    Case("draw a trend as text", "insight-query", {"id": 1, "chart": "text"}),
    Case("draw a funnel as text", "query-run", {"query": funnel("signed_up", "paid"), "chart": "text"}),
    Case("a dashboard without tiles", "dashboard-get", {"id": "https://us.posthog.com/project/1/dashboard/2"}),
]

MISTAKES = [
    Case("files of nothing", "insights-files", {}),
    Case("files that are no yaml", "insights-files", {"yaml": "kind: insight\nname: [A"}),
    Case("a file and a dashboard with mistakes", "insights-files", {"yaml": WRONG_FILE}),
    Case("a chart of a kind that is not drawn", "insight-query", {"id": 1, "chart": "svg"}),
    Case("misspelt argument", "insights-list", {"date_form": "-7d"}),
    Case("unknown argument", "insight-delete", {"id": 1, "zzz": 1}),
    Case("undo nothing", "undo", {}),
    Case("create a look-alike", "insight-create", {"query": funnel("signed_up", "paid"), "name": "Paying"}),
    Case("a dashboard without tiles to be", "dashboard-create", {"name": "B"}),
    Case("a dashboard named as another", "dashboard-create", {"name": "Growth", "tiles": {"a": 1}}),
    Case("a tile that is not there", "dashboard-update", {"id": 1, "remove": ["Revenue"]}),
    Case("undo an unknown handle", "undo", {"what": "u77"}),
    Case("several wrong values", "insights-list", {"limit": 1000, "favorited": "maybe", "insight": "trend"}),
    Case("unknown order", "insights-list", {"order": "modified"}),
    Case("no date", "insights-list", {"date_from": "last week"}),
    Case("search too long", "insights-list", {"search": "x" * 201}),
    Case("no id", "insight-get", {}),
    Case("a name that is nearly right", "insight-get", {"id": "Weekly sign-up"}),
    Case("a name for the id of a write", "insight-update", {"id": "Weekly signups", "favorited": True}),
    Case("an id of nothing", "insight-get", {"id": 999}),
    Case("an unsaved address", "insight-get", {"id": "https://us.posthog.com/project/1/insights/new"}),
    Case("an address elsewhere", "insight-get", {"id": "https://us.posthog.com/project/7/insights/abcd1234"}),
    Case("a path for an id", "insight-get", {"id": "../../users/@me"}),
    Case("a list for an id", "insight-query", {"id": [1, 2]}),
    Case("unknown refresh", "insight-query", {"id": 1, "refresh": "always"}),
    Case("too few tokens", "insight-query", {"id": 1, "max_tokens": 5}),
    Case("text for an object", "insight-query", {"id": 1, "filters_override": "last week"}),
    Case("no query", "query-run", {}),
    Case("unknown kind", "query-run", {"query": {"kind": "TrendQuery"}}),
    Case("misspelt field", "query-run", {"query": trends("a", maths="dau")}),
    Case(
        "a date in words nobody knows", "query-run", {"query": trends("paid", dateRange={"date_from": "last tuesday"})}
    ),
    Case(
        "a sum of no property", "query-run", {"query": {"kind": "trend", "series": [{"event": "paid", "math": "sum"}]}}
    ),
    Case("a funnel of one step", "query-run", {"query": {"kind": "FunnelsQuery", "series": ["signed_up"]}}),
    Case("neither json nor sql", "query-run", {"query": "how many signups?"}),
    Case("groups of what", "data-schema", {"type": "group"}),
    Case("values of what", "data-schema", {"kind": "values"}),
    Case("create with a wrong query", "insight-create", {"query": {"kind": "FunnelsQuery", "series": "signed_up"}}),
    Case("create with an unknown event", "insight-create", {"query": trends("sined_up"), "name": "X"}),
    Case("update to an unknown event", "insight-update", {"id": 1, "query": {"series": ["sined_up"]}}),
    Case("create on no dashboard", "insight-create", {"query": trends("paid"), "dashboards": [77], "name": "X"}),
    Case("create with a number as text", "insight-create", {"query": trends("paid"), "dashboards": ["Growth"]}),
    Case("update nothing", "insight-update", {"id": 1}),
    Case("update to a wrong interval", "insight-update", {"id": 1, "query": {"interval": "fortnight"}}),
    Case("delete nothing", "insight-delete", {"id": "kNoSuch1"}),
    Case("delete what others use", "insight-delete", {"id": 2}),
    Case("delete a dashboard that others use", "dashboard-update", {"id": 1, "deleted": True}),
    Case("name nothing", "generate_metadata", {}),
    Case("save the name of a query", "generate_metadata", {"query": "select 1", "apply": True}),
    Case("history page zero", "insights-activity-retrieve", {"page": 0}),
    Case("unknown sharing", "insight-sharing", {"id": 1, "action": "publish"}),
    Case("dashboards by number", "dashboards-list", {"limit": "many"}),
    Case("a dashboard by a wrong name", "dashboard-get", {"id": "Growht"}),
    Case("a dashboard of nothing", "dashboard-get", {"id": 99}),
    Case("unknown tool", "insight-lst", {}),
]


def history(upstream: Upstream) -> None:
    """Let Ada and Grace have changed something."""
    chart = upstream.world.insights[1]
    before, after = (
        trends("signed_up", dateRange={"date_from": "-30d"}),
        trends("signed_up", dateRange={"date_from": "-90d"}),
    )
    for user, name, changes in (
        ("Ada", "created", None),
        ("Grace", "updated", [{"field": "query", "before": before, "after": after}]),
        ("Ada", "updated", [{"field": "name", "before": "Signups", "after": "Weekly signups"}]),
        ("Ada", "sharing enabled", [{"field": "sharing", "before": False, "after": True}]),
    ):
        upstream.world.activity.append(
            {
                "id": f"0000-{len(upstream.world.activity)}",
                "user": {"first_name": user, "email": f"{user}@example.com"},
                "activity": name,
                "scope": "Insight",
                "item_id": str(chart["id"]),
                "created_at": upstream.world.stamp(),
                "detail": {"changes": changes, "name": chart["name"], "short_id": chart["short_id"]},
            }
        )
