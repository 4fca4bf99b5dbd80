"""Projects to export from and apply to: the fake PostHog, and the local backend."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from insights_mcp.client import PostHogClient
from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.store.database import Store
from insights_mcp.server.files.applying import Options, Prepared, carry_out, prepare
from insights_mcp.server.files.exporting import Export, Wanted, export
from insights_mcp.server.journal import Journal
from insights_mcp.server.tool import Call, Services
from tests.backend.canned import KEY, CannedQueries, NoEngine, NoIntake
from tests.server.world import trends, web_shop
from tests.upstream import Upstream

EVERYTHING = Wanted(all=True)


@asynccontextmanager
async def local_project(directory: Path) -> AsyncIterator[PostHogClient]:
    """Open the local backend's application in this process, with an empty project."""
    store = Store.open(directory / "store.db")
    backend = Backend(store, NoEngine(), CannedQueries(), NoIntake(), directory)  # type: ignore[arg-type]  # stand-ins
    transport = httpx.ASGITransport(create_app(backend, api_key=KEY), raise_app_exceptions=False)
    try:
        async with PostHogClient("http://localhost", KEY, transport=transport, has_pages=False) as api:
            yield api
    finally:
        store.close()


def call_on(api: PostHogClient, journal: Journal | None = None) -> Call:
    """Return a call as commands make it."""

    async def report(done: float, total: float | None, what: str | None) -> None:
        """Nobody asked for progress."""

    return Call(Services(api, None, journal=journal or Journal()), report)


async def apply(call: Call, text: str, **options: Any) -> Prepared:
    """Apply a text; what the server keeps otherwise is a failure of the test."""
    prepared = await prepare(call, {"a.yaml": text}, Options(**options))
    assert await carry_out(call, prepared) == []
    return prepared


async def plan(call: Call, text: str, **options: Any) -> list[str]:
    """Return what applying a text would change."""
    return (await prepare(call, {"a.yaml": text}, Options(**options))).lines


async def export_all(api: PostHogClient) -> Export:
    return await export(api, EVERYTHING)


def sourceless(text: str) -> str:
    """Return an export without where it came from."""
    return re.sub(r"^source: .*\n", "", text, flags=re.MULTILINE)


def placed_shop() -> Upstream:
    """Return the web shop with a dashboard that holds everything a dashboard can."""
    upstream = web_shop()
    world = upstream.world
    world.dashboards[1]["filters"] = {"date_from": "-30d", "properties": []}
    for place, tile in enumerate(world.tiles):
        tile["layouts"] = {"sm": {"x": 6 * place, "y": 2, "w": 6, "h": 5}, "xs": {"x": 0, "y": place, "w": 1, "h": 5}}
    add_text(upstream, 1, "# Goal\n200 a week", {"sm": {"x": 0, "y": 0, "w": 12, "h": 2}})
    return upstream


def add_text(upstream: Upstream, board: int, body: str, layouts: Mapping[str, Any]) -> None:
    tile = {"id": len(upstream.world.tiles) + 1, "dashboard_id": board, "insight": None, "deleted": None}
    upstream.world.tiles.append({**tile, "text": body, "layouts": layouts})


SIGNUPS = """\
kind: insight
key: signups
name: Sign-ups
description: New accounts
tags: [growth]
query:
  kind: TrendsQuery
  series:
    - {kind: EventsNode, event: signed_up}
"""
BOARD = """\
kind: dashboard
key: launch
name: Launch
description: What we watch
tiles:
  - text: Goal, 200 a week
  - insight: signups
  - insight: weekly-signups
"""
BOTH = f"{SIGNUPS}---\n{BOARD}"

__all__ = ["BOARD", "BOTH", "EVERYTHING", "SIGNUPS", "trends", "web_shop"]
