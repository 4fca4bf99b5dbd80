"""How a caller wants to see an insight: through a dashboard, with filters or variables (facts/rest-api.md 4.2)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from insights_mcp.local.app.http import Call
from insights_mcp.local.overrides import apply_overrides, keep_named_variables
from insights_mcp.local.problems import invalid
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import get_dashboard
from insights_mcp.local.store.insights import Insight
from insights_mcp.local.store.tiles import find_tile


@dataclass(frozen=True)
class QueryView:
    """Filters and variables laid over an insight's query, and what its tile adds to the answer."""

    filters: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)
    tile_fields: Mapping[str, object] = field(default_factory=dict)

    def lay_over(self, query: Mapping[str, object] | None) -> Mapping[str, object] | None:
        """Return the query as it is run; the same one when nothing is laid over it."""
        if query is None or not (self.filters or self.variables):
            return query
        return apply_overrides(query, self.filters, self.variables)


def read_view(call: Call, db: Connection, insight: Insight) -> QueryView:
    """Return what a request lays over an insight; public shares may lay over nothing. Raises Problem."""
    is_shared = call.login is not None and call.login.share is not None
    filters = {} if is_shared else read_override(call, "filters_override")
    tile_filters = {} if is_shared else read_override(call, "tile_filters_override")
    variables = {} if is_shared else keep_named_variables(read_override(call, "variables_override"))
    text = call.query.get("from_dashboard") or ""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    dashboard = get_dashboard(db, insight.team_id, number) if number else None
    tile = find_tile(db, dashboard.id, insight.id) if dashboard else None
    if dashboard is None or tile is None:
        return QueryView({**filters, **tile_filters}, variables)
    # A tile's own filters take the place of the dashboard's altogether.
    own = tile_filters or tile.filters_overrides
    return QueryView(
        filters=own or {**dashboard.filters, **filters},
        variables={**dashboard.variables, **variables},
        tile_fields={"color": tile.color, "layouts": tile.layouts},
    )


def read_override(call: Call, name: str) -> dict[str, object]:
    """Return a JSON object from the query string. Raises Problem for anything else."""
    text = call.query.get(name)
    if not text:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise invalid(f"Invalid JSON passed in {name} parameter", attr=name)
    return value
