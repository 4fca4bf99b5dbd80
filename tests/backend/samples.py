"""Queries and requests that many tests share."""

from typing import Any

import httpx

INSIGHTS = "/api/projects/1/insights/"
DASHBOARDS = "/api/projects/1/dashboards/"
TRENDS: dict[str, Any] = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "signed_up"}]}
HOGQL: dict[str, Any] = {"kind": "HogQLQuery", "query": "SELECT 1"}
VIZ: dict[str, Any] = {"kind": "InsightVizNode", "source": TRENDS}
SQL: dict[str, Any] = {"kind": "DataVisualizationNode", "source": HOGQL}
FUNNEL: dict[str, Any] = {
    "kind": "InsightVizNode",
    "source": {
        "kind": "FunnelsQuery",
        "series": [{"kind": "EventsNode", "event": "signed_up"}, {"kind": "EventsNode", "event": "paid"}],
    },
}
RETENTION: dict[str, Any] = {
    "kind": "InsightVizNode",
    "source": {
        "kind": "RetentionQuery",
        "retentionFilter": {
            "targetEntity": {"id": "signed_up", "type": "events"},
            "returningEntity": {"id": "opened", "type": "events"},
        },
    },
}


async def make_insight(api: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    answer = await api.post(INSIGHTS, json={"query": VIZ, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def make_dashboard(api: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    answer = await api.post(DASHBOARDS, json={"name": "Dashboard", **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def names(api: httpx.AsyncClient, **params: object) -> list[str]:
    answer = await api.get(INSIGHTS, params={"basic": "true", **params})
    assert answer.status_code == 200, answer.text
    return [insight["name"] for insight in answer.json()["results"]]
