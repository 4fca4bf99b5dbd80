"""Results are of the server's making: what is missing or odd in them reads as empty and never crashes."""

from collections.abc import Iterator, Mapping, Sequence

OTHER = "$$_posthog_breakdown_other_$$"
NONE = "$$_posthog_breakdown_null_$$"
_SENTINELS = {OTHER: "(other)", NONE: "(none)", "$$_posthog_breakdown_baseline_$$": "(all)"}
# Adding up and taking shares of numbers below this stays finite.
_LARGEST = 1e290


def mapping(value: object) -> Mapping[str, object]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def rows_of(value: object) -> Sequence[object]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, Sequence) and not isinstance(value, str | bytes) else ()


def mappings_of(value: object) -> Iterator[Mapping[str, object]]:
    """Return the objects of a list."""
    return (item for item in rows_of(value) if isinstance(item, Mapping))


def numbers_of(value: object) -> list[float]:
    """Return a list's numbers, in place: what is no number counts as 0."""
    return [amount(item) for item in rows_of(value)]


def amount(value: object) -> float:
    """Return a number that can be reckoned with, 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LARGEST:
        return 0.0
    return value


def text_of(value: object) -> str:
    """Return a value as text; nothing for None."""
    return "" if value is None else str(value)


def breakdown_text(value: object) -> str:
    """Return a breakdown's value as people see it; several are joined by `::` (facts/queries.md 1.1)."""
    values = rows_of(value) or (value,)
    return "::".join(_plain_sentinel(text_of(item)) for item in values)


def without_sentinels(label: str) -> str:
    """Return a label with PostHog's stand-ins for other and none made readable (facts/queries.md 1.0)."""
    for sentinel, plain in _SENTINELS.items():
        label = label.replace(sentinel, plain)
    return label


def _plain_sentinel(text: str) -> str:
    return _SENTINELS.get(text, text or "(none)")
