"""Units of a trend's numbers, as its settings give them (facts/queries.md 1.1, aggregationAxisFormat)."""

from collections.abc import Mapping
from dataclasses import dataclass

from insights_mcp.render.marking import mark
from insights_mcp.render.numbers import duration, number
from insights_mcp.render.reading import text_of

# The kind of unit, and what numbers are multiplied by to be in it.
_FORMATS: Mapping[str, tuple[str, float]] = {
    "percentage": ("percent", 1),
    "percentage_scaled": ("percent", 100),
    "duration": ("duration", 1),
    "duration_ms": ("duration", 0.001),
    "currency": ("currency", 1),
}
_LONGEST_FIX = 12


@dataclass(frozen=True)
class TextUnit:
    """How numbers are written. `prefix` and `postfix` come from the project: they are marked and cut."""

    kind: str = "number"
    factor: float = 1
    prefix: str = ""
    postfix: str = ""

    def write(self, value: float) -> str:
        """Return a number with its unit: $12.5, 40%, 3m 20s."""
        scaled = value * self.factor
        if self.kind == "duration":
            text = f"{'-' if scaled < 0 else ''}{duration(abs(scaled))}"
        else:
            text = number(_tidy(scaled)) + ("%" if self.kind == "percent" else "")
        return f"{self.prefix}{text}{self.postfix}"

    def scale(self, value: float) -> float:
        """Return the bare number that stands in a table, in this unit."""
        return value if self.factor == 1 else _tidy(value * self.factor)

    @property
    def name(self) -> str:
        """Return what a table's numbers are, said once above it; nothing for plain numbers."""
        fixes = f"{self.prefix}{self.postfix}".strip()
        return fixes or {"percent": "%", "duration": "seconds", "currency": "currency units"}.get(self.kind, "")


def read_unit(settings: Mapping[str, object]) -> TextUnit:
    """Return the unit that a trendsFilter gives its numbers."""
    kind, factor = _FORMATS.get(text_of(settings.get("aggregationAxisFormat")), ("number", 1))
    prefix, postfix = (
        mark(text_of(settings.get(key))[:_LONGEST_FIX]) for key in ("aggregationAxisPrefix", "aggregationAxisPostfix")
    )
    return TextUnit(kind, factor, prefix, postfix)


def _tidy(value: float) -> float:
    """Return a product of floats without the digits that only the multiplication made."""
    return round(value, 9)
