"""The embedded engine: how long it takes to open, what it holds, how fast it takes rows in and answers.

python benchmarks/engine.py
"""

import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

COLUMNS = ["team_id", "uuid", "event", "properties", "timestamp", "distinct_id", "person_id", "created_at"]
PROPERTIES = (
    '{"$browser": "Chrome", "$current_url": "https://example.com/pricing?a=1", "$os": "Mac OS X", "plan": "pro"}'
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    begin = time.perf_counter()
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from insights_mcp.local.engine import open_engine

    with tempfile.TemporaryDirectory() as directory:
        engine = open_engine(Path(directory))
        show("import and open", f"{time.perf_counter() - begin:.2f} s")
        show("resident memory, threads", f"{memory():.0f} MB, {len(os.listdir('/proc/self/task'))}")
        show("first insert, 100 rows", f"{timed(lambda: engine.insert('events', COLUMNS, rows(100))) * 1000:.1f} ms")
        show("insert, 1 row", milliseconds(lambda: engine.insert("events", COLUMNS, rows(1)), 30))
        show("insert, 100 rows", milliseconds(lambda: engine.insert("events", COLUMNS, rows(100)), 30))
        batch = rows(10_000)
        show("insert, 10,000 rows", per_second(lambda: engine.insert("events", COLUMNS, batch), 10, 10_000))
        table = arrow_table(100_000)
        show("insert_arrow, 100,000 rows", per_second(lambda: engine.insert_arrow("events", table), 5, 100_000))
        engine.run("SELECT 1")
        show("run, SELECT 1", milliseconds(lambda: engine.run("SELECT 1"), 50))
        numbers = iter(range(1000))
        show("run, SELECT 1, a text never seen", milliseconds(lambda: engine.run(f"SELECT {next(numbers)}"), 50))
        show("run, 50,000 rows of two columns", milliseconds(
            lambda: engine.run("SELECT uuid, timestamp FROM events LIMIT 50000"), 5
        ))  # fmt: skip
        show("resident memory at the end", f"{memory():.0f} MB")
        engine.close()


def rows(count: int) -> list[list[object]]:
    return [
        [1, uuid.uuid4(), "$pageview", PROPERTIES, START + timedelta(seconds=n), f"user-{n % 50}", uuid.uuid4(), START]
        for n in range(count)
    ]


def arrow_table(count: int) -> object:
    import pyarrow as pa

    columns = list(zip(*rows(count), strict=True))
    kinds = [pa.uint32(), None, None, None, pa.timestamp("us", "UTC"), None, None, pa.timestamp("us", "UTC")]
    texts = [[str(value) for value in column] if name in ("uuid", "person_id") else list(column)
             for name, column in zip(COLUMNS, columns, strict=True)]  # fmt: skip
    return pa.table({name: pa.array(c, kind) for name, c, kind in zip(COLUMNS, texts, kinds, strict=True)})


def timed(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def milliseconds(work: Callable[[], object], times: int) -> str:
    taken = sorted(timed(work) * 1000 for _ in range(times))
    return f"median {statistics.median(taken):.1f} ms, 95 % {taken[int(times * 0.95)]:.1f} ms"


def per_second(work: Callable[[], object], times: int, count: int) -> str:
    return f"{count / statistics.median(timed(work) for _ in range(times)):,.0f} rows/s"


def memory() -> float:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def show(what: str, value: str) -> None:
    print(f"{what:38}{value}")


if __name__ == "__main__":
    main()
