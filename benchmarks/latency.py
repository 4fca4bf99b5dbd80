"""What a tool call adds to the bare REST call behind it, in one run against one server.

    python benchmarks/latency.py [calls]

Starts `insights-mcp api` on loopback, then takes turns: one GET with httpx, one `insight-get` over stdio, which makes
the same GET.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import httpx
from mcp import Client, StdioServerParameters

KEY = "phx_benchmark"
QUERY = {"kind": "HogQLQuery", "query": "select 1"}


@contextmanager
def served_api(folder: str) -> Iterator[str]:
    """Run the local REST API and yield its address."""
    command = [sys.executable, "-m", "insights_mcp", "api", "--port", "0", "--api-key", KEY, "--data-dir", folder]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield found.group()
                return
        raise SystemExit("the API did not start")
    finally:
        process.terminate()
        process.wait(20)


async def measure(address: str, calls: int) -> tuple[list[float], list[float]]:
    environ = {**os.environ, "POSTHOG_HOST": address, "POSTHOG_API_KEY": KEY, "POSTHOG_PROJECT_ID": "1"}
    server = StdioServerParameters(command=sys.executable, args=["-m", "insights_mcp"], env=environ)
    bare, through = [], []
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=address, headers=headers) as http, Client(server) as client:
        body = {"name": "Benchmark", "query": QUERY}
        created = (await http.post("/api/projects/1/insights/", json=body)).raise_for_status().json()
        for turn in range(calls + 20):
            started = time.perf_counter()
            (await http.get(f"/api/projects/1/insights/{created['id']}/")).raise_for_status()
            middle = time.perf_counter()
            result = await client.call_tool("insight-get", {"id": created["id"]})
            ended = time.perf_counter()
            assert not result.is_error, result
            if turn >= 20:
                bare.append((middle - started) * 1000)
                through.append((ended - middle) * 1000)
    return bare, through


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder, served_api(folder) as address:
        bare, through = anyio.run(measure, address, calls)
    print(f"{calls} calls each, in turns; milliseconds")
    print(f"{'call':<26}{'median':>9}{'p95':>9}")
    for title, values in (("bare GET with httpx", bare), ("insight-get over stdio", through)):
        print(f"{title:<26}{statistics.median(values):>9.2f}{statistics.quantiles(values, n=20)[-1]:>9.2f}")
    print(f"added: {statistics.median(through) - statistics.median(bare):.2f} ms")


if __name__ == "__main__":
    main()
