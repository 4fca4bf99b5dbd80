"""What changed in a query, part by part, in the words of the people who change it."""

import re
from collections.abc import Iterator, Mapping, Sequence

from insights_mcp.render.phrases import identify, label_part, phrase_change, phrase_value
from insights_mcp.render.reading import mappings_of, rows_of
from insights_mcp.render.tables import cell

Parts = Mapping[str, object]
_PLAIN_PATHS = {
    "dateRange.date_from": "date range",
    "dateRange.date_to": "end of date range",
    "compareFilter.compare": "comparison with the period before",
    "breakdownFilter.breakdown": "breakdown",
    "breakdownFilter.breakdowns": "breakdown",
    "funnelsFilter.funnelVizType": "funnel view",
    "funnelsFilter.funnelOrderType": "order of steps",
    "funnelsFilter.funnelWindowInterval": "conversion window",
    "funnelsFilter.funnelWindowIntervalUnit": "unit of the conversion window",
    "properties": "filter",
    "query": "SQL",
    "date_from": "date range",
    "date_to": "end of date range",
}
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# These only say again what stands beside them.
_SILENT = frozenset({"breakdownFilter.breakdown_type", "version"})
_DEEPEST = 12


def describe_query(field: str, before: object, after: object) -> Iterator[str]:
    """Return what changed between two versions of a query, or of an old insight's filters."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping) or not before or not after:
        yield f"{field} {'removed' if not after else 'added' if not before else 'replaced'}"
    elif _source_kind(before) != _source_kind(after):
        yield f"{field} replaced, {_source_kind(before)} -> {_source_kind(after)}"
    else:
        told = list(_compare("", before, after))
        loud = [phrase for path, phrase in told if path not in _SILENT]
        yield from dict.fromkeys(loud or [phrase for _, phrase in told])


def _compare(path: str, before: object, after: object) -> Iterator[tuple[str, str]]:
    """Return path and phrase of each difference."""
    if before == after:
        return
    if path == "properties" or path.endswith(".properties"):
        before, after = _flatten(before), _flatten(after)
    if _is_branch(before, after) and path.count(".") < _DEEPEST:
        old, new = _as_mapping(before), _as_mapping(after)
        for key in dict.fromkeys([*old, *new]):
            yield from _compare(_join(path, str(key)), old.get(key), new.get(key))
    elif isinstance(before, list | tuple | None) and isinstance(after, list | tuple | None):
        yield from _compare_lists(path, rows_of(before), rows_of(after))
    else:
        yield path, f"{_name(path)} {phrase_change(before, after)}"


def _compare_lists(path: str, before: Sequence[object], after: Sequence[object]) -> Iterator[tuple[str, str]]:
    """Return what was added to a list, taken away or changed in it; parts are known again by what they are about."""
    gone = [one for one in before if one not in after]
    come = [one for one in after if one not in before]
    if not gone and not come:
        yield path, f"{_name(path)} in another order"
        return
    if len(gone) == len(come) and len(before) == len(after):
        pairs = list(zip(gone, come, strict=True))
    else:
        pairs = _pair(gone, come)
    for old, new in pairs:
        place = list(after).index(new) + 1
        if isinstance(old, Mapping) and isinstance(new, Mapping) and identify(old) == identify(new):
            what = f"{_name(path)} {label_part(new) or place}"
            yield from ((path, f"{what}: {phrase}") for _, phrase in _compare("", old, new))
        else:
            yield path, f"{_name(path)} {place}: {phrase_change(old, new)}"
    told = [f"+{phrase_value(one)}" for one in come if all(one is not new for _, new in pairs)]
    told += [f"-{phrase_value(one)}" for one in gone if all(one is not old for old, _ in pairs)]
    if told:
        yield path, f"{_name(path)} {' '.join(told)}"


def _pair(gone: Sequence[object], come: Sequence[object]) -> list[tuple[object, object]]:
    left, pairs = list(come), []
    for old in gone:
        match = next((new for new in left if identify(new) == identify(old)), None)
        if match is not None:
            left = [new for new in left if new is not match]
            pairs.append((old, match))
    return pairs


def _is_branch(before: object, after: object) -> bool:
    """Return whether two values are compared key by key: objects, or one that was not there before."""
    sides = [side for side in (before, after) if side is not None]
    return all(isinstance(side, Mapping) for side in sides) and (len(sides) == 2 or not _is_part(sides[0]))


def _is_part(value: object) -> bool:
    return isinstance(value, Mapping) and ("key" in value or "event" in value or "kind" in value)


def _as_mapping(value: object) -> Parts:
    return value if isinstance(value, Mapping) else {}


def _flatten(found: object) -> list[object]:
    """Return the filters of a list, or of a tree of groups, as a list: how groups nest is seen in no diff."""
    if isinstance(found, Mapping) and isinstance(found.get("values"), list):
        return [leaf for one in mappings_of(found["values"]) for leaf in _flatten(one)]
    if isinstance(found, Mapping):
        return [found]
    return [leaf for one in mappings_of(found) for leaf in _flatten(one)]


def _join(path: str, key: str) -> str:
    return f"{path}.{key}".removeprefix(".").removeprefix("source.") if key != "source" or path else "source"


def _name(path: str) -> str:
    """Return a path in words: the last part of it says enough."""
    if path in _PLAIN_PATHS:
        return _PLAIN_PATHS[path]
    above, _, last = path.rpartition(".")
    if last in ("id", "name") and above:  # of an entity: both say which one it is
        last = above.rpartition(".")[2]
    return _HUMP.sub(" ", last).replace("_", " ").lower() or "query"


def _source_kind(query: Parts) -> str:
    source = query.get("source")
    return cell((source if isinstance(source, Mapping) else query).get("kind") or query.get("insight")) or "none"
