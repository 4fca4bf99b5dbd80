"""Imports of files that lie on this machine: only programs on this machine may ask, and they hear how far it is."""

import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from ipaddress import ip_address
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from insights_mcp.local.app.answers import plain, server_error
from insights_mcp.local.app.http import Answer, Call, Routes, endpoint
from insights_mcp.local.engine.base import EngineError
from insights_mcp.local.problems import Problem, forbidden, invalid

if TYPE_CHECKING:  # pulls in pyarrow
    from insights_mcp.local.events.files.fields import ImportOptions
    from insights_mcp.local.events.importing import ImportState

_Said = Mapping[str, object]


@endpoint("POST", "/_local/imports/")
def import_file(call: Call) -> Answer:
    """Import a file, answering a line of JSON for every step: `progress`, and at the end `done` or `error`."""
    key = call.login.key if call.login else None
    if not _is_on_this_machine(call.peer) or key is None or "*" not in key.scopes:
        raise forbidden("Files can be imported only from this machine, with the backend's own key.")
    path, options = _read_options(call.fields)
    running = _Import(lambda report: asdict(call.backend.intake.import_file(call.team, path, options, report)))
    said = running.said()
    first = next(said)  # what is wrong with the file or the options comes as an ordinary error
    return Answer(chain([first], said), media_type="application/x-ndjson")


class _Stopped(Exception):
    """Nobody listens any more."""


class _Import:
    """An import in a thread of its own, told as lines."""

    def __init__(self, run: "Callable[[Callable[[ImportState], None]], _Said]") -> None:
        self._run = run
        self._lines: queue.Queue[_Said | Exception] = queue.Queue()
        self._is_stopped = threading.Event()

    def said(self) -> Iterator[bytes]:
        """Run the import and yield its lines. Closing the iterator stops it after the rows in work.

        Raises what the import raised, when that is the first it says.
        """
        threading.Thread(target=self._work, name="import", daemon=True).start()
        try:
            line = self._lines.get()
            if isinstance(line, Exception):
                raise line
            while not isinstance(line, Exception) and line["type"] == "progress":
                yield _print(line)
                line = self._lines.get()
            yield _print(_tell_failure(line) if isinstance(line, Exception) else line)
        finally:
            self._is_stopped.set()

    def _work(self) -> None:
        try:
            summary = self._run(self._report)
        except Exception as failure:  # noqa: BLE001  # said to the caller, or raised in the request's own thread
            self._lines.put(failure)
        else:
            self._lines.put({"type": "done", **summary})

    def _report(self, state: "ImportState") -> None:
        if self._is_stopped.is_set():
            raise _Stopped
        self._lines.put({"type": "progress", **asdict(state)})


def _read_options(given: Mapping[str, object]) -> "tuple[Path, ImportOptions]":
    from insights_mcp.local.events.files.fields import ImportOptions

    path = given.get("path")
    if not isinstance(path, str) or not Path(path).is_absolute():
        raise invalid("The absolute path of a file is required.", attr="path", code="required")
    known = {field.name for field in fields(ImportOptions)}
    for name, value in given.items():
        if name != "path" and name not in known:
            raise invalid(f"There is no option {name}. Options: {', '.join(sorted(known))}.", attr=name)
        if value is not None and not isinstance(value, str):
            raise invalid("Not a valid string.", attr=name)
    chosen = {name: value for name, value in given.items() if name in known and isinstance(value, str)}
    return Path(path), ImportOptions(**chosen)


def _is_on_this_machine(peer: str | None) -> bool:
    if peer is None:  # over the Unix socket
        return True
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False


def _tell_failure(failure: Exception) -> _Said:
    if isinstance(failure, Problem):
        return {**failure.body(), "type": "error"}
    if isinstance(failure, EngineError):
        return {"type": "error", "code": "engine_failed", "detail": f"The engine failed: {failure.message}"}
    return {**server_error().body(), "type": "error"}


def _print(line: _Said) -> bytes:
    return json.dumps(line, ensure_ascii=False, default=plain).encode("utf-8", "replace") + b"\n"


ROUTES: Routes = (import_file,)
