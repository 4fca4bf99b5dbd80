"""Near-misses of queries, mended where only one thing can be meant, and told.

Models write queries from memory: a breakdown at the top level, a display by its everyday name, a bare query. Refusing
these costs a turn and teaches nothing (facts/peers.md 2, 5). Whatever could mean two things is left for the refusal.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

from pydantic import ValidationError

from insights_mcp.errors import QueryInvalid
from insights_mcp.schema.date_words import is_readable, read_end, read_words
from insights_mcp.schema.mends import mend_problem
from insights_mcp.schema.outsides import mend_outside
from insights_mcp.schema.problem import Problem, tell
from insights_mcp.schema.queries import model_of
from insights_mcp.schema.reading import read_body
from insights_mcp.schema.samples import show

# Each round mends one thing; a query with more wrong in it is better written anew.
_MOST_MENDS = 16
_FROM_NAMES = ("from", "start", "start_date", "date_start", "startdate", "since", "after", "begin")
_TO_NAMES = ("to", "end", "end_date", "date_end", "enddate", "until", "before")


@dataclass(frozen=True)
class Mended:
    """A query after mending, still unchecked, and what was mended, a phrase each."""

    body: Mapping[str, object]
    notes: tuple[str, ...]


def mend_query(value: object) -> Mended:
    """Return the query in `value` with its near-misses mended. What cannot be mended stays for `parse_query` to refuse.

    Raises QueryInvalid when there is no JSON object in it, or a date that PostHog would silently take for now.
    """
    body: dict[str, object] = deepcopy(dict(read_body(value)))
    notes: list[str] = []
    for _ in range(_MOST_MENDS):
        body, note = _mend_once(body)
        if note is None:
            break
        notes.append(note)
    notes += _name_events(body)
    for path, dates in list(_date_ranges(body)):
        notes += _mend_dates(path, dates)
    return Mended(body, tuple(dict.fromkeys(notes)))


def _mend_once(body: dict[str, object]) -> tuple[dict[str, object], str | None]:
    mended, note = mend_outside(body)
    if note is not None:
        return mended, note
    for _, dates in _date_ranges(body):
        note = _rename_dates(dates)
        if note is not None:
            return body, note
    model = model_of(body.get("kind"))
    if model is None:
        return body, None
    try:
        model.model_validate(body)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            note = mend_problem(model, body, details)
            if note is not None:
                return body, note
    return body, None


def _date_ranges(value: object, path: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    """Yield every `dateRange` of a query with its path."""
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        inner = f"{path}.{key}" if path else str(key)
        if key == "dateRange" and isinstance(item, dict):
            yield inner, item
        elif key in ("source", "filters", "funnelSource", "funnelPathsFilter"):
            yield from _date_ranges(item, inner)


def _name_events(body: Mapping[str, object]) -> Iterator[str]:
    """Mend an EventsNode with a name and no event: it would count every event there is."""
    source = body.get("source")
    series = (source if isinstance(source, dict) else body).get("series")
    for place, entry in enumerate(series if isinstance(series, list) else ()):
        if not isinstance(entry, dict) or "event" in entry or entry.get("kind") != "EventsNode":
            continue
        name = entry.get("name")
        if isinstance(name, str) and name and name.lower() != "all events":
            entry["event"] = name
            yield f"series.{place}.name -> event, as without one all events count"


def _rename_dates(dates: dict[str, object]) -> str | None:
    for right, wrongs in (("date_from", _FROM_NAMES), ("date_to", _TO_NAMES)):
        for key in list(dates):
            if key.lower() in wrongs and right not in dates:
                dates[right] = dates.pop(key)
                return f"dateRange.{key} -> {right}"
    return None


def _mend_dates(path: str, dates: dict[str, object]) -> Iterator[str]:
    for name in ("date_from", "date_to"):
        given = dates.get(name)
        if not isinstance(given, str) or is_readable(given):
            continue
        text = given.strip()
        if name == "date_to" and (end := read_end(text)) is not None:
            dates.pop(name)
            if end:
                dates[name] = end
            yield f"date_to {show(given)} -> {end or 'none, which is now'}"
            continue
        if name == "date_from" and (stretch := read_words(text)) is not None:
            dates[name] = stretch[0]
            if stretch[1] is not None and not dates.get("date_to"):
                dates["date_to"] = stretch[1]
            yield f"date_from {show(given)} -> {' to '.join(part for part in stretch if part)}"
            continue
        raise _unreadable(f"{path}.{name}", given)


def _unreadable(path: str, given: str) -> QueryInvalid:
    text = f"{show(given)} is no date that PostHog reads; it would take it for now."
    example = {"dateRange": {"date_from": "-30d", "date_to": "2026-01-31"}}
    return tell(Problem(tuple(path.split(".")), text, 0, example=example))
