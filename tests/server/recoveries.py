"""What models get wrong, and the second call they make when they follow only what the first answer says.

The second call is written by hand from the text of the first: if the text did not say it, it must not be here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.server.world import funnel, line, trends, web_shop
from tests.upstream import KEY, Upstream
from tests.upstream_world import Refused


@dataclass(frozen=True)
class Recovery:
    """A mistaken call, what its answer says, and the call that follows from it with a part of its answer."""

    title: str
    tool: str
    arguments: dict[str, Any]
    says: str
    then: tuple[str, dict[str, Any]]
    answers: str
    prepare: Callable[[Upstream], object] = field(default=lambda upstream: None)
    is_refused: bool = True


@dataclass(frozen=True)
class Mend:
    """A mistaken call that is understood all the same, and what the answer says of it."""

    title: str
    tool: str
    arguments: dict[str, Any]
    says: str


EVENT = {"kind": "EventsNode", "event": "signed_up"}


def trend(**more: Any) -> dict[str, Any]:
    return {"kind": "TrendsQuery", "series": [EVENT], **more}


def quiet(upstream: Upstream, finds: Callable[[dict[str, Any]], bool]) -> None:
    """Let trends that do not ask for the right thing find nothing."""
    upstream.answers(
        lambda source: source.get("kind") == "TrendsQuery" and not finds(source), results=[line("signed_up", [0, 0])]
    )


def counts_only(event: str) -> Callable[[Upstream], None]:
    return lambda upstream: quiet(upstream, lambda source: source["series"][0].get("event") == event)


def holds_only(value: object) -> Callable[[Upstream], None]:
    return lambda upstream: quiet(upstream, lambda source: [value] == [one["value"] for one in source["properties"]])


def has_key_only(key: str) -> Callable[[Upstream], None]:
    return lambda upstream: quiet(upstream, lambda source: [key] == [one["key"] for one in source["properties"]])


def refuses(status: int, code: str, detail: str, when: Callable[[dict[str, Any]], bool]) -> Callable[[Upstream], None]:
    return lambda upstream: upstream.answers(when, Refused(status, "validation_error", code, detail))


def sql_refused(
    detail: str, good: str, *, status: int = 400, code: str = "invalid_input"
) -> Callable[[Upstream], None]:
    """Let every SQL query fail that does not hold `good`."""
    return refuses(status, code, detail, lambda source: source["kind"] == "HogQLQuery" and good not in source["query"])


def too_slow(source: dict[str, Any]) -> bool:
    return source["kind"] == "TrendsQuery" and source.get("dateRange", {}).get("date_from") in ("-2y", "all")


def lacks(*scopes: str) -> Callable[[Upstream], None]:
    everything = {"insight", "query", "dashboard", "user", "activity_log", "event_definition", "property_definition"}

    def take(upstream: Upstream) -> None:
        kept = {f"{one}:{act}" for one in everything for act in ("read", "write")} - set(scopes)
        upstream.keys[KEY].scopes = frozenset(kept)

    return take


def deletes_one(upstream: Upstream) -> None:
    upstream.world.insights[1]["deleted"] = True


def only_old_insight_is_slow(upstream: Upstream) -> None:
    upstream.world.insights[1]["query"] = trends("signed_up", dateRange={"date_from": "-2y"})
    slow_years(upstream)


TIMEOUT = "Query has hit the max execution time before completing. See our docs."
slow_years = refuses(504, "error", TIMEOUT, too_slow)
RECOVERIES = [
    Recovery(
        "misspelt math",
        "query-run",
        {"query": {"kind": "TrendsQuery", "series": [{"event": "signed_up", "math": "totl"}]}},
        "Did you mean total?",
        ("query-run", {"query": {"kind": "TrendsQuery", "series": [{"event": "signed_up", "math": "total"}]}}),
        "signed_up: total 70",
    ),
    Recovery(
        "display that does not exist",
        "query-run",
        {"query": trend(display="hologram")},
        "ActionsLineGraph",
        ("query-run", {"query": trend(trendsFilter={"display": "ActionsLineGraph"})}),
        "signed_up: total 70",
    ),
    Recovery(
        "interval that does not exist",
        "insight-update",
        {"id": 1, "query": {"interval": "fortnight"}},
        "Allowed: minute, hour, day, week, month, quarter, year",
        ("insight-update", {"id": 1, "query": {"interval": "week"}}),
        "interval day -> week",
    ),
    Recovery(
        "query without a kind",
        "query-run",
        {"query": {"series": [EVENT]}},
        'Did you mean TrendsQuery? Example: {"kind": "TrendsQuery", "series": [{"kind": "EventsNode"',
        ("query-run", {"query": trend()}),
        "signed_up: total 70",
    ),
    Recovery(
        "date nobody can read",
        "query-run",
        {"query": trend(dateRange={"date_from": "since launch"})},
        '{"date_from": "-30d"',
        ("query-run", {"query": trend(dateRange={"date_from": "-30d"})}),
        "signed_up: total 70",
    ),
    Recovery(
        "sum of no property",
        "query-run",
        {"query": {"kind": "TrendsQuery", "series": [{"event": "paid", "math": "sum"}]}},
        '{"math": "sum", "math_property": "amount"}',
        (
            "query-run",
            {"query": {"kind": "TrendsQuery", "series": [{"event": "paid", "math": "sum", "math_property": "amount"}]}},
        ),
        "total 70",
    ),
    Recovery(
        "funnel of one step",
        "insight-create",
        {"query": funnel("signed_up"), "name": "Paying"},
        "at least two steps",
        ("insight-create", {"query": funnel("signed_up", "paid"), "name": "Paying", "force": True}),
        "12% convert",
    ),
    Recovery(
        "two breakdowns that contradict",
        "query-run",
        {"query": trend(breakdown="plan", breakdownFilter={"breakdown": "$os"})},
        'Example: {"breakdownFilter": {"breakdown": "plan"}}',
        ("query-run", {"query": trend(breakdownFilter={"breakdown": "plan"})}),
        "signed_up: total 70",
    ),
    Recovery(
        "saving an unknown event",
        "insight-create",
        {"query": trends("sign_up"), "name": "New"},
        "did you mean signed_up",
        ("insight-create", {"query": trends("signed_up"), "name": "New"}),
        "Created",
    ),
    Recovery(
        "running an unknown event",
        "query-run",
        {"query": trends("signedup")},
        "No event signedup was ever seen; did you mean signed_up",
        ("query-run", {"query": trends("signed_up")}),
        "signed_up: total 70",
        prepare=counts_only("signed_up"),
        is_refused=False,
    ),
    Recovery(
        "filtering by an unknown property",
        "query-run",
        {"query": trend(properties=[{"key": "plann", "value": ["pro"]}])},
        "signed_up has no property plann; did you mean plan?",
        ("query-run", {"query": trend(properties=[{"key": "plan", "value": ["pro"]}])}),
        "signed_up: total 70",
        prepare=has_key_only("plan"),
        is_refused=False,
    ),
    Recovery(
        "filtering by a value in the wrong case",
        "query-run",
        {"query": trend(properties=[{"key": "plan", "value": "Pro"}])},
        "plan was never Pro; did you mean pro?",
        ("query-run", {"query": trend(properties=[{"key": "plan", "value": "pro"}])}),
        "signed_up: total 70",
        prepare=holds_only("pro"),
        is_refused=False,
    ),
    Recovery(
        "filtering by a value nobody has",
        "query-run",
        {"query": trend(properties=[{"key": "plan", "value": "enterprise"}])},
        "seen are free, pro, team.",
        ("query-run", {"query": trend(properties=[{"key": "plan", "value": "team"}])}),
        "signed_up: total 70",
        prepare=holds_only("team"),
        is_refused=False,
    ),
    Recovery(
        "period before the event was sent",
        "query-run",
        {"query": trend(dateRange={"date_from": "-7d"})},
        "widen dateRange (date_from -90d)",
        ("query-run", {"query": trend(dateRange={"date_from": "-90d"})}),
        "signed_up: total 70",
        prepare=lambda upstream: quiet(upstream, lambda source: source["dateRange"]["date_from"] == "-90d"),
        is_refused=False,
    ),
    Recovery(
        "SQL with a column that does not exist",
        "query-run",
        {"query": "select plan, count() from events group by plan"},
        "Did you mean properties.plan?",
        ("query-run", {"query": "select properties.plan, count() from events group by properties.plan"}),
        "1200.5",
        prepare=sql_refused("Unable to resolve field: plan", "properties.plan"),
    ),
    Recovery(
        "SQL with a table that does not exist",
        "query-run",
        {"query": "select count() from event_log"},
        "Tables: events, persons",
        ("query-run", {"query": "select count() from events"}),
        "1200.5",
        prepare=sql_refused("Unknown table `event_log`.", "from events"),
    ),
    Recovery(
        "SQL with a function nobody may use",
        "query-run",
        {"query": "select uniqq(event) from events"},
        "Take the name that the detail suggests.",
        ("query-run", {"query": "select uniq(event) from events"}),
        "1200.5",
        prepare=sql_refused("Unsupported function call 'uniqq(...)'. Perhaps you meant 'uniq'?", "uniq("),
    ),
    Recovery(
        "SQL that does not parse",
        "query-run",
        {"query": "select count( from events"},
        "check brackets",
        ("query-run", {"query": "select count() from events"}),
        "1200.5",
        prepare=sql_refused("no viable alternative at input 'select count( from'", "count()"),
    ),
    Recovery(
        "question in place of a query",
        "query-run",
        {"query": "how many signups last month?"},
        'Example: {"kind": "TrendsQuery"',
        ("query-run", {"query": trend(dateRange={"date_from": "-30d"})}),
        "signed_up: total 70",
    ),
    Recovery(
        "two years by day",
        "query-run",
        {"query": trend(dateRange={"date_from": "-2y"})},
        'Try "dateRange":{"date_from":"-30d"}, or "interval":"week", or "samplingFactor":0.1.',
        ("query-run", {"query": trend(dateRange={"date_from": "-30d"})}),
        "signed_up: total 70",
        prepare=slow_years,
    ),
    Recovery(
        "SQL over everything",
        "query-run",
        {"query": "select * from events"},
        "Try WHERE timestamp > now() - INTERVAL 7 DAY, AND event = '...', the columns you need in place of *",
        (
            "query-run",
            {"query": "select plan from events where timestamp > now() - INTERVAL 7 DAY and event = 'paid' limit 10"},
        ),
        "1200.5",
        prepare=sql_refused(
            "This query ran out of memory before it could finish", "INTERVAL", status=513, code="error"
        ),
    ),
    Recovery(
        "saved insight that takes too long",
        "insight-query",
        {"id": 1},
        'filters_override {"date_from":"-30d"}',
        ("insight-query", {"id": 1, "filters_override": {"date_from": "-30d"}}),
        "signed_up: total 70",
        prepare=only_old_insight_is_slow,
    ),
    Recovery(
        "saving without the scope for it",
        "insight-create",
        {"query": trends("paid"), "name": "X"},
        "lacks the scope insight:write. Add the scope insight:write to the key in PostHog under Settings, Personal "
        "API keys. Until then query-run answers without saving.",
        ("query-run", {"query": trends("paid")}),
        "total 70",
        prepare=lacks("insight:write"),
    ),
    Recovery(
        "history without the scope for it",
        "insights-activity-retrieve",
        {"id": 1},
        "Until then insight-get tells who changed an insight last.",
        ("insight-get", {"id": 1}),
        "changed 2026-09-14 by Ada",
        prepare=lacks("activity_log:read", "activity_log:write"),
    ),
    Recovery(
        "running without the scope for it",
        "insight-query",
        {"id": 1},
        "Until then insight-query with refresh=force_cache",
        ("insight-query", {"id": 1, "refresh": "force_cache"}),
        "No result is cached",
        prepare=lacks("query:read", "query:write"),
    ),
    Recovery(
        "dashboard without the scope for it",
        "dashboard-get",
        {"id": 1},
        "insights-list with dashboards=[id]",
        ("insights-list", {"dashboards": [1]}),
        "Weekly signups",
        prepare=lacks("dashboard:read", "dashboard:write"),
    ),
    Recovery(
        "name that is nearly right",
        "insight-get",
        {"id": "Weekly sign ups"},
        'Did you mean 1 "Weekly signups"? Give the number.',
        ("insight-get", {"id": 1}),
        "short_id k6b86b27",
    ),
    Recovery(
        "name for the id of a write",
        "insight-update",
        {"id": "Weekly signups", "tags": ["core"]},
        'Did you mean 1 "Weekly signups"? Give the number.',
        ("insight-update", {"id": 1, "tags": ["core"]}),
        "tags +core -growth",
    ),
    Recovery(
        "id of nothing",
        "insight-get",
        {"id": 4711},
        "insights-list finds it by name",
        ("insights-list", {"search": "signups"}),
        "Weekly signups",
    ),
    Recovery(
        "stale id of a deleted insight",
        "insight-query",
        {"id": 1},
        "a deleted one comes back with insight-update restore=true",
        ("insight-update", {"id": 1, "restore": True}),
        "Restored",
        prepare=deletes_one,
    ),
    Recovery(
        "address of an insight never saved",
        "insight-get",
        {"id": "https://us.posthog.com/project/1/insights/new"},
        "Find the insight with insights-list",
        ("insights-list", {"search": "signups"}),
        "Weekly signups",
    ),
    Recovery(
        "dashboard by a wrong name",
        "dashboard-get",
        {"id": "Growth board"},
        'Did you mean 1 "Growth"? Give the number.',
        ("dashboard-get", {"id": 1}),
        "Weekly signups",
    ),
    Recovery(
        "dashboard of nothing",
        "insight-create",
        {"query": trends("paid"), "name": "X", "dashboards": [77]},
        "dashboards-list shows the ids there are.",
        ("dashboards-list", {}),
        "1,",
    ),
    Recovery(
        "dashboard by name where a number stands",
        "insight-update",
        {"id": 1, "add_to_dashboards": ["Support"]},
        "add_to_dashboards[0] must be a whole number",
        ("insight-update", {"id": 1, "add_to_dashboards": [2]}),
        "dashboards +2",
    ),
    Recovery(
        "misspelt argument",
        "insights-list",
        {"date_form": "-7d"},
        "Did you mean date_from?",
        ("insights-list", {"date_from": "-7d"}),
        "4 insights",
    ),
    Recovery(
        "order that does not exist",
        "insights-list",
        {"order": "modified"},
        "perhaps last_modified_at",
        ("insights-list", {"order": "-last_modified_at"}),
        "4 insights",
    ),
    Recovery(
        "date of a list in words",
        "insights-list",
        {"created_date_from": "last week"},
        "relative such as -7d",
        ("insights-list", {"created_date_from": "-7d"}),
        "4 insights",
    ),
    Recovery(
        "limit beyond the limit",
        "insights-list",
        {"limit": 1000},
        "from 1 to 100",
        ("insights-list", {"limit": 100}),
        "4 insights",
    ),
    Recovery(
        "too many filters",
        "insights-list",
        {"search": "signups", "tags": ["board room"], "favorited": True},
        "Drop a filter",
        ("insights-list", {"search": "signups"}),
        "Weekly signups",
        is_refused=False,
    ),
    Recovery(
        "tool that does not exist",
        "insight-lst",
        {},
        "Did you mean insights-list?",
        ("insights-list", {}),
        "4 insights",
    ),
    Recovery(
        "no query at all",
        "query-run",
        {},
        'query is required (such as {"kind":"TrendsQuery","series":[{"kind":"EventsNode","event":"$pageview"}]}).',
        ("query-run", {"query": {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "$pageview"}]}}),
        "total 70",
    ),
    Recovery(
        "delete of what others use",
        "insight-delete",
        {"id": 1},
        "repeat the call with confirm=true",
        ("insight-delete", {"id": 1, "confirm": True}),
        'Deleted "Weekly signups"',
    ),
    Recovery(
        "value that is misspelt",
        "data-schema",
        {"property": "plan", "search": "teem"},
        "Did you mean team?",
        ("data-schema", {"property": "plan", "search": "team"}),
        "1 value of",
        is_refused=False,
    ),
    Recovery(
        "values of no property",
        "data-schema",
        {"kind": "values"},
        "Give property.",
        ("data-schema", {"kind": "values", "property": "plan"}),
        "free",
    ),
    Recovery(
        "naming neither insight nor query",
        "generate_metadata",
        {},
        'Example: {"id": "123", "apply": true}',
        ("generate_metadata", {"id": "1", "apply": True}),
        "Saved to",
    ),
    Recovery(
        "change of nothing",
        "insight-update",
        {"id": 1},
        "Give query, name, tags or another field.",
        ("insight-update", {"id": 1, "name": "Signups"}),
        'name "Weekly signups" -> Signups',
    ),
    Recovery(
        "sharing action that does not exist",
        "insight-sharing",
        {"id": 1, "action": "publish"},
        "get, enable, disable, refresh",
        ("insight-sharing", {"id": 1, "action": "enable"}),
        "is public",
    ),
    Recovery(
        "overrides as text",
        "insight-query",
        {"id": 1, "filters_override": "last 7 days"},
        "date_from",
        ("insight-query", {"id": 1, "filters_override": {"date_from": "-7d"}}),
        "signed_up: total 70",
    ),
]

MENDS = [
    Mend(
        "breakdown at the top",
        "query-run",
        {"query": trend(breakdown="plan")},
        "breakdown -> breakdownFilter.breakdown",
    ),
    Mend(
        "funnel window at the top",
        "query-run",
        {"query": {"kind": "FunnelsQuery", "series": [EVENT, EVENT], "funnelWindowInterval": 7}},
        "funnelWindowInterval -> funnelsFilter.funnelWindowInterval",
    ),
    Mend("display by its everyday name", "query-run", {"query": trend(display="line")}, '"line" -> ActionsLineGraph'),
    Mend("query given bare", "query-run", trend(), "the query's own fields as query"),
    Mend("query within the query", "query-run", {"query": {"query": trend()}}, "query within query"),
    Mend("SQL under its own name", "query-run", {"sql": "select 1"}, "Read sql as query."),
    Mend(
        "SQL in the wrong node",
        "query-run",
        {"query": {"kind": "InsightVizNode", "source": {"kind": "HogQLQuery", "query": "select 1"}}},
        "-> DataVisualizationNode",
    ),
    Mend(
        "kind by its everyday name",
        "query-run",
        {"query": {"kind": "trends", "events": ["signed_up"]}},
        "kind trends -> TrendsQuery",
    ),
    Mend("dates in words", "query-run", {"query": trend(dateRange="last 30 days")}, '"last 30 days" -> -30d'),
    Mend(
        "math by its everyday name",
        "query-run",
        {"query": {"kind": "TrendsQuery", "series": [{"event": "paid", "math": "unique users"}]}},
        '"unique users" -> dau',
    ),
    Mend("insight by its name", "insight-get", {"id": "weekly signups"}, "as insight 1, by its name"),
    Mend("dashboard by its name", "dashboard-get", {"id": "growth"}, "as dashboard 1, by its name"),
    Mend("id with a label", "insight-get", {"id": "insight #1"}, "short_id k6b86b27"),
    Mend("id under another name", "insight-get", {"insightId": 1}, "short_id k6b86b27"),
    Mend("search under another name", "insights-list", {"query": "signups"}, "Read query as search."),
    Mend("display in a patch", "insight-update", {"id": 1, "query": {"display": "bar"}}, '"bar" -> ActionsBar'),
    Mend(
        "breakdown in a patch", "insight-update", {"id": 1, "query": {"breakdown": "plan"}}, "breakdownFilter.breakdown"
    ),
]


def shop_for(recovery: Recovery) -> Upstream:
    """Return the web shop as the mistake needs it."""
    upstream = web_shop()
    recovery.prepare(upstream)
    return upstream
