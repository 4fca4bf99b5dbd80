"""`insights-mcp import`: hands files to the local backend, shows how far it is, and says what came of them."""

import json
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path

from anyio import to_thread
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from insights_mcp.client.endpoint import Endpoint, Locate
from insights_mcp.errors import BackendFailed, InputError, InsightsError

_ATTEMPTS = 3
_SHOWN_EVENTS = 8
_Line = Mapping[str, object]


@dataclass(frozen=True)
class Columns:
    """What the caller says of the files; the rest is guessed from the names of their columns."""

    event_column: str | None = None
    time_column: str | None = None
    actor_column: str | None = None
    uuid_column: str | None = None
    timezone: str | None = None


async def run_import(
    locate: Locate, files: Sequence[Path], columns: Columns, *, project_id: int, write: Callable[[str], object]
) -> int:
    """Import files one after the other; progress goes to stderr, each summary to `write`. Return the exit code.

    A backend that ends in the middle is started again and goes on where it was.
    Raises ExtraMissing and BackendFailed when there is no backend to be had.
    """
    console = Console(stderr=True)
    status = 0
    for file in files:
        try:
            summary = await _import_file(locate, file, columns, project_id, console)
        except InsightsError as error:
            console.print(f"{file.name}: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
            status = 1
        else:
            write(describe_summary(file, summary))
    return status


def describe_summary(file: Path, summary: _Line) -> str:
    """Return what an import did, for people."""
    rows, seconds = _int(summary, "rows"), max(float(str(summary.get("seconds", 0))), 0.001)
    resumed = _int(summary, "resumed_at_row")
    rejected = f"{_int(summary, 'rejected'):,}"
    if summary.get("rejected_path"):
        rejected += f", set aside with reasons in {summary['rejected_path']}"
    events = _mapping(summary.get("events"))
    shown = [f"{name} ({int(str(count)):,})" for name, count in list(events.items())[:_SHOWN_EVENTS]]
    if len(events) > _SHOWN_EVENTS:
        shown.append(f"and {len(events) - _SHOWN_EVENTS} more")
    columns = _mapping(summary.get("columns"))
    facts = {
        "rows": f"{rows:,} in {seconds:.1f} s ({(rows - min(resumed, rows)) / seconds:,.0f} a second)",
        "went on": f"after row {resumed:,}, where an earlier import was cut off" if resumed else "",
        "events added": f"{_int(summary, 'added'):,}",
        "already there": f"{_int(summary, 'duplicates'):,}",
        "rejected": rejected,
        "new persons": f"{_int(summary, 'persons_added'):,}",
        "time range": f"{summary['first']} to {summary['last']}" if summary.get("first") else "",
        "read as": ", ".join([f"{summary.get('format')}", *(f"{name}: {column}" for name, column in columns.items())]),
        "encoding": "" if str(summary.get("encoding")).startswith("utf-8") else str(summary.get("encoding")),
        "events found": ", ".join(shown),
    }
    return "\n".join([str(file), *(f"  {name:<14}{fact}" for name, fact in facts.items() if fact)])


async def _import_file(locate: Locate, file: Path, columns: Columns, project_id: int, console: Console) -> _Line:
    body = {"path": _absolute(file), **asdict(columns)}
    with _progress(console) as progress:
        task = progress.add_task(file.name, total=None, rows=0)
        for attempt in range(1, _ATTEMPTS + 1):
            request = _Request(await locate(), project_id, body, lambda line: _show(progress, task, line))
            try:
                return await to_thread.run_sync(request.run, abandon_on_cancel=True)
            except _ConnectionLost as lost:
                if attempt == _ATTEMPTS:
                    raise BackendFailed(
                        "The local backend ended during the import.",
                        advice="Run the same command again: it goes on where it was.",
                    ) from lost
    raise AssertionError("the loop returns or raises")


def _absolute(file: Path) -> str:
    if not file.is_file():
        raise InputError("there is no such file.", advice="Check the path.")
    return str(file.absolute())


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _show(progress: Progress, task: TaskID, line: _Line) -> None:
    progress.update(task, completed=_int(line, "bytes_read"), total=_int(line, "bytes_total"), rows=_int(line, "rows"))


class _ConnectionLost(Exception):
    """The backend did not answer to the end."""


@dataclass(frozen=True)
class _Request:
    """One request to the backend, run in a thread: the standard library's client reads a line at a time."""

    endpoint: Endpoint
    project_id: int
    body: Mapping[str, object]
    on_progress: Callable[[_Line], None]

    def run(self) -> _Line:
        """Send the request, report progress, and return the summary. Raises InputError, BackendFailed."""
        try:
            with closing(_UnixConnection(self.endpoint.socket_path)) as connection:
                headers = {"Authorization": f"Bearer {self.endpoint.api_key}", "Content-Type": "application/json"}
                path = f"/api/projects/{self.project_id}/_local/imports/"
                connection.request("POST", path, json.dumps(self.body), headers)
                return self._read(connection.getresponse())
        except (HTTPException, OSError, json.JSONDecodeError) as error:
            raise _ConnectionLost from error

    def _read(self, response: HTTPResponse) -> _Line:
        if response.status != 200:
            raise _refusal(json.loads(response.read()))
        for line in _lines(response):
            if line["type"] == "done":
                return line
            if line["type"] == "error":
                raise _refusal(line)
            self.on_progress(line)
        raise _ConnectionLost


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        """Connect to the socket. Raises OSError."""
        if sys.platform == "win32":
            raise BackendFailed("The local backend runs on Linux, macOS, and Windows through WSL.")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def _lines(response: HTTPResponse) -> Iterator[_Line]:
    while text := response.readline():
        yield json.loads(text)


def _refusal(problem: _Line) -> InsightsError:
    detail = str(problem.get("detail") or "the import failed.")
    if problem.get("code") in ("engine_failed", "error"):
        return BackendFailed(detail, advice="Run the same command again: it goes on where it was.")
    return InputError(detail)


def _int(line: _Line, name: str) -> int:
    return int(str(line.get(name) or 0))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
