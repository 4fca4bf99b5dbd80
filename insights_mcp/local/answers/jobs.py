"""Queries that run in the background, and what is told of them (facts/rest-api.md 8.2, 8.3). Kept in memory."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from insights_mcp.local.engine.base import Progress
from insights_mcp.local.problems import Problem, not_found
from insights_mcp.local.queries.plain import print_moment

KEPT = timedelta(minutes=20)
WORKERS = 16


@dataclass(frozen=True)
class Job:
    """One query in the background. `problem` is set when it failed, `response` when it did not."""

    id: str
    team_id: int
    key: str
    start_time: datetime
    insight_id: int | None = None
    pickup_time: datetime | None = None
    end_time: datetime | None = None
    response: object = None
    problem: Problem | None = None

    @property
    def is_complete(self) -> bool:
        """Whether it has ended, well or not."""
        return self.end_time is not None

    def status(self, progress: Progress | None = None) -> dict[str, object]:
        """Return the `query_status` object."""
        problem = self.problem
        is_shown = problem is not None and problem.status < 500
        return {
            "id": self.id,
            "team_id": self.team_id,
            "complete": self.is_complete,
            "error": problem is not None,
            "error_message": problem.detail if problem is not None and is_shown else None,
            "results": self.response,
            "start_time": print_moment(self.start_time),
            "pickup_time": _print(self.pickup_time),
            "end_time": _print(self.end_time),
            "expiration_time": _print(self.end_time + KEPT if self.end_time else None),
            "insight_id": self.insight_id,
            "dashboard_id": None,
            "task_id": None,
            "labels": None,
            "query_async": True,
            "query_progress": _print_progress(progress),
        }


class Jobs:
    """Runs work in background threads and remembers the outcome for 20 minutes. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._jobs: dict[tuple[int, str], Job] = {}
        self._pool: ThreadPoolExecutor | None = None

    def start(self, job: Job, work: Callable[[], object]) -> Job:
        """Start the work, unless the same question is being worked on: then return that job."""
        with self._lock:
            self._forget_old()
            running = self._running(job.team_id, job.key)
            if running is not None:
                return running
            self._jobs[job.team_id, job.id] = job
            if self._pool is None:
                self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="query")
            self._pool.submit(self._work, job, work)
        return job

    def find(self, team_id: int, job_id: str) -> Job:
        """Return a job. Raises Problem 404."""
        job = self.peek(team_id, job_id)
        if job is None:
            raise not_found(f"Query {job_id} not found for team {team_id}")
        return job

    def peek(self, team_id: int, job_id: str) -> Job | None:
        """Return a job, None when there is none of this id."""
        with self._lock:
            self._forget_old()
            return self._jobs.get((team_id, job_id))

    def running(self, team_id: int, key: str) -> Job | None:
        """Return the job that works on a question now."""
        with self._lock:
            return self._running(team_id, key)

    def close(self) -> None:
        """Wait for running work to end."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, job: Job, work: Callable[[], object]) -> None:
        job = self._update(replace(job, pickup_time=self._clock()))
        problem: Problem | None = Problem(500, "server_error", "error", "A server error occurred.")
        response: object = None
        try:
            response = work()
            problem = None
        except Problem as failure:
            problem = failure
        finally:
            self._update(replace(job, end_time=self._clock(), response=response, problem=problem))

    def _update(self, job: Job) -> Job:
        with self._lock:
            self._jobs[job.team_id, job.id] = job
        return job

    def _running(self, team_id: int, key: str) -> Job | None:
        return next(
            (job for job in self._jobs.values() if job.team_id == team_id and job.key == key and not job.is_complete),
            None,
        )

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT
        for name in [name for name, job in self._jobs.items() if job.end_time is not None and job.end_time < oldest]:
            del self._jobs[name]


def _print(moment: datetime | None) -> str | None:
    return print_moment(moment) if moment else None


def _print_progress(progress: Progress | None) -> dict[str, object] | None:
    if progress is None:
        return None
    return {
        "bytes_read": progress.bytes_read,
        "rows_read": progress.rows_read,
        "estimated_rows_total": progress.estimated_rows_total,
        "time_elapsed": progress.seconds,
        "active_cpu_time": 0,
    }
