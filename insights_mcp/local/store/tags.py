"""Tags of insights, dashboards and definitions: names, trimmed and in lower case (facts/rest-api.md 5)."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence


def normalize_tags(names: Iterable[object]) -> list[str]:
    """Return tag names as they are stored: trimmed, lower case, once each, sorted."""
    return sorted({str(name).strip().lower() for name in names} - {""})


def set_tags(db: sqlite3.Connection, team_id: int, subject: str, subject_id: int | str, names: Sequence[str]) -> None:
    """Replace the tags of an object; tags that nothing has any more are removed."""
    db.execute("DELETE FROM tagged WHERE subject = ? AND subject_id = ?", (subject, str(subject_id)))
    for name in normalize_tags(names):
        db.execute("INSERT OR IGNORE INTO tags (team_id, name) VALUES (?, ?)", (team_id, name))
        db.execute(
            "INSERT INTO tagged (tag_id, subject, subject_id) SELECT id, ?, ? FROM tags WHERE team_id = ? AND name = ?",
            (subject, str(subject_id), team_id, name),
        )
    db.execute("DELETE FROM tags WHERE team_id = ? AND id NOT IN (SELECT tag_id FROM tagged)", (team_id,))


def get_tags(db: sqlite3.Connection, subject: str, subject_ids: Sequence[int | str]) -> dict[str, list[str]]:
    """Return the tag names of objects, sorted, by the text of the object's number."""
    rows = db.execute(
        "SELECT tagged.subject_id, tags.name FROM tagged JOIN tags ON tags.id = tagged.tag_id"
        " WHERE tagged.subject = ? AND tagged.subject_id IN (SELECT value FROM json_each(?)) ORDER BY tags.name",
        (subject, json.dumps([str(subject_id) for subject_id in subject_ids])),
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row["subject_id"]].append(row["name"])
    return found


def list_tags(db: sqlite3.Connection, team_id: int) -> list[str]:
    """Return every tag of a project by name."""
    return [row["name"] for row in db.execute("SELECT name FROM tags WHERE team_id = ? ORDER BY name", (team_id,))]


def tagged_ids(db: sqlite3.Connection, team_id: int, subject: str, names: Sequence[str]) -> list[str]:
    """Return the objects of a kind that have any of the tags."""
    rows = db.execute(
        "SELECT DISTINCT tagged.subject_id FROM tagged JOIN tags ON tags.id = tagged.tag_id"
        " WHERE tags.team_id = ? AND tagged.subject = ? AND tags.name IN (SELECT value FROM json_each(?))",
        (team_id, subject, json.dumps(list(names))),
    )
    return [row["subject_id"] for row in rows]
