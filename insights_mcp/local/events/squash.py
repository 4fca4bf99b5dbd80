"""Rewrites the person of events whose distinct id was merged later, so that queries need no second look."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.persons import clear_overrides, list_overrides

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

# Each round rewrites the parts it touches, so few large rounds are cheaper; the text stays under 16 MB.
_AT_ONCE = 5_000
# `transform` knows no UUID. A mutation that fails stays in the way of all later ones, so this reads nothing but
# the table itself.
_REWRITE = """
ALTER TABLE events
UPDATE person_id = toUUID(transform(distinct_id, [{ids}], [{persons}], toString(person_id)))
WHERE team_id = {team} AND distinct_id IN [{ids}]
"""
_FORGET = """
DELETE FROM person_distinct_id_overrides WHERE team_id = {team} AND distinct_id IN [{ids}] AND version <= {version}
"""


def squash_persons(store: Store, engine: "Engine", team_id: int) -> int:
    """Rewrite the events of merged distinct ids and drop the overrides. Return how many distinct ids that were.

    Nothing may write events of the project meanwhile. Raises EngineError; what was not rewritten keeps its override.
    """
    total = 0
    while True:
        with store.read() as db:
            overrides = list_overrides(db, team_id, _AT_ONCE)
        if not overrides:
            return total
        _rewrite(engine, team_id, overrides)
        with store.write() as db:
            clear_overrides(db, team_id, [(distinct_id, version) for distinct_id, _, version in overrides])
        total += len(overrides)


def _rewrite(engine: "Engine", team_id: int, overrides: Sequence[tuple[str, bytes, int]]) -> None:
    # A mutation is stored as text and run later, so it takes no bound parameters: the values are quoted here.
    values = {
        "team": team_id,
        "ids": ", ".join(_quote(distinct_id) for distinct_id, _, _ in overrides),
        "persons": ", ".join(f"'{UUID(bytes=person)}'" for _, person, _ in overrides),
        "version": overrides[-1][2],
    }
    engine.command(_REWRITE.format_map(values))
    engine.command(_FORGET.format_map(values))


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
