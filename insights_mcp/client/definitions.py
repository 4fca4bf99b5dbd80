"""Which events, properties and values there are to ask about (facts/rest-api.md 12)."""

from collections.abc import Sequence

from insights_mcp.client.models.definitions import EventDefinition, PropertyDefinition, PropertyValue
from insights_mcp.client.paging import Page


class Definitions:
    """The event and property definitions of the project."""

    async def events(
        self,
        *,
        search: str | None = None,
        names: Sequence[str] = (),
        event_type: str | None = None,
        ordering: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[EventDefinition]:
        """Return the events seen, latest first. `event_type`: event, event_custom or event_posthog."""
        raise NotImplementedError

    async def properties(
        self,
        *,
        type: str = "event",  # noqa: A002  # the API's own name
        event_names: Sequence[str] = (),
        search: str | None = None,
        names: Sequence[str] = (),
        group_type_index: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Page[PropertyDefinition]:
        """Return the properties of events, persons, groups or sessions.

        With `event_names` only those seen on these events.
        """
        raise NotImplementedError

    async def values(
        self,
        key: str,
        *,
        type: str = "event",  # noqa: A002  # the API's own name
        event_names: Sequence[str] = (),
        search: str | None = None,
        group_type_index: int | None = None,
        limit: int = 20,
    ) -> Sequence[PropertyValue]:
        """Return values that a property was seen with."""
        raise NotImplementedError
