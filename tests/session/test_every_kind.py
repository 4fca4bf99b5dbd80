"""Every kind of query, answered three ways on the local backend: POST /query/, query-run, and as a saved insight."""

from pathlib import Path
from typing import Any

import pytest

from insights_mcp.local.engine.base import Engine
from tests.server.sessions import use
from tests.session.test_same_texts import FUNNEL, SQL, TREND, local

pytestmark = pytest.mark.anyio

SPAN = TREND["dateRange"]
SERIES = TREND["series"]
ENTITY = {"id": "signed_up", "name": "signed_up", "type": "events"}
PEOPLE = {"kind": "FunnelsActorsQuery", "source": FUNNEL}
# A query of each kind, and something of its answer over the four who signed up and the two who paid.
KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "trends": (TREND, "total 4"),
    "funnel": (FUNNEL, "50% convert: 2 of 4"),
    "retention": (
        {
            "kind": "RetentionQuery",
            "dateRange": SPAN,
            "retentionFilter": {
                "period": "Day",
                "totalIntervals": 4,
                "targetEntity": ENTITY,
                "returningEntity": ENTITY,
            },
        },
        "09-11",
    ),
    "stickiness": ({"kind": "StickinessQuery", "series": SERIES, "dateRange": SPAN}, "1"),
    "lifecycle": ({"kind": "LifecycleQuery", "series": SERIES, "dateRange": SPAN}, "new"),
    "paths": (
        {"kind": "PathsQuery", "dateRange": SPAN, "pathsFilter": {"includeEventTypes": ["custom_event"]}},
        "signed_up,paid,2",
    ),
    "sql": ({"kind": "HogQLQuery", "query": SQL}, "team,50.5"),
    "events": ({"kind": "EventsQuery", "select": ["event", "timestamp"], "after": "2026-09-01"}, "paid"),
    "actors": ({"kind": "ActorsQuery", "select": ["person"]}, "4 rows"),
}
# What is asked about an insight, and is none.
ASKED_ONLY: dict[str, tuple[dict[str, Any], str]] = {
    "people behind a funnel": (
        {"kind": "ActorsQuery", "select": ["person"], "source": {**PEOPLE, "funnelStep": -2}},
        "2 rows",
    ),
    "correlation": (
        {"kind": "FunnelCorrelationQuery", "source": PEOPLE, "funnelCorrelationType": "events"},
        "correlates",
    ),
}


@pytest.mark.parametrize("title", [*KINDS, *ASKED_ONLY])
async def test_kind_is_answered_over_http_and_to_a_model(title: str, engine: Engine, tmp_path: Path) -> None:
    query, part = (KINDS | ASKED_ONLY)[title]
    async with local(engine, tmp_path) as (client, api):
        answer = await api.queries.run(query)
        assert answer.results is not None
        told = await use(client, "query-run", query=query)
        assert part in told
        if title in KINDS:
            made = await use(client, "insight-create", name="Saved", query=query)
            assert "Created" in made
            saved = await use(client, "insight-query", id="1")
            assert saved.split("\n", 1)[1] == told
            assert part in await use(client, "insight-query", id="1", refresh="force_blocking")
            drawn = await use(client, "insight-query", id="1", chart="text")
            assert "nothing to draw" not in drawn
