"""The SQLite store under threads, processes and sudden death."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights_mcp.local.store.database import Store, split_statements
from insights_mcp.local.store.insights import create_insight, find_insight, get_insights
from insights_mcp.local.store.keys import create_key, find_key
from insights_mcp.local.store.migrations import MIGRATIONS
from insights_mcp.local.store.projects import (
    create_project,
    current_project,
    find_project_by_token,
    get_project,
    list_projects,
    mark_has_events,
    update_project,
)
from insights_mcp.local.store.sharing import hash_password
from insights_mcp.local.store.tags import list_tags, set_tags
from insights_mcp.local.store.users import first_user

NOW = datetime(2026, 3, 1, tzinfo=UTC)
QUERY = {"kind": "HogQLQuery", "query": "SELECT 'ü' -- 🐗"}

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.insights import create_insight

store = Store.open(Path(sys.argv[1]))
while True:
    with store.write() as db:
        insight = create_insight(db, 1, 1, {"name": "kept"}, datetime.now(UTC))
    print(insight.id, flush=True)
"""


def test_new_store_has_one_user_one_organization_and_the_first_project(store: Store) -> None:
    with store.read() as db:
        (team,) = list_projects(db)
        assert (team.id, team.name, team.is_demo) == (1, "Default project", False)
        assert team.api_token.startswith("phc_")
        assert find_project_by_token(db, team.api_token) == team
        assert first_user(db).organization_id == team.organization_id


def test_first_project_gets_the_asked_number(tmp_path: Path) -> None:
    with contextlib.closing(Store.open(tmp_path / "store.db", first_project_id=4242)) as store, store.read() as db:
        assert [team.id for team in list_projects(db)] == [4242]


def test_opening_again_changes_nothing_and_applies_no_migration_twice(tmp_path: Path) -> None:
    for _ in range(3):
        with contextlib.closing(Store.open(tmp_path / "store.db")) as store, store.read() as db:
            assert len(list_projects(db)) == 1
            assert db.execute("SELECT count(*) FROM migrations").fetchone()[0] == len(MIGRATIONS)


def test_migrations_have_unique_names() -> None:
    names = [name for name, _ in MIGRATIONS]
    assert len(set(names)) == len(names)


def test_many_openers_at_once_migrate_once(tmp_path: Path) -> None:
    stores: list[Store] = []
    threads = [
        threading.Thread(target=lambda: stores.append(Store.open(tmp_path / "deep" / "store.db"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores) == 8
    with stores[0].read() as db:
        assert len(list_projects(db)) == 1
    for store in stores:
        store.close()


def test_failed_write_leaves_nothing(store: Store) -> None:
    def write_and_fail() -> None:
        with store.write() as db:
            create_insight(db, 1, 1, {"name": "x"}, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with store.read() as db:
        assert find_insight(db, 1, "1") is None


def test_reader_keeps_its_snapshot_while_others_write(store: Store) -> None:
    with store.read() as reader:
        assert reader.execute("SELECT count(*) FROM insights").fetchone()[0] == 0
        with store.write() as writer:
            create_insight(writer, 1, 1, {"name": "x"}, NOW)
        assert reader.execute("SELECT count(*) FROM insights").fetchone()[0] == 0
    with store.read() as reader:
        assert reader.execute("SELECT count(*) FROM insights").fetchone()[0] == 1


def test_threads_write_at_once_and_lose_nothing(store: Store) -> None:
    def write() -> None:
        for _ in range(25):
            with store.write() as db:
                create_insight(db, 1, 1, {"name": "x"}, NOW)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as db:
        rows = db.execute("SELECT count(*), count(DISTINCT short_id) FROM insights").fetchone()
    assert tuple(rows) == (200, 200)


def test_foreign_keys_hold(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError), store.write() as db:
        create_insight(db, 99, 1, {"name": "x"}, NOW)


def test_killed_writers_lose_nothing_they_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    acknowledged: list[int] = []
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged += [int(process.stdout.readline()) for _ in range(20)]
            process.send_signal(signal.SIGKILL)
            acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
    with contextlib.closing(Store.open(path)) as store, store.read() as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert len(get_insights(db, acknowledged)) == len(acknowledged) >= 60


def test_query_is_kept_to_the_letter(store: Store) -> None:
    with store.write() as db:
        made = create_insight(db, 1, 1, {"query": QUERY}, NOW)
    with store.read() as db:
        assert get_insights(db, [made.id])[0].query == QUERY


def test_tags_nobody_has_are_removed(store: Store) -> None:
    with store.write() as db:
        set_tags(db, 1, "insight", 1, ["a", "b"])
        set_tags(db, 1, "dashboard", 1, ["b"])
        set_tags(db, 1, "insight", 1, [])
        assert list_tags(db, 1) == ["b"]


def test_keys_and_passwords_are_kept_as_hashes(store: Store) -> None:
    with store.write() as db:
        value = create_key(db, 1, scopes=["insight:read"], now=NOW)
    with store.read() as db:
        key = find_key(db, value)
        assert key is not None
        assert (key.allows("insight:read"), key.allows("insight:write")) == (True, False)
    assert value.encode() not in b"".join(path.read_bytes() for path in store.path.parent.glob("store.db*"))
    assert "secret" not in hash_password("secret")
    assert hash_password("secret") != hash_password("secret")


def test_current_project_is_the_demo_until_the_own_one_has_events(store: Store) -> None:
    with store.write() as db:
        demo = create_project(db, "Demo project", now=NOW, is_demo=True)
        assert current_project(db).id == demo.id
        mark_has_events(db, 1)
        assert current_project(db).id == 1


def test_project_settings_are_changed_by_name(store: Store) -> None:
    filters = [{"key": "email", "value": "@x.org", "operator": "not_icontains", "type": "person"}]
    with store.write() as db:
        update_project(db, 1, {"timezone": "Europe/Rome", "week_start_day": 1, "test_account_filters": filters}, NOW)
        team = get_project(db, 1)
        assert team is not None
        assert (team.timezone, team.week_start_day, team.test_account_filters) == ("Europe/Rome", 1, filters)
        with pytest.raises(ValueError, match="api_token"):
            update_project(db, 1, {"api_token": "x"}, NOW)


def test_scripts_are_split_at_their_statements_ends() -> None:
    script = "CREATE TABLE a (x TEXT DEFAULT ';');\n-- note; here\nCREATE TABLE b (y);\n"
    assert split_statements(script) == ["CREATE TABLE a (x TEXT DEFAULT ';');", "-- note; here\nCREATE TABLE b (y);"]
