"""Elements that were written by hand over the API (seed 003)."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_JSON = ("attr_class", "attributes")
_COLUMNS = ("text", "tag_name", "attr_class", "href", "attr_id", "nth_child", "nth_of_type", "attributes", "order")


@dataclass(frozen=True)
class StoredElement:
    """One element."""

    id: int
    text: str | None
    tag_name: str | None
    attr_class: Sequence[object] | None
    href: str | None
    attr_id: str | None
    nth_child: int | None
    nth_of_type: int | None
    attributes: object
    order: int | None


def create_element(db: sqlite3.Connection, team_id: int, values: Mapping[str, object]) -> StoredElement:
    """Store a new element and return it."""
    columns = {**_storable(values), "team_id": team_id}
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    sql = f"INSERT INTO elements ({names}) VALUES ({marks}) RETURNING *"
    return _element(db.execute(sql, tuple(columns.values())).fetchone())


def update_element(db: sqlite3.Connection, element_id: int, values: Mapping[str, object]) -> StoredElement:
    """Set columns of an element and return it."""
    for name, value in _storable(values).items():
        db.execute(f'UPDATE elements SET "{name}" = ? WHERE id = ?', (value, element_id))
    return _element(db.execute("SELECT * FROM elements WHERE id = ?", (element_id,)).fetchone())


def get_element(db: sqlite3.Connection, team_id: int, element_id: int) -> StoredElement | None:
    """Return an element of a project."""
    row = db.execute("SELECT * FROM elements WHERE team_id = ? AND id = ?", (team_id, element_id)).fetchone()
    return _element(row) if row else None


def list_elements(db: sqlite3.Connection, team_id: int, limit: int, offset: int) -> tuple[list[StoredElement], int]:
    """Return a page of elements and the number of all."""
    count = db.execute("SELECT count(*) FROM elements WHERE team_id = ?", (team_id,)).fetchone()[0]
    rows = db.execute("SELECT * FROM elements WHERE team_id = ? ORDER BY id LIMIT ? OFFSET ?", (team_id, limit, offset))
    return [_element(row) for row in rows], count


def delete_element(db: sqlite3.Connection, element: StoredElement) -> None:
    """Delete an element."""
    db.execute("DELETE FROM elements WHERE id = ?", (element.id,))


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    unknown = set(values) - set(_COLUMNS)
    if unknown:
        raise ValueError(f"no writable element columns {sorted(unknown)}")
    return {name: json.dumps(value) if name in _JSON else value for name, value in values.items()}


def _element(row: sqlite3.Row) -> StoredElement:
    return StoredElement(
        id=row["id"],
        text=row["text"],
        tag_name=row["tag_name"],
        attr_class=json.loads(row["attr_class"]) if row["attr_class"] else None,
        href=row["href"],
        attr_id=row["attr_id"],
        nth_child=row["nth_child"],
        nth_of_type=row["nth_of_type"],
        attributes=json.loads(row["attributes"]),
        order=row["order"],
    )
