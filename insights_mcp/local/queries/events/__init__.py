"""EventsQuery: a table of events, or of aggregates over them (facts/queries.md 1.9)."""

from insights_mcp.local.queries.context import Kind
from insights_mcp.local.queries.events.plan import plan_events
from insights_mcp.local.queries.events.shape import shape_events
from insights_mcp.schema.events import EventsQuery

EVENTS: Kind[EventsQuery] = Kind("EventsQuery", plan_events, shape_events)
