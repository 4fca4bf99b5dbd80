"""YAML files on disk: read whole, written so that none is ever half there."""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from insights_mcp.errors import InputError
from insights_mcp.server.files.exporting import Export, Exported
from insights_mcp.server.files.keys import is_key
from insights_mcp.server.files.yaml_text import MAX_CHARACTERS, NotYaml, read_documents

_SUFFIXES = (".yaml", ".yml")
_MAX_FILES = 4000
_MAX_BYTES = 20_000_000


def read_texts(paths: Sequence[Path]) -> dict[str, str]:
    """Return the texts of files, and of all YAML files in directories, by the names they are told by.

    Raises InputError for a path that is not there, and for more than can be meant.
    """
    texts: dict[str, str] = {}
    size = 0
    for file in [file for path in paths for file in _files(path)]:
        try:
            data = file.read_bytes()
        except OSError as error:
            raise InputError(f"{file}: {error.strerror or 'cannot be read'}.") from None
        size += len(data)
        if len(data) > 4 * MAX_CHARACTERS or size > _MAX_BYTES or len(texts) >= _MAX_FILES:
            raise InputError(f"{file}: too much at once.", advice="Apply fewer or smaller files.")
        try:
            texts[str(file)] = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise InputError(f"{file}:{line}: is not UTF-8 text.", advice="Save it as UTF-8.") from None
    if not texts:
        raise InputError(f"{', '.join(map(str, paths))}: there is no YAML file.", advice="Export writes some.")
    return texts


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = (file for suffix in _SUFFIXES for file in path.rglob(f"*{suffix}"))
        inside = (file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts))
        yield from sorted(file for file in inside if file.is_file())
    elif path.is_file():
        yield path
    else:
        raise InputError(f"{path}: there is no such file or directory.", advice="Check the path.")


def known_keys(output: str | None) -> dict[str, str]:
    """Return the keys that the files of an output directory have, by where they came from."""
    path, found = Path(output or "-"), dict[str, str]()
    for file in _files(path) if path.is_dir() else ():
        try:
            data = _data(file.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError):
            continue
        for one in data if isinstance(data, list) else ():
            source, _, key = str(one.get("source") if isinstance(one, dict) else "").rpartition("#")
            if source and is_key(key) and one.get("key") == key:
                found[source] = key
    return found


def write_export(export: Export, output: str) -> list[str]:
    """Write an export to a file, or a file for each document to a directory. Returns what was done, a line each.

    A file that says the same already is left alone, comments and all. Raises InputError when something else is there.
    """
    path = Path(output)
    if path.suffix in _SUFFIXES and not path.is_dir():
        done = _write(path, export.text)
        return [f"{done} {path}"]
    counts: dict[str, int] = {}
    written = {path / f"{one.kind}s" / f"{one.key}.yaml": one for one in export.documents}
    for file, one in written.items():
        done = _write(file, one.text)
        counts[done] = counts.get(done, 0) + 1
    told = ", ".join(f"{done} {count}" for done, count in counts.items())
    return [f"{path}: {told or 'nothing to write'}", *_tell_others(path, written)]


def _tell_others(path: Path, written: Mapping[Path, Exported]) -> Iterator[str]:
    others = [file for file in _files(path) if file not in written] if path.is_dir() else []
    if others:
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        yield f"Not part of this export, and left as they are: {', '.join(map(str, others[:3]))}{more}"


def _write(file: Path, text: str) -> str:
    try:
        before = file.read_text(encoding="utf-8-sig") if file.exists() else None
        if before is not None:
            if _data(before) == _data(text):
                return "unchanged"
            if not _is_ours(before):
                raise InputError(f"{file}: holds something else.", advice="Move it away, or write elsewhere.")
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, text)
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "cannot be written"
        raise InputError(f"{file}: {reason}.") from None
    return "written" if before is None else "changed"


def _replace(file: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{file.name[:40]}-", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
        Path(name).chmod(0o644 if not file.exists() else file.stat().st_mode & 0o777)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _data(text: str) -> object:
    try:
        return [document.data for document in read_documents(text)]
    except NotYaml:
        return None


def _is_ours(text: str) -> bool:
    found = _data(text)
    kinds = [one.get("kind") if isinstance(one, dict) else None for one in found] if isinstance(found, list) else [None]
    return all(kind in ("insight", "dashboard") for kind in kinds)
