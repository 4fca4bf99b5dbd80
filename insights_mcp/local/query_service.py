"""Answers queries: from the cache, now, or in the background (facts/rest-api.md 4.3, 8)."""

import contextlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

from insights_mcp.local.answers.answer import Calculated, QueryAnswer
from insights_mcp.local.answers.cache_key import cache_key
from insights_mcp.local.answers.calculate import StatementRunner, calculate, end_of
from insights_mcp.local.answers.contexts import build_context, read_facts
from insights_mcp.local.answers.failures import as_problems, cancelled, not_supported
from insights_mcp.local.answers.freshness import CLIENT_REFRESH, Age, RefreshMode, Step, choose_step
from insights_mcp.local.answers.jobs import Job, Jobs
from insights_mcp.local.answers.slots import Slots, Waiter
from insights_mcp.local.clock import Clock, read_clock
from insights_mcp.local.engine.base import Limits
from insights_mcp.local.overrides import apply_overrides, keep_named_variables
from insights_mcp.local.queries.context import Definitions, NoDefinitions, TeamFacts
from insights_mcp.local.queries.registry import KINDS
from insights_mcp.local.store.database import Store, StoreBusy
from insights_mcp.local.store.query_cache import CachedResult, read_data_version, read_result, write_result
from insights_mcp.schema.queries import SourceQuery, parse_query, unwrap_query

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

BLOCKING_LIMITS = Limits(max_seconds=60)
ASYNC_LIMITS = Limits(max_seconds=600)
CANCEL_SECONDS = 0.5
CLOSE_SECONDS = 10.0
_PARTS = tuple(Calculated.__dataclass_fields__)


@dataclass(frozen=True)
class _Question:
    """One request, parsed, with everything its answer depends on."""

    team: TeamFacts
    query: SourceQuery
    key: str
    id: str
    insight_id: int | None
    limit_context: str | None

    @property
    def interval(self) -> str | None:
        return getattr(self.query, "interval", None)


@dataclass(eq=False)
class _Running:
    """What a cancel must reach: the wait for a slot, and the engine's work."""

    waiter: Waiter
    runner: StatementRunner
    limits: Limits
    done: threading.Event = field(default_factory=threading.Event)


class QueryService:
    """Answers queries of every kind. Safe to call from many threads."""

    def __init__(
        self,
        store: Store,
        engine: "Engine",
        clock: Clock = read_clock,
        *,
        definitions: Definitions | None = None,
        slots: Slots | None = None,
        limits: Limits = BLOCKING_LIMITS,
    ) -> None:
        self._store = store
        self._engine = engine
        self._clock = clock
        self._definitions = definitions or NoDefinitions()
        self._slots = slots or Slots()
        self._limits = limits
        self._jobs = Jobs(clock)
        self._lock = threading.Lock()
        self._running: dict[tuple[int, str], list[_Running]] = {}

    def answer(
        self,
        team: TeamFacts,
        query: Mapping[str, object],
        *,
        refresh: RefreshMode = "blocking",
        client_query_id: str | None = None,
        filters_override: Mapping[str, object] | None = None,
        variables_override: Mapping[str, object] | None = None,
        insight_id: int | None = None,
        limit_context: str | None = None,
    ) -> QueryAnswer:
        """Answer a query as its refresh mode asks. Raises Problem."""
        with as_problems():
            laid = apply_overrides(query, filters_override or {}, keep_named_variables(variables_override or {}))
            parsed = unwrap_query(parse_query(dict(laid)))
        if parsed.kind not in KINDS:
            raise not_supported(parsed.kind)
        key = cache_key(team, parsed, limit_context)
        question = _Question(team, parsed, key, client_query_id or uuid4().hex, insight_id, limit_context)
        cached, version = self._look_up(question)
        age = _age_of(cached, version) if cached else None
        step = choose_step(refresh, age, self._clock())
        if step is Step.COMPUTE:
            return self._compute(question, version, self._enter(question, self._limits))
        if step is Step.NOTHING:
            return QueryAnswer(cache_key=key)
        job = self._start(question, version) if step in (Step.START, Step.CACHED_AND_START) else None
        job = job or self._jobs.running(team.id, key)
        if cached is None or step is Step.START:
            named = None if refresh == "force_async" else key
            return QueryAnswer(cache_key=named, timezone=team.timezone, query_status=job.status() if job else None)
        calculated = Calculated(**json.loads(cached.body))
        answer = _to_answer(question, calculated, cached)
        return replace(answer, is_cached=True, query_status=job.status() if job else None)

    def refresh_cohort(self, team: TeamFacts, cohort_id: int) -> None:
        """Compute who is in a cohort, unless that is known. Raises Problem."""
        with as_problems():
            self._definitions.cohort(team.id, cohort_id)

    def status(self, team: TeamFacts, query_id: str) -> Job:
        """Return a background query; `job.status()` is its `query_status`. Raises Problem 404."""
        return self._jobs.find(team.id, query_id)

    def progress(self, job: Job) -> dict[str, object]:
        """Return a job's `query_status` with how far the engine is."""
        return job.status(None if job.is_complete else self._engine.progress(_engine_id(job.team_id, job.id)))

    def cancel(self, team: TeamFacts, query_id: str, dequeue_only: bool = False) -> str:
        """Cancel a query by its id and return what to tell the caller. Unknown ids are no error."""
        with self._lock:
            running = list(self._running.get((team.id, query_id), ()))
        if not running and self._is_complete(team.id, query_id):
            return "Query already complete"
        for one in running:
            self._slots.cancel(one.waiter)
        if dequeue_only:
            return "Only tried to dequeue, not cancelling query on clickhouse"
        self._stop(running, CANCEL_SECONDS)
        return "Cancelled query on clickhouse"

    def is_busy(self) -> bool:
        """Return whether a query runs now, in the background or not."""
        with self._lock:
            return bool(self._running)

    def close(self) -> None:
        """Cancel what runs and wait for it."""
        with self._lock:
            running = [one for many in self._running.values() for one in many]
        for one in running:
            self._slots.cancel(one.waiter)
        self._stop(running, CLOSE_SECONDS)
        self._jobs.close()

    def _stop(self, running: Sequence[_Running], seconds: float) -> None:
        """Stop queries, and wait that long for them to end."""
        deadline = monotonic() + seconds
        for one in running:
            # asked again and again: the engine may get the query only after the first time
            while not one.done.is_set() and monotonic() < deadline:
                one.runner.cancel()
                one.done.wait(0.02)

    def _is_complete(self, team_id: int, query_id: str) -> bool:
        job = self._jobs.peek(team_id, query_id)
        return job is not None and job.is_complete

    def _look_up(self, question: _Question) -> tuple[CachedResult | None, int]:
        with self._store.read() as db:
            return read_result(db, question.team.id, question.key), read_data_version(db, question.team.id)

    def _start(self, question: _Question, version: int) -> Job:
        job = Job(question.id, question.team.id, question.key, self._clock(), insight_id=question.insight_id)
        running = self._enter(question, ASYNC_LIMITS)

        def work() -> object:
            return response_of(self._compute(question, version, running))

        started = self._jobs.start(job, work)
        if started is not job:
            self._leave(question, running)
        return started

    def _compute(self, question: _Question, version: int, running: _Running) -> QueryAnswer:
        """Calculate and store; `running` is left at the end, whatever comes. Raises Problem."""
        wait = running.limits.max_seconds if running.limits is ASYNC_LIMITS else None
        task = f"{question.query.kind}:{question.id}"
        try:
            with (
                as_problems(),
                self._slots.taken(running.waiter, question.key, task, question.team.id, wait_seconds=wait),
            ):
                if running.waiter.is_cancelled:
                    raise cancelled()
                calculated = self._calculate(question, running.runner)
        finally:
            self._leave(question, running)
        now = self._clock()
        stored = CachedResult(
            body=json.dumps(_parts_of(calculated), ensure_ascii=False, separators=(",", ":")),
            last_refresh=now,
            interval=question.interval,
            date_to=end_of(calculated),
            data_version=version,
        )
        with contextlib.suppress(StoreBusy), self._store.write() as db:  # an answer need not be stored to be given
            write_result(db, question.team.id, question.key, stored)
        return _to_answer(question, calculated, stored)

    def _calculate(self, question: _Question, runner: StatementRunner) -> Calculated:
        facts = read_facts(self._store, question.team.id)
        context = build_context(
            question.team, facts, self._definitions, self._clock(), runner.fetch, question.limit_context
        )
        return calculate(KINDS[question.query.kind], question.query, context, runner)

    def _enter(self, question: _Question, limits: Limits) -> _Running:
        """Note a query as running, so that it can be cancelled from now on."""
        runner = StatementRunner(self._engine, _engine_id(question.team.id, question.id), limits)
        running = _Running(self._slots.waiter(question.key), runner, limits)
        with self._lock:
            self._running.setdefault((question.team.id, question.id), []).append(running)
        return running

    def _leave(self, question: _Question, running: _Running) -> None:
        name = (question.team.id, question.id)
        with self._lock:
            self._running[name].remove(running)
            if not self._running[name]:
                del self._running[name]
        running.done.set()


def response_of(answer: QueryAnswer) -> dict[str, object]:
    """Return an answer as `/query/` prints it (facts/rest-api.md 8.1): nothing but its job while there is none yet."""
    if answer.last_refresh is None and answer.query_status is not None:
        key = {} if answer.cache_key is None else {"cache_key": answer.cache_key}
        return {**key, "query_status": answer.query_status}
    return {
        "results": answer.results,
        **({"columns": answer.columns, "types": answer.types} if answer.columns is not None else {}),
        **({"hasMore": answer.has_more} if answer.has_more is not None else {}),
        **({"limit": answer.limit, "offset": answer.offset} if answer.limit is not None else {}),
        "hogql": answer.hogql,
        "error": answer.error,
        "timings": None,
        "modifiers": None,
        "resolved_date_range": answer.resolved_date_range,
        "resolved_compare_date_range": answer.resolved_compare_date_range,
        "warnings": answer.warnings,
        **answer.extra,
        "is_cached": answer.is_cached,
        "cache_key": answer.cache_key,
        "cache_target_age": answer.cache_target_age,
        "last_refresh": answer.last_refresh,
        "next_allowed_client_refresh": answer.next_allowed_client_refresh,
        "timezone": answer.timezone,
        "calculation_trigger": None,
        "query_status": answer.query_status,
        "query_metadata": None,
    }


def _engine_id(team_id: int, query_id: str) -> str:
    return f"{team_id}_{query_id}"


def _age_of(cached: CachedResult, version: int) -> Age:
    return Age(cached.last_refresh, cached.interval, cached.date_to, is_outdated=cached.data_version != version)


def _parts_of(calculated: Calculated) -> dict[str, object]:
    return {name: getattr(calculated, name) for name in _PARTS}


def _to_answer(question: _Question, calculated: Calculated, stored: CachedResult) -> QueryAnswer:
    return QueryAnswer(
        **_parts_of(calculated),  # type: ignore[arg-type]  # the fields have the same names and types
        cache_key=question.key,
        last_refresh=stored.last_refresh,
        cache_target_age=_age_of(stored, stored.data_version).target,
        next_allowed_client_refresh=stored.last_refresh + CLIENT_REFRESH,
        timezone=question.team.timezone,
    )
