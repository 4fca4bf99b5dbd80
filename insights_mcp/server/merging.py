"""Merge patches of stored queries: what the caller does not mention stays, display and axes included (RFC 7396)."""

from collections.abc import Mapping

from insights_mcp.errors import QueryInvalid
from insights_mcp.render.reading import mapping
from insights_mcp.schema.mending import mend_query
from insights_mcp.schema.nodes import DataTableNode, DataVisualizationNode, InsightVizNode
from insights_mcp.schema.queries import AnyQuery, dump_query, parse_query, wrap_query
from insights_mcp.schema.reading import read_body
from insights_mcp.server.asking import note_mends, read_query
from insights_mcp.server.patches import merge_patch

_NODES = {node.__name__: node for node in (InsightVizNode, DataVisualizationNode, DataTableNode)}
_SHARED = {"kind", "source", "version", "response"}


def merge_query(
    stored: Mapping[str, object], given: object, notes: list[str] | None = None
) -> tuple[dict[str, object], AnyQuery | None]:
    """Return the stored query with the patch merged in, to send, and the same checked, to run. Mends are noted.

    A patch without `source` is meant for the query within its wrapper; a patch of another kind replaces that query.
    The checked one is None when what is stored already is beyond our schema: then the server judges.
    Raises QueryInvalid.
    """
    mends: list[str] = []
    patch = given if isinstance(given, Mapping) else _read_text(given)
    merged = _merge(stored, patch, mends)
    try:
        mended = mend_query(merged)
        checked = wrap_query(parse_query(mended.body))
    except QueryInvalid:
        if _is_sound(stored):
            raise
        return merged, None
    note_mends([*mends, *mended.notes], [] if notes is None else notes)
    return dump_query(checked), checked


def _read_text(given: object) -> Mapping[str, object]:
    """Return a patch given as text: SQL, or JSON of some of a query."""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        return read_body(given)
    return dump_query(read_query(given))


def _mend_patch(kind: object, patch: Mapping[str, object], mends: list[str]) -> dict[str, object]:
    """Return some of a query with its near-misses mended, as a query of the stored kind would have them."""
    if kind is None and "kind" not in patch:
        return dict(patch)
    mended = mend_query({"kind": kind, **patch})
    mends += mended.notes
    found = {key: item for key, item in mended.body.items() if key != "kind" or "kind" in patch}
    split = found.get("breakdownFilter")
    if isinstance(split, Mapping) and len(split.keys() & {"breakdown", "breakdowns"}) == 1:
        # One takes the place of the other: with both PostHog reads only one of them.
        found["breakdownFilter"] = {"breakdown": None, "breakdowns": None, **split}
    return found


def _merge(stored: Mapping[str, object], patch: Mapping[str, object], mends: list[str]) -> dict[str, object]:
    node = _NODES.get(str(stored.get("kind")))
    if node is None or "source" in patch or patch.get("kind") in _NODES:
        return _merge_whole(stored, patch, mends)
    own = {key for key in node.model_fields if key not in _SHARED}
    source, of_source = mapping(stored.get("source")), {key: item for key, item in patch.items() if key not in own}
    of_node = {key: item for key, item in patch.items() if key in own and not _knows(source, key)}
    of_source |= {key: item for key, item in patch.items() if key in own and key not in of_node}
    of_source = _mend_patch(source.get("kind"), of_source, mends)
    if _is_other_kind(source, of_source):
        replaced = dump_query(wrap_query(parse_query(dict(of_source))))
        return (
            merge_patch(stored, {**of_node, "source": None}) | replaced
            if replaced.get("kind") == node.__name__
            else replaced
        )
    return merge_patch(stored, {**of_node, "source": of_source})


def _merge_whole(stored: Mapping[str, object], patch: Mapping[str, object], mends: list[str]) -> dict[str, object]:
    if _is_other_kind(stored, patch):
        return dict(patch)
    inner = patch.get("source")
    if isinstance(inner, Mapping):
        inner = _mend_patch(mapping(stored.get("source")).get("kind"), inner, mends)
        patch = {**patch, "source": inner}
    if isinstance(inner, Mapping) and _is_other_kind(mapping(stored.get("source")), inner):
        return merge_patch(stored, {**patch, "source": None}) | {"source": dict(inner)}
    return merge_patch(stored, patch)


def _is_other_kind(stored: Mapping[str, object], patch: Mapping[str, object]) -> bool:
    return "kind" in patch and patch["kind"] != stored.get("kind")


def _knows(source: Mapping[str, object], key: str) -> bool:
    return key in source


def _is_sound(stored: Mapping[str, object]) -> bool:
    try:
        parse_query(dict(stored))
    except QueryInvalid:
        return False
    return True
