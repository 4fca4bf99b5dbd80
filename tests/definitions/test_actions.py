"""Actions over HTTP, and trends that count them."""

from typing import Any

import pytest

from tests.definitions.conftest import PROJECT, Project

pytestmark = pytest.mark.anyio

PAGES = [{"event": "$pageview", "url": "/pay"}]


async def make(project: Project, **fields: Any) -> dict[str, Any]:
    return await project.post("/actions/", {"name": "Paid", "steps": PAGES, **fields})


async def test_new_action_is_answered_with_every_field(project: Project) -> None:
    made = await make(project, description="Saw a page of ours", tags=["Money"], post_to_slack=True)
    assert made["id"] == 1
    assert made["name"] == "Paid"
    assert made["tags"] == ["money"]
    assert made["steps"] == [
        {
            "event": "$pageview",
            "properties": None,
            "selector": None,
            "tag_name": None,
            "text": None,
            "text_matching": None,
            "href": None,
            "href_matching": None,
            "url": "/pay",
            "url_matching": "contains",
        }
    ]
    assert made["created_at"] == "2024-05-16T12:00:00Z"
    assert made["created_by"]["email"] == "you@localhost"
    assert (made["deleted"], made["is_calculating"], made["is_action"], made["post_to_slack"]) == (
        False,
        False,
        True,
        True,
    )


async def test_actions_are_listed_until_they_are_deleted(project: Project) -> None:
    await make(project)
    await make(project, name="Seen", steps=[])
    await project.patch("/actions/1/", {"deleted": True})
    listed = await project.get("/actions/")
    assert [one["name"] for one in listed["results"]] == ["Seen"]
    assert listed["count"] == 1
    assert (await project.get("/actions/1/"))["deleted"] is True
    await project.patch("/actions/1/", {"deleted": False})
    assert (await project.get("/actions/"))["count"] == 2


async def test_list_is_searched_by_name_and_paged(project: Project) -> None:
    for name in ("Paid", "Prepaid", "Seen"):
        await make(project, name=name)
    assert [one["name"] for one in (await project.get("/actions/", search="paid"))["results"]] == ["Paid", "Prepaid"]
    page = await project.get("/actions/", limit=2)
    assert (len(page["results"]), page["count"], "offset=2" in page["next"]) == (2, 3, True)


async def test_steps_are_replaced_as_a_whole_and_stay_when_not_sent(project: Project) -> None:
    await make(project)
    renamed = await project.patch("/actions/1/", {"name": "Pages"})
    assert [step["event"] for step in renamed["steps"]] == ["$pageview"]
    changed = await project.patch("/actions/1/", {"steps": [{"event": "a"}, {"event": "b"}]})
    assert [step["event"] for step in changed["steps"]] == ["a", "b"]
    assert (await project.patch("/actions/1/", {"steps": []}))["steps"] == []


async def test_name_is_taken_once_among_the_living(project: Project) -> None:
    await make(project)
    refused = (400, "name", "This project already has an action with this name, ID 1")
    assert await project.refused("POST", "/actions/", {"name": "Paid"}) == refused
    await make(project, name="Other")
    assert await project.refused("PATCH", "/actions/2/", {"name": "Paid"}) == refused
    await project.patch("/actions/1/", {"deleted": True})
    await project.patch("/actions/2/", {"name": "Paid"})
    assert (await project.refused("PATCH", "/actions/1/", {"deleted": False}))[1] == "name"


async def test_delete_is_refused_with_an_empty_answer(project: Project) -> None:
    await make(project)
    answer = await project.http.delete(f"{PROJECT}/actions/1/")
    assert (answer.status_code, answer.content) == (405, b"")


@pytest.mark.parametrize(
    ("fields", "attr"),
    [
        ({"steps": "all"}, "steps"),
        ({"steps": ["$pageview"]}, "steps"),
        ({"steps": [{}] * 101}, "steps"),
        ({"steps": [{"event": 7}]}, "steps__event"),
        ({"steps": [{"url": "/", "url_matching": "nearly"}]}, "url_matching"),
        ({"steps": [{"properties": {"a": 1}}]}, "properties"),
        ({"steps": [{"properties": ["a"]}]}, "steps__properties"),
        ({"name": "x" * 401}, "name"),
        ({"name": ["x"]}, "name"),
        ({"deleted": "maybe"}, "deleted"),
        ({"tags": "money"}, "tags"),
    ],
)
async def test_field_that_does_not_fit_is_refused_by_name(project: Project, fields: dict[str, Any], attr: str) -> None:
    status, told, _ = await project.refused("POST", "/actions/", {"name": "Paid", **fields})
    assert (status, told) == (400, attr)


@pytest.mark.parametrize("number", ["0", "7", "99999999999999999999", "x", "-1", "1.0"])
async def test_unknown_action_is_not_found(project: Project, number: str) -> None:
    assert (await project.refused("GET", f"/actions/{number}/"))[0] == 404


async def test_trend_counts_the_events_that_any_step_matches(project: Project) -> None:
    project.capture(
        ("$pageview", "ann", "2024-05-15T10:00:00Z", {"$current_url": "https://x.org/pay/1"}),
        ("$pageview", "ann", "2024-05-15T11:00:00Z", {"$current_url": "https://x.org/"}),
        ("signed up", "bob", "2024-05-16T11:00:00Z", {"plan": "pro"}),
        ("signed up", "bob", "2024-05-16T11:00:00Z", {"plan": "free"}),
    )
    pro = {"event": "signed up", "properties": [{"key": "plan", "value": "pro", "type": "event"}]}
    await make(project, steps=[*PAGES, pro])
    answer = await project.ask({"kind": "TrendsQuery", "series": [{"kind": "ActionsNode", "id": 1}]})
    (result,) = answer["results"]
    assert (result["data"][-2:], result["label"]) == ([1, 1], "Paid")


async def test_answer_follows_a_change_of_the_action(project: Project) -> None:
    project.capture(("a", "ann", "2024-05-16T10:00:00Z"), ("b", "ann", "2024-05-16T10:00:00Z"))
    await make(project, steps=[{"event": "a"}])
    series = {"kind": "ActionsNode", "id": 1}
    assert await project.totals(series) == [1]
    await project.patch("/actions/1/", {"steps": []})
    assert await project.totals(series) == [2]


async def test_deleted_action_still_answers_by_its_number(project: Project) -> None:
    project.capture(("a", "ann", "2024-05-16T10:00:00Z"))
    await make(project, steps=[{"event": "a"}])
    await project.patch("/actions/1/", {"deleted": True})
    assert await project.totals({"kind": "ActionsNode", "id": 1}) == [1]


async def test_hogql_matches_an_action_by_name(project: Project) -> None:
    project.capture(("a", "ann", "2024-05-16T10:00:00Z"), ("b", "ann", "2024-05-16T10:00:00Z"))
    await make(project, steps=[{"event": "a"}])
    answer = await project.ask({"kind": "HogQLQuery", "query": "select event from events where matchesAction('Paid')"})
    assert answer["results"] == [["a"]]


async def test_series_of_an_action_that_does_not_exist_is_dropped(project: Project) -> None:
    assert await project.totals({"kind": "ActionsNode", "id": 9}) == []
