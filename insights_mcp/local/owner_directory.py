"""What the owner process of a data directory leaves there for others to find it. Standard library only.

backend/           private (0700)
  lock             held (flock) by the owner for as long as it lives
  start.lock       held by the one who is starting an owner
  key              the key that the owner accepts; made once, so that a restart does not change it
  backend.sock     where it listens; in a short directory elsewhere when this path is too long for a socket
  socket.path      says where that is
  endpoint.json    written when it is ready, removed when it ends
  backend.log      and backend.log.1
  scratch/         the owner's temporary files, such as events on their way into the engine
"""

import contextlib
import errno
import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from insights_mcp.errors import BackendFailed

# sun_path holds 108 bytes on Linux and 104 on macOS, with the closing zero.
SOCKET_PATH_BYTES = 103
_ELSEWHERE_PREFIX = "insights-mcp-"


@dataclass(frozen=True)
class Endpoint:
    """A ready owner, as endpoint.json tells it. The key never shows in repr."""

    pid: int
    socket_path: str
    version: str
    api_key: str = field(repr=False)
    # The address that `insights-mcp api` listens on as well, else None.
    url: str | None = None


class FileLock:
    """An exclusive flock on a file. It is gone when its holder is, however that ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free. Return whether we hold it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let go of the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class OwnerDirectory:
    """The paths under `<data_dir>/backend`, and the files in it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.root = self.data_dir / "backend"

    def prepare(self) -> None:
        """Make the directory, private. Raises BackendFailed when it cannot be made or written."""
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.root.mkdir(mode=0o700, exist_ok=True)
            self.root.chmod(0o700)
            probe = self.root / f".writable-{os.getpid()}-{secrets.token_hex(4)}"
            probe.touch(mode=0o600)
            probe.unlink()
        except OSError as error:
            raise BackendFailed(
                f"The data directory {self.data_dir} cannot be written: {error.strerror}.",
                advice="Set INSIGHTS_MCP_DATA_DIR to a directory that you may write.",
            ) from error

    @property
    def log(self) -> Path:
        """Return the path of the log file."""
        return self.root / "backend.log"

    def owner_lock(self) -> FileLock:
        """Return the lock that the owner holds."""
        return FileLock(self.root / "lock")

    def start_lock(self) -> FileLock:
        """Return the lock that a starter holds."""
        return FileLock(self.root / "start.lock")

    def is_owned(self) -> bool:
        """Return whether an owner lives, ready or not."""
        if not self.root.is_dir():
            return False
        lock = self.owner_lock()
        if lock.acquire():
            lock.release()
            return False
        return True

    def read_key(self) -> str:
        """Return the directory's key, made at the first call."""
        path = self.root / "key"
        with contextlib.suppress(FileNotFoundError):
            found = path.read_text(encoding="ascii").strip()
            if found:
                return found
        key = f"phx_local_{secrets.token_urlsafe(32)}"
        _replace(path, key)
        return key

    def make_scratch(self) -> Path:
        """Return an empty directory for temporary files; a killed owner's are removed. Only the owner calls this."""
        path = self.root / "scratch"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        return path

    def choose_socket(self) -> Path:
        """Return a path for the socket that is short enough, and note it. Only the owner calls this."""
        self.remove_socket()
        path = self.root / "backend.sock"
        if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
            path = Path(tempfile.mkdtemp(prefix=_ELSEWHERE_PREFIX)) / "backend.sock"  # mkdtemp makes it 0700
        _replace(self.root / "socket.path", str(path))
        return path

    def remove_socket(self) -> None:
        """Remove the socket, also one that a killed owner left, and its short directory. Only the owner calls this."""
        note = self.root / "socket.path"
        with contextlib.suppress(FileNotFoundError):
            noted = Path(note.read_text(encoding="utf-8"))
            noted.unlink(missing_ok=True)
            if noted.parent != self.root and noted.parent.name.startswith(_ELSEWHERE_PREFIX):
                shutil.rmtree(noted.parent, ignore_errors=True)
            note.unlink(missing_ok=True)

    def read_endpoint(self) -> Endpoint | None:
        """Return what the last owner left, None when there is nothing usable. It may be dead."""
        try:
            found = json.loads((self.root / "endpoint.json").read_text(encoding="utf-8"))
            return _endpoint(found)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_endpoint(self, endpoint: Endpoint) -> None:
        """Tell that the owner is ready."""
        _replace(self.root / "endpoint.json", json.dumps(asdict(endpoint)))

    def remove_endpoint(self) -> None:
        """Tell that no owner is ready."""
        (self.root / "endpoint.json").unlink(missing_ok=True)

    def last_log_line(self) -> str | None:
        """Return the last line of the log that says something."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 4096))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return None
        return next((line.strip() for line in reversed(lines) if line.strip()), None)


def _endpoint(found: Mapping[str, object]) -> Endpoint:
    url = found.get("url")
    return Endpoint(
        pid=int(str(found["pid"])),
        socket_path=str(found["socket_path"]),
        version=str(found["version"]),
        api_key=str(found["api_key"]),
        url=None if url is None else str(url),
    )


def _replace(path: Path, text: str) -> None:
    """Write a file of ours alone, so that a reader sees all of it or the old one."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(partial, path)
