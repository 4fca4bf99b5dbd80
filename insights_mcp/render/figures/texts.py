"""Names and numbers as a figure holds them: names short with everything in them visible, numbers finite or None."""

import math
from collections.abc import Mapping, Sequence

from insights_mcp.render.marking import mark
from insights_mcp.render.reading import rows_of, text_of

_LONGEST_NAME = 80
LONGEST_SENTENCE = 160


def clean_name(value: object, limit: int = _LONGEST_NAME) -> str:
    """Return text of the project on one line, at most `limit` characters, control and invisible ones as escapes."""
    text = mark(" ".join(text_of(value)[: 4 * limit].split()))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def finite(value: object) -> float | None:
    """Return a number, None for anything that is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return value


def numeric(value: object) -> float | None:
    """Return a number, also one written as text (decimals come so in JSON)."""
    if isinstance(value, str) and len(value) <= 40:
        try:
            return finite(float(value))
        except ValueError:
            return None
    return finite(value)


def values_of(value: object) -> tuple[float | None, ...]:
    """Return a list's numbers, each in its place: what is no number is None."""
    return tuple(finite(item) for item in rows_of(value))


def option(options: Mapping[str, object], key: str) -> str:
    """Return a setting that is text, nothing for anything else."""
    value = options.get(key)
    return value if isinstance(value, str) else ""


def tell_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names with a number after each that stood before, so that no two are the same."""
    seen: set[str] = set()
    found = []
    for name in names:
        distinct, count = name, 1
        while distinct in seen:
            count += 1
            distinct = f"{name} ({count})"
        seen.add(distinct)
        found.append(distinct)
    return tuple(found)
