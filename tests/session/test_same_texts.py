"""The same session on a PostHog that answers as recorded and on the local backend over events: the same texts.

The recorded results are PostHog's shapes (facts/queries.md), worked out by hand from the events that the local
backend is given; neither side sees the other.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client

from insights_mcp.client import PostHogClient
from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.events import Intake
from insights_mcp.local.query_service import QueryService
from insights_mcp.local.store.database import Store
from insights_mcp.server.build import build_server
from tests.server.sessions import connect
from tests.upstream import KEY, Upstream

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 9, 14, 12, tzinfo=UTC)
DAYS = ("2026-09-11", "2026-09-12", "2026-09-13", "2026-09-14")
# Who signed up on which day; ann and cat paid twenty minutes later, with the plan and the amount.
SIGNED_UP = {"ann": 11, "bob": 11, "cat": 12, "dan": 14}
PAID = {"ann": ("pro", 20), "cat": ("team", 50.5)}

TREND = {
    "kind": "TrendsQuery",
    "series": [{"kind": "EventsNode", "event": "signed_up"}],
    "dateRange": {"date_from": "2026-09-11", "date_to": "2026-09-14"},
}
STEPS = [{"kind": "EventsNode", "event": "signed_up"}, {"kind": "EventsNode", "event": "paid"}]
FUNNEL = {
    "kind": "FunnelsQuery",
    "series": STEPS,
    "dateRange": TREND["dateRange"],
}
SQL = (
    "SELECT properties.plan AS plan, sum(properties.amount) AS amount "
    "FROM events WHERE event = 'paid' GROUP BY plan ORDER BY plan"
)
TILES = {"trend": 1, "conversion": {"query": FUNNEL, "name": "Conversion"}, "note": {"text": "Ask Ada"}}

SESSION: list[tuple[str, dict[str, Any]]] = [
    ("insight-create", {"name": "Signups", "query": TREND, "tags": ["growth"]}),
    ("insights-list", {"search": "sign"}),
    ("insight-get", {"id": 1}),
    ("insight-query", {"id": "1"}),
    ("query-run", {"query": TREND}),
    ("query-run", {"query": FUNNEL}),
    ("query-run", {"query": SQL}),
    ("insight-update", {"id": 1, "query": {"series": [{"name": "Signups"}]}, "name": "New signups", "dry_run": True}),
    ("insight-update", {"id": 1, "description": "New accounts", "tags": ["growth", "core"]}),
    ("insights-activity-retrieve", {"id": 1}),
    ("insight-create", {"name": "Again", "query": TREND}),
    ("generate_metadata", {"id": 1}),
    ("dashboard-create", {"name": "Growth", "tiles": TILES, "rows": [["note"], ["trend:8", "conversion"]]}),
    ("dashboards-list", {}),
    ("dashboard-get", {"id": "Growth"}),
    ("dashboard-update", {"id": 1, "remove": ["1"], "description": "Ours"}),
    ("undo", {}),
    ("insight-sharing", {"id": 1}),
    ("insight-delete", {"id": 1, "confirm": True}),
    ("insight-get", {"id": 1}),
    ("undo", {}),
    ("insight-get", {"id": "Signups"}),
    ("query-run", {"query": {**TREND, "intervall": "week"}}),
    ("query-run", {"query": {**TREND, "series": [{"kind": "EventsNode", "event": "sined_up"}]}}),
    ("insight-create", {"name": "x", "query": {"kind": "FunnelsQuery", "series": STEPS[:1]}}),
    ("insight-update", {"id": 99, "name": "x"}),
    ("dashboard-get", {"id": 99}),
    ("insights-list", {"tags": ["nothing"]}),
    ("data-schema", {}),
    ("data-schema", {"search": "sign"}),
    ("data-schema", {"property": "plan"}),
    ("data-schema", {"search": "nothing of the kind"}),
]


async def test_session_says_the_same_on_posthog_and_on_the_local_backend(engine: Engine, tmp_path: Path) -> None:
    async with connect(recorded()) as client:
        recorded_texts = [await say(client, *one) for one in SESSION]
    async with local(engine, tmp_path) as (client, _):
        local_texts = [await say(client, *one) for one in SESSION]
    for asked, theirs, ours in zip(SESSION, recorded_texts, local_texts, strict=True):
        assert ours == theirs, asked


async def say(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    """Return what a tool answers, without the short ids, which are random."""
    result = await client.call_tool(tool, arguments)
    text = "\n".join(getattr(part, "text", "") for part in result.content)
    text = re.sub(r"short_id \w+", "short_id S", text)
    text = re.sub(r"insights/\w{8}", "insights/S", text)
    text = re.sub(r"(?m)^(\d+),\w{8},", r"\1,S,", text)
    text = re.sub(r"\((\w{8})\)", "(S)", text)
    return f"{'refused: ' if result.is_error else ''}{text}"


@asynccontextmanager
async def local(engine: Engine, directory: Path) -> AsyncIterator[tuple[Client, PostHogClient]]:
    """Connect to a server on the local backend, in this process, with the events; and to its API."""
    store = Store.open(directory / "store.db", clock=lambda: NOW)
    service = QueryService(store, engine, lambda: NOW)
    backend = Backend(store, engine, service, Intake(store, engine, lambda: NOW), directory, clock=lambda: NOW)
    app = create_app(backend, api_key=KEY)
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://local") as http:
            key = (await http.get("/api/projects/@current/", headers={"Authorization": f"Bearer {KEY}"})).json()
            sent = await http.post("/batch/", json={"api_key": key["api_token"], "batch": events()})
            assert sent.status_code == 200, sent.text
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)

        def open_api() -> PostHogClient:
            return PostHogClient("https://us.posthog.com", KEY, transport=transport)

        async with Client(build_server(open_api)) as client, open_api() as api:
            yield client, api
    finally:
        service.close()
        store.close()


def events() -> list[dict[str, Any]]:
    """Return the events as an SDK sends them."""
    found: list[dict[str, Any]] = []
    for who, day in SIGNED_UP.items():
        found.append({"event": "signed_up", "distinct_id": who, "timestamp": f"2026-09-{day}T09:00:00Z"})
        if who in PAID:
            plan, amount = PAID[who]
            properties = {"plan": plan, "amount": amount}
            at = f"2026-09-{day}T09:20:00Z"
            found.append({"event": "paid", "distinct_id": who, "timestamp": at, "properties": properties})
    return [{"properties": {}, **event} for event in found]


def recorded() -> Upstream:
    """Return a PostHog with the same project, answering as it would over these events."""
    upstream = Upstream()
    upstream.world.now = NOW
    upstream.world.cache = {}
    upstream.add_user(1, "Local", "local@example.com")["last_name"] = "User"
    upstream.add_project(1, "Default project")
    upstream.add_event("signed_up", count=4, last_seen_at="2026-09-14T09:00:00Z")
    upstream.add_event("paid", count=2, last_seen_at="2026-09-12T09:20:00Z")
    upstream.add_property("plan", events=("paid",), values=("pro", "team"))
    upstream.add_property("amount", "Numeric", events=("paid",), values=(20, 50.5))
    data = [2, 1, 0, 1]
    labels = ["11-Sep-2026", "12-Sep-2026", "13-Sep-2026", "14-Sep-2026"]
    node = {"id": "signed_up", "type": "events", "order": 0, "name": "signed_up", "custom_name": None, "math": None}
    line = {"data": data, "labels": labels, "days": list(DAYS), "count": 4, "label": "signed_up", "action": node}
    upstream.answers("TrendsQuery", results=[{**line, "filter": {}}])
    nothing = {**line, "data": [0, 0, 0, 0], "count": 0, "label": "sined_up", "action": {**node, "name": "sined_up"}}
    upstream.answers(lambda source: "sined_up" in str(source), results=[nothing])
    steps = [
        {"action_id": "signed_up", "name": "signed_up", "custom_name": None, "order": 0, "people": [], "count": 4}
        | {"type": "events", "average_conversion_time": None, "median_conversion_time": None},
        {"action_id": "paid", "name": "paid", "custom_name": None, "order": 1, "people": [], "count": 2}
        | {"type": "events", "average_conversion_time": 1200.0, "median_conversion_time": 1200.0},
    ]
    span = {"date_from": "2026-09-11T00:00:00Z", "date_to": "2026-09-14T23:59:59.999999Z"}
    upstream.answers("FunnelsQuery", results=steps, resolved_date_range=span)
    types = [["plan", "Nullable(String)"], ["amount", "Nullable(Float64)"]]
    upstream.answers("HogQLQuery", results=[["pro", 20.0], ["team", 50.5]], columns=["plan", "amount"], types=types)
    return upstream
