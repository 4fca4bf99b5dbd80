"""Mending the outside of a query: its kind, and the node around it."""

from difflib import SequenceMatcher

from insights_mcp.schema.descriptions import WRAPPERS, shape_of
from insights_mcp.schema.hints import SYNONYMS
from insights_mcp.schema.nodes import FOREIGN_KINDS
from insights_mcp.schema.queries import QUERY_KINDS, model_of

_NODES = frozenset({"InsightVizNode", "DataVisualizationNode", "DataTableNode"})
# Fields of one kind of query only. `series` alone could be four kinds, so it tells nothing.
_TELLING = {
    "funnelsFilter": "FunnelsQuery",
    "lifecycleFilter": "LifecycleQuery",
    "pathsFilter": "PathsQuery",
    "retentionFilter": "RetentionQuery",
    "stickinessFilter": "StickinessQuery",
    "trendsFilter": "TrendsQuery",
    "select": "EventsQuery",
}
_SQL_NAMES = ("query", "sql", "hogql")
# A kind this like a real one is a slip of the hand.
_ALIKE = 0.88

Outcome = tuple[dict[str, object], str | None]


def mend_outside(body: dict[str, object]) -> Outcome:
    """Return the query with one thing mended about its outside, and what; None when nothing was."""
    kind = body.get("kind")
    if kind is None:
        return _add_kind(body)
    if isinstance(kind, str) and kind not in QUERY_KINDS and kind not in FOREIGN_KINDS:
        meant = _meant_kind(kind)
        return (body | {"kind": meant}, f"kind {kind[:40]} -> {meant}") if meant else (body, None)
    if kind in _NODES:
        return _mend_node(body, str(kind))
    return body, None


def _add_kind(body: dict[str, object]) -> Outcome:
    inner = body.get("query")
    if isinstance(inner, dict) and len(body) == 1:
        return dict(inner), "query within query -> query"
    source = body.get("source")
    if isinstance(source, dict) and len(body) == 1:
        return dict(source), "source without a node -> its query"
    for name in _SQL_NAMES:
        text = body.get(name)
        if isinstance(text, str) and len(body) == 1:
            return {"kind": "HogQLQuery", "query": text}, "kind added: HogQLQuery"
    found = [kind for field, kind in _TELLING.items() if field in body]
    return ({"kind": found[0], **body}, f"kind added: {found[0]}") if len(found) == 1 else (body, None)


def _meant_kind(given: str) -> str | None:
    shape = shape_of(given)
    for kind in QUERY_KINDS:
        if shape in (shape_of(kind), shape_of(kind.removesuffix("Query"))):
            return kind
    known = [meant for meant in SYNONYMS.get(shape.removesuffix("query"), ()) if meant in QUERY_KINDS]
    if known:
        return known[0]
    likeness = {kind: SequenceMatcher(None, shape, shape_of(kind)).ratio() for kind in QUERY_KINDS}
    best = max(likeness, key=lambda kind: likeness[kind])
    return best if likeness[best] >= _ALIKE else None


def _mend_node(body: dict[str, object], kind: str) -> Outcome:
    source = body.get("source")
    if source is None:
        return _fill_source(body, kind)
    if not isinstance(source, dict):
        return body, None
    mended, note = mend_outside(source)
    if note is not None:
        return body | {"source": mended}, note
    wanted = WRAPPERS.get(str(source.get("kind")))
    # A table may hold any query; the other two nodes hold their own kinds only.
    if wanted is not None and wanted != kind and kind != "DataTableNode":
        model = model_of(wanted)
        kept = {key: value for key, value in body.items() if model is not None and key in model.model_fields}
        return kept | {"kind": wanted}, f"{kind} -> {wanted}, which holds a {source.get('kind')}"
    return body, None


def _fill_source(body: dict[str, object], kind: str) -> Outcome:
    """Put the fields of a query that stand in the node itself where they belong."""
    model = model_of(kind)
    own = set(model.model_fields) if model is not None else set()
    stray = {key: value for key, value in body.items() if key not in own}
    node = {key: value for key, value in body.items() if key in own and key != "source"}
    source, _ = _add_kind(stray)
    if not stray or "kind" not in source:
        return body, None
    return node | {"source": source}, f"the query's fields -> source of {kind}"
