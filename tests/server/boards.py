"""What the fake PostHog holds of dashboards, for tests of those that are written in one call."""

from typing import Any

from tests.server.world import funnel, trends
from tests.upstream import Upstream

FIVE_TILES: dict[str, Any] = {
    "new_accounts": {"query": trends("signed_up", interval="week"), "description": "By week"},
    "paying": {"query": {"kind": "TrendsQuery", "series": ["paid"], "display": "BoldNumber"}, "name": "Paying now"},
    "steps": {"query": {**funnel("signed_up", "paid")["source"], "funnelsFilter": {"funnelWindowInterval": 7}}},
    "pageviews": 4,
    "goal": {"text": "Goal: 200 a week"},
}
ROWS = [["goal"], ["new_accounts:8", "paying"], ["steps", "pageviews"]]


def live_dashboards(upstream: Upstream) -> list[str]:
    return [board["name"] for board in upstream.world.dashboards.values() if not board["deleted"]]


def live_insights(upstream: Upstream) -> list[int]:
    return [number for number, insight in upstream.world.insights.items() if not insight["deleted"]]


def tiles_on(upstream: Upstream, board: int) -> dict[int | str, tuple[int, int, int, int]]:
    """Return the places on the wide grid: x, y, w, h by insight, or by the text."""
    found: dict[int | str, tuple[int, int, int, int]] = {}
    for tile in upstream.world.tiles:
        if tile["dashboard_id"] == board and not tile["deleted"]:
            place = tile.get("layouts", {}).get("sm", {})
            found[tile["insight"] or tile["text"]] = tuple(place.get(side, -1) for side in "xywh")  # type: ignore[assignment]
    return found
