"""The persons of a batch of events: read once, changed in memory event by event, written once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from insights_mcp.local.events.captured import CapturedEvent, mapping_of
from insights_mcp.local.events.identity import Merge, read_merge
from insights_mcp.local.events.person_update import updated_properties
from insights_mcp.local.events.timestamps import EPOCH
from insights_mcp.local.events.uuids import person_uuid
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.persons import (
    Person,
    distinct_ids_of,
    find_persons,
    free_person_id,
    is_personless,
    note_personless,
    save_distinct_ids,
    save_persons,
)

_FORCE_UPGRADE_AFTER = 60_000_000


def to_microseconds(moment: datetime) -> int:
    """Return microseconds since the epoch."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def apply_to_persons(db: Connection, team_id: int, events: Sequence[CapturedEvent]) -> bool:
    """Apply events to their persons, in order, inside a write transaction, and give each event its person.

    Return whether some distinct id became another person's.
    """
    merges = {id(event): _merge_of(event) for event in events}
    wanted = {event.distinct_id for event in events} | {merge.other for merge in merges.values() if merge}
    people = People(db, team_id, wanted)
    for event in events:
        people.apply(event, merges[id(event)])
    people.save()
    for event in events:  # only now: a later merge of the same batch may have changed the person
        person = people.person_of(event.distinct_id)
        event.person_id = person.uuid if person else person_uuid(team_id, event.distinct_id)
    return any(merges.values())


class People:
    """The persons behind some distinct ids, loaded, changed and saved as one unit of work."""

    def __init__(self, db: Connection, team_id: int, distinct_ids: set[str]) -> None:
        self._db = db
        self._team_id = team_id
        self._owners = find_persons(db, team_id, distinct_ids)
        self._first_new_id = self._next_id = free_person_id(db)
        self._changed: dict[int, Person] = {}
        self._moved: dict[str, tuple[int, bool]] = {}
        self._personless: set[str] = set()

    def person_of(self, distinct_id: str) -> Person | None:
        """Return the person that a distinct id belongs to by now."""
        return self._owners.get(distinct_id)

    def apply(self, event: CapturedEvent, merge: Merge | None) -> None:
        """Let one event create, merge or change persons."""
        moment = to_microseconds(event.timestamp)
        if not event.may_have_person:
            self._apply_personless(event, moment)
            return
        if merge:
            self._merge(merge, moment)
        person = self._owners.get(event.distinct_id) or self._create(event.distinct_id, moment)
        updated = updated_properties(event.event, event.properties, person.properties)
        if updated is not None:
            person.properties = updated
            self._changed[person.id] = person
        if merge and not person.is_identified:
            person.is_identified = True
            self._changed[person.id] = person

    def save(self) -> None:
        """Write what changed."""
        if self._changed:
            save_persons(self._db, self._team_id, self._changed.values())
        if self._moved:
            save_distinct_ids(self._db, self._team_id, self._moved)
        note_personless(self._db, self._team_id, self._personless)

    def _apply_personless(self, event: CapturedEvent, moment: int) -> None:
        person = self._owners.get(event.distinct_id)
        if person is None:
            event.person_mode = "propertyless"
            self._personless.add(event.distinct_id)
        elif moment > person.created_at + _FORCE_UPGRADE_AFTER:
            event.person_mode = "force_upgrade"
        else:
            event.person_mode = "propertyless"

    def _create(self, distinct_id: str, moment: int) -> Person:
        person = Person(
            id=self._next_id, uuid=person_uuid(self._team_id, distinct_id), created_at=moment, properties={}
        )
        self._next_id += 1
        self._changed[person.id] = person
        self._give(distinct_id, person, is_override=False)
        return person

    def _give(self, distinct_id: str, person: Person, *, is_override: bool) -> None:
        was_override = self._moved.get(distinct_id, (0, False))[1]
        self._owners[distinct_id] = person
        self._moved[distinct_id] = (person.id, is_override or was_override)

    def _merge(self, merge: Merge, moment: int) -> None:
        into, other = self._owners.get(merge.into), self._owners.get(merge.other)
        if into and other:
            if into is not other and (merge.is_forced or not other.is_identified):
                self._absorb(into, other)
            return
        if into is None and other is None:
            # Events written without a person keep their person's id for free when the new person takes it.
            first, second = merge.into, merge.other
            if self._was_personless(second) and not self._was_personless(first):
                first, second = second, first
            person, added = self._create(first, moment), second
        elif into:
            person, added = into, merge.other
        else:
            person, added = self._owners[merge.other], merge.into
        self._give(added, person, is_override=self._was_personless(added))

    def _absorb(self, into: Person, other: Person) -> None:
        into.properties = {**other.properties, **into.properties}
        into.created_at = min(into.created_at, other.created_at)
        into.is_identified = True
        other.is_deleted = True
        self._changed |= {into.id: into, other.id: other}
        is_stored = other.id < self._first_new_id
        ids = {distinct_id for distinct_id, owner in self._owners.items() if owner is other}
        if is_stored:
            stored = set(distinct_ids_of(self._db, other.id))
            # Ids that this batch already moved away still stand in the database as the other person's.
            ids |= {item for item in stored if self._owners.get(item, other) is other}
        for distinct_id in ids:
            self._give(distinct_id, into, is_override=is_stored or self._was_personless(distinct_id))

    def _was_personless(self, distinct_id: str) -> bool:
        return distinct_id in self._personless or is_personless(self._db, self._team_id, distinct_id)


def _merge_of(event: CapturedEvent) -> Merge | None:
    return read_merge(event.event, event.distinct_id, mapping_of(event.properties)) if event.may_have_person else None
