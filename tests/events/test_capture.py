import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import pytest

from insights_mcp.local.store.database import Store
from insights_mcp.local.store.projects import create_project
from tests.events.conftest import NOW, Reader, SettableClock

pytestmark = pytest.mark.anyio

EVENT = {"api_key": "phc_x", "event": "signed up", "distinct_id": "ann", "properties": {"plan": "pro"}}
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def batch(*events: dict[str, object], **more: object) -> dict[str, object]:
    return {"api_key": "phc_x", "batch": list(events), **more}


def sent(event: str, distinct_id: str = "ann", **properties: object) -> dict[str, object]:
    return {"event": event, "distinct_id": distinct_id, "properties": properties}


@pytest.mark.parametrize(
    ("path", "acknowledged"),
    [
        ("/capture/", {"status": 1}),
        ("/e/", {"status": 1}),
        ("/track/", {"status": 1}),
        ("/batch/", {"status": "Ok"}),
        ("/i/v0/e/", {"status": "Ok"}),
        ("/i/v0/e", {"status": "Ok"}),
    ],
)
async def test_every_address_stores_a_single_event(
    http: httpx.AsyncClient, reader: Reader, path: str, acknowledged: dict[str, object]
) -> None:
    answer = await http.post(path, json=EVENT)
    assert (answer.status_code, answer.json()) == (200, acknowledged)
    (event,) = reader.events()
    assert (event.event, event.distinct_id, event.properties) == ("signed up", "ann", {"plan": "pro"})


@pytest.mark.parametrize(
    ("body", "headers", "query"),
    [
        pytest.param(json.dumps([EVENT]).encode(), JSON, "", id="array"),
        pytest.param(json.dumps(batch(EVENT)).encode(), JSON, "", id="batch"),
        pytest.param(
            gzip.compress(json.dumps(EVENT).encode()), {**JSON, "Content-Encoding": "gzip"}, "", id="gzip by header"
        ),
        pytest.param(gzip.compress(json.dumps(EVENT).encode()), {}, "?compression=gzip-js", id="gzip by query"),
        pytest.param(json.dumps(EVENT).encode(), {"Content-Type": "text/plain"}, "", id="beacon"),
        pytest.param(b"data=" + quote(json.dumps(EVENT)).encode(), FORM, "", id="form"),
        pytest.param(
            b"data=" + quote(base64.b64encode(json.dumps(EVENT).encode())).encode(),
            FORM,
            "?compression=base64",
            id="form with base64",
        ),
        pytest.param(base64.b64encode(gzip.compress(json.dumps(EVENT).encode())), {}, "", id="base64 of gzip"),
    ],
)
async def test_every_wrapping_is_unpacked(
    http: httpx.AsyncClient, reader: Reader, body: bytes, headers: dict[str, str], query: str
) -> None:
    answer = await http.post("/e/" + query, content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert [event.event for event in reader.events()] == ["signed up"]


async def test_event_in_the_query_of_a_get_is_stored(http: httpx.AsyncClient, reader: Reader) -> None:
    data = base64.b64encode(json.dumps(EVENT).encode()).decode()
    assert (await http.get("/e/", params={"data": data})).status_code == 200
    assert [event.event for event in reader.events()] == ["signed up"]


@pytest.mark.parametrize(
    ("value", "status", "code"),
    [
        (b"{nonsense", 400, "invalid_payload"),
        (b"", 400, "invalid_payload"),
        (b"\x1f\x8b broken gzip", 400, "invalid_payload"),
        (b'{"api_key": "phc_x", "batch": []}', 400, "invalid_payload"),
        (b'{"api_key": "phc_x", "batch": [1]}', 400, "invalid_payload"),
        (b'{"api_key": "phc_x", "event": "a"}', 400, "invalid_payload"),
        (b'{"api_key": "phc_x", "distinct_id": "a"}', 400, "invalid_payload"),
        (b'{"event": "a", "distinct_id": "b"}', 401, "missing_api_key"),
        (b'{"api_key": "phx_secret", "event": "a", "distinct_id": "b"}', 401, "invalid_personal_api_key"),
        ("[" * 100_000, 400, "invalid_payload"),
    ],
)
async def test_request_that_cannot_be_stored_answers_the_envelope_and_stores_nothing(
    http: httpx.AsyncClient, reader: Reader, value: bytes, status: int, code: str
) -> None:
    answer = await http.post("/i/v0/e/", content=value, headers={**JSON, "Origin": "https://shop.example"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert reader.events() == []


async def test_one_malformed_event_refuses_its_whole_batch(http: httpx.AsyncClient, reader: Reader) -> None:
    answer = await http.post("/batch/", json=batch(EVENT, {"event": "no id"}))
    assert answer.status_code == 400
    assert reader.events() == []


async def test_token_of_another_project_routes_there(http: httpx.AsyncClient, store: Store, reader: Reader) -> None:
    with store.write() as db:
        other = create_project(db, "Other", now=NOW)
    await http.post("/capture/", json={**EVENT, "api_key": other.api_token})
    assert ([event.event for event in reader.events(other.id)], reader.events(1)) == (["signed up"], [])


async def test_page_may_ask_first_and_gets_no_flags(http: httpx.AsyncClient) -> None:
    asked = await http.options(
        "/e/", headers={"Origin": "https://shop.example", "Access-Control-Request-Headers": "content-type"}
    )
    flags = await http.post("/flags/?v=2", json={"api_key": "phc_x", "distinct_id": "ann"})
    config = await http.get("/array/phc_x/config")
    assert (asked.status_code, asked.headers["access-control-allow-headers"]) == (204, "content-type")
    assert (flags.json()["flags"], flags.json()["errorsWhileComputingFlags"]) == ({}, False)
    assert config.json()["hasFeatureFlags"] is False
    script = await http.get("/array/<script>/config.js")
    assert (script.headers["content-type"].split(";")[0], "<script>" in script.text) == (
        "application/javascript",
        False,
    )


async def test_beacon_answers_without_a_body(http: httpx.AsyncClient) -> None:
    answer = await http.post("/e/?beacon=1", json=EVENT)
    assert (answer.status_code, answer.content) == (204, b"")


async def test_repeated_uuid_is_stored_once(http: httpx.AsyncClient, reader: Reader, clock: SettableClock) -> None:
    event = {**EVENT, "uuid": "0190e2c0-0000-7000-8000-000000000001", "timestamp": NOW.isoformat()}
    await http.post("/batch/", json=batch(event, event))
    clock.advance(seconds=30)
    again = await http.post("/batch/", json=batch(event, {**event, "uuid": "0190e2c0-0000-7000-8000-000000000002"}))
    assert again.status_code == 200
    assert len(reader.events()) == 2


async def test_clock_skew_of_the_sender_is_taken_off(http: httpx.AsyncClient, reader: Reader) -> None:
    event = {**EVENT, "timestamp": (NOW + timedelta(hours=1)).isoformat()}
    await http.post("/batch/", json=batch(event, sent_at=(NOW + timedelta(hours=1, minutes=1)).isoformat()))
    assert reader.events()[0].timestamp == NOW - timedelta(minutes=1)


async def test_nan_and_half_a_surrogate_pair_are_stored_as_json_can_hold_them(
    http: httpx.AsyncClient, reader: Reader
) -> None:
    body = b'{"api_key": "phc_x", "event": "a", "distinct_id": "b", "properties": {"n": NaN, "s": "\\ud800"}}'
    assert (await http.post("/capture/", content=body, headers=JSON)).status_code == 200
    assert reader.events()[0].properties == {"n": None, "s": "\ufffd"}


async def test_engage_sets_person_properties_without_an_event_name(http: httpx.AsyncClient, reader: Reader) -> None:
    await http.post("/engage/", json={"token": "phc_x", "$distinct_id": "ann", "$set": {"plan": "pro"}})
    assert (reader.events()[0].event, reader.person()) == ("$identify", {"plan": "pro"})


async def test_browser_of_an_event_describes_its_person_first_and_latest(
    http: httpx.AsyncClient, reader: Reader
) -> None:
    for browser in ("Firefox", "Chrome"):
        await http.post("/capture/", json=batch(sent("$set", **{"$browser": browser})))
    assert reader.person() == {"$browser": "Chrome", "$initial_browser": "Firefox"}


async def test_set_once_keeps_and_unset_removes(http: httpx.AsyncClient, reader: Reader) -> None:
    events = [
        sent("a", **{"$set": {"plan": "free", "trial": True}, "$set_once": {"first": 1}}),
        sent("a", **{"$set": {"plan": "pro"}, "$set_once": {"first": 2}, "$unset": ["trial"]}),
    ]
    await http.post("/batch/", json=batch(*events))
    assert reader.person() == {"plan": "pro", "first": 1}


async def test_events_before_and_after_an_identify_belong_to_one_person(
    http: httpx.AsyncClient, reader: Reader
) -> None:
    for event in (
        sent("visited", "anon", **{"$set": {"seen": 1, "plan": "free"}}),
        sent("bought", "ann", **{"$set": {"plan": "pro"}}),
        sent("$identify", "ann", **{"$anon_distinct_id": "anon"}),
        sent("visited", "anon"),
    ):
        await http.post("/capture/", json=batch(event))
    assert len({event.person_id for event in reader.events()}) == 1
    assert reader.person() == {"seen": 1, "plan": "pro"}


async def test_identified_person_is_merged_away_only_by_force(http: httpx.AsyncClient, reader: Reader) -> None:
    events = [
        sent("$identify", "ann", **{"$anon_distinct_id": "a1"}),
        sent("$identify", "bob", **{"$anon_distinct_id": "b1"}),
    ]
    await http.post("/batch/", json=batch(*events, sent("$create_alias", "ann", alias="bob")))
    assert len(reader.persons()) == 2
    await http.post("/batch/", json=batch(sent("$merge_dangerously", "ann", alias="bob")))
    assert len(reader.persons()) == 1


@pytest.mark.parametrize("illegal", ["undefined", "null", "Anonymous", "0", " ", '"guest"'])
async def test_ids_of_nobody_are_not_merged(http: httpx.AsyncClient, reader: Reader, illegal: str) -> None:
    await http.post(
        "/batch/", json=batch(sent("a", illegal), sent("$identify", "ann", **{"$anon_distinct_id": illegal}))
    )
    assert len(reader.persons()) == 2


async def test_event_without_a_person_makes_none_but_joins_one_later(http: httpx.AsyncClient, reader: Reader) -> None:
    await http.post(
        "/batch/", json=batch(sent("visited", "anon", **{"$process_person_profile": False, "$set": {"x": 1}}))
    )
    (visit,) = reader.events()
    assert (visit.person_mode, "$set" in visit.properties, reader.persons()) == ("propertyless", False, {})
    await http.post("/batch/", json=batch(sent("bought", "ann")))
    await http.post("/batch/", json=batch(sent("$identify", "ann", **{"$anon_distinct_id": "anon"})))
    assert len({event.person_id for event in reader.events()}) == 1


async def test_groups_are_numbered_and_a_sixth_type_is_left_out(http: httpx.AsyncClient, reader: Reader) -> None:
    kinds = ["company", "team", "region", "shop", "fleet", "sixth"]
    await http.post("/batch/", json=batch(*(sent("a", **{"$groups": {kind: f"{kind} 1"}}) for kind in kinds)))
    found = [{k: v for k, v in event.properties.items() if k != "$groups"} for event in reader.events()]
    expected: list[dict[str, str]] = [{f"$group_{index}": f"{kind} 1"} for index, kind in enumerate(kinds[:5])]
    assert sorted(map(str, found)) == sorted(map(str, [*expected, {}]))


async def test_group_properties_are_merged(http: httpx.AsyncClient, reader: Reader) -> None:
    for changes in ({"seats": 5, "plan": "free"}, {"plan": "pro"}):
        properties = {"$group_type": "company", "$group_key": "acme", "$group_set": changes}
        await http.post("/batch/", json=batch(sent("$groupidentify", **properties)))
    found = reader.engine.command("SELECT index, key, properties FROM groups FINAL").rows
    assert found == [(0, "acme", '{"seats":5,"plan":"pro"}')]


async def test_clicked_elements_become_their_chain(http: httpx.AsyncClient, reader: Reader) -> None:
    elements = [
        {"tag_name": "a", "$el_text": 'Say "hi"', "attr__href": "/x", "attr__class": "btn big", "nth_child": 2},
        {"tag_name": "div", "nth_of_type": 1},
    ]
    await http.post("/capture/", json=batch(sent("$autocapture", **{"$elements": elements})))
    (event,) = reader.events()
    assert event.elements_chain == (
        'a.big.btn:attr__class="btn big"attr__href="/x"href="/x"nth-child="2"nth-of-type="0"text="Say \\"hi\\""'
        ';div:nth-child="0"nth-of-type="1"'
    )
    assert "$elements" not in event.properties


async def test_newer_protocol_answers_each_event(http: httpx.AsyncClient, reader: Reader) -> None:
    uuid = "0190e2c0-0000-7000-8000-000000000001"
    event = {"event": "a", "uuid": uuid, "distinct_id": "ann", "timestamp": NOW.isoformat(), "session_id": "s1"}
    answer = await http.post(
        "/i/v1/analytics/events",
        json={"created_at": NOW.isoformat(), "batch": [{**event, "options": {"process_person_profile": False}}]},
        headers={"Authorization": "Bearer phc_x", "PostHog-Sdk-Info": "posthog-python/7.91"},
    )
    assert answer.json() == {"results": {uuid: {"result": "ok"}}}
    (stored,) = reader.events()
    assert (stored.person_mode, stored.properties["$session_id"], stored.properties["$lib"]) == (
        "propertyless",
        "s1",
        "posthog-python",
    )


async def test_squash_leaves_every_event_with_its_person_and_no_override(
    http: httpx.AsyncClient, reader: Reader, backend: object
) -> None:
    await http.post("/batch/", json=batch(sent("a", "it's \\ anon"), sent("a", "ann")))
    await http.post("/batch/", json=batch(sent("$identify", "ann", **{"$anon_distinct_id": "it's \\ anon"})))
    before = {event.uuid: event.person_id for event in reader.events()}
    assert backend.intake.squash(1) == 1  # type: ignore[attr-defined]
    assert {event.uuid: event.person_id for event in reader.events()} == before
    assert reader.engine.command("SELECT count() FROM person_distinct_id_overrides").rows == [(0,)]
    assert reader.engine.command("SELECT uniq(person_id) FROM events").rows == [(1,)]


async def test_old_and_far_future_events_are_stored_within_bounds(http: httpx.AsyncClient, reader: Reader) -> None:
    times = ["1969-06-01T00:00:00Z", "9999-01-01T00:00:00Z", "nonsense", "2026-10-01 08:00:00+02"]
    await http.post(
        "/batch/", json=batch(*({**sent(f"e{place}"), "timestamp": time} for place, time in enumerate(times)))
    )
    found = {event.event: event.timestamp for event in reader.events()}
    assert found == {
        "e0": datetime(1969, 6, 1, tzinfo=UTC),
        "e1": NOW,
        "e2": NOW,
        "e3": datetime(2026, 10, 1, 6, tzinfo=UTC),
    }
