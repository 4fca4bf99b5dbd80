"""All that is wrong with a call, told at once: one round of corrections is enough."""

from insights_mcp.errors import InputError, QueryInvalid
from insights_mcp.render.marking import quote
from insights_mcp.render.tables import word

_LIMIT = 600
_LONGEST = 240


class NotWritten(InputError):
    """A dashboard was not written, because something in the call is wrong."""


class Problems:
    """What is wrong, each with its place in the call."""

    def __init__(self) -> None:
        self._found: list[str] = []

    def add(self, place: str, problem: str) -> None:
        """Add a problem: where, and what."""
        text = f"{word(place) if len(place) <= 40 else quote(place, 40)}: {problem.rstrip('.')}"
        if text not in self._found:
            self._found.append(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")

    def add_query(self, place: str, invalid: QueryInvalid) -> None:
        """Add what is wrong with a query, as short as it stays clear."""
        told = f"{invalid.path}: {invalid.problem}" if invalid.path else invalid.problem
        if invalid.nearest:
            told = f"{told.rstrip('.')}; did you mean {invalid.nearest}?"
        elif invalid.example and len(invalid.example) <= 120:
            told = f"{told.rstrip('.')}, such as {invalid.example}"
        elif invalid.allowed:
            told = f"{told.rstrip('.')}; allowed: {', '.join(invalid.allowed)[:100]}"
        self.add(place, told)

    def raise_if_any(self, tool: str) -> None:
        """Raise NotWritten with as many problems as fit, if there are any."""
        if not self._found:
            return
        count = len(self._found)
        head = f"{tool}: {count} problem{'s' if count > 1 else ''}, nothing was written. "
        told, room = list[str](), _LIMIT - len(head) - 20
        for number, text in enumerate(self._found, 1):
            stop = "" if text.endswith(("?", ".", "…")) else "."
            line = f"({number}) {text}{stop} " if count > 1 else f"{text}{stop}"
            if len(line) > room and told:
                told.append(f"And {count - len(told)} more.")
                break
            told.append(line)
            room -= len(line)
        raise NotWritten(f"{head}{''.join(told).strip()}")
