"""The result of one series as PostHog prints it. The order of the keys in the JSON is that of their setting."""

from typing import TypedDict

from insights_mcp.local.queries.breakdowns import NULL, OTHER

Number = int | float
Value = str | int | list[str]


class Result(TypedDict, total=False):
    """One entry of `results`."""

    data: list[Number] | None
    labels: list[str]
    days: list[str]
    count: Number
    aggregated_value: Number
    label: str
    filter: dict[str, object]
    action: dict[str, object] | None
    compare: bool
    compare_label: str
    breakdown_value: Value
    order: int
    incomplete_end: bool


def is_other(value: Value | None) -> bool:
    """Return whether a breakdown value stands for all values behind the limit."""
    return value == OTHER or (isinstance(value, list) and OTHER in value)


def is_null(value: Value | None) -> bool:
    """Return whether a breakdown value stands for a missing one."""
    return value == NULL or (isinstance(value, list) and NULL in value)


def place_of(value: Value | None) -> int:
    """Return where a breakdown value stands: 0 with the real ones, 1 with the missing ones, 2 with the rest."""
    return 2 if is_other(value) else 1 if is_null(value) else 0


def size_of(result: Result) -> Number:
    """Return what a result is ranked by: its one number, or the sum of its points."""
    return result["aggregated_value"] if "aggregated_value" in result else sum(result["data"] or [])
