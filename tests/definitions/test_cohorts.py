"""Cohorts over HTTP: who is in them, and what queries make of them."""

from typing import Any

import httpx
import pytest

from insights_mcp.local.store.cohorts import get_cohort, start_calculation
from tests.definitions.conftest import PROJECT, Project, SetClock

pytestmark = pytest.mark.anyio


def group(connective: str, *values: dict[str, Any]) -> dict[str, Any]:
    return {"type": connective, "values": list(values)}


def person(key: str, value: object, **more: Any) -> dict[str, Any]:
    return {"type": "person", "key": key, "value": value, **more}


def did(event: str | int, value: str = "performed_event", **more: Any) -> dict[str, Any]:
    about = {"key": event, "event_type": "events", "time_value": 7, "time_interval": "day"}
    return {"type": "behavioral", "value": value, **about, **more}


def regularly(event: str, times: int, *, periods: int, least: int, **more: Any) -> dict[str, Any]:
    how = {"operator": "gte", "operator_value": times, "total_periods": periods, "min_periods": least}
    return did(event, "performed_event_regularly", time_value=1, **how, **more)


def then(first: str, second: str, days: int, **more: Any) -> dict[str, Any]:
    after = {"seq_event": second, "seq_event_type": "events", "seq_time_value": days, "seq_time_interval": "day"}
    return did(first, "performed_event_sequence", **after, **more)


def in_cohort(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "cohort", "key": "id", "value": number, **more}


async def make(project: Project, *values: dict[str, Any], connective: str = "AND", **fields: Any) -> dict[str, Any]:
    filters = {"properties": group("OR", group(connective, *values))}
    return await project.post("/cohorts/", {"name": "Cohort", "filters": filters, **fields})


async def members(project: Project, number: int) -> set[str]:
    listed = await project.get(f"/cohorts/{number}/persons/")
    return {one["distinct_ids"][0] for one in listed["results"]}


async def uuid_of(project: Project, distinct_id: str) -> str:
    (found,) = (await project.get("/persons/", distinct_id=distinct_id))["results"]
    uuid: str = found["uuid"]
    return uuid


@pytest.fixture
def people(project: Project) -> Project:
    """Ann (pro) paid twice this week, bob (free) once and once long ago, cat (no plan) only long ago."""
    project.capture(
        ("seen", "ann", "2024-05-14T10:00:00Z", {"$set": {"plan": "pro", "age": 30}}),
        ("seen", "bob", "2024-05-15T10:00:00Z", {"$set": {"plan": "free", "age": 40}}),
        ("seen", "cat", "2024-05-16T10:00:00Z", {"$set": {"city": "Rome"}}),
        ("paid", "ann", "2024-05-15T10:00:00Z", {"sum": 10}),
        ("paid", "ann", "2024-05-16T10:00:00Z", {"sum": 20}),
        ("paid", "bob", "2024-05-12T10:00:00Z", {"sum": 30}),
        ("paid", "bob", "2024-03-12T10:00:00Z", {"sum": 5}),
        ("paid", "cat", "2024-03-12T10:00:00Z", {"sum": 5}),
    )
    return project


async def test_new_cohort_is_answered_with_every_field(people: Project) -> None:
    made = await make(people, person("plan", "pro"), description="They pay")
    assert {name: made[name] for name in ("id", "name", "description", "is_static", "deleted", "count", "version")} == {
        "id": 1,
        "name": "Cohort",
        "description": "They pay",
        "is_static": False,
        "deleted": False,
        "count": 1,
        "version": 1,
    }
    assert made["filters"] == {"properties": group("OR", group("AND", person("plan", "pro")))}
    assert (made["is_calculating"], made["errors_calculating"], made["last_calculation"]) == (
        False,
        0,
        "2024-05-16T12:00:00Z",
    )
    assert made["created_by"]["email"] == "you@localhost"


@pytest.mark.parametrize(
    ("values", "connective", "expected"),
    [
        ([person("plan", "pro")], "AND", {"ann"}),
        ([person("plan", ["pro", "free"])], "AND", {"ann", "bob"}),
        ([person("plan", "pro", operator="is_not")], "AND", {"bob", "cat"}),
        ([person("age", 35, operator="gt")], "AND", {"bob"}),
        ([person("plan", "is_set", operator="is_set")], "AND", {"ann", "bob"}),
        ([person("plan", "pro", negation=True)], "AND", {"bob", "cat"}),
        ([person("plan", "pro"), person("city", "Rome")], "AND", set()),
        ([person("plan", "pro"), person("city", "Rome")], "OR", {"ann", "cat"}),
        ([did("paid")], "AND", {"ann", "bob"}),
        ([did("paid", time_value=1)], "AND", {"ann"}),
        ([did("paid", time_value=1, time_interval="year")], "AND", {"ann", "bob", "cat"}),
        ([did("paid", negation=True)], "AND", {"cat"}),
        ([did("paid", explicit_datetime="2024-03-01", explicit_datetime_to="2024-03-31")], "AND", {"bob", "cat"}),
        ([did("paid", event_filters=[{"key": "sum", "value": 15, "operator": "gt"}])], "AND", {"ann", "bob"}),
        ([did("paid", "performed_event_multiple", operator="gte", operator_value=2)], "AND", {"ann"}),
        ([did("paid", "performed_event_multiple", operator="lte", operator_value="1")], "AND", {"bob"}),
        ([did("paid", "performed_event_multiple", operator_value=1)], "AND", {"bob"}),
        (
            [
                did(
                    "paid",
                    "performed_event_multiple",
                    operator="gte",
                    operator_value=1,
                    event_filters=[{"key": "sum", "value": 25, "operator": "gt"}],
                )
            ],
            "AND",
            {"bob"},
        ),
        ([did("paid", "performed_event_first_time")], "AND", {"ann"}),
        (
            [
                did(
                    "paid",
                    "stopped_performing_event",
                    time_value=90,
                    seq_time_value=7,
                    seq_time_interval="day",
                )
            ],
            "AND",
            {"cat"},
        ),
        (
            [
                did(
                    "paid",
                    "restarted_performing_event",
                    time_value=30,
                    seq_time_value=7,
                    seq_time_interval="day",
                )
            ],
            "AND",
            {"bob"},
        ),
        ([regularly("paid", 1, periods=3, least=1)], "AND", {"ann"}),
        ([regularly("paid", 1, periods=5, least=1)], "AND", {"ann", "bob"}),
        ([regularly("paid", 1, periods=5, least=2)], "AND", set()),
        ([regularly("paid", 2, periods=5, least=1)], "AND", set()),
        ([regularly("paid", 1, periods=1, least=1, time_interval="year")], "AND", {"ann", "bob", "cat"}),
        ([then("seen", "paid", 1)], "AND", {"ann"}),
        ([then("paid", "seen", 1)], "AND", set()),
        ([then("paid", "seen", 3)], "AND", {"bob"}),
        ([then("paid", "paid", 1)], "AND", {"ann"}),
        ([then("paid", "paid", 1, negation=True)], "AND", {"bob", "cat"}),
        ([then("seen", "paid", 7, event_filters=[{"key": "sum", "value": 1}])], "AND", set()),
        ([did("paid"), person("plan", "free")], "AND", {"bob"}),
        ([did("nothing")], "AND", set()),
    ],
)
async def test_conditions_choose_people(
    people: Project, values: list[dict[str, Any]], connective: str, expected: set[str]
) -> None:
    made = await make(people, *values, connective=connective)
    assert made["errors_calculating"] == 0, made["last_error_message"]
    assert (await members(people, made["id"]), made["count"]) == (expected, len(expected))


async def test_cohort_may_be_made_of_cohorts_and_actions(people: Project) -> None:
    await people.post(
        "/actions/",
        {
            "name": "Big",
            "steps": [
                {"event": "paid", "properties": [{"key": "sum", "value": 15, "operator": "gt", "type": "event"}]}
            ],
        },
    )
    await make(people, did(1, event_type="actions"))
    assert await members(people, 1) == {"ann", "bob"}
    await make(people, in_cohort(1), person("plan", "pro"))
    assert await members(people, 2) == {"ann"}
    await make(people, in_cohort(2, negation=True))
    assert await members(people, 3) == {"bob", "cat"}


async def test_groups_may_stand_inside_groups(people: Project) -> None:
    nested = group("OR", group("AND", person("plan", "free"), did("paid")), group("AND", person("city", "Rome")))
    await people.post("/cohorts/", {"name": "Nested", "filters": {"properties": group("AND", nested)}})
    assert await members(people, 1) == {"bob", "cat"}


async def test_older_groups_are_read_as_conditions(people: Project) -> None:
    groups = [{"properties": {"plan": "pro"}}, {"event_id": "paid", "days": 7, "count": 1, "count_operator": "eq"}]
    made = await people.post("/cohorts/", {"name": "Old", "groups": groups})
    assert made["groups"] == groups
    assert await members(people, 1) == {"ann", "bob"}


async def test_static_cohort_is_the_people_named(people: Project) -> None:
    ids = [await uuid_of(people, "ann"), "bob", "nobody"]
    made = await people.post("/cohorts/", {"name": "List", "is_static": True, "_create_static_person_ids": ids})
    assert (made["is_static"], made["count"], made["filters"]) == (True, 2, None)
    assert await members(people, 1) == {"ann", "bob"}


@pytest.mark.parametrize(
    "text", ["ann\ncat\n", "name,distinct_id\nAnn,ann\nCat,cat\n", "\ufeffdistinct_id\r\nann\r\n\r\ncat\r\nnobody\r\n"]
)
async def test_static_cohort_is_made_of_an_uploaded_file(people: Project, text: str) -> None:
    answer = await people.http.post(
        f"{PROJECT}/cohorts/",
        data={"name": "File", "is_static": "true"},
        files={"csv": ("people.csv", text.encode(), "text/csv")},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["count"] == 2
    assert await members(people, 1) == {"ann", "cat"}


async def test_people_join_and_leave_a_static_cohort(people: Project) -> None:
    await people.post("/cohorts/", {"name": "List", "is_static": True, "_create_static_person_ids": ["ann"]})
    await people.patch("/cohorts/1/add_persons_to_static_cohort/", {"person_ids": [await uuid_of(people, "bob")]})
    assert await members(people, 1) == {"ann", "bob"}
    ann = await uuid_of(people, "ann")
    await people.patch("/cohorts/1/remove_person_from_static_cohort/", {"person_id": ann})
    assert await members(people, 1) == {"bob"}
    again = await people.refused("PATCH", "/cohorts/1/remove_person_from_static_cohort/", {"person_id": ann})
    assert again[0] == 404


async def test_last_person_to_leave_leaves_the_cohort_empty(people: Project) -> None:
    await people.post("/cohorts/", {"name": "List", "is_static": True, "_create_static_person_ids": ["ann"]})
    await people.patch("/cohorts/1/remove_person_from_static_cohort/", {"person_id": await uuid_of(people, "ann")})
    assert await members(people, 1) == set()
    counted = {"kind": "HogQLQuery", "query": "select count() from events where person_id in cohort 1"}
    assert (await people.ask(counted))["results"] == [[0]]


async def test_person_stays_in_a_static_cohort_after_a_merge(people: Project) -> None:
    await people.post("/cohorts/", {"name": "List", "is_static": True, "_create_static_person_ids": ["cat"]})
    people.capture(("$identify", "bob", "2024-05-16T11:00:00Z", {"$anon_distinct_id": "cat"}))
    (found,) = (await people.get("/cohorts/1/persons/"))["results"]
    assert set(found["distinct_ids"]) == {"bob", "cat"}


async def test_members_follow_new_events_and_changed_persons(people: Project) -> None:
    await make(people, did("paid"), person("plan", "pro"))
    assert await members(people, 1) == {"ann"}
    people.capture(("paid", "cat", "2024-05-16T11:00:00Z", {"$set": {"plan": "pro"}}))
    assert await members(people, 1) == {"ann", "cat"}
    assert (await people.get("/cohorts/1/"))["version"] == 2


async def test_members_follow_the_clock(people: Project, clock: SetClock) -> None:
    await make(people, did("paid"))
    assert await members(people, 1) == {"ann", "bob"}
    clock.advance(days=5)
    assert await members(people, 1) == {"ann"}
    clock.advance(days=30)
    assert await members(people, 1) == set()


async def test_members_are_not_computed_again_while_nothing_changes(people: Project) -> None:
    await make(people, did("paid"))
    for _ in range(3):
        await members(people, 1)
    assert (await people.get("/cohorts/1/"))["version"] == 1


async def test_members_written_before_a_crash_are_written_again(people: Project) -> None:
    await make(people, person("plan", "pro"))
    with people.backend.store.write() as db:
        cohort = get_cohort(db, 1, 1)
        assert cohort is not None
        assert start_calculation(db, cohort) == 2
    assert (await people.get("/cohorts/1/"))["is_calculating"] is True
    assert await members(people, 1) == {"ann"}
    after = await people.get("/cohorts/1/")
    assert (after["version"], after["pending_version"], after["count"]) == (3, None, 1)


async def test_changed_conditions_choose_other_people(people: Project) -> None:
    await make(people, person("plan", "pro"))
    await make(people, in_cohort(1))
    changed = await people.patch("/cohorts/1/", {"filters": {"properties": group("AND", person("plan", "free"))}})
    assert changed["count"] == 1
    assert (await members(people, 1), await members(people, 2)) == ({"bob"}, {"bob"})


async def test_people_are_listed_in_pages(people: Project) -> None:
    await make(people, did("seen"))
    first = await people.get("/cohorts/1/persons/", limit=2)
    assert (len(first["results"]), first["previous"]) == (2, None)
    second = (await people.http.get(first["next"])).json()
    assert (len(second["results"]), second["next"]) == (1, None)
    ids = {one["id"] for page in (first, second) for one in page["results"]}
    assert len(ids) == 3


async def test_query_is_filtered_by_a_cohort(people: Project) -> None:
    await make(people, person("plan", "pro"))
    series = {"kind": "EventsNode", "event": "paid"}
    inside = {"key": "id", "type": "cohort", "value": 1}
    assert await people.totals(series, properties=[inside]) == [2]
    assert await people.totals(series, properties=[{**inside, "operator": "not_in"}]) == [1]
    assert await people.totals({**series, "properties": [inside]}) == [2]


async def test_query_is_broken_down_by_cohorts(people: Project) -> None:
    await make(people, person("plan", "pro"), name="Pros")
    await make(people, person("plan", "free"), name="Free")
    answer = await people.ask(
        {
            "kind": "TrendsQuery",
            "series": [{"kind": "EventsNode", "event": "paid"}],
            "breakdownFilter": {"breakdown": [1, 2, "all"], "breakdown_type": "cohort"},
        }
    )
    found = [(one["breakdown_value"], one["count"]) for one in answer["results"]]
    assert found == [(1, 2), (2, 1), ("all", 3)]
    assert "Pros" in answer["results"][0]["label"]


async def test_cached_answer_follows_a_change_of_the_cohort(people: Project) -> None:
    await make(people, person("plan", "pro"))
    series = {"kind": "EventsNode", "event": "paid"}
    inside = [{"key": "id", "type": "cohort", "value": 1}]
    assert await people.totals(series, properties=inside) == [2]
    await people.patch("/cohorts/1/", {"filters": {"properties": group("AND", person("plan", "free"))}})
    assert await people.totals(series, properties=inside) == [1]


async def test_hogql_finds_cohorts_by_name_and_their_people_in_a_table(people: Project) -> None:
    await make(people, person("plan", "pro"), name="Pros")
    by_name = "select distinct distinct_id from events where person_id in cohort 'Pros'"
    assert (await people.ask({"kind": "HogQLQuery", "query": by_name}))["results"] == [["ann"]]
    by_table = "select count() from cohort_people where cohort_id = 1"
    assert (await people.ask({"kind": "HogQLQuery", "query": by_table}))["results"] == [[1]]


async def test_deleted_cohort_is_neither_listed_nor_used(people: Project) -> None:
    await make(people, person("plan", "pro"))
    await people.patch("/cohorts/1/", {"deleted": True})
    assert (await people.get("/cohorts/"))["results"] == []
    query = {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode"}],
        "properties": [{"key": "id", "type": "cohort", "value": 1}],
    }
    answer = await people.http.post(f"{PROJECT}/query/", json={"query": query})
    assert (answer.status_code, answer.json()["detail"]) == (400, "Cohort ID 1 does not exist!")


async def test_cohorts_cannot_refer_to_each_other_in_a_loop(people: Project) -> None:
    await make(people, person("plan", "pro"))
    await make(people, in_cohort(1))
    loop = {"filters": {"properties": group("AND", in_cohort(2))}}
    expected = (400, "filters", "Cohorts cannot reference other cohorts in a loop.")
    assert await people.refused("PATCH", "/cohorts/1/", loop) == expected
    itself = {"filters": {"properties": group("AND", in_cohort(2))}}
    assert await people.refused("PATCH", "/cohorts/2/", itself) == expected


def nested(depth: int) -> dict[str, Any]:
    inner = group("AND", person("plan", "pro"))
    for _ in range(depth):
        inner = group("AND", inner)
    return inner


@pytest.mark.parametrize(
    "properties",
    [
        None,
        [],
        "all",
        {"type": "XOR", "values": []},
        {"type": "AND"},
        {"type": "AND", "values": ["pro"]},
        nested(30),
        group("AND", {"type": "event", "key": "a", "value": 1}),
        group("AND", {"type": "hogql", "key": "1 = 1"}),
        group("AND", {"type": "person", "key": "plan"}),
        group("AND", person("plan", "pro", operator="resembles")),
        group("AND", person("plan", {"a": 1})),
        group("AND", in_cohort(99)),
        group("AND", {"type": "cohort", "value": "1; DROP TABLE events"}),
        group("AND", did("paid", "performed_event_often")),
        group("AND", did("paid", time_value=0)),
        group("AND", did("paid", time_value="9" * 400)),
        group("AND", did("paid", time_interval="century")),
        group("AND", did("paid", "performed_event_multiple", operator_value=-1)),
        group("AND", did("paid", "performed_event_multiple", operator_value=1, operator="OR 1=1")),
        group("AND", did("paid", event_filters="sum > 1")),
        group("AND", regularly("paid", 1, periods=1, least=2)),
        group("AND", regularly("paid", 0, periods=1, least=1)),
        group("AND", regularly("paid", 1, periods=1, least=1, time_interval="minute")),
        group("AND", did("paid", "performed_event_sequence", seq_event="seen")),
        group("AND", then("paid", "", 1)),
        group("AND", did("", event_type="events")),
        group("AND", did("paid", event_type="actions")),
        group("AND", did("paid", event_type="tables")),
    ],
)
async def test_conditions_that_make_no_sense_are_refused(people: Project, properties: object) -> None:
    status, attr, detail = await people.refused(
        "POST", "/cohorts/", {"name": "x", "filters": {"properties": properties}}
    )
    assert (status, attr) == (400, "filters"), detail
    assert len(detail) < 600


@pytest.mark.parametrize(
    "text", ["' OR 1=1 --", "\\'); DROP TABLE events; --", "`", "{hogql_val_0:String}", "\u2028\x7f", "%", "x" * 10_000]
)
async def test_hostile_text_in_conditions_is_only_text(people: Project, text: str) -> None:
    made = await make(
        people,
        person(text, text),
        did(text, event_filters=[{"key": text, "value": [text]}]),
        person(text, text, operator="icontains"),
        connective="OR",
    )
    assert (made["errors_calculating"], made["count"]) == (0, 0)


async def test_cohort_needs_conditions_or_a_list(people: Project) -> None:
    assert (await people.refused("POST", "/cohorts/", {"name": "x"}))[:2] == (400, "filters")


async def test_kind_of_a_cohort_does_not_change(people: Project) -> None:
    await make(people, person("plan", "pro"))
    assert (await people.refused("PATCH", "/cohorts/1/", {"is_static": True}))[:2] == (400, "is_static")
    added = {"_create_static_person_ids": ["ann"]}
    assert (await people.refused("PATCH", "/cohorts/1/", added))[:2] == (400, "is_static")
    assert (await people.refused("PATCH", "/cohorts/1/add_persons_to_static_cohort/", {"person_ids": ["ann"]}))[
        0
    ] == 400


async def test_date_outside_the_calendar_is_told_by_the_cohort(people: Project) -> None:
    made = await make(people, did("paid", time_value=99999999, time_interval="year"))
    assert (made["count"], made["errors_calculating"]) == (None, 1)
    assert "calendar" in made["last_error_message"]


async def test_lists_are_searched_and_split_by_kind(people: Project) -> None:
    await make(people, person("plan", "pro"), name="Pros")
    await people.post("/cohorts/", {"name": "List", "is_static": True})
    assert [one["name"] for one in (await people.get("/cohorts/"))["results"]] == ["List", "Pros"]
    assert [one["name"] for one in (await people.get("/cohorts/", search="PRO"))["results"]] == ["Pros"]
    assert [one["name"] for one in (await people.get("/cohorts/", type="static"))["results"]] == ["List"]


async def test_delete_is_refused_with_an_empty_answer(people: Project) -> None:
    await make(people, person("plan", "pro"))
    answer: httpx.Response = await people.http.delete(f"{PROJECT}/cohorts/1/")
    assert (answer.status_code, answer.content) == (405, b"")
