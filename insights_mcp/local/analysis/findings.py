"""What an analysis consists of, and how numbers stand in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, object]


@dataclass(frozen=True)
class Findings:
    """One sentence, two or three quantified points, one recommendation."""

    headline: str
    points: Sequence[str]
    recommendation: str

    def text(self) -> str:
        """Return plain text: the headline, a line per point, the recommendation."""
        return "\n".join([self.headline, *(f"- {point}" for point in self.points[:3]), self.recommendation])


def number(value: object) -> float:
    """Return a number from a result's cell; what is none counts as zero."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def numbers(value: object) -> list[float]:
    """Return the numbers of a result's list."""
    return [number(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


def rows(value: object) -> list[Row]:
    """Return the objects of a result's list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def show(value: float) -> str:
    """Return a number for people: thousands apart, at most two decimals and none that say nothing."""
    text = f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def percent(part: float, whole: float) -> str:
    """Return a share as a percentage."""
    return f"{100 * part / whole:.0f}%" if whole else "0%"


def change(before: float, after: float) -> str:
    """Return how much a number changed, signed."""
    if not before:
        return "from nothing" if after else "unchanged"
    return f"{100 * (after - before) / before:+.0f}%"


def duration(seconds: float) -> str:
    """Return a length of time in the unit that fits."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            amount = seconds / length
            return f"{show(round(amount, 1))} {unit}{'' if round(amount, 1) == 1 else 's'}"
    return f"{show(round(seconds))} seconds"


def label_of(row: Row) -> str:
    """Return the name of a series, step or value, with control characters made harmless."""
    for key in ("label", "custom_name", "name", "breakdown_value"):
        value = row.get(key)
        if value not in (None, "", []):
            text = " :: ".join(str(part) for part in value) if isinstance(value, list) else str(value)
            return "".join(letter if letter.isprintable() else " " for letter in text)[:80]
    return "All events"
