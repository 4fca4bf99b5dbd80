"""Values, events, persons, elements: look-ups over real events in a real engine."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from insights_mcp.local.app import create_app
from insights_mcp.local.backend import Backend
from insights_mcp.local.engine.base import Engine
from insights_mcp.local.events import Intake
from insights_mcp.local.lookups.chains import read_chain
from insights_mcp.local.store.projects import get_project
from tests.backend.canned import KEY
from tests.backend.conftest import TestClock

pytestmark = pytest.mark.anyio

PROJECT = "/api/projects/1"
BUTTON = {
    "tag_name": "button",
    "$el_text": 'Say "hi"; now',
    "attr__class": "md:flex btn",
    "nth_child": 1,
    "nth_of_type": 2,
}
LINK = {"tag_name": "a", "attr__href": "https://x.org/?a=1;b=2", "attr__id": "go", "nth_child": 3, "nth_of_type": 1}


@pytest.fixture
async def events(backend: Backend, engine: Engine, clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client on a backend with a handful of events."""
    intake = Intake(backend.store, engine, clock)
    whole = replace(backend, engine=engine, intake=intake)
    now = clock()
    sent = [
        ("$pageview", "ada", {"$browser": "Chrome", "plan": "pro", "seats": 3}, {}),
        ("$pageview", "ada", {"$browser": "Chrome", "plan": "pro"}, {}),
        ("$pageview", "bob", {"$browser": "Firefox", "plan": "100%"}, {}),
        ("paid", "bob", {"plan": "free", "trial": True, "$set": {"email": "bob@x.org", "city": "Rome"}}, {}),
        ("$autocapture", "ada", {"$elements": [BUTTON, LINK]}, {}),
        ("$autocapture", "bob", {"$elements": [BUTTON, LINK]}, {}),
        ("$rageclick", "bob", {"$elements": [LINK]}, {}),
    ]
    with backend.store.read() as db:
        team = get_project(db, 1)
    assert team is not None
    intake.capture(
        team,
        [
            {
                "event": event,
                "distinct_id": person,
                "properties": properties,
                "timestamp": (now - timedelta(minutes=len(sent) - index)).isoformat(),
            }
            for index, (event, person, properties, _) in enumerate(sent)
        ],
    )
    intake.mirror.flush()
    transport = httpx.ASGITransport(create_app(whole, api_key=KEY), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


async def names(api: httpx.AsyncClient, path: str, **params: str) -> list[str]:
    answer = await api.get(f"{PROJECT}{path}", params=params)
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()]


async def test_event_values_come_the_commonest_first(events: httpx.AsyncClient) -> None:
    assert await names(events, "/events/values/", key="$browser") == ["Chrome", "Firefox"]
    assert await names(events, "/events/values/", key="plan") == ["pro", "100%", "free"]
    assert await names(events, "/events/values/", key="plan", event_name="paid") == ["free"]
    assert await names(events, "/events/values/", key="seats") == ["3"]
    assert await names(events, "/events/values/", key="trial") == ["true"]
    assert await names(events, "/events/values/", key="nonsense") == []


async def test_value_search_is_literal_and_ignores_case(events: httpx.AsyncClient) -> None:
    assert await names(events, "/events/values/", key="plan", value="PR") == ["pro"]
    assert await names(events, "/events/values/", key="plan", value="%") == ["100%"]
    assert await names(events, "/events/values/", key="plan", value="'); DROP TABLE events; --") == []
    assert await names(events, "/events/values/", key="it's {key:String}") == []


async def test_custom_event_lists_names_of_events(events: httpx.AsyncClient) -> None:
    assert await names(events, "/events/values/", key="custom_event") == ["paid"]


async def test_person_values_have_counts(events: httpx.AsyncClient) -> None:
    answer = await events.get(f"{PROJECT}/persons/values/", params={"key": "city"})
    assert answer.json() == [{"name": "Rome", "count": 1}]


async def test_group_values_of_no_groups_are_none(events: httpx.AsyncClient) -> None:
    assert await names(events, "/groups/property_values/", key="plan", group_type_index="0") == []
    wrong = await events.get(f"{PROJECT}/groups/property_values/", params={"key": "x", "group_type_index": "9"})
    assert wrong.json()["attr"] == "group_type_index"


async def test_values_need_a_key(events: httpx.AsyncClient) -> None:
    for kind in ("events", "persons"):
        answer = await events.get(f"{PROJECT}/{kind}/values/")
        assert answer.status_code == 400
        assert answer.json()["detail"] == "You must provide a key"


async def test_events_are_listed_latest_first_and_paged_by_time(events: httpx.AsyncClient) -> None:
    first = (await events.get(f"{PROJECT}/events/", params={"limit": "4"})).json()
    assert set(first) == {"next", "results"}
    assert [event["event"] for event in first["results"]] == ["$rageclick", "$autocapture", "$autocapture", "paid"]
    second = (await events.get(first["next"])).json()
    assert [event["event"] for event in second["results"]] == ["$pageview"] * 3
    assert second["next"] is None


async def test_event_shows_its_person_and_elements(events: httpx.AsyncClient) -> None:
    (paid,) = (await events.get(f"{PROJECT}/events/", params={"event": "paid"})).json()["results"]
    assert set(paid) == {
        "id",
        "distinct_id",
        "properties",
        "event",
        "timestamp",
        "person",
        "elements",
        "elements_chain",
    }
    assert paid["person"]["properties"]["email"] == "bob@x.org"
    assert paid["properties"]["plan"] == "free"
    assert (await events.get(f"{PROJECT}/events/{paid['id']}/")).json() == paid
    for unknown in ("x", "00000000-0000-0000-0000-000000000000"):
        assert (await events.get(f"{PROJECT}/events/{unknown}/")).status_code == 404


async def test_events_are_filtered_by_person_and_time(events: httpx.AsyncClient) -> None:
    mine = (await events.get(f"{PROJECT}/events/", params={"distinct_id": "ada"})).json()["results"]
    assert {event["distinct_id"] for event in mine} == {"ada"}
    person = mine[0]["person"]["uuid"]
    same = (await events.get(f"{PROJECT}/events/", params={"person_id": person})).json()["results"]
    assert same == mine
    assert (await events.get(f"{PROJECT}/events/", params={"after": "2030-01-01"})).json()["results"] == []
    wrong = await events.get(f"{PROJECT}/events/", params={"before": "%%"})
    assert wrong.json()["attr"] == "before"


async def test_persons_are_found_by_email_name_or_distinct_id(events: httpx.AsyncClient) -> None:
    body = (await events.get(f"{PROJECT}/persons/")).json()
    assert set(body) == {"next", "previous", "results"}
    assert {person["name"] for person in body["results"]} == {"ada", "bob@x.org"}
    for params in ({"search": "BOB@"}, {"distinct_id": "bob"}, {"email": "bob@x.org"}):
        (bob,) = (await events.get(f"{PROJECT}/persons/", params=params)).json()["results"]
        assert bob["distinct_ids"] == ["bob"]
    assert (await events.get(f"{PROJECT}/persons/{bob['id']}/")).json() == bob
    page = (await events.get(f"{PROJECT}/persons/", params={"limit": "1"})).json()
    assert len((await events.get(page["next"])).json()["results"]) == 1


async def test_clicks_are_counted_per_chain_of_elements(events: httpx.AsyncClient) -> None:
    body = (await events.get(f"{PROJECT}/elements/stats/")).json()
    (row,) = body["results"]
    assert (row["count"], row["type"]) == (2, "$autocapture")
    button, link = row["elements"]
    assert button["tag_name"] == "button"
    assert button["text"] == 'Say "hi"; now'
    assert set(button["attr_class"]) == {"md:flex", "btn"}
    assert (link["href"], link["attr_id"], link["nth_child"], link["order"]) == ("https://x.org/?a=1;b=2", "go", 3, 1)
    both = await events.get(f"{PROJECT}/elements/stats/", params={"include": ["$autocapture", "$rageclick"]})
    assert [row["type"] for row in both.json()["results"]] == ["$autocapture", "$rageclick"]
    assert (await events.get(f"{PROJECT}/elements/stats/", params={"date_to": "2020-01-01"})).json()["results"] == []
    wrong = await events.get(f"{PROJECT}/elements/stats/", params={"include": "$pageview"})
    assert wrong.json()["attr"] == "include"


async def test_element_values_are_found_in_chains(events: httpx.AsyncClient) -> None:
    assert await names(events, "/elements/values/", key="tag_name") == ["a", "button"]
    assert await names(events, "/elements/values/", key="tag_name", value="BUT") == ["button"]
    assert await names(events, "/elements/values/", key="href") == ["https://x.org/?a=1;b=2"]
    assert (await events.get(f"{PROJECT}/elements/values/", params={"key": "x"})).status_code == 400


async def test_elements_are_kept_changed_and_deleted(api: httpx.AsyncClient) -> None:
    path = f"{PROJECT}/elements/"
    made = await api.post(path, json={"text": "Go", "tag_name": "a", "attr_class": ["x"], "attributes": {"k": 1}})
    assert made.status_code == 201
    assert made.json() == {
        "text": "Go",
        "tag_name": "a",
        "attr_class": ["x"],
        "href": None,
        "attr_id": None,
        "nth_child": None,
        "nth_of_type": None,
        "attributes": {"k": 1},
        "order": None,
    }
    assert (await api.get(path)).json()["count"] == 1
    assert (await api.patch(f"{path}1/", json={"nth_child": 2})).json()["nth_child"] == 2
    assert (await api.get(f"{path}1/")).json()["nth_child"] == 2
    assert (await api.delete(f"{path}1/")).status_code == 204
    assert (await api.get(f"{path}1/")).status_code == 404


@pytest.mark.parametrize("chain", ["", ";", "a", "a:", 'a:text="', '"', "a.b.c:x=1", 'a:text="\\"', 'é:ü="ö"'])
def test_odd_chains_are_read_without_failing(chain: str) -> None:
    for element in read_chain(chain):
        element.body()
