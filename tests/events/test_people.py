"""Persons must come out the same however their events were cut into batches."""

import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from insights_mcp.local.events.captured import CapturedEvent, read_event
from insights_mcp.local.events.people import apply_to_persons
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.persons import find_persons
from tests.events.conftest import NOW

IDS = ("a", "b", "c", "d")
SEEN = st.builds(lambda who: ("seen", who, {}), st.sampled_from(IDS))
BARE = st.builds(lambda who: ("seen", who, {"$process_person_profile": False}), st.sampled_from(IDS))
SETS = st.builds(
    lambda who, key, value, once: ("$set", who, {"$set_once" if once else "$set": {key: value}}),
    st.sampled_from(IDS),
    st.sampled_from(("x", "y")),
    st.integers(0, 3),
    st.booleans(),
)
MERGES = st.builds(
    lambda event, who, other: (event, who, {"$anon_distinct_id" if event == "$identify" else "alias": other}),
    st.sampled_from(("$identify", "$create_alias", "$merge_dangerously")),
    st.sampled_from(IDS),
    st.sampled_from(IDS),
)
Told = tuple[str, str, dict[str, object]]


def read(story: Sequence[Told]) -> list[CapturedEvent]:
    events = []
    for place, (event, who, properties) in enumerate(story):
        moment = NOW - timedelta(hours=100 - place)
        raw = {"event": event, "distinct_id": who, "properties": properties, "timestamp": moment.isoformat()}
        captured = read_event(raw, sent_at=None, now=NOW)
        assert captured
        events.append(captured)
    return events


def live(story: Sequence[Told], sizes: Sequence[int]) -> tuple[object, list[tuple[str, bool]]]:
    """Return the persons at the end, and for each event whether a query finds its person at that end."""
    events, found = read(story), []
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder, "store.sqlite"))
        start = 0
        for size in sizes:
            with store.write() as db:
                apply_to_persons(db, 1, events[start : start + size])
            start += size
        with store.read() as db:
            persons = find_persons(db, 1, IDS)
            overridden = {
                row["distinct_id"]
                for row in db.execute("SELECT distinct_id FROM person_distinct_ids WHERE is_override = 1")
            }
        store.close()
    for event in events:
        person = persons.get(event.distinct_id)
        is_right = person is None or event.person_id == person.uuid or event.distinct_id in overridden
        found.append((event.distinct_id, is_right))
    shown = {
        who: (str(person.uuid), person.properties, person.created_at, person.is_identified)
        for who, person in persons.items()
    }
    return shown, found


@given(st.lists(st.one_of(SEEN, BARE, SETS, MERGES), max_size=12), st.data())
@settings(max_examples=60, deadline=None)
def test_persons_do_not_depend_on_how_events_were_batched(story: list[Told], data: st.DataObject) -> None:
    sizes: list[int] = []
    while sum(sizes) < len(story):
        sizes.append(data.draw(st.integers(1, 5)))
    together, all_found = live(story, [len(story)])
    apart, some_found = live(story, sizes)
    assert together == apart
    assert all(is_right for _, is_right in all_found + some_found)
