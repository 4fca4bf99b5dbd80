"""What fits the schema and still cannot mean anything: a sum of no property, a funnel of one step."""

from collections.abc import Iterator, Sequence

from insights_mcp.schema.entities import Entity, GroupNode
from insights_mcp.schema.funnels import FunnelsQuery
from insights_mcp.schema.problem import Problem, tell
from insights_mcp.schema.queries import AnyQuery, unwrap_query

_OF_PROPERTY = frozenset({"avg", "sum", "min", "max", "median", "p75", "p90", "p95", "p99"})
# Math that needs a field beside it, and a right value for that field.
_NEEDS: dict[str, tuple[str, object]] = {
    **dict.fromkeys(_OF_PROPERTY, ("math_property", "amount")),
    "hogql": ("math_hogql", "sum(properties.amount)"),
    "unique_group": ("math_group_type_index", 0),
}


def check_meaning(query: AnyQuery) -> None:
    """Refuse a new query that would run and count something else than it says.

    Servers take a sum without a property for a plain count, and say nothing. Stored queries are not judged.
    Raises QueryInvalid.
    """
    source = unwrap_query(query)
    within: tuple[str | int, ...] = () if source is query else ("source",)
    series: Sequence[Entity] = getattr(source, "series", ())
    for path, entity in _entities(series):
        needed = _NEEDS.get(entity.math or "")
        if needed is not None and getattr(entity, needed[0]) is None:
            name, example = needed
            text = f'is missing; math "{entity.math}" needs it.'
            raise tell(Problem((*within, *path, name), text, 0, example={"math": entity.math, name: example}))
    if isinstance(source, FunnelsQuery) and len(series) < 2:
        first = series[0].model_dump(mode="json", exclude_unset=True) if series else {"event": "signed_up"}
        example = {"series": [first, {"kind": "EventsNode", "event": "the next step"}]}
        raise tell(Problem((*within, "series"), "a funnel needs at least two steps.", 0, example=example))


def _entities(series: Sequence[Entity]) -> Iterator[tuple[tuple[str | int, ...], Entity]]:
    for place, entity in enumerate(series):
        yield ("series", place), entity
        if isinstance(entity, GroupNode):
            for inner, node in enumerate(entity.nodes):
                yield ("series", place, "nodes", inner), node
