"""Saved insights that ask the same: shown before another one is created."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.insights import Insight
from insights_mcp.errors import QueryInvalid
from insights_mcp.render.marking import quote
from insights_mcp.schema.insights import InsightFilters, InsightType
from insights_mcp.server.mentions import events_of

if TYPE_CHECKING:
    from insights_mcp.schema.queries import AnyQuery

# Of a larger project only the latest are compared: this is a courtesy, not a constraint.
_COMPARED = 300
_TYPES: Mapping[str, InsightType] = {
    "TrendsQuery": "TRENDS",
    "FunnelsQuery": "FUNNELS",
    "RetentionQuery": "RETENTION",
    "PathsQuery": "PATHS",
    "StickinessQuery": "STICKINESS",
    "LifecycleQuery": "LIFECYCLE",
    "HogQLQuery": "SQL",
}
# Of the screen, or of the tool that wrote it: two queries that differ only here ask the same.
_NOISE = frozenset({"version", "response", "tags", "modifiers", "name", "custom_name", "uuid", "order", "full"})


class LookAlikes:
    """Looks for saved insights of one query; each type of insight is listed at most once."""

    def __init__(self, api: PostHogClient) -> None:
        self._api = api
        self._listed: dict[tuple[str, tuple[str, ...]], Sequence[Insight]] = {}

    async def find(self, query: "AnyQuery") -> Insight | None:
        """Return a saved insight that asks the same, the latest changed."""
        from insights_mcp.schema.queries import dump_query, unwrap_query

        source = dump_query(unwrap_query(query))
        wanted = _normal(query)
        for insight in await self._of_kind(source):
            if insight.query is not None and _normal_stored(insight.query) == wanted:
                return insight
        return None

    async def _of_kind(self, source: Mapping[str, object]) -> Sequence[Insight]:
        kind = _TYPES.get(str(source.get("kind")))
        events = () if kind in (None, "SQL", "PATHS") else tuple(events_of(source))
        key = (kind or "", events)
        if key not in self._listed:
            filters = InsightFilters(insight=kind, events=list(events) or None)
            page = await self._api.insights.list(filters, limit=_COMPARED, order="-last_modified_at")
            self._listed[key] = page.results
        return self._listed[key]


def tell_look_alike(insight: Insight) -> str:
    """Return which insight it is, where it is, and what to do with it."""
    boards = f", on dashboards {' '.join(map(str, insight.dashboard_ids))}" if insight.dashboard_ids else ""
    return f"{insight.id} {quote(insight.title, 60)} asks the same already{boards}"


def _normal_stored(query: Mapping[str, object]) -> str:
    from insights_mcp.schema.queries import parse_query

    try:
        return _normal(parse_query(query))
    except QueryInvalid:  # of another version: never the same as one we write
        return ""


def _normal(query: "AnyQuery") -> str:
    """Return a query without defaults, nulls and noise, as one text."""
    from insights_mcp.schema.queries import unwrap_query, wrap_query

    body = wrap_query(query).model_dump(mode="json", exclude_defaults=True)
    return json.dumps([unwrap_query(query).kind, _prune(body)], sort_keys=True)


def _prune(value: object) -> object:
    if isinstance(value, Mapping):
        pruned = {key: _prune(item) for key, item in value.items() if key not in _NOISE}
        return {key: item for key, item in pruned.items() if item not in (None, {}, [])}
    return [_prune(item) for item in value] if isinstance(value, list) else value
