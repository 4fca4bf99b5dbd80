"""The query of an insight: checked on writing, described for lists (facts/rest-api.md 2.8, 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from insights_mcp.errors import QueryInvalid
from insights_mcp.local.legacy.conversion import node_of_filters
from insights_mcp.local.overrides import WRAPPERS
from insights_mcp.local.problems import invalid, unparsable
from insights_mcp.local.store.insights import Insight
from insights_mcp.schema.queries import dump_query, parse_query, wrap_query

# What may be saved when a caller says that it is the MCP server: charts, SQL, and what wraps them.
_SAVED_BY_MCP = frozenset(
    ("TrendsQuery", "FunnelsQuery", "RetentionQuery", "PathsQuery", "StickinessQuery", "LifecycleQuery")
) | {"HogQLQuery", *WRAPPERS}


@dataclass(frozen=True)
class QueryFacts:
    """What lists filter by."""

    kind: str | None
    source_kind: str | None
    events: list[str]


def check_query(value: object, *, normalise: bool) -> Mapping[str, object]:
    """Return the query to store: what was given or, for the MCP server, wrapped and without nulls. Raises Problem."""
    if not isinstance(value, dict):
        raise unparsable("query: must be a JSON object with a kind.")
    try:
        query = parse_query(value)
        if not normalise:
            return value
        if value.get("kind") not in _SAVED_BY_MCP:
            detail = f"This query can't be saved: a {value.get('kind')} is no chart, table or SQL of an insight."
            raise invalid(detail, attr="query")
        return _drop_nulls(dump_query(wrap_query(query)))
    except QueryInvalid as error:
        raise unparsable(str(error)) from error


def is_valid(query: Mapping[str, object]) -> bool:
    """Return whether a stored query still fits the schema."""
    try:
        parse_query(dict(query))
    except QueryInvalid:
        return False
    return True


def shown_query(insight: Insight) -> Mapping[str, object] | None:
    """Return an insight's query; that of filters for one from before there were queries (facts/rest-api.md 3.1)."""
    if insight.query is not None or not insight.filters:
        return insight.query
    return node_of_filters(insight.filters)


def describe_facts(query: Mapping[str, object]) -> QueryFacts:
    """Return what lists filter by."""
    kind, source = query.get("kind"), query.get("source")
    source_kind = source.get("kind") if isinstance(source, Mapping) else None
    return QueryFacts(
        kind=kind if isinstance(kind, str) else None,
        source_kind=source_kind if isinstance(source_kind, str) else None,
        events=sorted(set(_events(query))),
    )


def source_of(query: Mapping[str, object] | None) -> Mapping[str, object]:
    """Return the query inside a wrapper node, or the query itself."""
    if query is None:
        return {}
    source = query.get("source")
    return source if query.get("kind") in WRAPPERS and isinstance(source, Mapping) else query


def carries_alerts(query: Mapping[str, object] | None) -> bool:
    """Return whether alerts can watch this query: trends only."""
    return source_of(query).get("kind") == "TrendsQuery"


def is_viz(query: Mapping[str, object] | None) -> bool:
    """Return whether this is a chart of an insight query."""
    return query is not None and query.get("kind") == "InsightVizNode"


def _events(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        event = node.get("event")
        if isinstance(event, str) and node.get("kind", "EventsNode") == "EventsNode":
            yield event
        for name in ("targetEntity", "returningEntity"):
            entity = node.get(name)
            if isinstance(entity, Mapping) and entity.get("type", "events") == "events" and entity.get("id"):
                yield str(entity["id"])
        for value in node.values():
            yield from _events(value)
    elif isinstance(node, list):
        for value in node:
            yield from _events(value)


def _drop_nulls(node: object) -> dict[str, object]:
    kept = _without_nulls(node)
    return kept if isinstance(kept, dict) else {}


def _without_nulls(node: object) -> object:
    if isinstance(node, Mapping):
        return {key: _without_nulls(value) for key, value in node.items() if value is not None}
    if isinstance(node, list):
        return [_without_nulls(value) for value in node]
    return node
