"""What is counted: events, actions, groups of them, warehouse tables (facts/queries.md 1.0)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from insights_mcp.schema.base import Model
from insights_mcp.schema.filters import AnyFilter, Connective, PropertyFilter

Math = Literal[
    "total",
    "dau",
    "weekly_active",
    "monthly_active",
    "unique_session",
    "first_time_for_user",
    "first_time_for_user_with_filters",
    "first_matching_event_for_user",
    "avg",
    "sum",
    "min",
    "max",
    "median",
    "p75",
    "p90",
    "p95",
    "p99",
    "avg_count_per_actor",
    "min_count_per_actor",
    "max_count_per_actor",
    "median_count_per_actor",
    "p75_count_per_actor",
    "p90_count_per_actor",
    "p95_count_per_actor",
    "p99_count_per_actor",
    "unique_group",
    "first_time_for_group",
    "first_matching_event_for_group",
    "hogql",
]
MathPropertyType = Literal[
    "event_properties",
    "person_properties",
    "session_properties",
    "group_properties",
    "data_warehouse_properties",
    "data_warehouse_person_properties",
]
Number = int | float


class RevenueCurrency(Model):
    """The currency of a revenue property: a fixed one, or the property that holds it."""

    property: str | None = None
    static: str | None = None


class Entity(Model):
    """The fields every series has. Without `math`, events are counted (`total`)."""

    kind: str
    name: str | None = None
    custom_name: str | None = None
    math: Math | None = None
    math_property: str | None = None
    math_property_type: MathPropertyType | None = None
    math_hogql: str | None = None
    math_group_type_index: Annotated[int, Field(ge=0, le=4)] | None = None
    math_multiplier: Number | None = None
    math_property_revenue_currency: RevenueCurrency | None = None
    properties: list[PropertyFilter] = Field(default_factory=list)
    fixedProperties: list[AnyFilter] = Field(default_factory=list)
    optionalInFunnel: bool | None = None
    version: Number | None = None
    response: object = None


class EventsNode(Entity):
    """An event by name; `event: null` counts all events."""

    kind: Literal["EventsNode"] = "EventsNode"
    event: str | None = None
    limit: int | None = None
    orderBy: list[str] | None = None


class ActionsNode(Entity):
    """A saved action by number."""

    kind: Literal["ActionsNode"] = "ActionsNode"
    id: int


class DataWarehouseNode(Entity):
    """A row of a warehouse table, counted like an event. PostHog only."""

    kind: Literal["DataWarehouseNode"] = "DataWarehouseNode"
    id: str
    id_field: str
    table_name: str
    timestamp_field: str
    distinct_id_field: str
    dw_source_type: str | None = None


class FunnelsDataWarehouseNode(Entity):
    """A warehouse row as a funnel step. PostHog only."""

    kind: Literal["FunnelsDataWarehouseNode"] = "FunnelsDataWarehouseNode"
    id: str
    id_field: str
    table_name: str
    timestamp_field: str
    aggregation_target_field: str
    dw_source_type: str | None = None


class LifecycleDataWarehouseNode(Entity):
    """A warehouse row as activity in a lifecycle. PostHog only."""

    kind: Literal["LifecycleDataWarehouseNode"] = "LifecycleDataWarehouseNode"
    id: str
    table_name: str
    timestamp_field: str
    aggregation_target_field: str
    created_at_field: str


def tell_entity(value: object) -> str | None:
    """Return the kind of a series entry; PostHog lets `kind` out where the other fields tell it."""
    if not isinstance(value, dict):
        return getattr(value, "kind", None)
    kind = value.get("kind")
    if kind is not None:
        return str(kind)
    if "nodes" in value:
        return "GroupNode"
    if "event" in value:
        return "EventsNode"
    return "ActionsNode" if isinstance(value.get("id"), int) else None


SingleEntity = Annotated[
    Annotated[EventsNode, Tag("EventsNode")]
    | Annotated[ActionsNode, Tag("ActionsNode")]
    | Annotated[DataWarehouseNode, Tag("DataWarehouseNode")]
    | Annotated[FunnelsDataWarehouseNode, Tag("FunnelsDataWarehouseNode")]
    | Annotated[LifecycleDataWarehouseNode, Tag("LifecycleDataWarehouseNode")],
    Discriminator(tell_entity),
]


class GroupNode(Entity):
    """Several events or actions counted as one."""

    kind: Literal["GroupNode"] = "GroupNode"
    operator: Connective
    nodes: list[SingleEntity]
    limit: int | None = None
    orderBy: list[str] | None = None


Series = Annotated[
    Annotated[EventsNode, Tag("EventsNode")]
    | Annotated[ActionsNode, Tag("ActionsNode")]
    | Annotated[GroupNode, Tag("GroupNode")]
    | Annotated[DataWarehouseNode, Tag("DataWarehouseNode")]
    | Annotated[FunnelsDataWarehouseNode, Tag("FunnelsDataWarehouseNode")]
    | Annotated[LifecycleDataWarehouseNode, Tag("LifecycleDataWarehouseNode")],
    Discriminator(tell_entity),
]


class _ExclusionSteps(Model):
    funnelFromStep: int
    funnelToStep: int


class ExcludedEvent(EventsNode, _ExclusionSteps):
    """An event that must not happen between two funnel steps (counted from 0)."""


class ExcludedAction(ActionsNode, _ExclusionSteps):
    """An action that must not happen between two funnel steps (counted from 0)."""


Exclusion = Annotated[
    Annotated[ExcludedEvent, Tag("EventsNode")] | Annotated[ExcludedAction, Tag("ActionsNode")],
    Discriminator(tell_entity),
]
