"""Event and property definitions (facts/rest-api.md 12)."""

from datetime import timedelta

import httpx
import pytest

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import Sightings, record_sightings
from tests.backend.conftest import TestClock

pytestmark = pytest.mark.anyio

EVENTS = "/api/projects/1/event_definitions/"
PROPERTIES = "/api/projects/1/property_definitions/"


@pytest.fixture(autouse=True)
def seen(store: Store, clock: TestClock) -> None:
    """Two days of events: $pageview, signed up yesterday, paid long ago."""
    now = clock()
    sightings = Sightings()
    sightings.see_event("$pageview", now)
    sightings.see_event("signed_up", now - timedelta(days=1))
    sightings.see_event("paid", now - timedelta(days=90))
    for name, type_ in (("$browser", "String"), ("plan", "String"), ("amount", "Numeric"), ("$feature/x", None)):
        sightings.see_property("event", name, type_)
    sightings.see_property("person", "email", "String")
    sightings.see_property("group", "seats", "Numeric", 0)
    sightings.event_properties |= {("$pageview", "$browser"), ("paid", "amount"), ("paid", "plan")}
    with store.write() as db:
        record_sightings(db, 1, sightings, now)


async def listed(api: httpx.AsyncClient, path: str, **params: str) -> list[str]:
    answer = await api.get(path, params=params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["count"] >= len(body["results"])
    return [definition["name"] for definition in body["results"]]


async def test_events_are_listed_by_last_seen_day_with_every_key(api: httpx.AsyncClient) -> None:
    assert await listed(api, EVENTS) == ["$pageview", "signed_up", "paid"]
    event = (await api.get(EVENTS)).json()["results"][0]
    assert set(event) == {
        "id",
        "name",
        "created_at",
        "last_seen_at",
        "last_updated_at",
        "tags",
        "enforcement_mode",
        "primary_property",
        "is_action",
        "action_id",
        "is_calculating",
        "last_calculated_at",
        "created_by",
        "post_to_slack",
        "description",
        "owner",
        "verified",
        "verified_at",
        "verified_by",
        "hidden",
        "updated_at",
        "updated_by",
    }


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"search": "sign up"}, ["signed_up"]),
        ({"event_type": "event_posthog"}, ["$pageview"]),
        ({"event_type": "event_custom"}, ["signed_up", "paid"]),
        ({"ordering": "name"}, ["$pageview", "paid", "signed_up"]),
        ({"ordering": "-name"}, ["signed_up", "paid", "$pageview"]),
        ({"names": '["paid"]'}, ["paid"]),
        ({"names": "paid,signed_up"}, ["signed_up", "paid"]),
        ({"excluded_properties": '["paid"]'}, ["$pageview", "signed_up"]),
        ({"exclude_stale": "true"}, ["$pageview", "signed_up"]),
        ({"limit": "1", "offset": "1"}, ["signed_up"]),
        ({"verified": "true"}, []),
        ({"tags": '["none"]'}, []),
    ],
)
async def test_events_are_filtered(api: httpx.AsyncClient, params: dict[str, str], expected: list[str]) -> None:
    assert await listed(api, EVENTS, **params) == expected


async def test_events_are_described_tagged_verified_and_hidden(api: httpx.AsyncClient) -> None:
    paid = (await api.get(EVENTS, params={"names": "paid"})).json()["results"][0]
    body = {"description": "Money", "tags": ["Billing"], "verified": True, "hidden": True, "owner": 1}
    changed = (await api.patch(f"{EVENTS}{paid['id']}/", json=body)).json()
    assert (changed["description"], changed["tags"], changed["verified"]) == ("Money", ["billing"], True)
    assert changed["verified_by"]["email"] == changed["owner"]["email"] == "you@localhost"
    assert changed["verified_at"] is not None
    assert (await api.get(f"{EVENTS}{paid['id']}/")).json() == changed
    assert await listed(api, EVENTS, verified="1") == ["paid"]
    assert await listed(api, EVENTS, tags='["billing"]') == ["paid"]
    assert await listed(api, EVENTS, exclude_hidden="1") == ["$pageview", "signed_up"]
    wrong = await api.patch(f"{EVENTS}{paid['id']}/", json={"owner": 99})
    assert wrong.json()["attr"] == "owner"


async def test_event_definition_can_be_forgotten(api: httpx.AsyncClient) -> None:
    paid = (await api.get(EVENTS, params={"names": "paid"})).json()["results"][0]
    assert (await api.delete(f"{EVENTS}{paid['id']}/")).status_code == 204
    assert (await api.get(f"{EVENTS}{paid['id']}/")).status_code == 404


async def test_unknown_ordering_of_events_is_400(api: httpx.AsyncClient) -> None:
    assert (await api.get(EVENTS, params={"ordering": "nonsense"})).json()["attr"] == "ordering"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["$browser", "$feature/x", "amount", "plan"]),
        ({"type": "person"}, ["email"]),
        ({"type": "group", "group_type_index": "0"}, ["seats"]),
        ({"type": "group", "group_type_index": "1"}, []),
        ({"search": "pla"}, ["plan"]),
        ({"properties": "plan,amount"}, ["amount", "plan"]),
        ({"is_numerical": "true"}, ["amount"]),
        ({"is_feature_flag": "true"}, ["$feature/x"]),
        ({"exclude_core_properties": "true"}, ["amount", "plan"]),
        ({"excluded_properties": '["plan"]'}, ["$browser", "$feature/x", "amount"]),
        ({"event_names": '["paid"]', "filter_by_event_names": "true"}, ["amount", "plan"]),
        ({"type": "session", "search": "duration"}, ["$session_duration"]),
    ],
)
async def test_properties_are_filtered(api: httpx.AsyncClient, params: dict[str, str], expected: list[str]) -> None:
    assert await listed(api, PROPERTIES, **params) == expected


async def test_event_names_alone_only_mark_what_was_seen(api: httpx.AsyncClient) -> None:
    body = (await api.get(PROPERTIES, params={"event_names": '["paid"]'})).json()
    marked = {row["name"]: row["is_seen_on_filtered_events"] for row in body["results"]}
    assert marked == {"$browser": False, "$feature/x": False, "amount": True, "plan": True}
    unmarked = (await api.get(PROPERTIES)).json()["results"]
    assert {row["is_seen_on_filtered_events"] for row in unmarked} == {None}


async def test_property_shows_its_type_and_is_changed(api: httpx.AsyncClient) -> None:
    amount = (await api.get(PROPERTIES, params={"properties": "amount"})).json()["results"][0]
    assert (amount["property_type"], amount["is_numerical"]) == ("Numeric", True)
    changed = (await api.patch(f"{PROPERTIES}{amount['id']}/", json={"description": "In euros"})).json()
    assert changed["description"] == "In euros"
    assert (await api.get(f"{PROPERTIES}{amount['id']}/")).json() == changed


@pytest.mark.parametrize(
    ("params", "attr"),
    [
        ({"type": "group"}, "group_type_index"),
        ({"group_type_index": "0"}, "group_type_index"),
        ({"type": "group", "group_type_index": "9"}, "group_type_index"),
        ({"type": "nonsense"}, "type"),
        ({"type": "person", "event_names": '["paid"]'}, "event_names"),
        ({"event_names": "[1]"}, "event_names"),
    ],
)
async def test_wrong_parameters_of_properties_are_400(
    api: httpx.AsyncClient, params: dict[str, str], attr: str
) -> None:
    answer = await api.get(PROPERTIES, params=params)
    assert answer.status_code == 400
    assert answer.json()["attr"] == attr


async def test_seen_together_answers_per_event(api: httpx.AsyncClient) -> None:
    params = {"property_name": "amount", "event_names": '["paid", "$pageview"]'}
    assert (await api.get(f"{PROPERTIES}seen_together/", params=params)).json() == {"paid": True, "$pageview": False}
