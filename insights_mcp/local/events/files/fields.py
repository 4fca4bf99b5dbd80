"""Which column means what: told by options, or guessed from the names that common exports use."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from insights_mcp.local.events.files.kinds import refused
from insights_mcp.local.problems import Problem

# Compared without case, blanks, underscores, hyphens and dollar signs; the first that a file has wins.
_EVENT = "event eventname eventtype eventaction action activity name"
_TIME = (
    "timestamp time eventtime eventtimestamp clienteventtime originaltimestamp datetime occurredat eventdatetime"
    " createdat receivedat sentat servertimestamp eventdate date ts properties.time properties.timestamp"
)
_ACTOR = (
    "distinctid userid actorid customerid visitorid memberid personid uid user username email clientid"
    " properties.distinctid properties.userid"
)
_ANONYMOUS = "anonymousid deviceid amplitudeid fullvisitorid userpseudoid cookieid sessionid properties.deviceid"
_UUID = "uuid messageid insertid eventuuid properties.insertid"
# Columns that hold JSON objects.
_PROPERTIES = frozenset({"properties", "eventproperties", "props", "eventparams"})
_PERSON = frozenset({"set", "personproperties", "userproperties", "traits", "person.properties"})
_PROPERTY_PREFIXES = ("properties.", "event_properties.", "props.")
_PERSON_PREFIXES = ("$set.", "person.properties.", "person_properties.", "user_properties.", "traits.", "person.")
# What PostHog's own exports hold beside the event itself.
_POSTHOG_MARKS = {"distinct_id", "uuid", "properties"}
_POSTHOG_EXTRAS = frozenset(
    {
        "team_id",
        "project_id",
        "person_id",
        "person",
        "person_mode",
        "person_created_at",
        "created_at",
        "inserted_at",
        "elements",
        "_timestamp",
        "_offset",
        "$group_0",
        "$group_1",
        "$group_2",
        "$group_3",
        "$group_4",
        "$window_id",
        "$session_id",
    }
)
ELEMENTS_CHAIN = "elements_chain"


@dataclass(frozen=True)
class ImportOptions:
    """What the caller says of a file. `event_name` names every event of a file without such a column."""

    event_column: str | None = None
    time_column: str | None = None
    actor_column: str | None = None
    uuid_column: str | None = None
    event_name: str | None = None
    timezone: str | None = None


@dataclass(frozen=True)
class Fields:
    """The meaning of a file's columns. Names with a dot may be paths into JSON objects."""

    time: str
    actors: tuple[str, ...]
    event: str | None = None
    event_name: str | None = None
    uuid: str | None = None
    property_objects: tuple[str, ...] = ()
    person_objects: tuple[str, ...] = ()
    elements_chain: str | None = None
    is_posthog: bool = False

    @cached_property
    def taken(self) -> frozenset[str | None]:
        """The columns that are no property."""
        single = (self.time, self.event, self.uuid, self.elements_chain)
        return frozenset({*single, *self.actors, *self.property_objects, *self.person_objects})

    def describe(self) -> dict[str, str]:
        """Return what was read as what, for people."""
        found = {"event": self.event or f'always "{self.event_name}"', "time": self.time}
        found["actor"] = ", else ".join(self.actors)
        if self.uuid:
            found["uuid"] = self.uuid
        return found


def find_fields(names: Sequence[str], options: ImportOptions, uuid_like: Iterable[str] = ()) -> Fields:
    """Return the meaning of columns. `uuid_like`: those whose values are UUIDs. Raises Problem 400 naming the option.

    A column called `event_id` is an identity only when it holds UUIDs: in some exports it is a mere counter.
    """
    known = {_plain(name): name for name in reversed(names)}
    time = _chosen(options.time_column, names, "time") or _first(_TIME, known)
    actors = _actors(options, names, known)
    has_name = options.event_name is not None and options.event_column is None
    event = None if has_name else _chosen(options.event_column, names, "event") or _first(_EVENT, known)
    uuid = _chosen(options.uuid_column, names, "uuid") or _first(_UUID, known)
    uuid = uuid or next((name for name in uuid_like if _plain(name) == "eventid"), None)
    if event is None and not has_name:
        raise _missing("event", "the event's name", names)
    if time is None:
        raise _missing("time", "the event's time", names)
    if not actors:
        raise _missing("actor", "who did it", names)
    objects = [name for name in names if name not in (event, time, uuid, *actors)]
    return Fields(
        time=time,
        actors=actors,
        event=event,
        event_name=options.event_name if event is None else None,
        uuid=uuid,
        property_objects=tuple(name for name in objects if _plain(name) in _PROPERTIES),
        person_objects=tuple(name for name in objects if _plain(name) in _PERSON),
        elements_chain=ELEMENTS_CHAIN if ELEMENTS_CHAIN in names else None,
        is_posthog=set(names) >= _POSTHOG_MARKS,
    )


def property_of(fields: Fields, name: str) -> tuple[Literal["event", "person"], str] | None:
    """Return whose property a column holds and under what name; None when it holds something else, or nothing new."""
    if not name or name in fields.taken or (fields.is_posthog and name in _POSTHOG_EXTRAS):
        return None
    of_person = _strip(name, _PERSON_PREFIXES)
    if of_person:
        return "person", of_person
    return "event", _strip(name, _PROPERTY_PREFIXES) or name


def _actors(options: ImportOptions, names: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    chosen = _chosen(options.actor_column, names, "actor")
    if chosen:
        return (chosen,)
    first = _first(_ACTOR, known)
    anonymous = _first(_ANONYMOUS, known)
    return tuple(name for name in (first, anonymous) if name)


def _chosen(column: str | None, names: Sequence[str], role: str) -> str | None:
    if column is None or column in names:
        return column
    same = [name for name in names if _plain(name) == _plain(column)]
    if len(same) == 1:
        return same[0]
    raise refused(
        f"There is no column {column!r}. The columns are: {_listed(names)}.",
        attr=f"{role}_column",
    )


def _first(wanted: str, known: Mapping[str, str]) -> str | None:
    return next((known[name] for name in wanted.split() if name in known), None)


def _missing(role: str, meaning: str, names: Sequence[str]) -> Problem:
    return refused(
        f"Cannot tell which column holds {meaning}: name it with --{role}-column. The columns are: {_listed(names)}.",
        attr=f"{role}_column",
    )


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:40])
    return f"{shown}, and {len(names) - 40} more" if len(names) > 40 else shown


def _plain(name: str) -> str:
    return re.sub(r"[\s_$-]", "", name).lower()


def _strip(name: str, prefixes: Iterable[str]) -> str | None:
    for prefix in prefixes:
        if name.lower().startswith(prefix) and len(name) > len(prefix):
            return name[len(prefix) :]
    return None
