"""Paths: the ways people go (facts/queries.md 1.5)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.render.numbers import duration, number, plural
from insights_mcp.render.reading import amount, mapping, mappings_of, text_of
from insights_mcp.render.reports import Report, Result
from insights_mcp.render.tables import Plain, Table, word

# What PostHog shows when nothing is said.
_EDGES = 50
_ORIGIN = re.compile(r"https?://[^/?#]+")
# Of a point, in the headline.
_LONGEST = 80
_POINTS = "Points are event names or whole addresses"
_PAUSE = "a pause of 30 minutes ends a path"


@dataclass(frozen=True)
class _Edge:
    """Two neighbours of paths: the step of the first, what both are, how often and how fast it was walked."""

    step: object
    start: str
    end: str
    times: float
    milliseconds: object


def report_paths(result: Result) -> Report:
    """Return the edges of a PathsQuery, the most walked first."""
    edges = _read(result.results)
    if not edges:
        return _report_nothing(result)
    origin = "" if shows_origin(result) else common_origin([item for edge in edges for item in (edge.start, edge.end)])
    rows = [
        [edge.step, without_origin(edge.start, origin), without_origin(edge.end, origin), edge.times, _tell_time(edge)]
        for edge in edges
    ]
    first = edges[0]
    walked = f"{_name(first.start, origin)} to {_name(first.end, origin)}, {number(first.times)} times"
    question = _ask(result.query)
    facts = [f"{f'Paths {question}. ' if question else ''}Most walked: {walked}{_tell_next(edges, origin)}."]
    limit = mapping(result.query.get("pathsFilter")).get("edgeLimit") or _EDGES
    facts[0] += f" The {len(edges)} most walked edges." if len(edges) == limit else f" {plural(len(edges), 'edge')}."
    if origin:
        facts.append(f"Addresses are under {word(origin)}; startPoint and endPoint need them whole.")
    header = [Plain(name) for name in ("step", "from", "to", "times", "mean time")]
    return Report(tuple(facts), Table(header, rows), how_to_get_less="Or lower edgeLimit.", short=walked)


def shows_origin(result: Result) -> bool:
    """Return whether whole addresses are asked for."""
    return bool(mapping(result.query.get("pathsFilter")).get("showFullUrls"))


def common_origin(items: Sequence[str]) -> str:
    """Return scheme and host if all addresses among the items have the same: then it says nothing."""
    origins = {match.group() if (match := _ORIGIN.match(item)) else None for item in items if "://" in item}
    return next(iter(origins)) or "" if len(origins) == 1 else ""


def without_origin(item: str, origin: str) -> str:
    """Return an address as its path below an origin; anything else as it is."""
    return item.removeprefix(origin) or "/" if origin and item.startswith(origin) else item


def split_node(node: object) -> tuple[object, str]:
    """Return step and item of a path's node, which PostHog writes as `1_/a`."""
    step, mark, item = text_of(node).partition("_")
    return (int(step), item) if mark and step.isdecimal() else (None, text_of(node))


def _read(results: object) -> list[_Edge]:
    edges = []
    for one in mappings_of(results):
        step, start = split_node(one.get("source"))
        end = split_node(one.get("target"))[1]
        edges.append(_Edge(step, start, end, amount(one.get("value")), one.get("average_conversion_time")))
    return sorted(edges, key=lambda edge: -edge.times)


def _report_nothing(result: Result) -> Report:
    question = _ask(result.query)
    facts = [f"No paths{f' {question}' if question else ''} in this period."]
    settings = mapping(result.query.get("pathsFilter"))
    if settings.get("startPoint") or settings.get("endPoint"):
        pause = "" if result.query.get("funnelPathsFilter") else f"; {_PAUSE}"
        facts.append(f"{_POINTS}{pause}.")
    return Report(tuple(facts), is_empty=True)


def _ask(query: Mapping[str, object]) -> str:
    """Return where the asked paths lead, or nothing: `from signed_up`, `to paid`, `after step 2 of the funnel`."""
    settings, funnel = mapping(query.get("pathsFilter")), mapping(query.get("funnelPathsFilter"))
    points = [
        f"{preposition} {word(text_of(settings[name])[:_LONGEST])}"
        for preposition, name in (("from", "startPoint"), ("to", "endPoint"))
        if settings.get(name)
    ]
    return " ".join([*points, *([_ask_funnel(funnel)] if funnel else [])])


def _ask_funnel(funnel: Mapping[str, object]) -> str:
    step, part = funnel.get("funnelStep"), text_of(funnel.get("funnelPathType"))
    if not isinstance(step, int) or isinstance(step, bool):
        return "through the funnel"
    who = f" of those who left before step {-step}" if step < 0 else " of the funnel"
    last = step if step > 0 else -step - 1
    if part == "funnel_path_between_steps":
        return f"between steps {last - 1} and {last}{who}"
    return f"{'before' if part == 'funnel_path_before_step' else 'after'} step {last}{who}"


def _tell_next(edges: Sequence[_Edge], origin: str) -> str:
    """Return where the most walked edge leads on to."""
    first = edges[0]
    step = first.step + 1 if isinstance(first.step, int) else None
    following = next((edge for edge in edges if edge.step == step and edge.start == first.end), None)
    if step is None or following is None:
        return ""
    return f", then to {_name(following.end, origin)}, {number(following.times)}"


def _name(item: str, origin: str) -> str:
    return word(without_origin(item, origin))


def _tell_time(edge: _Edge) -> Plain | None:
    return None if edge.milliseconds is None else Plain(duration(amount(edge.milliseconds) / 1000))
