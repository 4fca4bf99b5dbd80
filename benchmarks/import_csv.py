"""A million rows through `insights-mcp import`: rows a second, the owner's peak memory, and the same file again.

    python benchmarks/import_csv.py [rows]

Writes a CSV with ten property columns, in order of time, of a fifth as many users as rows, half of the rows by a tenth
of them. Then imports it twice with the command line into a new data directory, as a person would.
"""

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio

from insights_mcp.local.launcher import probe, stop

COLUMNS = "event,timestamp,user_id,page,browser,os,position,price,is_new,country,plan,source,note"
EVENTS = ("pageview", "pageview", "pageview", "search", "item_opened", "cart_opened", "paid")
BROWSERS, SYSTEMS = ("Chrome", "Safari", "Firefox", "Edge"), ("Mac OS X", "Windows", "iOS", "Android")
COUNTRIES, PLANS = ("DE", "US", "FR", "GB", "IN", "BR"), ("free", "pro", "team", "")


def write_csv(path: Path, rows: int) -> None:
    chance = random.Random(1)
    users, moment = max(rows // 5, 1), datetime(2026, 1, 1, tzinfo=UTC)
    with path.open("w") as file:
        file.write(COLUMNS + "\n")
        for row in range(rows):
            moment += timedelta(seconds=chance.random() * 31)
            user = chance.randrange(users // 10 + 1) if chance.random() < 0.5 else chance.randrange(users)
            file.write(
                f"{chance.choice(EVENTS)},{moment.isoformat()},user-{user},https://shop.example/item/{row % 5000},"
                f"{chance.choice(BROWSERS)},{chance.choice(SYSTEMS)},{row % 97},{chance.randrange(100_000) / 100},"
                f"{'true' if row % 9 == 0 else 'false'},{chance.choice(COUNTRIES)},{chance.choice(PLANS)},"
                f'newsletter,"row {row}, as it came"\n'
            )


def run_import(path: Path, data_dir: Path) -> tuple[float, str]:
    command = [sys.executable, "-m", "insights_mcp", "import", str(path), "--data-dir", str(data_dir)]
    started = time.monotonic()
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return time.monotonic() - started, ended.stdout


def fact(summary: str, name: str) -> str:
    found = re.search(rf"^  {name} +(.*)$", summary, re.MULTILINE)
    return found.group(1) if found else ""


def owner_process(data_dir: Path) -> Path:
    owner = anyio.run(probe, data_dir)
    assert owner is not None
    return Path(f"/proc/{owner.pid}")


def peak_megabytes(process: Path) -> float:
    return int(re.findall(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())[0]) / 1024


def cpu_seconds(process: Path) -> float:
    user, system = (process / "stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path, data_dir = Path(folder, "events.csv"), Path(folder, "data")
        write_csv(path, rows)
        print(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB")
        before = 0.0
        try:
            for name in ("first run", "same file again"):
                seconds, summary = run_import(path, data_dir)
                print(f"{name}: {fact(summary, 'rows')}; {seconds:.1f} s with the start of the backend;", end=" ")
                print(
                    f"added {fact(summary, 'events added')}, there already {fact(summary, 'already there')},", end=" "
                )
                print(f"new persons {fact(summary, 'new persons')}, rejected {fact(summary, 'rejected')};", end=" ")
                spent = cpu_seconds(owner_process(data_dir))
                print(f"{spent - before:.1f} s of processor time")
                before = spent
            print(f"peak memory of the owner process: {peak_megabytes(owner_process(data_dir)):,.0f} MB", end="; ")
            print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        finally:
            anyio.run(stop, data_dir)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
