"""One question about a topic, answered whole: the events that fit, what they carry, and what to ask next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from insights_mcp.client.models.definitions import PropertyDefinition
from insights_mcp.errors import PermissionDenied
from insights_mcp.server.discovery.catalogue import KnownEvent, KnownEvents
from insights_mcp.server.discovery.matching import Candidate, Match, Wanted, find_matches, fits_word, read_wanted
from insights_mcp.server.discovery.properties import KnownProperty, merge_properties
from insights_mcp.server.discovery.samples import Samples
from insights_mcp.server.tool import Call

# Events that are looked into; each is a part of one query.
_SAMPLED = 3
_SAMPLED_WHEN_UNSURE = 10
_MAX_FITTING = 6
_LONGEST_VALUE = 40


@dataclass(frozen=True)
class ValueHit:
    """A word that is no name but a value: "google" of the property `method`."""

    property: KnownProperty
    value: str


@dataclass(frozen=True)
class Topic:
    """What there is about a topic. `focus` are the events whose properties are in `carried`.

    `fitting` are properties whose names fit; `hits` words that are values; `unknown` words that fit nothing at all.
    """

    text: str
    events: Sequence[KnownEvent]
    places: Sequence[frozenset[int]]
    focus: Sequence[KnownEvent]
    carried: Sequence[KnownProperty]
    fitting: Sequence[KnownProperty]
    hits: Sequence[ValueHit]
    unknown: Sequence[str]
    trouble: str | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether nothing fits."""
        return not self.events and not self.fitting and not self.hits


def match_events(wanted: Wanted, known: KnownEvents) -> tuple[list[KnownEvent], list[Match]]:
    """Return the events that fit, the best first, and how they fit."""
    by_name = {one.name: one for one in known.events}
    matches = find_matches(
        wanted,
        (
            Candidate(one.name, one.description or "", known.use_of(one), is_internal=one.is_internal)
            for one in known.events
        ),
    )
    return [by_name[match.name] for match in matches], matches


def match_properties(wanted: Wanted, properties: Sequence[KnownProperty]) -> tuple[list[KnownProperty], list[Match]]:
    """Return the properties that fit, the best first, and how they fit."""
    by_name = {one.name: one for one in properties}
    matches = find_matches(
        wanted,
        (
            Candidate(one.name, one.description or "", one.share or 0.0, is_internal=one.is_internal)
            for one in properties
        ),
    )
    return [by_name[match.name] for match in matches], matches


async def find_topic(text: str, call: Call) -> Topic:
    """Look a topic up: names of events and properties first, then values among what the events carry."""
    wanted = read_wanted(text)
    known = await find_events(text, call)
    events, event_matches = match_events(wanted, known)
    on_events, property_matches = match_properties(wanted, merge_properties(await _defined(call, "event"), {}))
    on_people, people_matches = await _match_people(wanted, call)
    likely = events[:_SAMPLED] or _own(known)[: _SAMPLED_WHEN_UNSURE if on_events else 1]
    samples = await call.catalogue.samples(call.api, [one.name for one in likely])
    focus = events[:_SAMPLED] or _carriers(likely, samples, property_matches)
    carried = await _carried(call, focus or likely, samples)
    fitting = [*_of_these(carried, on_events, are_known=bool(focus)), *on_people]
    # A word that a name holds is meant so; one that only means about the same may rather be a value.
    named = _placed(event_matches) | {place for one in (*property_matches, *people_matches) for place in one.exact}
    placed = named | _placed(property_matches) | _placed(people_matches)
    values = [*carried, *on_people]
    hits = {
        word: hit
        for place, word in enumerate(wanted.words)
        if place not in named and (hit := _find_value(word, values)) is not None
    }
    loose = [word for place, word in enumerate(wanted.words) if place not in placed]
    return Topic(
        text,
        events,
        [match.places for match in event_matches],
        focus,
        carried,
        fitting,
        list(hits.values()),
        [word for word in loose if word not in hits],
        samples if isinstance(samples, str) else None,
    )


async def find_events(text: str | None, call: Call) -> KnownEvents:
    """Return the events known; of a very large project also those that the API finds by these words."""
    known = await call.catalogue.events(call.api, call.vocabulary)
    if known.is_whole or not text:
        return known
    page = await call.api.definitions.events(search=text, limit=50)
    there = {one.name for one in known.events}
    more = [KnownEvent(one.name, None, one.last_seen_at, one.description) for one in page.results]
    return replace(known, events=[*known.events, *(one for one in more if one.name not in there)])


async def _defined(call: Call, kind: str) -> Sequence[PropertyDefinition]:
    try:
        return (await call.catalogue.properties(call.api, kind)).results
    except PermissionDenied:  # what the events carry is known all the same
        return ()


async def _match_people(wanted: Wanted, call: Call) -> tuple[list[KnownProperty], list[Match]]:
    """Return the properties of people that fit; their values are looked up only when there are any."""
    defined = await _defined(call, "person")
    found, matches = match_properties(wanted, merge_properties(defined, {}, "person"))
    found = found[:_MAX_FITTING]
    if not found:
        return [], matches
    people = await call.catalogue.people(call.api)
    if isinstance(people, str):
        return found, matches
    sampled = {one.name: one for one in merge_properties(defined, {"person": people}, "person")}
    return [sampled[one.name] for one in found], matches


async def _carried(call: Call, events: Sequence[KnownEvent], samples: Samples | str) -> list[KnownProperty]:
    """Return the properties of events as sampled; where that failed as defined, without values."""
    names = [one.name for one in events]
    if not isinstance(samples, str):
        theirs = {name: samples[name] for name in names if name in samples}
        return merge_properties(await _defined(call, "event"), theirs, only_sampled=True)
    try:
        page = await call.api.definitions.properties(event_names=names, limit=200)
    except PermissionDenied:
        return []
    return [replace(one, events=tuple(names)) for one in merge_properties(page.results, {})]


def _of_these(
    carried: Sequence[KnownProperty], fitting: Sequence[KnownProperty], *, are_known: bool
) -> list[KnownProperty]:
    """Return the fitting properties as the events carry them; with no event to look at, as they are defined."""
    there = {one.name: one for one in carried}
    found = [there[one.name] for one in fitting if one.name in there]
    return (found if found or are_known else list(fitting))[:_MAX_FITTING]


def _placed(matches: Sequence[Match]) -> set[int]:
    return {place for match in matches for place in match.places}


def _own(known: KnownEvents) -> list[KnownEvent]:
    return [one for one in known.events if not one.is_internal] or list(known.events)


def _names(events: Sequence[KnownEvent]) -> set[str]:
    return {one.name for one in events}


def _carriers(likely: Sequence[KnownEvent], samples: Samples | str, fitting: Sequence[Match]) -> list[KnownEvent]:
    """Return the event whose properties stand for most of the words, the most used of several."""
    if isinstance(samples, str):
        return []
    best: list[KnownEvent] = []
    most = 0
    for event in likely:
        carried = {one.name for one in samples.get(event.name, ())}
        places = {place for match in fitting if match.name in carried for place in match.places}
        if len(places) > most:
            best, most = [event], len(places)
    return best


def _find_value(word: str, properties: Sequence[KnownProperty]) -> ValueHit | None:
    for one in properties:
        if one.type == "String" and not one.is_id:
            for value in one.values:
                if len(value) <= _LONGEST_VALUE and fits_word(word, value):
                    return ValueHit(one, value)
    return None
