"""Opening the embedded engine: in processes of their own, as each process may open one directory."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.engine.connected import make_tables
from insights_mcp.local.engine.ddl import embedded_ddl

OPEN = """
import sys
from pathlib import Path
from insights_mcp.local.engine import open_engine
engine = open_engine(Path(sys.argv[1]))
"""


def run(data_dir: Path, script: str, *, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", OPEN + textwrap.dedent(script), str(data_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env={**os.environ, **environ},
        check=False,
    )


def test_times_are_utc_whatever_the_machines_zone(data_dir: Path) -> None:
    done = run(
        data_dir,
        """
        import json
        from datetime import UTC, datetime
        at = datetime(2024, 1, 1, tzinfo=UTC)
        sql = "SELECT toDateTime('2024-01-01 00:00:00'), {at:DateTime}, {at:DateTime64(6)}, toString({at:DateTime})"
        print(json.dumps([str(value) for value in engine.run(sql, {"at": at}).rows[0]]))
        """,
        TZ="America/New_York",
    )
    midnight = "2024-01-01 00:00:00"
    assert json.loads(done.stdout) == [f"{midnight}+00:00"] * 3 + [midnight], done.stderr


def test_configuration_in_the_working_directory_is_not_obeyed(data_dir: Path, tmp_path: Path) -> None:
    """facts/engine.md 0.3: the import obeys ./config.xml, and a broken one fails it."""
    trap = tmp_path / "project"
    trap.mkdir()
    (trap / "config.xml").write_text("<clickhouse><path>./stolen/</path><logger><log>log.txt</log></logger>")
    done = run(data_dir, "import os; print(engine.run('SELECT 1').rows, os.getcwd())", cwd=trap)
    assert done.stdout.strip() == f"[(1,)] {trap}", done.stderr
    assert sorted(path.name for path in trap.iterdir()) == ["config.xml"]


def test_second_process_is_told_that_the_directory_is_taken(data_dir: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", f"{OPEN}print('open', flush=True); sys.stdin.read()", str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "open\n"
    second = run(data_dir, "")
    assert "EngineBusy: The embedded engine could not open its directory: another process has it" in second.stderr
    first.communicate(timeout=10)
    assert first.returncode == 0


def test_signals_stay_the_processs_own(data_dir: Path) -> None:
    """facts/engine.md 0.4: chDB takes over SIGSEGV and its like at import, which hides a crash's cause."""
    done = run(data_dir, "import os, signal; os.kill(os.getpid(), signal.SIGABRT)")
    assert done.returncode == -signal.SIGABRT
    assert "BaseDaemon" not in done.stderr
    ended = run(data_dir, "import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
    assert ended.returncode == -signal.SIGTERM


def test_process_ends_cleanly_with_a_query_still_running(data_dir: Path) -> None:
    done = run(
        data_dir,
        """
        import threading, time
        def ask():
            try:
                engine.run("SELECT count() FROM numbers(100000000000) WHERE cityHash64(number) % 7 = 1", query_id="q")
            except Exception as error:
                print(type(error).__name__)
        threading.Thread(target=ask).start()
        while not (progress := engine.progress("q")) or not progress.rows_read:
            time.sleep(0.01)
        engine.close()
        """,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "QueryCancelled"), done.stderr


def test_edited_configuration_is_written_anew(data_dir: Path) -> None:
    run(data_dir, "engine.close()")
    users = data_dir / "engine" / "users.xml"
    users.write_text(users.read_text().replace("GRANT SELECT ON", "GRANT ALL ON"))
    done = run(data_dir, "print(engine.run('SELECT 1').rows)")
    assert done.stdout.strip() == "[(1,)]"
    assert "GRANT ALL ON" not in users.read_text()


def test_what_was_written_is_there_after_a_restart(data_dir: Path) -> None:
    write = """
    from uuid import UUID
    columns = ["team_id", "distinct_id", "person_id", "version"]
    engine.insert("person_distinct_ids", columns, [[1, "a", UUID(int=1), 1]])
    """
    run(data_dir, write + "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    done = run(data_dir, "print(engine.run('SELECT distinct_id, version FROM person_distinct_ids').rows)")
    assert done.stdout.strip() == "[('a', 1)]", done.stderr


def test_columns_that_an_older_version_lacks_are_added(embedded_engine: Engine) -> None:
    columns = ["team_id", "event", "properties"]
    embedded_engine.command("ALTER TABLE events DROP COLUMN `mat_$browser`")
    embedded_engine.insert("events", columns, [[1, "old", '{"$browser": "Opera"}']])
    with pytest.raises(Exception, match="mat_"):
        embedded_engine.run("SELECT `mat_$browser` FROM events")
    anchor = embedded_engine._anchor  # type: ignore[attr-defined]  # what a new opening does, without another process
    make_tables(anchor, embedded_ddl("insights"), "insights")
    embedded_engine.insert("events", columns, [[1, "new", '{"$browser": "Safari"}']])
    found = embedded_engine.run("SELECT event, `mat_$browser` FROM events ORDER BY event")
    assert found.rows == [("new", "Safari"), ("old", "Opera")]
