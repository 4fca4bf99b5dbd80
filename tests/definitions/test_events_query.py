"""EventsQuery over HTTP."""

from typing import Any

import pytest

from tests.definitions.conftest import PROJECT, Project

pytestmark = pytest.mark.anyio

CHAIN = [
    {"tag_name": "a", "$el_text": "Pay", "attr__href": "/pay", "nth_child": 1, "nth_of_type": 1},
    {"tag_name": "div", "nth_child": 2, "nth_of_type": 1},
]


@pytest.fixture(autouse=True)
def events(project: Project) -> None:
    """Now is noon of 16 May 2024."""
    project.capture(
        ("seen", "ann", "2024-05-16T09:00:00Z", {"page": "/", "n": 1, "$set": {"email": "ann@x.org", "name": "Ann"}}),
        ("seen", "bob", "2024-05-16T10:00:00Z", {"page": "/pay", "n": 2, "$set": {"name": "Bob"}}),
        ("paid", "bob", "2024-05-16T11:00:00Z", {"page": "/pay", "n": 30}),
        ("$autocapture", "cat", "2024-05-16T11:30:00Z", {"$elements": CHAIN}),
        ("seen", "ann", "2024-05-15T11:59:00Z", {"page": "/old", "n": 5}),
        ("seen", "ann", "2024-05-16T13:00:00Z", {"page": "/future", "n": 7}),
    )


async def ask(project: Project, **query: Any) -> dict[str, Any]:
    return await project.ask({"kind": "EventsQuery", "select": ["event", "distinct_id"], **query})


async def rows(project: Project, **query: Any) -> list[list[Any]]:
    found: list[list[Any]] = (await ask(project, **query))["results"]
    return found


async def test_last_day_is_shown_without_the_future(project: Project) -> None:
    found = await rows(project, select=["timestamp", "event", "distinct_id"])
    assert found == [
        ["2024-05-16T11:30:00Z", "$autocapture", "cat"],
        ["2024-05-16T11:00:00Z", "paid", "bob"],
        ["2024-05-16T10:00:00Z", "seen", "bob"],
        ["2024-05-16T09:00:00Z", "seen", "ann"],
    ]


async def test_after_and_before_are_exclusive_and_exact(project: Project) -> None:
    found = await rows(project, select=["timestamp"], after="2024-05-16T09:00:00Z", before="2024-05-16T11:00:00Z")
    assert found == [["2024-05-16T10:00:00Z"]]
    assert len(await rows(project, after="-1h")) == 1
    assert len(await rows(project, after="all")) == 5
    assert len(await rows(project, after="all", before="2024-05-20")) == 6


async def test_star_is_an_object_of_the_event(project: Project) -> None:
    answer = await ask(project, select=["*"], event="$autocapture")
    ((event,),) = answer["results"]
    assert list(event) == [
        "uuid",
        "event",
        "properties",
        "timestamp",
        "team_id",
        "distinct_id",
        "elements_chain",
        "created_at",
        "person_mode",
        "elements",
    ]
    assert (event["event"], event["team_id"], event["distinct_id"]) == ("$autocapture", 1, "cat")
    assert event["timestamp"] == "2024-05-16T11:30:00Z"
    assert event["elements"][0]["tag_name"] == "a"
    assert event["elements"][0]["text"] == "Pay"
    assert answer["columns"] == ["*"]
    assert answer["types"][0].startswith("Tuple(UUID, ")


async def test_no_columns_are_all_of_them_and_properties_are_parsed(project: Project) -> None:
    ((event,),) = await rows(project, select=[], event="paid")
    assert event["properties"] == {"page": "/pay", "n": 30}
    assert "elements" not in event


async def test_number_too_large_for_64_bits_becomes_a_fraction(project: Project) -> None:
    project.capture(("big", "ann", "2024-05-16T11:00:00Z", {"n": 2**159 - 24, "m": 2**63}))
    ((event,),) = await rows(project, select=["*"], event="big")
    assert event["properties"] == {"n": float(2**159 - 24), "m": 2**63}


async def test_person_is_an_object_and_its_name_one_more(project: Project) -> None:
    select = ["person", "person_display_name -- Person", "person.properties.name"]
    found = await rows(project, select=select, event="seen", orderBy=["timestamp"])
    person = found[0][0]
    assert list(person) == ["uuid", "created_at", "properties", "distinct_id"]
    assert (person["properties"]["email"], person["distinct_id"]) == ("ann@x.org", "ann")
    assert found[0][1] == {"display_name": "ann@x.org", "id": person["uuid"], "distinct_id": "ann"}
    assert found[1][1]["display_name"] == "Bob"
    assert [row[2] for row in found] == ["Ann", "Bob"]


async def test_person_without_a_profile_is_a_distinct_id(project: Project) -> None:
    project.capture(("quiet", "eve", "2024-05-16T11:00:00Z", {"$process_person_profile": False}))
    ((person, named),) = await rows(project, select=["person", "person_display_name"], event="quiet")
    assert person == {"distinct_id": "eve"}
    assert named["display_name"] == "eve"


async def test_label_stays_in_the_columns_and_an_alias_gives_its_name(project: Project) -> None:
    answer = await ask(project, select=["event -- What", "properties.n as n", "upper(distinct_id)"], event="paid")
    assert answer["columns"] == ["event -- What", "n", "upper(distinct_id)"]
    assert answer["results"] == [["paid", 30.0, "BOB"]]
    assert answer["types"][0] == "String"


async def test_aggregate_groups_by_everything_else(project: Project) -> None:
    answer = await ask(project, select=["event", "count()", "max(timestamp)"], after="all")
    assert answer["results"][0][:2] == ["seen", 3]
    assert sorted(row[:2] for row in answer["results"][1:]) == [["$autocapture", 1], ["paid", 1]]
    first = await rows(project, select=["event", "max(toFloat(properties.n))"], after="all", event="seen")
    assert first == [["seen", 5.0]]


async def test_condition_on_an_aggregate_is_one_on_the_group(project: Project) -> None:
    found = await rows(project, select=["event", "count()"], where=["count() > 1", "event != 'x'"], after="all")
    assert found == [["seen", 3]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"event": "paid"}, ["paid"]),
        ({"events": ["paid", "$autocapture"]}, ["$autocapture", "paid"]),
        ({"event": "paid", "events": ["$autocapture"]}, ["$autocapture", "paid"]),
        ({"where": ["properties.page = '/pay'", "distinct_id = 'bob'"]}, ["paid", "seen"]),
        ({"properties": [{"key": "page", "value": "/pay", "type": "event"}]}, ["paid", "seen"]),
        ({"properties": [{"key": "name", "value": "Ann", "type": "person"}]}, ["seen"]),
        ({"properties": [{"key": "distinct_id", "value": ["cat"], "type": "event_metadata"}]}, ["$autocapture"]),
        ({"fixedProperties": [{"type": "OR", "values": [{"key": "n", "value": ["30"]}]}]}, ["paid"]),
        (
            {"actionSteps": [{"event": "paid"}, {"event": "$autocapture", "selector": "div > a"}]},
            ["$autocapture", "paid"],
        ),
        ({"actionSteps": [{"properties": [{"key": "page", "value": "/", "type": "event"}]}]}, ["seen"]),
        ({"personId": "nobody"}, []),
        ({"personId": "00000000-0000-0000-0000-000000000000"}, []),
    ],
)
async def test_filters_choose_events(project: Project, query: dict[str, Any], expected: list[str]) -> None:
    found = await rows(project, select=["event", "timestamp"], orderBy=["event"], **query)
    assert [row[0] for row in found] == expected


async def test_events_of_a_person_under_all_their_ids(project: Project) -> None:
    project.capture(("$identify", "ann", "2024-05-16T11:40:00Z", {"$anon_distinct_id": "cat"}))
    (person,) = (await project.get("/persons/", distinct_id="ann"))["results"]
    found = await rows(project, select=["event"], personId=person["id"], orderBy=["timestamp"])
    assert found == [["seen"], ["$autocapture"], ["$identify"]]


async def test_events_of_an_action(project: Project) -> None:
    await project.post("/actions/", {"name": "Paid", "steps": [{"event": "paid"}]})
    await project.post("/actions/", {"name": "Empty", "steps": []})
    assert await rows(project, actionId=1) == [["paid", "bob"]]
    for number, detail in ((2, "Action does not have any match groups"), (3, "Action does not exist")):
        query = {"kind": "EventsQuery", "select": ["event"], "actionId": number}
        assert await project.refused("POST", "/query/", {"query": query}) == (400, "actionId", detail)


async def test_test_accounts_are_left_out(project: Project) -> None:
    filters = [{"key": "email", "type": "person", "value": "@x.org", "operator": "not_icontains"}]
    answer = await project.http.patch("/api/projects/1/", json={"test_account_filters": filters})
    assert answer.status_code == 200, answer.text
    assert len(await rows(project, event="seen")) == 2
    assert await rows(project, event="seen", filterTestAccounts=True) == [["seen", "bob"]]


async def test_pages_follow_each_other(project: Project) -> None:
    first = await ask(project, select=["event", "timestamp"], orderBy=["timestamp DESC"], limit=2)
    assert ([row[0] for row in first["results"]], first["hasMore"], first["limit"], first["offset"]) == (
        ["$autocapture", "paid"],
        True,
        2,
        0,
    )
    assert first["nextCursor"] == "2024-05-16T11:00:00+00:00"
    second = await ask(project, select=["event", "timestamp"], orderBy=["timestamp DESC"], limit=2, offset=2)
    assert ([row[0] for row in second["results"]], second["hasMore"], second["nextCursor"]) == (
        ["seen", "seen"],
        False,
        None,
    )
    third = await ask(project, select=["*"], orderBy=["timestamp DESC"], limit=2, before=first["nextCursor"])
    assert [row[0]["event"] for row in third["results"]] == ["seen", "seen"]


async def test_limit_is_a_hundred_and_at_most_fifty_thousand(project: Project) -> None:
    project.capture(*((f"e{index}", "ann", "2024-05-16T11:00:00Z") for index in range(120)))
    answer = await ask(project)
    assert (len(answer["results"]), answer["limit"], answer["hasMore"]) == (100, 100, True)
    assert (await ask(project, limit=1_000_000))["limit"] == 50_000


async def test_default_order_is_that_of_the_first_column(project: Project) -> None:
    assert [row[0] for row in await rows(project)] == ["$autocapture", "paid", "seen", "seen"]
    by_uuid = [row[0]["uuid"] for row in await rows(project, select=["*"])]
    assert len(set(by_uuid)) == 4
    named = await rows(project, select=["person_display_name"], orderBy=["person_display_name -- Person DESC"])
    assert [row[0]["display_name"] for row in named] == ["cat", "ann@x.org", "Bob", "Bob"]


async def test_table_node_around_it_changes_nothing(project: Project) -> None:
    query = {"kind": "EventsQuery", "select": ["event"], "event": "paid"}
    answer = await project.ask({"kind": "DataTableNode", "source": query, "full": True, "showSearch": True})
    assert answer["results"] == [["paid"]]


async def test_times_are_those_of_the_project(project: Project) -> None:
    assert (await project.http.patch("/api/projects/1/", json={"timezone": "America/New_York"})).status_code == 200
    found = await rows(
        project, select=["timestamp"], event="paid", after="2024-05-16T06:59:59", before="2024-05-16T07:00:01"
    )
    assert found == [["2024-05-16T07:00:00-04:00"]]


async def test_answer_names_its_hogql(project: Project) -> None:
    answer = await ask(project)
    assert "FROM events" in answer["hogql"]
    assert answer["is_cached"] is False
    assert (await ask(project))["is_cached"] is True


@pytest.mark.parametrize(
    "query",
    [
        {"select": ["*", "events.*"]},
        {"select": ["nothing"]},
        {"select": ["event)"]},
        {"select": ["event; drop table events"]},
        {"select": ["file('/etc/passwd')"]},
        {"select": ["url('http://127.0.0.1/')"]},
        {"select": ["(select * from system.tables)"]},
        {"select": ["(select count() from system.one)"]},
        {"select": ["getSetting('readonly')"]},
        {"select": ["event", "event as a", "1 as a"]},
        {"select": ["COLUMNS('.*')"]},
        {"select": [""]},
        {"select": ["{filters}"]},
        {"select": ["event"], "where": ["1) or (1"]},
        {"where": ["sleep(1) = 0"]},
        {"where": ["dictGet('a', 'b', 1)"]},
        {"where": ["event in (select name from remote('127.0.0.1', 'a', 'b'))"]},
        {"orderBy": ["(select name from system.tables) DESC"]},
        {"properties": [{"type": "hogql", "key": "file('/etc/passwd') = ''"}]},
        {"limit": -1},
        {"offset": -1},
        {"after": "99999999y"},
        {"after": "yesterday", "select": ["x y z"]},
    ],
)
async def test_hostile_or_broken_expressions_are_refused(project: Project, query: dict[str, Any]) -> None:
    body = {"query": {"kind": "EventsQuery", "select": ["event"], **query}}
    answer = await project.http.post(f"{PROJECT}/query/", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["detail"]


@pytest.mark.parametrize("text", ["' or 1=1 --", "\\", "{hogql_val_0:String}", "`; drop", "%", "\u0000x"])
async def test_hostile_values_are_only_values(project: Project, text: str) -> None:
    filters = [{"key": text, "value": text, "type": "event"}, {"key": "x", "value": text, "operator": "icontains"}]
    assert await rows(project, event=text, events=[text], properties=filters, personId=text) == []
