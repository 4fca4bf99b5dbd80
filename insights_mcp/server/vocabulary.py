"""What events the project has, remembered for a minute: checking names must not cost a request each time."""

import time
from collections.abc import Callable, Sequence

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.definitions import EventDefinition
from insights_mcp.schema.text import nearest

_REMEMBERED_SECONDS = 60.0
# Of more than this only the latest are known by heart; the others are asked for one by one.
_MOST = 1000


class Vocabulary:
    """The events of one project, as one session knows them."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._events: dict[str, EventDefinition] = {}
        self._read_at: float | None = None
        self._is_whole = True

    async def events(self, api: PostHogClient) -> Sequence[EventDefinition]:
        """Return the events of the project, the latest seen first.

        Raises PermissionDenied when the key may not read definitions.
        """
        if self._read_at is None or self._monotonic() - self._read_at > _REMEMBERED_SECONDS:
            page = await api.definitions.events(limit=_MOST)
            self._events = {one.name: one for one in page.results}
            self._is_whole = not page.has_more
            self._read_at = self._monotonic()
        return list(self._events.values())

    async def find(self, api: PostHogClient, name: str) -> EventDefinition | None:
        """Return an event by its exact name; one that is not remembered is asked for, as it may be new or rare."""
        await self.events(api)
        if name not in self._events:
            page = await api.definitions.events(search=name, limit=20)
            self._events |= {one.name: one for one in page.results if one.name == name}
        return self._events.get(name)

    def nearest(self, name: str) -> EventDefinition | None:
        """Return the remembered event whose name is most like this one."""
        near = nearest(name, self._events)
        return self._events[near] if near is not None else None

    @property
    def is_empty(self) -> bool:
        """Return whether no event is known at all."""
        return not self._events

    @property
    def is_whole(self) -> bool:
        """Return whether all events of the project are remembered, not only the latest."""
        return self._is_whole
