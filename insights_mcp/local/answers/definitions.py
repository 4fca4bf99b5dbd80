"""Actions and cohorts as queries look them up: from the store, cohorts with members as of now."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from insights_mcp.local.clock import Clock, read_clock
from insights_mcp.local.cohorts.membership import Membership
from insights_mcp.local.queries.context import Action, ActionStep, Cohort
from insights_mcp.local.store.actions import StoredAction, find_action_by_name, get_action
from insights_mcp.local.store.cohorts import StoredCohort, find_cohort_by_name, get_cohort, static_cohort_ids
from insights_mcp.local.store.database import Store

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

_STEP_FIELDS = tuple(name for name in ActionStep.__dataclass_fields__ if name != "properties")


class StoredDefinitions:
    """The project's own actions and cohorts. Safe to call from many threads."""

    def __init__(self, store: Store, engine: "Engine", clock: Clock = read_clock) -> None:
        self._store = store
        self._membership = Membership(store, engine, clock)

    def action(self, team_id: int, action: int | str) -> Action | None:
        """Return the action of this number, be it deleted, or of this name."""
        with self._store.read() as db:
            if isinstance(action, int):
                found = get_action(db, team_id, action)
            else:
                found = find_action_by_name(db, team_id, action)
        return _to_action(found) if found else None

    def cohort(self, team_id: int, cohort: int | str) -> Cohort | None:
        """Return the cohort of this number or name; its members are computed first if they are outdated.

        Raises QueryError, HogQLError, EngineError when they cannot be.
        """
        found = self.find_cohort(team_id, cohort)
        if found is None:
            return None
        self._membership.refresh(found, self)
        return Cohort(found.id, found.name or "", is_static=found.is_static)

    def static_cohorts(self, team_id: int) -> Sequence[int]:
        """Return the numbers of the cohorts that are lists of people."""
        with self._store.read() as db:
            return static_cohort_ids(db, team_id)

    def find_cohort(self, team_id: int, cohort: int | str) -> StoredCohort | None:
        """Return the cohort of this number or name as stored; deleted ones are not found."""
        with self._store.read() as db:
            if isinstance(cohort, int):
                found = get_cohort(db, team_id, cohort)
            else:
                found = find_cohort_by_name(db, team_id, cohort)
        return None if found is None or found.deleted else found


def _to_action(stored: StoredAction) -> Action:
    return Action(stored.id, stored.name or "", [_to_step(step) for step in stored.steps])


def _to_step(step: Mapping[str, object]) -> ActionStep:
    texts = {name: str(step[name]) for name in _STEP_FIELDS if step.get(name) is not None}
    properties = step.get("properties")
    return ActionStep(**texts, properties=properties if isinstance(properties, list) else ())
