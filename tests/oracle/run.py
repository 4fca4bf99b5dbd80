"""The long run: `python -m tests.oracle.run trends 2000` asks that many random questions."""

import sys
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from insights_mcp.local.engine import open_engine
from tests.oracle.agreement import check_trends
from tests.oracle.random_trends import questions


def main(kind: str, count: int) -> None:
    if kind != "trends":
        raise SystemExit(f"no oracle for {kind}")
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
            check_trends(engine, *question)

        started = time.monotonic()
        try:
            agree()
        finally:
            engine.close()
        print(f"{asked} random questions, engine and oracle agree, {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
