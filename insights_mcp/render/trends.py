"""Trends: their series, and what they come to (facts/queries.md 1.1)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from insights_mcp.render.reading import (
    amount,
    breakdown_text,
    mapping,
    numbers_of,
    rows_of,
    text_of,
    without_sentinels,
)

# Adding these up over time counts nobody twice; for others (dau, avg, ...) the mean says more.
_ADDITIVE = {"", "total", "sum", "first_time_for_user", "first_matching_event_for_user"}
# What is counted, in the words people use (facts/queries.md 1.0, math enums).
_MATHS = {
    "dau": "unique users",
    "weekly_active": "weekly active users",
    "monthly_active": "monthly active users",
    "unique_session": "unique sessions",
    "unique_group": "unique groups",
    "first_time_for_user": "first time",
    "first_matching_event_for_user": "first match",
}
_LONGEST_MATH = 40


@dataclass(frozen=True)
class Series:
    """One line of a trend, with the compared period's numbers bucket by bucket if there are any."""

    label: str
    math: str
    days: Sequence[str]
    data: Sequence[float]
    value: float
    previous: "Series | None" = None
    is_formula: bool = False

    @property
    def is_additive(self) -> bool:
        """Return whether a sum over time means something."""
        return self.math in _ADDITIVE and not self.is_formula

    @property
    def is_remainder(self) -> bool:
        """Return whether this is no value of a breakdown but all others, or the missing ones."""
        return self.label in ("(other)", "(none)")

    @property
    def mean(self) -> float:
        """Return the mean over the buckets."""
        return sum(self.data) / len(self.data) if self.data else 0.0


def read_series(rows: Sequence[Mapping[str, object]], *, with_math: bool = False) -> list[Series]:
    """Return the current period's series in their order, under distinct names, each with its previous period.

    `with_math` says in each name what is counted, unless it is just how often.
    """
    return _name_apart(_pair_periods(rows, with_math=with_math))


def name_series(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return a readable and distinct name for each row that is a series."""
    return [
        one.label for one in _name_apart([_read_series(row, has_many_events=False, with_math=False) for row in rows])
    ]


def name_math(action: Mapping[str, object]) -> str:
    """Return what is counted of an event in words; nothing for how often it happened."""
    math = text_of(action.get("math"))
    if math in ("", "total"):
        return ""
    if math == "hogql":
        text = text_of(action.get("math_hogql")) or "SQL"
        return text if len(text) <= _LONGEST_MATH else text[: _LONGEST_MATH - 1] + "…"
    if math in _MATHS:
        return _MATHS[math]
    if math.endswith("_count_per_actor"):
        return f"{math.removesuffix('_count_per_actor')} per user"
    measured = text_of(action.get("math_property"))
    return f"{math} of {measured}" if measured else math


def _pair_periods(rows: Sequence[Mapping[str, object]], *, with_math: bool) -> list[Series]:
    with_breakdown = [row for row in rows if "breakdown_value" in row]
    has_many_events = len({text_of(row.get("order")) for row in with_breakdown}) > 1
    previous: dict[str, Series] = {}
    current: list[tuple[str, Series]] = []
    for row in rows:
        key = f"{row.get('order')}/{row.get('breakdown_value')}"
        series = _read_series(row, has_many_events=has_many_events, with_math=with_math)
        if row.get("compare_label") == "previous":
            previous[key] = series
        else:
            current.append((key, series))
    if not current:  # a period before nothing is told as it is
        return list(previous.values())
    return [replace(series, previous=previous.get(key)) for key, series in current]


def _read_series(row: Mapping[str, object], *, has_many_events: bool, with_math: bool) -> Series:
    action = mapping(row.get("action"))
    label = without_sentinels(text_of(row.get("label"))) or "series"
    name = text_of(action.get("custom_name")) or label
    math = name_math(action) if with_math and not action.get("custom_name") else ""
    counted = f" ({math})" if math else ""
    if "breakdown_value" in row:
        given = row["breakdown_value"]
        # A cohort is given by its number, and called by name in the label (facts/queries.md 1.1).
        value = label.rpartition(" - ")[2] if isinstance(given, int) and label else breakdown_text(given)
        event = text_of(action.get("custom_name")) or text_of(action.get("name")) or (label if not action else "")
        name = f"{event}{counted} - {value}" if has_many_events and event else value
    else:
        name = f"{name}{counted}"
    data = numbers_of(row.get("data"))
    return Series(
        name,
        text_of(action.get("math")),
        [text_of(day) for day in rows_of(row.get("days"))],
        data,
        amount(row["aggregated_value"]) if "aggregated_value" in row and not data else sum(data),
        is_formula="action" in row and row["action"] is None,
    )


def _name_apart(series: Sequence[Series]) -> list[Series]:
    """Tell series of one name apart by their math, then by their place."""
    counts = Counter(one.label for one in series)
    named = [
        replace(one, label=f"{one.label} ({one.math or 'total'})") if counts[one.label] > 1 else one for one in series
    ]
    again = Counter(one.label for one in named)
    return [
        replace(one, label=f"{one.label} {place}") if again[one.label] > 1 else one
        for place, one in enumerate(named, 1)
    ]
