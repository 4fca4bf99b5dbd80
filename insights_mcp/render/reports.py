"""A report: what a result says, before it is fitted into a budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from insights_mcp.render.tables import CutTable, Table, cut_table
from insights_mcp.render.tokens import estimate_tokens

_BRIEF = 60
# The largest answer a caller may ask for, and what an answer needs beside its table.
MOST_TOKENS = 20_000
_CUT_NOTE = 45


@dataclass(frozen=True)
class Result:
    """The answer to a query, of any kind, with the query that was asked (never a wrapper node)."""

    query: Mapping[str, object]
    results: object
    columns: Sequence[object] = ()
    has_more: bool = False
    timezone: str | None = None
    date_from: datetime | None = None
    date_to: datetime | None = None
    computed_at: datetime | None = None
    is_cached: bool = False
    warnings: Sequence[str] = ()
    limit: int | None = None
    offset: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Return the query's kind."""
        return str(self.query.get("kind", ""))


@dataclass(frozen=True)
class Report:
    """What a result says: the facts first, then the table.

    `how_to_get_less` tells how to ask for fewer rows when the table does not fit; `summary` is the line that says
    most when the first fact does not, `short` the one number of a tile.
    """

    facts: tuple[str, ...]
    table: Table | None = None
    is_empty: bool = False
    notes: tuple[str, ...] = ()
    how_to_get_less: str = ""
    summary: str = ""
    short: str = ""

    @property
    def brief(self) -> str:
        """Return what fits beside a name in a list of many: a number or two."""
        text = self.short or self.gist.rstrip(".")
        return text if len(text) <= _BRIEF else text[: _BRIEF - 1] + "…"

    @property
    def gist(self) -> str:
        """Return the one line that says most."""
        return self.summary or (self.facts[0] if self.facts else "No results.")


def render_report(report: Report, max_tokens: int) -> str:
    """Return the report in about `max_tokens` at most, saying what was left out and how to get it."""
    parts = list(report.facts)
    if report.table is not None and report.table.rows:
        around = sum(estimate_tokens(line) + 1 for line in (*report.facts, *report.notes))
        cut = cut_table(report.table, max_tokens - around - _CUT_NOTE)
        parts.append(cut.text)
        if cut.is_cut:
            less = f" {report.how_to_get_less}" if report.how_to_get_less else ""
            parts.append(f"{tell_cut(cut, 'rows', around)}{less}")
    return "\n".join([*parts, *report.notes])


def tell_cut(cut: CutTable, noun: str, around: int = 0) -> str:
    """Return the sentence about rows that were left out: how many, and the budget that would show all."""
    needed = -(-(cut.full_tokens + around + _CUT_NOTE) // 100) * 100
    how = f"max_tokens={needed} shows all" if needed <= MOST_TOKENS else f"max_tokens={MOST_TOKENS} shows more"
    return f"{cut.total - cut.kept} of {cut.total} {noun} left out: {how}."
