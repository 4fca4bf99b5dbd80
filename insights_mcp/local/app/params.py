"""Query string parameters, with the API's reading of flags and numbers."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})


def is_truthy(text: str) -> bool:
    """Return whether a flag's text means yes (facts/rest-api.md 4.1)."""
    return text.strip().lower() in _TRUE


class Params:
    """Names with one or more values each; the last one counts where one is asked for."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs)

    @classmethod
    def parse(cls, text: str) -> "Params":
        """Read a raw query string."""
        return cls(parse_qsl(text, keep_blank_values=True, errors="replace"))

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def get(self, name: str) -> str | None:
        """Return the last value of a name."""
        values = self.get_all(name)
        return values[-1] if values else None

    def get_all(self, name: str) -> list[str]:
        """Return every value of a name."""
        return [value for key, value in self.pairs if key == name]

    def flag(self, name: str) -> bool:
        """Return whether a flag is there and means yes."""
        return is_truthy(self.get(name) or "")
