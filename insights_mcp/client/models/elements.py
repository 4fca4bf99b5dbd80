"""Autocaptured elements."""

from collections.abc import Mapping

from insights_mcp.client.models.reading import ReadModel


class ElementStats(ReadModel):
    """How often one chain of elements was clicked."""

    count: int = 0
    hash: str | None = None
    type: str | None = None
    elements: tuple[Mapping[str, object], ...] = ()
