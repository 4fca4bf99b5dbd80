"""The query of an insight in a file: checked as a whole, and compared by what it means."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from insights_mcp.errors import QueryInvalid
from insights_mcp.server.files.findings import Findings, Place, path_of, tell_query

if TYPE_CHECKING:
    from insights_mcp.schema.queries import AnyQuery

# Written beside a query by whoever stores it: two queries that differ only here are the same.
_NOISE = frozenset({"version", "response"})
# What servers wrap a bare query in (facts/rest-api.md 2.8).
_WRAPPERS = {
    **dict.fromkeys(
        ("TrendsQuery", "FunnelsQuery", "RetentionQuery", "PathsQuery", "StickinessQuery", "LifecycleQuery"),
        "InsightVizNode",
    ),
    "HogQLQuery": "DataVisualizationNode",
}


def check_body(place: Place, given: Mapping[str, object], findings: Findings, *, unchecked: bool) -> dict[str, object]:
    """Return a query as it is to be stored; everything wrong with it is found.

    `unchecked` warns in place of refusing: a newer server may know more than we do, and is asked then.
    """
    from insights_mcp.schema.mending import mend_query
    from insights_mcp.schema.queries import dump_query, find_problems, parse_query, wrap_query
    from insights_mcp.schema.soundness import check_meaning

    tell = findings.warn if unchecked else findings.refuse
    try:
        mended = mend_query(given)
    except QueryInvalid as invalid:
        tell(place.at("query", *path_of(invalid)), tell_query(invalid))
        return _wrap(given)
    problems = find_problems(mended.body)
    for problem in problems:
        tell(place.at("query", *path_of(problem)), tell_query(problem))
    if problems:
        return _wrap(given)
    for note in mended.notes:
        findings.warn(place.at("query"), f"query: read {note}")
    query = parse_query(mended.body)
    try:
        check_meaning(query)
    except QueryInvalid as invalid:  # stored queries are like this, and servers take it
        findings.warn(place.at("query", *path_of(invalid)), tell_query(invalid))
    return dump_query(wrap_query(query))


def is_same_query(one: Mapping[str, object] | None, other: Mapping[str, object] | None) -> bool:
    """Return whether two queries mean the same: defaults, nulls and what servers add do not count."""
    if one is None or other is None:
        return one is other
    return normal_text(one) == normal_text(other)


def normal_text(body: Mapping[str, object]) -> str:
    """Return a query without what does not count, as one text."""
    from insights_mcp.schema.queries import parse_query, unwrap_query, wrap_query

    try:
        query: AnyQuery = wrap_query(parse_query(body))
    except QueryInvalid:  # of another version: compared as it stands
        return json.dumps(_prune(_wrap(body)), sort_keys=True)
    said = query.model_dump(mode="json", exclude_defaults=True)
    return json.dumps([query.kind, unwrap_query(query).kind, _prune(said)], sort_keys=True)


def without_nulls(value: object) -> object:
    """Return data without fields that are null: servers drop them or not, and they say nothing."""
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list | tuple) else value


def _wrap(body: Mapping[str, object]) -> dict[str, object]:
    wrapper = _WRAPPERS.get(str(body.get("kind")))
    return {"kind": wrapper, "source": dict(body)} if wrapper else dict(body)


def _prune(value: object) -> object:
    if isinstance(value, Mapping):
        pruned = {key: _prune(item) for key, item in value.items() if key not in _NOISE}
        return {key: item for key, item in pruned.items() if item not in (None, {}, [])}
    return [_prune(item) for item in value] if isinstance(value, list | tuple) else value
