"""What is wrong with files, all of it at once: errors keep anything from being written, warnings are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from insights_mcp.errors import InputError, QueryInvalid
from insights_mcp.render.marking import mark
from insights_mcp.server.files.yaml_text import Document

_LONGEST = 400


class FilesRefused(InputError):
    """Nothing was written, because something in the files is wrong. `errors` tells it line by line."""

    def __init__(self, errors: Sequence[str]) -> None:
        count = len(errors)
        super().__init__(f"{count} problem{'s' if count > 1 else ''} in the files, nothing was written.")
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return "\n".join([self.message, *self.errors])


class At(NamedTuple):
    """A line of a file; 0 when no line is meant."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class Place:
    """Where something stands: a document of a file."""

    file: str
    document: Document

    def at(self, *path: str | int) -> At:
        """Return the line of a part of the document."""
        return At(self.file, self.document.line_of(path))


class Findings:
    """What was found wrong so far, each as `file:line: what`."""

    def __init__(self) -> None:
        self._errors: dict[tuple[At, str], str] = {}
        self._warnings: dict[tuple[At, str], str] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return the warnings in the order of the files."""
        return _in_order(self._warnings)

    @property
    def has_errors(self) -> bool:
        """Return whether anything keeps the files from being applied."""
        return bool(self._errors)

    def refuse(self, at: At, problem: str) -> None:
        """Add an error."""
        self._errors[at, problem] = _tell(at, problem)

    def warn(self, at: At, problem: str) -> None:
        """Add a warning."""
        self._warnings[at, problem] = _tell(at, problem)

    def raise_if_any(self) -> None:
        """Raise FilesRefused when there are errors."""
        if self._errors:
            raise FilesRefused(_in_order(self._errors))


def tell_query(invalid: QueryInvalid) -> str:
    """Return what is wrong with a query in one line: path, problem, what was meant or what may stand there."""
    told = f"query.{invalid.path}: {invalid.problem}" if invalid.path else f"query: {invalid.problem}"
    if invalid.nearest:
        return f"{told.rstrip('.')}; did you mean {invalid.nearest}?"
    if invalid.allowed:
        return f"{told.rstrip('.')}; allowed: {', '.join(invalid.allowed)[:160]}"
    if invalid.example and len(invalid.example) <= 160:
        return f"{told.rstrip('.')}, such as {invalid.example}"
    return told


def path_of(invalid: QueryInvalid) -> tuple[str | int, ...]:
    """Return the path of a query's problem as keys and places."""
    parts = invalid.path.split(".") if invalid.path else []
    return tuple(int(part) if part.isdecimal() and part.isascii() else part for part in parts)


def _tell(at: At, problem: str) -> str:
    text = mark(f"{at}: {problem.rstrip('.')}")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _in_order(found: Mapping[tuple[At, str], str]) -> tuple[str, ...]:
    return tuple(found[key] for key in sorted(found, key=lambda key: key[0]))
