"""The case files of tests/cases: a project's events, questions about them, and answers worked out by hand.

A case gives only the keys it is about; the answer must have exactly as many results, in this order.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.problems import Problem
from insights_mcp.local.queries.context import Action, ActionStep, Cohort
from insights_mcp.local.query_service import QueryService
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import Sightings, record_sightings
from tests.queries.world import CREATED_AT, TEAM, TestDefinitions, TestTeam, World, moment

CASES = Path(__file__).resolve().parent.parent / "cases"
FILES = sorted(CASES.glob("*/*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case_is_answered_as_worked_out_by_hand(path: Path, engine: Engine, tmp_path: Path) -> None:
    check_case(path, engine, tmp_path)


def check_case(path: Path, engine: Engine, directory: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    now = moment(case["now"])
    store = Store.open(directory / "store.db", clock=lambda: now)
    try:
        fill(engine, store, case)
        service = QueryService(store, engine, lambda: now, definitions=definitions_of(case))
        for question in case["questions"]:
            check(service, team_of(case, question), question)
        service.close()
    finally:
        store.close()


def check(service: QueryService, team: TestTeam, question: dict[str, Any]) -> None:
    title = question["title"]
    if question["expected"] is None:
        with pytest.raises(Problem) as caught:
            service.answer(team, question["query"])
        assert caught.value.detail == question["problem"], title
        assert caught.value.code == question.get("code", caught.value.code), title
        return
    answer = service.answer(team, question["query"])
    assert pick(answer.extra, question.get("extra", {})) == question.get("extra", {}), title
    if isinstance(question["expected"], dict):
        assert pick(answer.results, question["expected"]) == question["expected"], title
        return
    assert len(answer.results) == len(question["expected"]), (title, answer.results)
    for result, expected in zip(answer.results, question["expected"], strict=True):
        assert pick(result, expected) == expected, title
    if "has_more" in question:
        assert answer.has_more is question["has_more"], title


def pick(result: Any, expected: Any) -> Any:
    """Return the part of a result that the case speaks of."""
    if isinstance(result, dict) and isinstance(expected, dict):
        return {key: pick(result.get(key), value) for key, value in expected.items()}
    if isinstance(result, list) and isinstance(expected, list) and len(result) == len(expected):
        return [pick(one, wanted) for one, wanted in zip(result, expected, strict=True)]
    return result


def fill(engine: Engine, store: Store, case: dict[str, Any]) -> None:
    world = World(engine)
    for person in case.get("persons", ()):
        world.add_person(person["distinct_ids"], person.get("properties"), person.get("created_at", CREATED_AT))
    for group in case.get("groups", ()):
        world.add_group(group["index"], group["key"], group["properties"], group.get("created_at", CREATED_AT))
    for cohort in case.get("cohorts", ()):
        world.add_cohort(cohort["id"], cohort["distinct_ids"])
    names = ("event", "distinct_id", "timestamp", "properties", "elements_chain")
    world.add_events(dict(zip(names, event, strict=False)) for event in case["events"])
    sightings = Sightings()
    for kind, types in case.get("property_types", {}).items():
        for key, type_ in types.items():
            sightings.see_property(kind, key, type_)
    with store.write() as db:
        record_sightings(db, TEAM, sightings, store.clock())


def team_of(case: dict[str, Any], question: dict[str, Any]) -> TestTeam:
    return TestTeam(
        timezone=case["timezone"],
        week_start_day=question.get("week_start_day", 0),
        test_account_filters=case.get("test_account_filters", []),
        path_cleaning_filters=case.get("path_cleaning_filters", []),
        settings=question.get("settings", {}),
    )


def definitions_of(case: dict[str, Any]) -> TestDefinitions:
    actions = [
        Action(one["id"], one["name"], [ActionStep(**step) for step in one["steps"]]) for one in case.get("actions", ())
    ]
    return TestDefinitions(actions, [Cohort(one["id"], one["name"]) for one in case.get("cohorts", ())])
