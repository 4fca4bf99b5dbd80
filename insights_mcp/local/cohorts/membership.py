"""Computes who is in a cohort and writes it to the column store under a new version."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from insights_mcp.local.answers.calculate import StatementRunner
from insights_mcp.local.answers.contexts import build_context, read_facts
from insights_mcp.local.clock import Clock
from insights_mcp.local.cohorts.conditions import select_members
from insights_mcp.local.cohorts.criteria import CohortInvalid, read_criteria
from insights_mcp.local.cohorts.legacy_groups import filters_of_groups
from insights_mcp.local.engine.base import EngineError, Limits
from insights_mcp.local.hogql.errors import HogQLError
from insights_mcp.local.hogql.printer import print_select
from insights_mcp.local.queries.context import Definitions, QueryError
from insights_mcp.local.store.cohorts import (
    StoredCohort,
    fail_calculation,
    finish_calculation,
    get_cohort,
    read_cohort_facts,
    start_calculation,
    static_people,
)
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import get_project
from insights_mcp.local.store.times import parse_time

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

LIMITS = Limits(max_seconds=600)
# Conditions such as "in the last 7 days" turn false without any new event.
LONGEST_AGE = timedelta(hours=1)
# Stands for "nobody": a cohort without members must still have rows of its newest version, else readers, who look for
# the newest version in the table itself, would find the people of the version before.
NOBODY = UUID(int=0)


class Membership:
    """Keeps the members of cohorts in step with events, persons and the cohorts' own conditions."""

    def __init__(self, store: Store, engine: "Engine", clock: Clock) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self._guard = threading.Lock()
        self._locks: dict[int, threading.Lock] = {}
        self._at_work = threading.local()

    def refresh(self, cohort: StoredCohort, definitions: Definitions) -> StoredCohort:
        """Compute the members again if anything they depend on has changed, and return the cohort as it is then.

        Raises QueryError, HogQLError, EngineError; the cohort then keeps its members and says what went wrong.
        """
        at_work: set[int] = self._at_work.__dict__.setdefault("cohorts", set())
        if cohort.id in at_work:  # it refers to itself: what was computed before has to do
            return cohort
        at_work.add(cohort.id)
        try:
            with self._lock_of(cohort.id):
                return self._refresh(cohort, definitions)
        finally:
            at_work.discard(cohort.id)

    def _refresh(self, cohort: StoredCohort, definitions: Definitions) -> StoredCohort:
        with self._store.read() as db:
            current = get_cohort(db, cohort.team_id, cohort.id) or cohort
            facts = read_cohort_facts(db, cohort.team_id)
        if self._is_current(current, facts):
            return current
        self._compute(current, facts, definitions)
        with self._store.read() as db:
            return get_cohort(db, cohort.team_id, cohort.id) or current

    def _lock_of(self, cohort_id: int) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(cohort_id, threading.Lock())

    def _is_current(self, cohort: StoredCohort, facts: str) -> bool:
        if not cohort.is_current(facts) or cohort.last_calculation is None:
            return False
        return cohort.is_static or self._clock() - parse_time(cohort.last_calculation) < LONGEST_AGE

    def _compute(self, cohort: StoredCohort, facts: str, definitions: Definitions) -> None:
        try:
            members = self._find_static(cohort) if cohort.is_static else self._find_dynamic(cohort, definitions)
            with self._store.write() as db:
                version = start_calculation(db, cohort)
            self._write(cohort, version, members)
        except (QueryError, HogQLError, EngineError) as error:
            with self._store.write() as db:
                fail_calculation(db, cohort, str(error), self._clock())
            raise
        with self._store.write() as db:
            finish_calculation(db, cohort, version, len(members), facts, self._clock())

    def _find_static(self, cohort: StoredCohort) -> Sequence[bytes]:
        with self._store.read() as db:
            return [person.bytes for person in static_people(db, cohort)]

    def _find_dynamic(self, cohort: StoredCohort, definitions: Definitions) -> Sequence[bytes]:
        with self._store.read() as db:
            team = get_project(db, cohort.team_id)
        if team is None:
            return ()
        filters = cohort.filters if cohort.filters is not None else filters_of_groups(cohort.groups)
        try:
            criteria = read_criteria(filters)
        except CohortInvalid as error:
            raise QueryError(str(error), attr="filters") from error
        runner = StatementRunner(self._engine, f"cohort_{cohort.id}", LIMITS)
        facts = read_facts(self._store, team.id)
        context = build_context(team, facts, definitions, self._clock(), runner.fetch)
        printed = print_select(select_members(criteria, context), context.hogql)
        batches = self._engine.stream(printed.sql, printed.params, limits=LIMITS)
        return [UUID(person).bytes for batch in batches for person in batch.column(0).to_pylist()]

    def _write(self, cohort: StoredCohort, version: int, members: Sequence[bytes]) -> None:
        import pyarrow as pa

        people = members or [NOBODY.bytes]
        table = pa.table(
            {
                "team_id": pa.array([cohort.team_id] * len(people), pa.uint32()),
                "cohort_id": pa.array([cohort.id] * len(people), pa.uint32()),
                "person_id": pa.array(people, pa.binary(16)),
                "version": pa.array([version] * len(people), pa.uint64()),
            }
        )
        self._engine.insert_arrow("cohort_people", table)
