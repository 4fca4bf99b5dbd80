"""Any query, told apart by `kind`: parse, wrap, unwrap, dump."""

from collections.abc import Mapping
from typing import TypeAlias, cast

from pydantic import ValidationError

from insights_mcp.errors import QueryInvalid
from insights_mcp.schema.base import Model
from insights_mcp.schema.correlation import FunnelCorrelationActorsQuery, FunnelCorrelationQuery, FunnelsActorsQuery
from insights_mcp.schema.entities import ActionsNode, EventsNode
from insights_mcp.schema.events import ActorsQuery, EventsQuery, InsightActorsQuery, StickinessActorsQuery
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.hogql import HogQLQuery
from insights_mcp.schema.lifecycle import LifecycleQuery
from insights_mcp.schema.nodes import FOREIGN_KINDS, DataTableNode, DataVisualizationNode, ForeignQuery, InsightVizNode
from insights_mcp.schema.paths import PathsQuery
from insights_mcp.schema.reading import read_body, read_kind
from insights_mcp.schema.refusals import refuse, refuse_each
from insights_mcp.schema.retention import RetentionQuery
from insights_mcp.schema.stickiness import StickinessQuery
from insights_mcp.schema.trends import TrendsQuery

InsightKind: TypeAlias = TrendsQuery | FunnelsQuery | RetentionQuery | PathsQuery | StickinessQuery | LifecycleQuery
SourceQuery: TypeAlias = (
    InsightKind
    | FunnelCorrelationQuery
    | FunnelCorrelationActorsQuery
    | HogQLQuery
    | EventsQuery
    | ActorsQuery
    | InsightActorsQuery
    | FunnelsActorsQuery
    | StickinessActorsQuery
    | EventsNode
    | ActionsNode
    | ForeignQuery
)
WrapperNode: TypeAlias = InsightVizNode | DataVisualizationNode | DataTableNode
AnyQuery: TypeAlias = SourceQuery | WrapperNode

_MODELS: dict[str, type[Model]] = {
    "TrendsQuery": TrendsQuery,
    "FunnelsQuery": FunnelsQuery,
    "RetentionQuery": RetentionQuery,
    "PathsQuery": PathsQuery,
    "StickinessQuery": StickinessQuery,
    "LifecycleQuery": LifecycleQuery,
    "FunnelCorrelationQuery": FunnelCorrelationQuery,
    "HogQLQuery": HogQLQuery,
    "EventsQuery": EventsQuery,
    "ActorsQuery": ActorsQuery,
    "InsightActorsQuery": InsightActorsQuery,
    "FunnelsActorsQuery": FunnelsActorsQuery,
    "FunnelCorrelationActorsQuery": FunnelCorrelationActorsQuery,
    "StickinessActorsQuery": StickinessActorsQuery,
    "InsightVizNode": InsightVizNode,
    "DataVisualizationNode": DataVisualizationNode,
    "DataTableNode": DataTableNode,
}
QUERY_KINDS: tuple[str, ...] = tuple(_MODELS)


def model_of(kind: object) -> type[Model] | None:
    """Return the model of a kind of query; None for a kind that is unknown or not looked into."""
    return _MODELS.get(kind) if isinstance(kind, str) else None


def parse_query(value: object) -> AnyQuery:
    """Return the query in `value`: JSON text, or an object already read from JSON.

    Raises QueryInvalid about the most useful problem: where, what is allowed, what was probably meant.
    """
    body = read_body(value)
    model = _model_for(body)
    try:
        return cast(AnyQuery, model.model_validate(body))
    except ValidationError as error:
        raise refuse(model, body, error) from None


def find_problems(value: object) -> list[QueryInvalid]:
    """Return everything that is wrong with a query, the most useful first; nothing when it can be parsed."""
    try:
        body = read_body(value)
        model = _model_for(body)
    except QueryInvalid as invalid:
        return [invalid]
    try:
        model.model_validate(body)
    except ValidationError as error:
        return refuse_each(model, body, error)
    return []


def _model_for(body: Mapping[str, object]) -> type[Model]:
    kind = read_kind(body, QUERY_KINDS, FOREIGN_KINDS)
    return ForeignQuery if kind in FOREIGN_KINDS else _MODELS[kind]


def wrap_query(query: AnyQuery) -> AnyQuery:
    """Return the node an insight is saved as: a chart of an insight query, a table or chart of SQL.

    Already wrapped queries and kinds that have no wrapper come back unchanged (facts/rest-api.md 2.8).
    """
    if isinstance(query, TrendsQuery | FunnelsQuery | RetentionQuery | PathsQuery | StickinessQuery | LifecycleQuery):
        return InsightVizNode(kind="InsightVizNode", source=query)
    if isinstance(query, HogQLQuery):
        return DataVisualizationNode(kind="DataVisualizationNode", source=query)
    if isinstance(query, EventsQuery | ActorsQuery):
        return DataTableNode(kind="DataTableNode", source=query)
    return query


def unwrap_query(query: AnyQuery) -> SourceQuery:
    """Return the query that runs: a wrapper's source, or the query itself."""
    if isinstance(query, InsightVizNode | DataVisualizationNode | DataTableNode):
        return query.source
    return query


def dump_query(query: AnyQuery) -> dict[str, object]:
    """Return the query as JSON-ready data, with what was given and nothing else."""
    return query.model_dump(mode="json", exclude_unset=True)
