"""The process that writes is killed in the middle; the next one must find all that was acknowledged."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROWS = 400_000


@contextmanager
def writing(*arguments: str) -> "Iterator[subprocess.Popen[str]]":
    command = [sys.executable, "-m", "tests.events.writing", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def finish(*arguments: str) -> list[str]:
    with writing(*arguments) as process:
        output, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    return output.splitlines()


def test_acknowledged_event_survives_the_kill_of_its_process_with_its_person(tmp_path: Path) -> None:
    with writing("capture", str(tmp_path)) as process:
        assert process.stdout
        acknowledged = {process.stdout.readline().strip() for _ in range(40)}
        process.send_signal(signal.SIGKILL)
        acknowledged |= {line.strip() for line in process.stdout if line.endswith("\n")}
    stored = finish("read", str(tmp_path))
    assert acknowledged <= set(stored)
    assert len(stored) == len(set(stored))


def test_import_that_was_killed_goes_on_and_stores_every_row_once(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    with file.open("w") as text:
        text.write("event,time,user_id,note\n")
        text.writelines(f"e,2026-0{1 + place % 3}-01,u{place % 50},row {place % 200_000}\n" for place in range(ROWS))
        text.write("too,few\n")
    data_dir = str(tmp_path / "data")
    with writing("import", data_dir, str(file)) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("rows")
        process.send_signal(signal.SIGKILL)
    *_, resumed, totals = finish("import", data_dir, str(file))
    assert int(resumed.split()[1]) > 0
    _, added, duplicates, rejected = totals.split()
    assert (int(added) + int(duplicates), rejected) == (ROWS, "1")
    stored = finish("read", data_dir)
    assert (len(stored), len(set(stored))) == (ROWS, ROWS)
    assert finish("tables", data_dir) == ["0"]
    (aside,) = Path(data_dir, "rejected").iterdir()
    assert len(aside.read_text().splitlines()) == 1
