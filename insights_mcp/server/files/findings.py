"""What is wrong with files, all of it at once: errors keep anything from being written, warnings are told."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Place:
    """Where something stands: a document of a file."""

    file: str
    document: Document

    def at(self, *path: str | int) -> str:
        """Return `file:line` of a part of the document."""
        return f"{self.file}:{self.document.line_of(path)}"


@dataclass
class Findings:
    """What was found wrong so far, each as `file:line: what`."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(self, place: str, problem: str) -> None:
        """Add an error."""
        _add(self.errors, place, problem)

    def warn(self, place: str, problem: str) -> None:
        """Add a warning."""
        _add(self.warnings, place, problem)

    def raise_if_any(self) -> None:
        """Raise FilesRefused when there are errors."""
        if self.errors:
            raise FilesRefused(self.errors)


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


def _add(lines: list[str], place: str, problem: str) -> None:
    text = mark(f"{place}: {problem.rstrip('.')}")
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if text not in lines:
        lines.append(text)
