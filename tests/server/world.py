"""A small believable project in the fake PostHog."""

from typing import Any

from tests.upstream import Upstream

DAYS = [f"2026-09-{day:02}" for day in range(1, 15)]


def trends(event: str, **more: Any) -> dict[str, Any]:
    source = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": event}], "interval": "day"} | more
    return {"kind": "InsightVizNode", "source": source}


def funnel(*events: str) -> dict[str, Any]:
    series = [{"kind": "EventsNode", "event": event} for event in events]
    return {"kind": "InsightVizNode", "source": {"kind": "FunnelsQuery", "series": series}}


def sql(text: str, **more: Any) -> dict[str, Any]:
    return {"kind": "DataVisualizationNode", "source": {"kind": "HogQLQuery", "query": text}, **more}


def line(label: str, data: list[float]) -> dict[str, Any]:
    return {"label": label, "data": data, "days": DAYS[-len(data) :], "count": sum(data), "order": 0, "action": {}}


def web_shop() -> Upstream:
    """Return a project with four insights, two dashboards, three events and answers for the common queries."""
    upstream = Upstream()
    upstream.add_user(2, "Grace", "grace@example.com")
    growth = upstream.add_dashboard(name="Growth", pinned=True, tags=["core"], description="What the team looks at")
    upstream.add_dashboard(name="Support")
    upstream.add_insight(
        name="Weekly signups",
        description="New accounts by week",
        query=trends("signed_up", dateRange={"date_from": "-30d"}),
        tags=["growth"],
        favorited=True,
        on=(growth["id"],),
    )
    upstream.add_insight(name="Signup to paid", query=funnel("signed_up", "paid"), user_id=2, on=(growth["id"],))
    upstream.add_insight(
        name="Revenue by plan",
        query=sql("SELECT plan, sum(amount) FROM events", display="ActionsBar"),
        tags=["revenue", "board room"],
    )
    upstream.add_insight(name=None, derived_name="Pageview count", query=trends("$pageview"))
    for name, count in (("signed_up", 1240), ("paid", 96), ("$pageview", 20480)):
        upstream.add_event(name, count=count)
    upstream.add_property("plan", events=("signed_up", "paid"), values=("free", "pro", "team"))
    upstream.add_property("amount", "Numeric", events=("paid",))
    upstream.add_property("email", type="person")
    upstream.answers("TrendsQuery", results=[line("signed_up", [12, 15, 9, 30, 4])])
    steps = [("signed_up", 100, None), ("paid", 12, 86400.0)]
    upstream.answers(
        "FunnelsQuery",
        results=[{"name": name, "count": count, "median_conversion_time": median} for name, count, median in steps],
    )
    upstream.answers("HogQLQuery", results=[["pro", 1200.5], ["team", 90]], columns=["plan", "sum(amount)"])
    return upstream
