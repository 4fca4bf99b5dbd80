"""No request crashes the backend: hostile bodies, numbers and parameters for every endpoint."""

import json
from random import Random
from typing import Any

import httpx
import pytest

from insights_mcp.local.app.application import ENDPOINTS
from insights_mcp.local.app.http import Endpoint, Level
from tests.backend.samples import VIZ, make_dashboard, make_insight

pytestmark = pytest.mark.anyio

# These read the column store, which these tests do not have.
READS_EVENTS = ("/values/", "/property_values/", "/events/", "/elements/stats/", "/query/", "/capture/")
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    "x" * 500,
    "\0",
    "1",
    [],
    [None],
    [[1]],
    {},
    {"a": {"b": []}},
    [{"id": 10**30, "text": 1, "layouts": []}],
]
FIELDS = sorted(
    {
        "name", "description", "query", "order", "deleted", "dashboards", "tags", "favorited", "saved", "filters",
        "enabled", "settings", "password_required", "raw_password", "note", "insight_ids", "client_query_id", "context",
        "insight", "threshold", "condition", "config", "subscribed_users", "calculation_interval", "snoozed_until",
        "variables", "tiles", "use_dashboard", "use_template", "restriction_level", "breakdown_colors", "tile",
        "toDashboard", "fromDashboardId", "tileId", "tile_order", "refresh", "password", "owner", "verified", "hidden",
        "timezone", "week_start_day", "test_account_filters", "attr_class", "attributes", "nth_child", "text",
    }
)  # fmt: skip
PARAMETERS = (
    "limit", "offset", "page", "search", "created_by", "dashboards", "tags", "events", "order", "date_from", "days",
    "created_date_to", "last_viewed_date_from", "refresh", "format", "from_dashboard", "filters_override", "insight",
    "variables_override", "short_id", "insight_id", "names", "ordering", "event_names", "group_type_index", "type",
    "sharing_access_token", "personal_api_key", "basic", "saved", "feature_flag", "properties", "key", "include",
)  # fmt: skip
TEXTS = (
    "",
    "\0",
    "'",
    "%",
    "[",
    "[1]",
    '{"a":1}',
    "-1",
    "9" * 40,
    "x" * 300,
    "\ud800".encode("utf-8", "replace").decode(),
)
IDS = ("1", "999", "0", "9" * 40, "x", "%00", "..", "'", "ü", "@current")


def addresses(endpoint: Endpoint, key: str) -> str:
    path = endpoint.level.value + endpoint.path
    path = path.replace("{project_id}", "1").replace("{organization_id}", "@current")
    for name in ("id", "alert_id", "threshold_id", "password_id", "token", "rest:path"):
        path = path.replace("{" + name + "}", key)
    return path


def reads_events(endpoint: Endpoint) -> bool:
    return endpoint.level is Level.PUBLIC or any(part in endpoint.path for part in READS_EVENTS)


MINE = [endpoint for endpoint in ENDPOINTS if not reads_events(endpoint)]
CASES = [
    pytest.param(endpoint, method, id=f"{method} {endpoint.path}") for endpoint in MINE for method in endpoint.methods
]


@pytest.mark.parametrize(("endpoint", "method"), CASES)
async def test_hostile_requests_are_refused_and_never_crash(
    api: httpx.AsyncClient, endpoint: Endpoint, method: str
) -> None:
    board = await make_dashboard(api)
    await make_insight(api, name="x", dashboards=[board["id"]])
    requests: list[dict[str, Any]] = [{"json": {field: value}} for field in FIELDS for value in VALUES]
    requests += [{"json": {"query": VIZ, field: value}} for field in FIELDS for value in VALUES[:4]]
    if method == "GET":
        requests = [{"params": {name: text}} for name in PARAMETERS for text in TEXTS]
    # Every combination was tried once; each run tries a fixed part of them.
    requests = Random(f"{method} {endpoint.path}").sample(requests, 30)
    requests += [
        {"content": body, "headers": {"Content-Type": "application/json"}} for body in (b"", b"7", b'"x"', b"[")
    ]
    for request in requests:
        answer = await api.request(method, addresses(endpoint, "1"), **request)
        assert answer.status_code < 500 or "generate_metadata" in endpoint.path, (request, answer.text)
    for key in IDS:
        answer = await api.request(method, addresses(endpoint, key), json={})
        assert answer.status_code < 500 or "generate_metadata" in endpoint.path, (key, answer.text)


async def test_deep_query_is_refused_or_kept_but_never_crashes(api: httpx.AsyncClient) -> None:
    filters: dict[str, Any] = {"type": "AND", "values": []}
    for _ in range(400):
        filters = {"type": "AND", "values": [filters]}
    query = {"kind": "InsightVizNode", "source": {**VIZ["source"], "properties": filters}}
    answer = await api.post("/api/projects/1/insights/", content=json.dumps({"query": query}))
    assert answer.status_code in (201, 400)
