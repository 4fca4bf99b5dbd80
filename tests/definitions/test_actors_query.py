"""ActorsQuery over HTTP: everybody, and who is behind a point of a trend."""

from typing import Any

import pytest

from tests.definitions.conftest import PROJECT, Project

pytestmark = pytest.mark.anyio

SEEN = {"kind": "EventsNode", "event": "seen"}


@pytest.fixture(autouse=True)
def events(project: Project) -> None:
    """Now is noon of 16 May 2024. Ann, Bob and Cat are people of two companies."""
    project.capture(
        ("$groupidentify", "ann", "2024-05-01T00:00:00Z", group("acme", name="Acme Inc")),
        ("$groupidentify", "ann", "2024-05-01T00:00:00Z", group("beta", name="Beta Ltd")),
        ("seen", "ann", "2024-05-13T09:00:00Z", seen("acme", plan="pro", n=1, email="ann@x.org", name="Ann")),
        ("seen", "ann", "2024-05-13T10:00:00Z", seen("acme", plan="pro", n=12)),
        ("seen", "bob", "2024-05-13T11:00:00Z", seen("beta", plan="free", n=3, name="Bob")),
        ("seen", "bob", "2024-05-14T11:00:00Z", seen("beta", n=4)),
        ("seen", "cat", "2024-05-15T11:00:00Z", seen("acme", plan="pro", n=20, email="cat@y.org")),
        ("paid", "cat", "2024-05-15T12:00:00Z", seen("acme")),
    )


def group(key: str, **properties: Any) -> dict[str, Any]:
    return {"$group_type": "company", "$group_key": key, "$group_set": properties}


def seen(company: str, *, plan: str | None = None, n: int = 0, **person: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"$groups": {"company": company}, "n": n, "$set": person}
    return properties if plan is None else {**properties, "plan": plan}


async def ask(project: Project, **query: Any) -> dict[str, Any]:
    return await project.ask({"kind": "ActorsQuery", **query})


def trend(**more: Any) -> dict[str, Any]:
    dates = {"date_from": "2024-05-13", "date_to": "2024-05-16"}
    return {"kind": "TrendsQuery", "series": [SEEN], "dateRange": dates, **more}


def point(source: dict[str, Any] | None = None, **where: Any) -> dict[str, Any]:
    return {"kind": "InsightActorsQuery", "source": source or trend(), **where}


async def people(project: Project, source: dict[str, Any], **query: Any) -> list[str]:
    """Return the distinct ids of the people behind a point."""
    answer = await ask(project, source=source, select=["actor"], **query)
    return sorted(row[0]["distinct_ids"][0] for row in answer["results"])


async def test_everybody_is_shown_with_their_properties(project: Project) -> None:
    answer = await ask(project)
    assert answer["columns"] == ["person", "id", "person.$delete"]
    assert (len(answer["results"]), answer["hasMore"], answer["limit"], answer["offset"]) == (3, False, 100, 0)
    assert answer["missing_actors_count"] == 0
    assert answer["types"] == ["UUID", "UUID", "UInt8"]
    ids = [row[1] for row in answer["results"]]
    person = next(row[0] for row in answer["results"] if row[0]["distinct_ids"] == ["ann"])
    assert set(person) == {"id", "properties", "is_identified", "created_at", "distinct_ids"}
    assert (person["properties"]["email"], person["id"] in ids) == ("ann@x.org", True)
    assert [row[2] for row in answer["results"]] == [1, 1, 1]


async def test_columns_are_expressions_over_persons(project: Project) -> None:
    answer = await ask(
        project, select=["properties.name", "upper(properties.email) as mail -- Mail"], orderBy=["properties.name DESC"]
    )
    assert answer["columns"] == ["properties.name", "upper(properties.email) as mail -- Mail"]
    assert [row for row in answer["results"] if row[0]] == [["Bob", None], ["Ann", "ANN@X.ORG"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"properties": [{"type": "person", "key": "name", "value": "Ann"}]}, ["ann"]),
        ({"fixedProperties": [{"type": "person", "key": "name", "value": ["Ann", "Bob"]}]}, ["ann", "bob"]),
        ({"properties": [{"type": "hogql", "key": "properties.email like '%y.org'"}]}, ["cat"]),
        (
            {
                "properties": {
                    "type": "OR",
                    "values": [
                        {"type": "person", "key": "name", "value": "Bob"},
                        {"type": "person", "key": "email", "value": "cat@y.org"},
                    ],
                }
            },
            ["bob", "cat"],
        ),
        ({"search": "X.ORG"}, ["ann"]),
        ({"search": "bo"}, ["bob"]),
        ({"search": "cat"}, ["cat"]),
        ({"search": "%nobody%"}, []),
    ],
)
async def test_filters_and_search_choose_people(project: Project, query: dict[str, Any], expected: list[str]) -> None:
    answer = await ask(project, select=["person"], **query)
    assert sorted(row[0]["distinct_ids"][0] for row in answer["results"]) == expected


async def test_people_of_a_cohort_are_chosen(project: Project) -> None:
    filters = {"properties": {"type": "AND", "values": [{"type": "person", "key": "name", "value": "Bob"}]}}
    await project.post("/cohorts/", {"name": "Bobs", "filters": filters})
    answer = await ask(project, select=["properties.name"], properties=[{"type": "cohort", "key": "id", "value": 1}])
    assert answer["results"] == [["Bob"]]


async def test_pages_follow_each_other(project: Project) -> None:
    query: dict[str, Any] = {"select": ["person_display_name -- Person"], "orderBy": ["person_display_name ASC"]}
    first = await ask(project, limit=2, **query)
    second = await ask(project, limit=2, offset=2, **query)
    names = [row[0]["display_name"] for page in (first, second) for row in page["results"]]
    assert (names, first["hasMore"], second["hasMore"]) == (["Bob", "ann@x.org", "cat@y.org"], True, False)


async def test_aggregates_group_people(project: Project) -> None:
    answer = await ask(project, select=["properties.email is null", "count()"])
    assert answer["results"] == [[0, 2], [1, 1]]


async def test_order_by_person_is_that_of_their_email(project: Project) -> None:
    answer = await ask(project, select=["person"], orderBy=["person DESC"])
    mails = [row[0]["properties"].get("email") for row in answer["results"]]
    assert [mail for mail in mails if mail] == ["cat@y.org", "ann@x.org"]


async def test_source_may_be_hogql(project: Project) -> None:
    source = {"kind": "HogQLQuery", "query": "select distinct person_id from events where event = {name}"}
    source["values"] = {"name": "paid"}  # type: ignore[assignment]
    assert await people(project, source) == ["cat"]
    answer = await ask(project, source=source, select=["properties.email"])
    assert answer["results"] == [["cat@y.org"]]
    refused = await project.refused(
        "POST",
        "/query/",
        {"query": {"kind": "ActorsQuery", "source": {"kind": "HogQLQuery", "query": "select event from events"}}},
    )
    assert refused == (400, "source", "Source query must have an id column")


async def test_people_behind_a_day_of_a_trend(project: Project) -> None:
    assert await people(project, point(day="2024-05-13")) == ["ann", "bob"]
    assert await people(project, point(day="2024-05-14")) == ["bob"]
    assert await people(project, point(day="2024-05-16")) == []


async def test_table_of_a_point_tells_the_ids_of_its_events(project: Project) -> None:
    answer = await ask(project, source=point(day="2024-05-14"))
    assert answer["columns"] == ["person", "id", "person.$delete", "event_distinct_ids"]
    assert answer["results"][0][3] == ["bob"]
    answer = await ask(project, source=point(day="2024-05-13"), select=["properties.name", "event_count"])
    assert answer["columns"] == ["properties.name", "event_count", "event_distinct_ids"]
    assert sorted(answer["results"]) == [["Ann", 2, ["ann"]], ["Bob", 1, ["bob"]]]


async def test_people_are_ordered_by_how_much_they_did(project: Project) -> None:
    answer = await ask(
        project, source=point(day="2024-05-13"), select=["actor", "event_count"], orderBy=["event_count DESC"]
    )
    assert [row[1] for row in answer["results"]] == [2, 1]


@pytest.mark.parametrize(
    ("query", "where", "expected"),
    [
        ({"interval": "hour"}, {"day": "2024-05-13T10:00:00"}, ["ann"]),
        ({"interval": "week"}, {"day": "2024-05-12"}, ["ann", "bob", "cat"]),
        ({"series": [SEEN, {"kind": "EventsNode", "event": "paid"}]}, {"day": "2024-05-15", "series": 1}, ["cat"]),
        ({"series": [{"kind": "EventsNode", "event": None}]}, {"day": "2024-05-15"}, ["cat"]),
        ({"properties": [{"key": "plan", "value": "pro"}]}, {"day": "2024-05-13"}, ["ann"]),
        (
            {"series": [{**SEEN, "properties": [{"key": "n", "value": 5, "operator": "gt"}]}]},
            {"day": "2024-05-13"},
            ["ann"],
        ),
        ({"series": [{**SEEN, "math": "dau"}]}, {"day": "2024-05-13"}, ["ann", "bob"]),
        ({"series": [{**SEEN, "math": "weekly_active"}]}, {"day": "2024-05-16"}, ["ann", "bob", "cat"]),
        ({"series": [{**SEEN, "math": "weekly_active"}]}, {"day": "2024-05-20"}, ["bob", "cat"]),
        ({"series": [{**SEEN, "math": "first_time_for_user"}]}, {"day": "2024-05-14"}, []),
        ({"series": [{**SEEN, "math": "first_time_for_user"}]}, {"day": "2024-05-15"}, ["cat"]),
        (
            {
                "series": [
                    {
                        **SEEN,
                        "math": "first_matching_event_for_user",
                        "properties": [{"key": "n", "value": 3, "operator": "gt"}],
                    }
                ]
            },
            {"day": "2024-05-14"},
            ["bob"],
        ),
        ({"trendsFilter": {"display": "BoldNumber"}}, {}, ["ann", "bob", "cat"]),
        ({"trendsFilter": {"display": "ActionsLineGraphCumulative"}}, {"day": "2024-05-14"}, ["bob"]),
        ({"breakdownFilter": {"breakdown": "plan"}}, {"day": "2024-05-13", "breakdown": "free"}, ["bob"]),
        (
            {"breakdownFilter": {"breakdown": "plan"}},
            {"day": "2024-05-14", "breakdown": "$$_posthog_breakdown_null_$$"},
            ["bob"],
        ),
        (
            {"breakdownFilter": {"breakdown": "name", "breakdown_type": "person"}},
            {"day": "2024-05-13", "breakdown": "Ann"},
            ["ann"],
        ),
        (
            {"breakdownFilter": {"breakdowns": [{"property": "plan"}, {"property": "name", "type": "person"}]}},
            {"day": "2024-05-13", "breakdown": ["pro", "Ann"]},
            ["ann"],
        ),
        (
            {"breakdownFilter": {"breakdown": "n", "breakdown_histogram_bin_count": 2}},
            {"day": "2024-05-13", "breakdown": "[10,20.01]"},
            ["ann"],
        ),
        (
            {"dateRange": {"date_from": "2024-05-13T10:30:00", "date_to": "2024-05-14", "explicitDate": True}},
            {"day": "2024-05-13"},
            ["bob"],
        ),
        (
            {"compareFilter": {"compare": True}, "dateRange": {"date_from": "2024-05-15", "date_to": "2024-05-16"}},
            {"day": "2024-05-15", "compare": "previous"},
            ["ann", "bob"],
        ),
        (
            {"compareFilter": {"compare": True, "compare_to": "-2d"}, "dateRange": {"date_from": "2024-05-15"}},
            {"day": "2024-05-15", "compare": "previous"},
            ["ann", "bob"],
        ),
        (
            {"compareFilter": {"compare": True}, "dateRange": {"date_from": "-1d"}},
            {"day": "2024-05-15", "compare": "current"},
            ["cat"],
        ),
        (
            {"compareFilter": {"compare": True}, "dateRange": {"date_from": "-1d"}},
            {"day": "2024-05-15", "compare": "previous"},
            ["bob"],
        ),
    ],
)
async def test_every_kind_of_point_has_its_people(
    project: Project, query: dict[str, Any], where: dict[str, Any], expected: list[str]
) -> None:
    assert await people(project, point(trend(**query), **where)) == expected


async def test_people_behind_a_cohort_of_a_breakdown(project: Project) -> None:
    filters = {"properties": {"type": "AND", "values": [{"type": "person", "key": "name", "value": "Ann"}]}}
    await project.post("/cohorts/", {"name": "Anns", "filters": filters})
    source = trend(breakdownFilter={"breakdown": [1, "all"], "breakdown_type": "cohort"})
    assert await people(project, point(source, day="2024-05-13", breakdown=1)) == ["ann"]
    assert await people(project, point(source, day="2024-05-13", breakdown="all")) == ["ann", "bob"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"day": "2024-05-13", "status": "new"}, ["bob"]),
        ({"day": "2024-05-14", "status": "returning"}, ["bob"]),
        ({"day": "2024-05-14", "status": "dormant"}, ["ann"]),
        ({"day": "2024-05-15"}, ["bob", "cat"]),
        ({"status": "resurrecting"}, ["ann"]),
    ],
)
async def test_people_behind_a_lifecycle(project: Project, where: dict[str, Any], expected: list[str]) -> None:
    source = {**trend(), "kind": "LifecycleQuery"}
    assert await people(project, point(source, **where)) == expected


@pytest.mark.parametrize(
    ("where", "expected"),
    [({"day": 1}, ["ann", "cat"]), ({"day": 2}, ["bob"]), ({"day": 1, "operator": "gte"}, ["ann", "bob", "cat"])],
)
async def test_people_behind_a_stickiness(project: Project, where: dict[str, Any], expected: list[str]) -> None:
    source = {**trend(), "kind": "StickinessQuery"}
    assert await people(project, {"kind": "StickinessActorsQuery", "source": source, **where}) == expected


async def test_groups_behind_a_point_are_shown_as_groups(project: Project) -> None:
    source = trend(series=[{**SEEN, "math": "unique_group", "math_group_type_index": 0}])
    answer = await ask(project, source=point(source, day="2024-05-13"))
    assert answer["columns"] == ["group"]
    groups = [row[0] for row in answer["results"]]
    assert [one["id"] for one in groups] == ["acme", "beta"]
    assert set(groups[0]) == {
        "id",
        "type",
        "properties",
        "group_key",
        "group_type_index",
        "created_at",
        "group_properties",
    }
    assert (groups[0]["type"], groups[0]["properties"], groups[0]["group_type_index"]) == (
        "group",
        {"name": "Acme Inc"},
        0,
    )
    named = await ask(project, source=point(source, day="2024-05-13"), select=["properties.name"], search="beta")
    assert named["results"] == [["Beta Ltd"]]


async def test_group_without_properties_is_still_there(project: Project) -> None:
    project.capture(("seen", "eve", "2024-05-13T12:00:00Z", {"$groups": {"company": "gone"}}))
    source = trend(series=[{**SEEN, "math": "unique_group", "math_group_type_index": 0}])
    answer = await ask(project, source=point(source, day="2024-05-13"), select=["actor"])
    assert {"id": "gone", "group_type_index": 0} in [row[0] for row in answer["results"]]
    assert answer["missing_actors_count"] == 1


async def test_person_without_a_profile_is_still_there(project: Project) -> None:
    project.capture(("seen", "eve", "2024-05-14T12:00:00Z", {"$process_person_profile": False}))
    answer = await ask(project, source=point(day="2024-05-14"), select=["actor"])
    strangers = [row[0] for row in answer["results"] if "properties" not in row[0]]
    assert [one["distinct_ids"] for one in strangers] == [["eve"]]
    assert answer["missing_actors_count"] == 1


async def test_recordings_are_none(project: Project) -> None:
    source = point(day="2024-05-14", includeRecordings=True)
    answer = await ask(project, source=source, select=["actor", "matched_recordings"])
    assert [row[1] for row in answer["results"]] == [[]]


async def test_point_answers_its_rows_by_itself(project: Project) -> None:
    answer = await project.ask(point(day="2024-05-14"))
    assert answer["columns"] == ["actor_id", "event_count", "event_distinct_ids", "last_seen"]
    assert [row[1:] for row in answer["results"]] == [[1, ["bob"], "2024-05-14T11:00:00Z"]]


async def test_events_behind_a_point_are_listed(project: Project) -> None:
    query = {"kind": "EventsQuery", "select": ["distinct_id", "properties.n"], "after": "all"}
    answer = await project.ask({**query, "source": point(day="2024-05-13"), "orderBy": ["timestamp"]})
    assert answer["results"] == [["ann", 1.0], ["ann", 12.0], ["bob", 3.0]]
    first = trend(series=[{**SEEN, "math": "first_time_for_user"}])
    answer = await project.ask({**query, "source": point(first, day="2024-05-13"), "orderBy": ["timestamp"]})
    assert answer["results"] == [["ann", 1.0], ["bob", 3.0]]
    answer = await project.ask({**query, "source": point(day="2024-05-13"), "where": ["properties.n = '12'"]})
    assert answer["results"] == [["ann", 12.0]]


async def test_table_node_around_it_changes_nothing(project: Project) -> None:
    source = {"kind": "ActorsQuery", "source": point(day="2024-05-14"), "select": ["properties.name"]}
    answer = await project.ask({"kind": "DataTableNode", "source": source})
    assert [row[0] for row in answer["results"]] == ["Bob"]


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({"source": point()}, "day"),
        ({"source": point(trend(trendsFilter={"display": "BoldNumber"}), day="2024-05-13")}, "day"),
        ({"source": point(day="soon")}, "day"),
        ({"source": point(day="2024-13-45")}, "day"),
        ({"source": point(day="2024-05-13", series=7)}, "series"),
        ({"source": point(day="2024-05-13", series=-1)}, "series"),
        (
            {"source": point(trend(breakdownFilter={"breakdown": "plan"}), day="2024-05-13", breakdown=["a", "b"])},
            "breakdown",
        ),
        (
            {
                "source": point(
                    trend(breakdownFilter={"breakdown": [1], "breakdown_type": "cohort"}),
                    day="2024-05-13",
                    breakdown="x",
                )
            },
            "breakdown",
        ),
        ({"limit": -1}, "limit"),
        ({"offset": -1}, "offset"),
        ({"select": ["nothing"]}, None),
        ({"select": ["persons.*"]}, "select"),
        ({"select": ["file('/etc/passwd')"]}, None),
        ({"select": ["(select count() from system.one)"]}, None),
        ({"orderBy": ["url('http://127.0.0.1')"]}, None),
        ({"properties": [{"type": "hogql", "key": "sleep(1)"}]}, None),
        ({"source": {"kind": "HogQLQuery", "query": "select id from system.users"}}, None),
        ({"source": {"kind": "HogQLQuery", "query": "drop table persons"}}, None),
        ({"source": {"kind": "HogQLQuery", "query": "select {x} as person_id"}}, None),
    ],
)
async def test_question_that_makes_no_sense_is_refused(
    project: Project, query: dict[str, Any], attr: str | None
) -> None:
    answer = await project.http.post(f"{PROJECT}/query/", json={"query": {"kind": "ActorsQuery", **query}})
    assert (answer.status_code, answer.json()["attr"]) == (400, attr), answer.text


@pytest.mark.parametrize("text", ["' or 1=1 --", "\\", "{hogql_val_0:String}", "`; drop", "\u0000x"])
async def test_hostile_values_are_only_values(project: Project, text: str) -> None:
    filters = [{"key": text, "value": text, "type": "person"}]
    assert (await ask(project, search=text, properties=filters))["results"] == []
    source = trend(breakdownFilter={"breakdown": text})
    assert await people(project, point(source, day="2024-05-13", breakdown=text)) == []
