"""Property filters, one event at a time."""

import re
from typing import Any

from tests.oracle.events import Event, Project, number_of, print_typed, value_of

NEGATIVE = ("is_not", "not_icontains", "not_regex")


def passes(project: Project, event: Event, filters: Any) -> bool:
    if isinstance(filters, dict) and "values" in filters:
        outcomes = [passes(project, event, one) for one in filters["values"]]
        if not outcomes:
            return True
        return all(outcomes) if filters["type"] == "AND" else any(outcomes)
    if isinstance(filters, dict):
        return passes_one(project, event, filters)
    return all(passes(project, event, one) for one in filters or [])


def passes_one(project: Project, event: Event, given: dict[str, Any]) -> bool:
    operator = given.get("operator", "exact")
    left = value_of(project, event, given.get("type", "event"), given["key"])
    right = given.get("value")
    if operator == "is_set":
        return left is not None
    if operator == "is_not_set":
        return left is None
    if right is None:
        return True
    if operator in ("between", "not_between"):
        return between(left, operator, right)
    if isinstance(right, list):
        if not right:
            return True
        outcomes = [holds(left, operator, one) for one in right]
        return all(outcomes) if operator in NEGATIVE else any(outcomes)
    return holds(left, operator, right)


def between(left: Any, operator: str, right: list[Any]) -> bool:
    if operator == "between":
        return holds(left, "gte", right[0]) and holds(left, "lte", right[1])
    return holds(left, "lt", right[0]) or holds(left, "gt", right[1])


def holds(left: Any, operator: str, right: Any) -> bool:
    text = print_typed(left)
    if operator == "icontains":
        return text is not None and str(right).lower() in text.lower()
    if operator == "not_icontains":
        return text is None or str(right).lower() not in text.lower()
    if operator == "regex":
        return text is not None and re.search(str(right), text) is not None
    if operator == "not_regex":
        return text is None or re.search(str(right), text) is None
    left, right = comparable(left, right)
    if left is None:
        return operator == "is_not"
    return {
        "exact": left == right,
        "is_not": left != right,
        "gt": left > right,
        "gte": left >= right,
        "lt": left < right,
        "lte": left <= right,
    }[operator]


def comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Bring both sides to one type: that of the definition, else numbers for numbers and text for text."""
    if isinstance(left, bool):
        return left, {"true": True, "false": False}.get(str(right).lower(), right)
    if isinstance(right, bool):
        return left, "true" if right else "false"
    if isinstance(left, float):
        return left, float(right)
    if isinstance(right, int | float):
        return number_of(left), right
    return left, right
