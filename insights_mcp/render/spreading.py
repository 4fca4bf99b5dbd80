"""Objects in cells laid out as columns: an event's `*`, a person, a display name (facts/queries.md 1.9)."""

from collections import Counter
from collections.abc import Mapping, Sequence

from insights_mcp.render.reading import mapping, text_of

Rows = Sequence[Sequence[object]]
# What libraries add to every event or person, and what repeats what stands beside it.
_NOISE = (
    "$set",
    "$unset",
    "$initial_",
    "$lib",
    "$session",
    "$window",
    "$device_id",
    "$insert",
    "$feature",
    "$active_",
    "$sent_at",
    "$time",
    "$host",
    "$pathname",
    "$group_",
    "$raw_",
    "$screen_",
    "$viewport_",
    "token",
    "distinct_id",
)
_MOST_PROPERTIES = 8
_EVENT = ("event", "timestamp", "distinct_id")
_PERSON = ("id",)


def spread_objects(columns: Sequence[str], rows: Rows) -> tuple[list[str], list[Sequence[object]], list[str]]:
    """Return columns and rows with known objects laid out, and notes on what was left out."""
    names: list[str] = []
    cells: list[list[object]] = [[] for _ in rows]
    notes: list[str] = []
    for place, name in enumerate(columns):
        values = [row[place] if place < len(row) else None for row in rows]
        objects = [mapping(value) for value in values]
        if not _are_objects(values):
            laid = {name: values}
        elif name == "*":
            laid = _spread(objects, _EVENT, notes)
        elif name in ("actor", "person"):
            laid = _spread(objects, _PERSON, notes)
        elif all("display_name" in one for one in objects if one):
            laid = {name: [_display(one, has_id="id" in columns) for one in objects]}
        else:
            laid = {name: values}
        for title, found in laid.items():
            if title in names or (len(laid) > 1 and title in columns):
                if title == name:  # two columns of one name are the query's own wish
                    title = f"{title} {place + 1}"
                else:
                    continue
            names.append(title)
            for row, value in zip(cells, found, strict=True):
                row.append(value)
    return names, [*cells], notes


def _display(person: Mapping[str, object], *, has_id: bool) -> object:
    """Return the name people see; nothing where that is the id which stands in a column of its own."""
    name = person.get("display_name")
    return None if has_id and name == person.get("id") else name


def _are_objects(values: Sequence[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, Mapping) for value in known)


def _spread(
    objects: Sequence[Mapping[str, object]], fields: Sequence[str], notes: list[str]
) -> dict[str, list[object]]:
    """Return the fields and the commonest properties of objects, the project's own before PostHog's."""
    properties = [mapping(one.get("properties")) for one in objects]
    counts = Counter(key for one in properties for key, value in one.items() if value not in (None, ""))
    telling = [key for key in counts if not key.startswith(_NOISE)]
    common = [key for key in telling if 2 * counts[key] >= len(objects)]
    kept = sorted(common, key=lambda key: (key.startswith("$"), -counts[key]))[:_MOST_PROPERTIES]
    left = len(counts) - len(kept)
    if left:
        noun = "property" if left == 1 else "properties"
        wanted = _example(counts, kept)
        notes.append(f"{left} more {noun} left out: select those you need, such as properties.{wanted}.")
    laid = {field: [one.get(field) for one in objects] for field in fields}
    laid |= {key: [one.get(key) for one in properties] for key in kept}
    return {key: values for key, values in laid.items() if any(value is not None for value in values)}


def _example(counts: Mapping[str, int], kept: Sequence[str]) -> str:
    left = [key for key in counts if key not in kept]
    return text_of(next((key for key in left if not key.startswith("$")), left[0] if left else "plan"))
