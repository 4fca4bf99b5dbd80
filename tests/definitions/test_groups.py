"""Groups and their types over HTTP."""

from typing import Any

import pytest

from tests.definitions.conftest import PROJECT, Project

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def events(project: Project) -> None:
    """Two companies and a project."""
    project.capture(
        identify("company", "acme", "2024-05-01T00:00:00Z", name="Acme Inc", size=10),
        identify("company", "beta", "2024-05-02T00:00:00Z", name="Beta Ltd"),
        identify("project", "p1", "2024-05-03T00:00:00Z", name="Moon"),
    )


def identify(kind: str, key: str, at: str, **properties: Any) -> tuple[str, str, str, dict[str, Any]]:
    return "$groupidentify", "ann", at, {"$group_type": kind, "$group_key": key, "$group_set": properties}


async def test_group_types_are_a_bare_list_by_index(project: Project) -> None:
    types = await project.get("/groups_types/")
    assert [(one["group_type"], one["group_type_index"]) for one in types] == [("company", 0), ("project", 1)]
    assert {"name_singular", "name_plural"} <= set(types[0])


async def test_groups_of_a_type_are_listed_newest_first(project: Project) -> None:
    listed = await project.get("/groups/", group_type_index=0)
    assert set(listed) == {"next", "previous", "results"}
    assert [one["group_key"] for one in listed["results"]] == ["beta", "acme"]
    assert listed["results"][1] == {
        "group_type_index": 0,
        "group_key": "acme",
        "group_properties": {"name": "Acme Inc", "size": 10},
        "created_at": listed["results"][1]["created_at"],
    }


async def test_groups_are_searched_and_paged(project: Project) -> None:
    found = await project.get("/groups/", group_type_index=0, search="LTD")
    assert [one["group_key"] for one in found["results"]] == ["beta"]
    first = await project.get("/groups/", group_type_index=0, limit=1)
    second = (await project.http.get(first["next"])).json()
    assert ([one["group_key"] for one in second["results"]], second["next"]) == (["acme"], None)


async def test_one_group_is_found_by_its_key(project: Project) -> None:
    found = await project.get("/groups/find/", group_type_index=1, group_key="p1")
    assert found["group_properties"] == {"name": "Moon"}
    assert (await project.refused("GET", "/groups/find/?group_type_index=0&group_key=p1"))[0] == 404
    assert (await project.refused("GET", "/groups/find/?group_type_index=0"))[:2] == (400, "group_key")


async def test_properties_of_groups_are_counted(project: Project) -> None:
    assert await project.get("/groups/property_definitions/") == {
        "0": [{"name": "name", "count": 2}, {"name": "size", "count": 1}],
        "1": [{"name": "name", "count": 1}],
    }


@pytest.mark.parametrize(
    "query", ["", "?group_type_index=", "?group_type_index=5", "?group_type_index=-1", "?group_type_index=x"]
)
async def test_type_of_the_groups_must_be_said(project: Project, query: str) -> None:
    assert (await project.refused("GET", f"/groups/{query}"))[:2] == (400, "group_type_index")


async def test_key_without_the_scope_is_refused(project: Project) -> None:
    answer = await project.http.get(f"{PROJECT}/groups/", headers={"Authorization": "Bearer phx_wrong"})
    assert answer.status_code == 401
