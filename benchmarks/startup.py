"""Cold start to the `initialize` answer, and resident memory, beside a bare SDK hello world in the same run.

    python benchmarks/startup.py [runs]

Each run starts a new process, sends `initialize`, waits for the answer, then asks for `tools/list`. The two servers
take turns, so that both meet the same noise.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HELLO = """
from mcp.server import MCPServer
server = MCPServer("hello", version="1")
@server.tool()
async def hello() -> str:
    return "hello"
server.run()
"""
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "benchmark", "version": "1"},
    },
}
INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}


@dataclass
class Server:
    title: str
    command: list[str]
    initialize_ms: list[float] = field(default_factory=list)
    list_ms: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)


def measure(server: Server, environ: dict[str, str]) -> None:
    started = time.perf_counter()
    process = subprocess.Popen(
        server.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(INITIALIZE) + "\n")
    process.stdin.flush()
    assert "result" in json.loads(process.stdout.readline())
    server.initialize_ms.append((time.perf_counter() - started) * 1000)
    process.stdin.write(json.dumps(INITIALIZED) + "\n" + json.dumps(LIST) + "\n")
    process.stdin.flush()
    assert "result" in json.loads(process.stdout.readline())
    server.list_ms.append((time.perf_counter() - started) * 1000)
    status = Path(f"/proc/{process.pid}/status").read_text()
    server.memory_mb.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    process.stdin.close()
    process.wait(20)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "HOME": home, "INSIGHTS_MCP_DATA_DIR": home}
        servers = [
            Server("bare SDK hello world", [sys.executable, "-c", HELLO]),
            Server("insights-mcp", [sys.executable, "-m", "insights_mcp"]),
        ]
        for _ in range(runs):
            for server in servers:
                measure(server, environ)
    print(f"{runs} cold starts each, in turns; medians")
    print(f"{'server':<22}{'initialize ms':>15}{'tools/list ms':>15}{'memory MB':>11}")
    for server in servers:
        medians = [statistics.median(values) for values in (server.initialize_ms, server.list_ms, server.memory_mb)]
        print(f"{server.title:<22}{medians[0]:>15.0f}{medians[1]:>15.0f}{medians[2]:>11.1f}")
    ratio = statistics.median(servers[1].initialize_ms) / statistics.median(servers[0].initialize_ms)
    print(f"initialize: {ratio:.2f} of the hello world's time")


if __name__ == "__main__":
    main()
