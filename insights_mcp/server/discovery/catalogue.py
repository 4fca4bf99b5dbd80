"""What a project has to ask about, ranked by use, as one session knows it: each part is read once a minute at most."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar, cast

import anyio

from insights_mcp.client import PostHogClient
from insights_mcp.client.models.definitions import EventDefinition, PropertyDefinition
from insights_mcp.client.paging import Page
from insights_mcp.errors import InsightsError, PermissionDenied
from insights_mcp.server.discovery.samples import SampledProperty, Samples, sample_events, sample_people
from insights_mcp.server.discovery.usage import Usage, Use, count_usage
from insights_mcp.server.vocabulary import Vocabulary

_REMEMBERED_SECONDS = 60.0
_MOST_PROPERTIES = 1000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_PEOPLE = "person"

T = TypeVar("T")


@dataclass(frozen=True)
class KnownEvent:
    """An event, and how often it was seen in the last 30 days: None when that could not be counted."""

    name: str
    count: int | None = None
    last_seen: datetime | None = None
    description: str | None = None
    is_hidden: bool = False

    @property
    def is_internal(self) -> bool:
        """Return whether PostHog sends it by itself, or somebody hid it."""
        return self.name.startswith("$") or self.is_hidden


@dataclass(frozen=True)
class KnownEvents:
    """The events of a project, the most used of its own first. `trouble` says why they are not counted."""

    events: Sequence[KnownEvent]
    trouble: str | None = None
    is_whole: bool = True

    def use_of(self, event: KnownEvent) -> float:
        """Return its use as a share of the most used one's."""
        most = max((one.count or 0 for one in self.events), default=0)
        return (event.count or 0) / most if most else 0.0


class Catalogue:
    """Events, properties and samples of one project."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._kept: dict[object, tuple[float, object]] = {}

    async def events(self, api: PostHogClient, vocabulary: Vocabulary) -> KnownEvents:
        """Return the events, ranked. With no right to read definitions, those that were counted.

        Raises PermissionDenied when neither can be had.
        """

        async def read() -> KnownEvents:
            definitions, usage = await _define_and_count(api, vocabulary)
            if isinstance(definitions, InsightsError):
                if usage.trouble or not isinstance(definitions, PermissionDenied):
                    raise definitions
                return KnownEvents(_ranked((), usage))
            return KnownEvents(_ranked(definitions, usage), usage.trouble, vocabulary.is_whole)

        return await self._remember("events", read)

    async def properties(
        self, api: PostHogClient, kind: str, group_type_index: int | None = None
    ) -> Page[PropertyDefinition]:
        """Return the properties of events, persons, sessions or groups."""
        return await self._remember(
            ("properties", kind, group_type_index),
            lambda: api.definitions.properties(type=kind, group_type_index=group_type_index, limit=_MOST_PROPERTIES),
        )

    async def samples(self, api: PostHogClient, names: Sequence[str]) -> Samples | str:
        """Return what the latest of these events carry, or why that is not known."""
        return await self._remember(("samples", *names), lambda: sample_events(api, names))

    async def people(self, api: PostHogClient) -> Sequence[SampledProperty] | str:
        """Return what people carry, or why that is not known."""
        found = await self._remember("people", lambda: sample_people(api))
        return found if isinstance(found, str) else found.get(_PEOPLE, ())

    async def _remember(self, key: object, read: Callable[[], Awaitable[T]]) -> T:
        kept = self._kept.get(key)
        if kept is not None and self._monotonic() - kept[0] <= _REMEMBERED_SECONDS:
            return cast("T", kept[1])
        value = await read()
        self._kept[key] = (self._monotonic(), value)
        return value


def _ranked(definitions: Sequence[EventDefinition], usage: Usage) -> list[KnownEvent]:
    defined = {one.name: one for one in definitions}
    unused = None if usage.trouble else Use(0)
    known = []
    for name in dict.fromkeys([*defined, *usage.events]):
        use, definition = usage.events.get(name, unused), defined.get(name)
        last = (use.last_seen if use else None) or (definition.last_seen_at if definition else None)
        known.append(
            KnownEvent(
                name,
                use.count if use else None,
                last,
                definition.description if definition else None,
                definition.hidden if definition else False,
            )
        )
    if usage.trouble:  # as the API orders them: the latest seen first
        return sorted(known, key=lambda one: one.is_internal)
    return sorted(known, key=lambda one: (one.is_internal, -(one.count or 0), -_age(one), one.name))


def _age(event: KnownEvent) -> float:
    seen = event.last_seen or _LONG_AGO
    return (seen if seen.tzinfo else seen.replace(tzinfo=UTC)).timestamp() if seen != _LONG_AGO else 0.0


async def _define_and_count(
    api: PostHogClient, vocabulary: Vocabulary
) -> tuple[Sequence[EventDefinition] | InsightsError, Usage]:
    """Ask for definitions and counts at once; an error of the first is returned, the second has none."""
    counted: list[Usage] = []

    async def count() -> None:
        counted.append(await count_usage(api))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(count)
        try:
            definitions: Sequence[EventDefinition] | InsightsError = await vocabulary.events(api)
        except InsightsError as error:
            definitions = error
            if not isinstance(error, PermissionDenied):
                tasks.cancel_scope.cancel()
    return definitions, counted[0] if counted else Usage()
