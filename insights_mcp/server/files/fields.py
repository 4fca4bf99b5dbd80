"""The fields of a document, read one by one: what is wrong with each is found, and reading goes on."""

import json
from collections.abc import Mapping, Sequence

from insights_mcp.render.marking import quote
from insights_mcp.schema.text import nearest
from insights_mcp.server.files.findings import Findings, Place

_SHOWN = 40


class Fields:
    """An object within a document. `path` is where it stands."""

    def __init__(
        self, place: Place, data: Mapping[str, object], findings: Findings, path: tuple[str | int, ...] = ()
    ) -> None:
        self.data = data
        self._place = place
        self._findings = findings
        self._path = path

    def within(self, data: Mapping[str, object], *path: str | int) -> "Fields":
        """Return the fields of an object inside this one."""
        return Fields(self._place, data, self._findings, (*self._path, *path))

    def refuse(self, problem: str, *path: str | int) -> None:
        """Add an error about a field, or about the whole object."""
        told = ".".join(str(part) for part in (*self._path, *path))
        self._findings.refuse(self._place.at(*self._path, *path), f"{told[:80]}: {problem}" if told else problem)

    def refuse_unknown(self, known: Sequence[str]) -> None:
        """Refuse each field that does not exist."""
        for name in self.data:
            if name not in known:
                near = nearest(name, known)
                meant = f"did you mean {near}?" if near else f"known are {', '.join(known)}"
                self.refuse(f"is not known; {meant}", name)

    def text(self, name: str, longest: int) -> str | None:
        """Return a text."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            hint = f'; quote it: "{value}"' if isinstance(value, int | float) else ""
            self.refuse(f"must be text, not {_show(value)}{hint}", name)
            return None
        if len(value) > longest:
            self.refuse(f"is longer than {longest} characters", name)
        return value

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        value = self.data.get(name)
        if value is None or isinstance(value, bool):
            return value
        self.refuse(f"must be true or false, not {_show(value)}", name)
        return None

    def words(self, name: str, longest: int) -> list[str] | None:
        """Return a list of texts."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse(f"must be a list of texts, not {_show(value)}", name)
            return None
        for at, item in enumerate(value):
            if not item.strip() or len(item) > longest:
                self.refuse(f"must have 1 to {longest} characters", name, at)
        return value

    def object(self, name: str) -> Mapping[str, object] | None:
        """Return an object."""
        value = self.data.get(name)
        if value is None or isinstance(value, Mapping):
            return value
        self.refuse(f"must be an object, not {_show(value)}", name)
        return None


def _show(value: object) -> str:
    return quote(json.dumps(value, ensure_ascii=False, default=str), _SHOWN)[1:-1].replace('\\"', '"')
