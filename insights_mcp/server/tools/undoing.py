"""`undo`: take a write back."""

from typing import Annotated

from pydantic import Field

from insights_mcp.server.acks import tell_write
from insights_mcp.server.arguments import Arguments
from insights_mcp.server.identifiers import find_insight
from insights_mcp.server.journal import Entry, is_handle
from insights_mcp.server.past import NothingToUndo
from insights_mcp.server.tool import CHANGES, Call, Tool
from insights_mcp.server.undoing import latest, latest_of, name_entry, plan_undo, undo

_LISTED = 4


class UndoArguments(Arguments):
    """What to take back."""

    what: (
        Annotated[str, Field(description="Handle, or an insight for its last change. Default: the last write")] | None
    ) = None
    force: Annotated[bool, Field(description="Also when changed since")] = False
    dry_run: bool = False


async def undo_write(arguments: UndoArguments, call: Call) -> str:
    """Take back a write: the named one, the last one, or the last change of an insight."""
    entry = await _find(arguments.what, call)
    plans = await plan_undo(call, entry, force=arguments.force)
    changes = [change for plan in plans for change in plan.changes()]
    if arguments.dry_run:
        said = f"Dry run, nothing undone. Would undo {name_entry(entry)}."
        return tell_write(said, changes=changes, is_dry_run=True)
    notes = await undo(call, entry, plans)
    return tell_write(f"Undone: {name_entry(entry)}.", changes=changes, notes=notes)


async def _find(what: str | None, call: Call) -> Entry:
    if what is None:
        return await latest(call)
    text = what.strip().lower()
    if is_handle(text):
        entries = await call.entries()
        found = next((entry for entry in entries if entry.handle == text), None)
        if found is None:
            last = "; ".join(name_entry(entry) for entry in reversed(entries[-_LISTED:]))
            advice = f"The last ones are: {last}." if last else "Nothing was written here through this server yet."
            raise NothingToUndo(f"There is no write {text}.", advice=advice)
        return found
    return await latest_of(call, await find_insight(call, what, is_write=True))


TOOL = Tool(
    "undo",
    "Undo a write",
    UndoArguments,
    undo_write,
    hints=CHANGES,
    aliases={"undo-write": {}, "revert": {}},
)
