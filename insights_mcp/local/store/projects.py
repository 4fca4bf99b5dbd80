"""Organizations and projects. A project is also its team: both have the same number (facts/rest-api.md 2.1)."""

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from insights_mcp.local.store.times import print_time
from insights_mcp.local.store.users import create_user

DEFAULT_PROJECT_NAME = "Default project"
DEMO_PROJECT_NAME = "Demo project"


@dataclass(frozen=True)
class Organization:
    """The one organization of a data directory."""

    id: str
    name: str
    slug: str
    created_at: str
    updated_at: str
    settings: Mapping[str, object]


@dataclass(frozen=True)
class Team:
    """A project. `week_start_day` is 0 for Sunday, 1 for Monday; filters are lists as the API shows them."""

    id: int
    name: str
    uuid: str = ""
    organization_id: str = ""
    api_token: str = ""
    timezone: str = "UTC"
    week_start_day: int = 0
    is_demo: bool = False
    has_events: bool = False
    test_account_filters: list[dict[str, object]] = field(default_factory=list)
    path_cleaning_filters: list[dict[str, object]] = field(default_factory=list)
    settings: Mapping[str, object] = field(default_factory=dict)
    created_at: str = ""
    updated_at: str = ""


# Columns a project may be changed in, and how each is stored.
_WRITABLE = ("name", "timezone", "week_start_day", "test_account_filters", "path_cleaning_filters", "settings")


def ensure_first_project(db: sqlite3.Connection, project_id: int, now: datetime) -> None:
    """Create the organization, its user and the first project in a new database."""
    if db.execute("SELECT 1 FROM projects LIMIT 1").fetchone():
        return
    organization_id, moment = str(uuid4()), print_time(now)
    db.execute(
        "INSERT INTO organizations (id, name, slug, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        (organization_id, "Local organization", "local-organization", moment, moment),
    )
    create_user(db, organization_id, first_name="Local", last_name="User", email="you@localhost", now=now)
    create_project(db, DEFAULT_PROJECT_NAME, now=now, project_id=project_id)


def create_project(
    db: sqlite3.Connection, name: str, *, now: datetime, project_id: int | None = None, is_demo: bool = False
) -> Team:
    """Create a project with a fresh token. Raises sqlite3.IntegrityError when the number is taken."""
    moment = print_time(now)
    row = db.execute(
        "INSERT INTO projects (id, uuid, organization_id, name, api_token, is_demo, created_at, updated_at)"
        " VALUES (?, ?, (SELECT id FROM organizations), ?, ?, ?, ?, ?) RETURNING *",
        (project_id, str(uuid4()), name, f"phc_{secrets.token_hex(20)}", is_demo, moment, moment),
    ).fetchone()
    return _team(row)


def get_organization(db: sqlite3.Connection) -> Organization:
    """Return the organization of this database."""
    row = db.execute("SELECT * FROM organizations").fetchone()
    return Organization(
        id=row["id"],
        name=row["name"],
        slug=row["slug"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        settings=json.loads(row["settings"]),
    )


def get_project(db: sqlite3.Connection, project_id: int) -> Team | None:
    """Return a project by its number."""
    row = db.execute("SELECT * FROM projects WHERE id = ?", (project_id,)).fetchone()
    return _team(row) if row else None


def find_project_by_token(db: sqlite3.Connection, token: str) -> Team | None:
    """Return the project whose token (phc_...) this is."""
    row = db.execute("SELECT * FROM projects WHERE api_token = ?", (token,)).fetchone()
    return _team(row) if row else None


def list_projects(db: sqlite3.Connection) -> list[Team]:
    """Return every project, oldest first."""
    return [_team(row) for row in db.execute("SELECT * FROM projects ORDER BY id")]


def current_project(db: sqlite3.Connection) -> Team:
    """Return the project of `@current`: the user's own, or the demo project while the own one has no events."""
    projects = sorted(list_projects(db), key=lambda team: team.is_demo)
    own, demos = projects[0], [team for team in projects if team.is_demo]
    return demos[0] if demos and not own.has_events else own


def mark_has_events(db: sqlite3.Connection, project_id: int) -> None:
    """Note that a project has received its first event."""
    db.execute("UPDATE projects SET has_events = 1 WHERE id = ? AND has_events = 0", (project_id,))


def update_project(db: sqlite3.Connection, project_id: int, changes: Mapping[str, object], now: datetime) -> Team:
    """Change the given columns of a project and return it. Raises ValueError for a column that is not writable."""
    for column, value in changes.items():
        if column not in _WRITABLE:
            raise ValueError(f"no writable project column {column}")
        stored = json.dumps(value) if isinstance(value, list | dict) else value
        db.execute(f"UPDATE projects SET {column} = ? WHERE id = ?", (stored, project_id))
    row = db.execute(
        "UPDATE projects SET updated_at = ? WHERE id = ? RETURNING *", (print_time(now), project_id)
    ).fetchone()
    return _team(row)


def _team(row: sqlite3.Row) -> Team:
    return Team(
        id=row["id"],
        name=row["name"],
        uuid=row["uuid"],
        organization_id=row["organization_id"],
        api_token=row["api_token"],
        timezone=row["timezone"],
        week_start_day=row["week_start_day"],
        is_demo=bool(row["is_demo"]),
        has_events=bool(row["has_events"]),
        test_account_filters=json.loads(row["test_account_filters"]),
        path_cleaning_filters=json.loads(row["path_cleaning_filters"]),
        settings=json.loads(row["settings"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
