from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import (
    Sightings,
    list_event_definitions,
    list_property_definitions,
    record_sightings,
)
from insights_mcp.local.store.property_types import PropertyTypes

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "store.sqlite", clock=lambda: NOW)
    yield opened
    opened.close()


def sightings(**types: str | None) -> Sightings:
    seen = Sightings()
    seen.see_event("signed up", datetime(2026, 10, 1, tzinfo=UTC), count=3)
    for name, type_ in types.items():
        seen.see_property("event", name, type_)
        seen.event_properties.add(("signed up", name))
    return seen


def record(store: Store, seen: Sightings) -> None:
    with store.write() as db:
        record_sightings(db, 1, seen, NOW)


def test_first_type_of_a_property_stays(store: Store) -> None:
    record(store, sightings(plan=None))
    record(store, sightings(plan="Numeric"))
    record(store, sightings(plan="String"))
    assert PropertyTypes(store).of_team(1).type_of("event", "plan") == "Numeric"


def test_types_are_read_again_when_a_definition_is_new(store: Store) -> None:
    types = PropertyTypes(store)
    assert types.of_team(1).type_of("event", "plan") is None
    record(store, sightings(plan="String"))
    assert types.of_team(1).type_of("event", "plan") == "String"


def test_group_types_are_told_apart_by_index(store: Store) -> None:
    seen = Sightings()
    seen.see_property("group", "seats", "Numeric", group_type_index=1)
    record(store, seen)
    types = PropertyTypes(store).of_team(1)
    assert (types.type_of("group_1", "seats"), types.type_of("group_0", "seats")) == ("Numeric", None)


def test_volume_counts_every_event(store: Store) -> None:
    record(store, sightings())
    record(store, sightings())
    with store.read() as db:
        (found,), total = list_event_definitions(db, 1)
    assert (found.name, found.volume, total) == ("signed up", 6, 1)


def test_search_finds_names_that_hold_every_word_and_takes_marks_literally(store: Store) -> None:
    seen = Sightings()
    for name in ("cart_opened", "cart opened twice", "opened"):
        seen.see_event(name, NOW)
    record(store, seen)
    with store.read() as db:
        both, _ = list_event_definitions(db, 1, search="opened cart")
        literal, _ = list_event_definitions(db, 1, search="t_o")
    assert [event.name for event in both] == ["cart opened twice", "cart_opened"]
    assert [event.name for event in literal] == ["cart_opened"]


def test_properties_can_be_limited_to_those_an_event_carries(store: Store) -> None:
    record(store, sightings(plan="String"))
    seen = Sightings()
    seen.see_property("event", "other", "String")
    record(store, seen)
    with store.read() as db:
        found, total = list_property_definitions(db, 1, event_names=["signed up"])
    assert ([item.name for item in found], total) == (["plan"], 1)
