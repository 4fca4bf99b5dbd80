"""What a file says of an insight or a dashboard. A field that is None was not given: it stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from insights_mcp.server.files.findings import Place

INSIGHT, DASHBOARD = "insight", "dashboard"
# Of a tile, besides what it shows and where it stands; only told when it is not the usual.
LOOKS = ("color", "show_description", "transparent_background", "filters_overrides")
SIDES = ("x", "y", "w", "h")

Box = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class InsightFile:
    """An insight as a file tells it."""

    key: str
    place: Place
    query: Mapping[str, object]
    name: str | None = None
    derived_name: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None
    favorited: bool | None = None
    source: str | None = None

    @property
    def title(self) -> str:
        """Return what people call it."""
        return self.name or self.derived_name or self.key


@dataclass(frozen=True)
class TileFile:
    """A tile: an insight by its key, or a text. `at` is its place in the list."""

    at: int
    insight: str | None = None
    text: str | None = None
    layouts: Box | None = None
    looks: Mapping[str, object] | None = None


@dataclass(frozen=True)
class DashboardFile:
    """A dashboard as a file tells it, with all its tiles."""

    key: str
    place: Place
    name: str
    description: str | None = None
    tags: Sequence[str] | None = None
    pinned: bool | None = None
    filters: Mapping[str, object] | None = None
    variables: Mapping[str, object] | None = None
    tiles: Sequence[TileFile] | None = None
    source: str | None = None

    @property
    def title(self) -> str:
        """Return what people call it."""
        return self.name


@dataclass(frozen=True)
class Files:
    """All that was read: insights and dashboards by their keys."""

    insights: Mapping[str, InsightFile]
    dashboards: Mapping[str, DashboardFile]
