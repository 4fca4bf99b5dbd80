"""The long run: `python -m tests.oracle.run trends 2000` asks that many random questions."""

import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from insights_mcp.local.engine import open_engine
from tests.oracle import (
    random_correlation,
    random_funnels,
    random_lifecycle,
    random_paths,
    random_retention,
    random_stickiness,
    random_tables,
    random_trends,
)
from tests.oracle.agreement import check_trends
from tests.oracle.correlation_agreement import check_correlation
from tests.oracle.funnels_agreement import check_funnels
from tests.oracle.lifecycle import check_lifecycle
from tests.oracle.paths_agreement import check_paths
from tests.oracle.retention import check_retention
from tests.oracle.stickiness import check_stickiness
from tests.oracle.tables import check_actors, check_events

Questions = Callable[[], st.SearchStrategy[tuple[Any, ...]]]
# A kind by name: its random questions (project, query or several, now), and what compares the two answers to one.
CHECKS: Mapping[str, tuple[Questions, Callable[..., None]]] = {
    "funnels": (random_funnels.questions, check_funnels),
    "correlation": (random_correlation.questions, check_correlation),
    "trends": (random_trends.questions, check_trends),
    "events": (random_tables.events_questions, check_events),
    "actors": (random_tables.actors_questions, check_actors),
    "lifecycle": (random_lifecycle.questions, check_lifecycle),
    "paths": (random_paths.questions, check_paths),
    "retention": (random_retention.questions, check_retention),
    "stickiness": (random_stickiness.questions, check_stickiness),
}

# After how many questions a line says how far it is.
PROGRESS = 100


def main(kind: str, count: int) -> None:
    if kind not in CHECKS:
        raise SystemExit(f"no oracle for {kind}; there are {', '.join(CHECKS)}")
    questions, check = CHECKS[kind]
    asked = 0
    with tempfile.TemporaryDirectory() as directory:
        engine = open_engine(Path(directory))

        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(questions())
        def agree(question: tuple) -> None:
            nonlocal asked
            asked += 1
            if asked % PROGRESS == 0:
                print(f"{asked} asked", file=sys.stderr)
            check(engine, *question)

        started = time.monotonic()
        try:
            agree()
        finally:
            engine.close()
        print(f"{asked} random questions, engine and oracle agree, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
