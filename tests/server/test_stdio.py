"""The server as clients meet it: a process, a pipe, one line per message."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.test_handshake import discover, initialize

COMMAND = [sys.executable, "-m", "tests.server.serve_nothing"]
INITIALIZED: dict[str, Any] = {"jsonrpc": "2.0", "method": "notifications/initialized"}
SECONDS = 20.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="select on pipes")


def request(method: str, identity: str | int, *, modern: bool = False, **params: object) -> dict[str, Any]:
    if modern:
        params["_meta"] = discover()["params"]["_meta"]  # type: ignore[index]
    return {"jsonrpc": "2.0", "id": identity, "method": method, "params": params}


class Session:
    """A client that counts on nothing: raw lines to a process and back, each wait bounded."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._buffer = b""

    def send(self, *messages: dict[str, Any] | bytes) -> None:
        assert self.process.stdin is not None
        lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in messages]
        self.process.stdin.write(b"".join(line + b"\n" for line in lines))
        self.process.stdin.flush()

    def receive(self) -> Any:
        assert self.process.stdout is not None
        end = time.monotonic() + SECONDS
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            assert ready, "no answer in time"
            chunk = os.read(self.process.stdout.fileno(), 65536)
            assert chunk, "the server left"
            self._buffer += chunk
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def ask(self, message: dict[str, Any]) -> Any:
        self.send(message)
        answer = self.receive()
        assert answer["id"] == message["id"]
        return answer

    def finish(self) -> tuple[int, str]:
        """Close the server's stdin; return its exit code and what it wrote to stderr, with nothing left on stdout."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(SECONDS)
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        assert self._buffer + self.process.stdout.read() == b""
        return code, self.process.stderr.read().decode()


@contextmanager
def session(command: list[str] = COMMAND) -> Iterator[Session]:
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield Session(process)
        finally:
            process.kill()


def names(answer: Any) -> list[str]:
    return [tool["name"] for tool in answer["result"]["tools"]]


def test_handshake_client_is_served() -> None:
    with session() as s:
        assert s.ask(initialize("2025-06-18"))["result"]["protocolVersion"] == "2025-06-18"
        s.send(INITIALIZED)
        assert "insights-list" in names(s.ask(request("tools/list", 2)))
        assert s.finish()[0] == 0


def test_modern_client_is_served() -> None:
    with session() as s:
        assert s.ask(discover(identity="probe"))["result"]["supportedVersions"] == ["2026-07-28"]
        answer = s.ask(request("tools/list", 2, modern=True))
        assert "insights-list" in names(answer)
        assert answer["result"]["resultType"] == "complete"
        assert s.finish()[0] == 0


def test_client_that_probes_and_then_initializes_is_served() -> None:
    with session() as s:
        s.ask(discover(identity=1))
        s.ask(discover(identity=2))
        assert s.ask(initialize("2025-11-25", 3))["result"]["protocolVersion"] == "2025-11-25"
        s.send(INITIALIZED)
        assert "insights-list" in names(s.ask(request("tools/list", 4)))


def test_probe_and_initialize_sent_together_are_both_answered_once() -> None:
    with session() as s:
        s.send(discover(identity=1), initialize("2025-11-25", 2), INITIALIZED, request("tools/list", 3))
        assert [s.receive()["id"] for _ in range(3)] == [1, 2, 3]
        assert s.finish()[0] == 0


def test_second_initialize_is_answered() -> None:
    with session() as s:
        s.ask(initialize("2025-11-25", 1))
        assert s.ask(initialize("2025-11-25", 1))["result"]["protocolVersion"] == "2025-11-25"


def test_probe_of_an_unknown_version_names_those_served_and_leaves_initialize_open() -> None:
    with session() as s:
        assert s.ask(discover("2031-01-01"))["error"]["data"]["supported"] == ["2026-07-28"]
        assert "result" in s.ask(initialize("2025-11-25", 2))


def test_initialize_is_answered_before_the_sdk_is_loaded() -> None:
    code = (
        "import sys\n"
        "from insights_mcp.server import handshake\n"
        "opening = handshake.open_session()\n"
        "heavy = {'mcp', 'mcp_types', 'pydantic', 'anyio', 'httpx', 'asyncio'} & set(sys.modules)\n"
        "print(opening.answered_id, sorted(heavy), file=sys.stderr)\n"
    )
    with session([sys.executable, "-c", code]) as s:
        assert s.ask(initialize("2025-11-25", "first"))["result"]["serverInfo"]["name"] == "insights-mcp"
        assert s.finish() == (0, "first []\n")


def test_junk_lines_are_dropped_and_the_session_goes_on() -> None:
    with session() as s:
        s.send(b"junk", b"", b"\xff\xfe", b"[1,2", b"{}", INITIALIZED)
        s.ask(initialize("2025-11-25"))
        s.send(INITIALIZED, b"junk", b"\xff\xfe{", b"[]", b"null")
        assert s.ask(request("tools/list", 2))
        s.send(b'{"id":9,"method":"tools/list"}')
        assert s.receive() == {
            "jsonrpc": "2.0",
            "id": 9,
            "error": {"code": -32600, "message": "Not a JSON-RPC 2.0 request"},
        }
        code, log = s.finish()
        assert code == 0
        assert "Traceback" not in log


def test_message_in_pieces_and_a_very_long_one_are_read() -> None:
    with session() as s:
        line = json.dumps(initialize("2025-11-25")).encode()
        assert s.process.stdin is not None
        for start in range(0, len(line), 40):
            s.process.stdin.write(line[start : start + 40])
            s.process.stdin.flush()
        s.send(b"")
        assert s.receive()["id"] == 1
        s.send(INITIALIZED)
        call = request("tools/call", 2, name="insights-list", arguments={"search": "x" * 300_000})
        assert s.ask(call)["result"]["isError"] is True


def test_only_protocol_goes_to_stdout_whatever_is_printed() -> None:
    with session() as s:
        s.ask(initialize("2025-11-25"))
        code, log = s.finish()
        assert code == 0
        assert "this must never reach the client" in log


def test_client_that_leaves_at_once_ends_the_server() -> None:
    with session() as s:
        assert s.finish() == (0, "")


def test_server_leaves_soon_after_its_client() -> None:
    with session() as s:
        s.ask(initialize("2025-11-25"))
        s.send(INITIALIZED)
        s.ask(request("tools/list", 2))
        left = time.monotonic()
        assert s.finish()[0] == 0
        assert time.monotonic() - left < 1.0


def test_requests_sent_right_before_the_end_are_answered() -> None:
    with session() as s:
        s.send(initialize("2025-11-25"), INITIALIZED, request("tools/list", 2), request("prompts/list", "three"))
        assert s.process.stdin is not None
        s.process.stdin.close()
        assert {s.receive()["id"] for _ in range(3)} == {1, 2, "three"}
        assert s.process.wait(SECONDS) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
@pytest.mark.parametrize("is_open", [False, True], ids=["before the first request", "in a session"])
def test_signal_ends_the_server_without_a_traceback(number: signal.Signals, code: int, is_open: bool) -> None:
    with session() as s:
        if is_open:
            s.ask(initialize("2025-11-25"))
            s.send(INITIALIZED)
            s.ask(request("tools/list", 2))
        else:
            time.sleep(0.5)  # nothing tells from outside that it waits for a first line
        s.process.send_signal(number)
        assert s.process.wait(SECONDS) == code
        assert s.process.stderr is not None
        assert "Traceback" not in s.process.stderr.read().decode()


def test_client_that_stops_reading_ends_the_server() -> None:
    with session() as s:
        s.ask(initialize("2025-11-25"))
        assert s.process.stdout is not None
        s.process.stdout.close()
        s.send(INITIALIZED, request("tools/list", 2))
        assert s.process.wait(SECONDS) == 0


def test_session_from_a_file_is_served(tmp_path: Path) -> None:
    lines = [initialize("2025-11-25"), INITIALIZED, request("tools/list", 2)]
    script = tmp_path / "session.jsonl"
    script.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    with script.open("rb") as stdin:
        done = subprocess.run(COMMAND, stdin=stdin, capture_output=True, timeout=SECONDS, check=True)
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [1, 2]
