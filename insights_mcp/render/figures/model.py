"""The parts of a figure; the package's docstring says what each means and how it reads as JSON."""

from dataclasses import dataclass, fields, is_dataclass
from typing import Literal

Drawing = Literal[
    "line",
    "area",
    "bar",
    "stacked_bar",
    "lifecycle",
    "slope",
    "histogram",
    "horizontal_bar",
    "pie",
    "donut",
    "proportion",
    "map",
    "number",
    "funnel",
    "retention",
    "heatmap",
    "paths",
    "box",
    "table",
]
Role = Literal["current", "previous", "other", "mean"]
UnitKind = Literal["number", "percent", "duration", "currency"]
Cell = str | float | bool | None


@dataclass(frozen=True)
class Unit:
    """What numbers are of. Percent are 0 to 100, durations seconds."""

    kind: UnitKind = "number"
    prefix: str = ""
    postfix: str = ""
    decimals: int | None = None


@dataclass(frozen=True)
class Axis:
    """One direction of a drawing."""

    title: str = ""
    kind: Literal["time", "category", "number"] = "number"
    scale: Literal["linear", "log"] = "linear"
    unit: Unit = Unit()


@dataclass(frozen=True)
class Series:
    """One line, one colour of bars, or one number."""

    name: str
    values: tuple[float | None, ...]
    color: int | None = None
    role: Role = "current"
    times: tuple[str, ...] = ()
    seconds: tuple[float | None, ...] = ()
    trail: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class Goal:
    """A line to reach."""

    name: str
    value: float


@dataclass(frozen=True)
class Grid:
    """Values in rows and columns; None where nothing is known yet."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float | None, ...], ...]
    sizes: tuple[float, ...] = ()


@dataclass(frozen=True)
class Node:
    """A place that paths go through."""

    name: str
    step: int
    value: float


@dataclass(frozen=True)
class Edge:
    """How often one place was left for another; both are places in the figure's nodes."""

    source: int
    target: int
    value: float
    seconds: float | None = None


@dataclass(frozen=True)
class Box:
    """How values spread at one place."""

    name: str
    low: float
    q1: float
    median: float
    q3: float
    high: float
    mean: float | None = None


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    is_number: bool = False
    unit: Unit = Unit()


@dataclass(frozen=True)
class Figure:
    """What is to be drawn."""

    drawing: Drawing
    title: str = ""
    subtitle: str = ""
    x: Axis = Axis()
    y: Axis = Axis()
    labels: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()
    is_share: bool = False
    unfinished: int = 0
    goals: tuple[Goal, ...] = ()
    grid: Grid | None = None
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    boxes: tuple[Box, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[str, ...] = ()


# Never left out: a name may be empty and a value 0, and a list of them keeps its places.
_KEPT = {"drawing", "name", "value", "values", "source", "target", "step", "low", "q1", "median", "q3", "high"}


def figure_data(figure: Figure) -> dict[str, object]:
    """Return a figure as JSON-ready data, without what is empty or as usual."""
    return _fields(figure)


def _fields(part: object) -> dict[str, object]:
    """Return the fields of one part that say something."""
    found: dict[str, object] = {}
    for field in fields(part):  # type: ignore[arg-type]  # a dataclass of this module
        value = getattr(part, field.name)
        if field.name not in _KEPT and (value == field.default or value == ()):
            continue
        found[field.name] = _plain(value)
    return found


def _plain(value: object) -> object:
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return _short_number(value)
    return value


def _short_number(value: float) -> float:
    """Return a whole number as one, another with the ten digits that any drawing can show."""
    return int(value) if value.is_integer() and abs(value) < 1e15 else float(f"{value:.10g}")
