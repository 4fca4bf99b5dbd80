"""Insight questions over 1 M and 10 M events: our time beside that of the best SQL by hand, on one engine in one run.

    python benchmarks/queries.py [--events 1000000 10000000] [--data-dir DIR] [--only NAME] [--runs 5] [--squashed]

The events are made once and kept in DIR. Ours is the whole answer of the query service, past its cache; theirs is the
engine's answer to SQL by hand. They run in turns, and both answers must agree. Prints, per question and size: our
median, theirs, the ratio, the processor time of ours (over all threads, so that it tells more than the clock when the
machine is busy), the process's highest memory while ours ran; then how ours grew from the smallest size to the largest.
`--squashed`: no merges of persons are left to look up.
"""

import argparse
import contextlib
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from json import dumps, loads
from pathlib import Path

from query_data import NOW, Project, default_directory, open_project
from query_questions import QUESTIONS, Dialect, Facts, Question

from insights_mcp.local.queries.registry import KINDS
from insights_mcp.local.query_service import QueryService

MEDIAN_RATIO, HIGHEST_RATIO, GROWTH, MEMORY_MB = 1.3, 2.0, 10.0, 4096.0


@dataclass(frozen=True)
class Measured:
    """What came of one question over one project. Times are medians in milliseconds, memory is in megabytes.

    `processor` is the time that our processors worked for ours.
    """

    name: str
    rows: int
    ours: float
    theirs: float
    processor: float
    memory: float
    remark: str
    may_take: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def main() -> None:
    options = _read_options()
    if options.worker:
        _work(options)
        return
    measured: list[Measured] = []
    for rows in sorted(options.events):
        # a process of its own: an engine keeps memory, and one process opens one directory
        command = [sys.executable, __file__, *sys.argv[1:], "--worker", str(rows)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                if line.startswith("{"):
                    measured.append(Measured(**loads(line)))
                    _print_row(measured[-1])
                else:
                    print(line, end="", flush=True)
        if worker.returncode:
            sys.exit(worker.returncode)
    _print_summary(measured)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--data-dir", type=Path, default=default_directory())
    parser.add_argument("--only", default="", help="questions with this text in their name")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--squashed", action="store_true")
    parser.add_argument("--worker", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def _work(options: argparse.Namespace) -> None:
    """Measure one project, one line of JSON per question."""
    project = open_project(options.data_dir, options.worker, is_merged=not options.squashed)
    try:
        queries = QueryService(project.store, project.engine, lambda: NOW)
        dialect = Dialect(is_merged=not options.squashed)
        print(f"{project.rows:,} events, {project.persons:,} persons, load {os.getloadavg()[0]:.1f}", flush=True)
        print(f"{'question':30}{'ours':>9}{'by hand':>9}{'ratio':>7}{'CPU':>9}{'peak':>9}", flush=True)
        for question in QUESTIONS:
            if options.only not in question.name:
                continue
            if question.query["kind"] not in KINDS:
                print(f"{question.name:30} skipped: {question.query['kind']} is not answered yet", flush=True)
                continue
            print(dumps(asdict(_measure(question, project, queries, dialect, options.runs))), flush=True)
    finally:
        project.close()


def _measure(question: Question, project: Project, queries: QueryService, dialect: Dialect, runs: int) -> Measured:
    sql = dialect.fill(question.sql)

    def run_ours() -> object:
        return queries.answer(project.team, question.query, refresh="force_blocking").results

    def run_theirs() -> object:
        return project.engine.command(sql).rows

    remark = _compare(question, question.ours(run_ours()), question.theirs(run_theirs()))
    ours, theirs, processor, memory = [], [], [], 0.0
    for _ in range(runs):
        _forget_peak()
        before = time.process_time()
        ours.append(_milliseconds(run_ours))
        processor.append((time.process_time() - before) * 1000)
        memory = max(memory, _peak_megabytes())
        theirs.append(_milliseconds(run_theirs))
    return Measured(
        question.name,
        project.rows,
        statistics.median(ours),
        statistics.median(theirs),
        statistics.median(processor),
        memory,
        remark,
        question.may_take,
    )


def _compare(question: Question, ours: Facts, theirs: Facts) -> str:
    """Return what is to be said of the answers: nothing when they agree."""
    keys = ours if question.shows_top else {**ours, **theirs}
    wrong = [key for key in keys if not _is_near(ours.get(key), theirs.get(key), question.slack)]
    if not wrong:
        return question.why if question.slack > 1e-6 else ""
    shown = ", ".join(f"{key}: {ours.get(key)} and {theirs.get(key)}" for key in wrong[:3])
    return f"DIFFERS in {len(wrong)} of {len(ours)}: {shown}"


def _is_near(one: object, other: object, slack: float) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=slack)
    return one == other


def _milliseconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def _forget_peak() -> None:
    with contextlib.suppress(OSError), Path("/proc/self/clear_refs").open("w") as file:
        file.write("5")


def _peak_megabytes() -> float:
    with Path("/proc/self/status").open() as status:
        return next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")), math.nan)


def _print_row(one: Measured) -> None:
    late = "  SLOW" if one.ours > one.may_take * 1000 else ""
    remark = f"  {one.remark}" if one.remark else ""
    print(
        f"{one.name:30}{one.ours:7.0f}ms{one.theirs:7.0f}ms{one.ratio:7.2f}{one.processor:7.0f}ms{one.memory:7.0f}MB{late}{remark}",
        flush=True,
    )


def _print_summary(measured: list[Measured]) -> None:
    sizes = sorted({one.rows for one in measured})
    for rows in sizes:
        of_size = [one for one in measured if one.rows == rows]
        ratios = [one.ratio for one in of_size]
        print(
            f"{rows:,} events: median ratio {statistics.median(ratios):.2f} (goal {MEDIAN_RATIO}), highest"
            f" {max(ratios):.2f} (goal {HIGHEST_RATIO}), slowest {max(one.ours for one in of_size):.0f} ms,"
            f" highest memory {max(one.memory for one in of_size):.0f} MB (goal {MEMORY_MB:.0f})"
        )
    if len(sizes) > 1:
        # by the processor's time: the machine is not equally busy with other things all along
        spent = {(one.name, one.rows): one.processor for one in measured}
        names = [one.name for one in measured if one.rows == sizes[0]]
        growth = {name: spent[name, sizes[-1]] / spent[name, sizes[0]] for name in names}
        print(f"growth of processor time from {sizes[0]:,} to {sizes[-1]:,} events (goal {GROWTH:.0f}):")
        print(", ".join(f"{name} {times:.1f}" for name, times in growth.items()))
        print(f"median growth {statistics.median(growth.values()):.1f}, highest {max(growth.values()):.1f}")


if __name__ == "__main__":
    main()
