"""Tables as lines of cells: the form that costs fewest tokens at equal content (facts/mcp.md 8).

A header line and one line per row, cells apart by commas. Numbers, dates and single plain words stand bare; any other
text stands as a JSON string, so a cell can neither end itself nor be taken for more than a value.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from insights_mcp.render.marking import mark, quote
from insights_mcp.render.numbers import number
from insights_mcp.render.tokens import estimate_tokens

# One word: nothing that reads as a sentence, and no comma or quote.
_BARE = re.compile(r"[\w$/.:@+&?=#~*()\-]{1,60}", re.ASCII)
_LOOKS_OTHER = re.compile(r"[-+]?[\d.]+(e[-+]?\d+)?|true|false|null|-", re.IGNORECASE)


class Plain(str):
    """Text of ours, shown as it is."""

    __slots__ = ()


def cell(value: object) -> str:
    """Return one cell: nothing for None, numbers and words bare, other text quoted, structures as JSON."""
    if value is None:
        return ""
    if isinstance(value, Plain):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return word(value)
    return mark(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str))


def word(text: str) -> str:
    """Return text of the project bare when it is one plain word, else as a JSON string."""
    if _BARE.fullmatch(text) and not _LOOKS_OTHER.fullmatch(text):
        return text
    return quote(text)


@dataclass(frozen=True)
class Table:
    """Rows under a header. `ranked` rows matter less and less; otherwise they are in order of time and the ends matter.

    `pinned` are the numbers of rows that stay when others are cut, such as the highest and the lowest. In a `grouped`
    table the first cell is left blank where it says the same as the row above.
    """

    header: Sequence[object]
    rows: Sequence[Sequence[object]]
    ranked: bool = True
    pinned: frozenset[int] = frozenset()
    grouped: bool = False

    def lines(self) -> list[str]:
        """Return every row as a line, without the header."""
        return [self.line(place, place - 1) for place in range(len(self.rows))]

    def line(self, place: int, above: int) -> str:
        """Return a row as the line that stands below another row (-1 for none); empty cells at its end are left out."""
        cells = [cell(value) for value in self.rows[place]]
        if self.grouped and above >= 0 and cells and cells[0] == cell(self.rows[above][0]):
            cells[0] = ""
        return ",".join(cells).rstrip(",") or "null"

    def header_line(self) -> str:
        """Return the line over the rows."""
        return ",".join(cell(value) for value in self.header)


def dense_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """Return a ranked table without the columns that are empty in every row."""
    kept = [place for place in range(len(header)) if any(row[place] not in (None, "") for row in rows)]
    return Table([Plain(header[place]) for place in kept], [[row[place] for place in kept] for row in rows])


@dataclass(frozen=True)
class CutTable:
    """What of a table fits a budget. `kept` of `total` rows are in `text`; all would cost `full_tokens`."""

    text: str
    kept: int
    total: int
    full_tokens: int = 0

    @property
    def is_cut(self) -> bool:
        """Return whether rows were left out."""
        return self.kept < self.total


def cut_table(table: Table, max_tokens: int) -> CutTable:
    """Return the table in at most `max_tokens`, cut on whole rows; at least one row is kept.

    Ranked rows are cut at the end; rows in order of time in the middle, keeping a head, a longer tail and the pinned.
    """
    header, lines = table.header_line(), table.lines()
    costs = [estimate_tokens(line) + 1 for line in lines]
    room = max_tokens - estimate_tokens(header)
    full = sum(costs) + estimate_tokens(header)
    if sum(costs) <= room:
        return CutTable("\n".join([header, *lines]), len(lines), len(lines), full)
    chosen = sorted(_choose(table, costs, room))
    shown, previous = [header], -1
    for index in chosen:
        follows = index == previous + 1
        if not table.ranked and not follows:
            shown.append("…")
        shown.append(table.line(index, previous if follows else -1))
        previous = index
    return CutTable("\n".join(shown), len(chosen), len(lines), full)


def cut_lines(lines: Sequence[str], max_tokens: int) -> list[str]:
    """Return as many lines as fit, from the first on; at least one."""
    kept: list[str] = []
    for line in lines:
        max_tokens -= estimate_tokens(line) + 1
        if max_tokens < 0 and kept:
            break
        kept.append(line)
    return kept


def _choose(table: Table, costs: Sequence[int], room: int) -> set[int]:
    chosen: set[int] = set()
    for index in _by_importance(table, len(costs)):
        if index in chosen:
            continue
        if costs[index] > room and chosen:
            break
        room -= costs[index] + (0 if table.ranked else 1)
        chosen.add(index)
    return chosen


def _by_importance(table: Table, count: int) -> list[int]:
    pinned = sorted(index for index in table.pinned if index < count)
    if table.ranked:
        return [*pinned, *range(count)]
    order: list[int] = [count - 1, 0, *pinned]
    head, tail = 0, count - 1
    while head <= tail:  # three from the end for one from the beginning
        order += [index for index in (tail, tail - 1, tail - 2, head) if head <= index <= tail]
        head, tail = head + 1, tail - 3
    return order
