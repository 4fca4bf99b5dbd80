"""Writes events until it is killed: the process that the crash tests start. Run as a module with a verb."""

import sys
from pathlib import Path
from uuid import uuid4

from insights_mcp.local.engine import open_engine
from insights_mcp.local.events import Intake
from insights_mcp.local.events.files.fields import ImportOptions
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import get_project


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(verb: str, data_dir: Path, *arguments: str) -> None:
    store = Store.open(data_dir / "store.sqlite")
    engine = open_engine(data_dir)
    intake = Intake(store, engine)
    intake.heal()
    with store.read() as db:
        team = get_project(db, 1)
    assert team
    if verb == "capture":
        for place in range(10_000):
            uuid = str(uuid4())
            event = {"event": "e", "distinct_id": f"u{place}", "uuid": uuid, "properties": {"$set": {"n": place}}}
            intake.capture(team, [event])
            say(uuid)
    elif verb == "import":
        summary = intake.import_file(team, Path(arguments[0]), ImportOptions(), lambda state: say("rows", state.rows))
        say("resumed", summary.resumed_at_row)
        say("totals", summary.added, summary.duplicates, summary.rejected)
    elif verb == "read":
        for row in engine.command(
            "SELECT toString(uuid) FROM events WHERE person_id IN (SELECT id FROM persons FINAL WHERE NOT is_deleted)"
        ).rows:
            say(row[0])
    elif verb == "tables":
        say(engine.command("SELECT count() FROM system.tables WHERE name LIKE 'import%'").rows[0][0])
    engine.close()
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
