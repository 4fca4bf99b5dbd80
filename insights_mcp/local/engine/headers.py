"""Names and types of an answer's columns, where ClickHouse's Native format leaves something out.

chDB sends no header with an empty answer, and drops the time zone of a plain DateTime column (never of DateTime64, nor
inside Array and Tuple). DESCRIBE knows both. Its answers are remembered by the statement's text.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_ZONED = re.compile(r"(?:Nullable\()?DateTime\('([^']+)'\)\)?")
_UNZONED = frozenset({"DateTime", "Nullable(DateTime)"})
_QUOTED = re.compile(r"`([A-Za-z_][A-Za-z0-9_]*)`")
_REMEMBERED = 2048


@dataclass(frozen=True)
class Header:
    """The columns of an answer."""

    columns: tuple[str, ...]
    types: tuple[str, ...]


class Headers:
    """Completes headers, and remembers what it learned."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Header] = OrderedDict()

    def complete(
        self, sql: str, columns: Sequence[str], types: Sequence[str], describe: Callable[[], Header]
    ) -> Header:
        """Return the whole header of an answer that came with these columns and types."""
        if columns and not _UNZONED.intersection(types):
            return Header(tuple(columns), tuple(_plain(name) for name in types))
        with self._lock:
            known = self._known.get(sql)
        if known is None:
            found = describe()
            known = Header(found.columns, tuple(_plain(name) for name in found.types))
            with self._lock:
                self._known[sql] = known
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return Header(tuple(columns) or known.columns, known.types)

    def forget(self) -> None:
        """Forget everything, because a table may have changed."""
        with self._lock:
            self._known.clear()


def place_in_zones(rows: Sequence[Sequence[object]], types: Sequence[str]) -> list[tuple[object, ...]]:
    """Return the rows with the times of plain DateTime columns in their column's zone. They came in UTC."""
    zones: Mapping[int, ZoneInfo] = {
        index: ZoneInfo(match.group(1)) for index, name in enumerate(types) if (match := _ZONED.fullmatch(name))
    }
    if not zones:
        return [tuple(row) for row in rows]
    return [tuple(_placed(value, zones.get(index)) for index, value in enumerate(row)) for row in rows]


def _placed(value: object, zone: ZoneInfo | None) -> object:
    return value.astimezone(zone) if zone is not None and isinstance(value, datetime) else value


def _plain(name: str) -> str:
    return _QUOTED.sub(r"\1", name)
