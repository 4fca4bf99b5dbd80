"""Rules of trends that need more than a case file: samples, limits, refusals."""

from datetime import UTC, datetime
from typing import Any

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.queries.context import QueryError
from tests.queries.asking import ask
from tests.queries.world import World

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
HISTOGRAM = {"breakdown": "n", "breakdown_histogram_bin_count": 3}


def query(**more: Any) -> dict[str, Any]:
    return {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "seen", **more.pop("series", {})}],
        "dateRange": {"date_from": "2024-05-15", "date_to": "2024-05-16"},
        **more,
    }


@pytest.fixture
def crowd(world: World) -> World:
    world.add_events(
        {"event": "seen", "distinct_id": f"p{number}", "timestamp": "2024-05-15T10:00:00Z", "properties": {"n": 4}}
        for number in range(400)
    )
    return world


def test_sample_is_scaled_to_all_events(engine: Engine, crowd: World) -> None:
    sampled = ask(engine, query(samplingFactor=0.5), NOW).results[0]["data"]
    assert sampled[0] % 2 == 0
    assert 300 < sampled[0] < 500
    assert ask(engine, query(samplingFactor=1), NOW).results[0]["data"] == [400, 0]


def test_average_of_a_sample_is_not_scaled(engine: Engine, crowd: World) -> None:
    series = {"math": "avg", "math_property": "n"}
    assert ask(engine, query(samplingFactor=0.5, series=series), NOW).results[0]["data"] == [4.0, 0.0]


def test_days_of_the_action_are_those_of_the_series(engine: Engine) -> None:
    week = {"date_from": "2024-05-13", "date_to": "2024-05-19", "daysOfWeek": [2, 6]}
    shown = [day[:10] for day in ask(engine, query(dateRange=week), NOW).results[0]["action"]["days"]]
    total = ask(engine, query(dateRange=week, trendsFilter={"display": "BoldNumber"}), NOW).results[0]
    assert (shown, len(total["action"]["days"])) == (["2024-05-14", "2024-05-18"], 7)


def test_events_cannot_be_two_at_once(engine: Engine) -> None:
    both = {"kind": "GroupNode", "operator": "AND", "nodes": [{"kind": "EventsNode", "event": "seen"}]}
    with pytest.raises(QueryError, match="joined by OR"):
        ask(engine, query() | {"series": [both]}, NOW)


@pytest.mark.parametrize(
    ("names", "expected"),
    [({"name": "Seen"}, "Seen"), ({"name": "Seen", "custom_name": "Views"}, "Views"), ({"name": "seen"}, None)],
)
def test_name_of_its_own_is_told_with_the_action(
    engine: Engine, world: World, names: dict[str, Any], expected: str | None
) -> None:
    assert ask(engine, query(series=names), NOW).results[0]["action"]["custom_name"] == expected


@pytest.mark.parametrize(("is_explicit", "expected"), [(False, 2), (True, 1)])
def test_explicit_date_starts_the_last_days_to_the_second(
    engine: Engine, world: World, is_explicit: bool, expected: int
) -> None:
    world.add_events(
        {"event": "seen", "distinct_id": "ann", "timestamp": f"2024-05-15T{clock}Z"}
        for clock in ("11:59:59", "12:00:00")
    )
    for display, key in (("BoldNumber", "aggregated_value"), ("ActionsLineGraph", "count")):
        given = query(dateRange={"date_from": "-1d", "explicitDate": is_explicit}, trendsFilter={"display": display})
        assert ask(engine, given, NOW).results[0][key] == expected


def test_values_that_begin_with_the_same_400_characters_are_one(engine: Engine, world: World) -> None:
    start = "é" * 400
    world.add_events(
        {"event": "seen", "distinct_id": "ann", "timestamp": "2024-05-15T10:00:00Z", "properties": {"page": page}}
        for page in (start + "a", start + "b", start, "short")
    )
    results = ask(engine, query(breakdownFilter={"breakdown": "page"}), NOW).results
    assert [(one["breakdown_value"], one["data"]) for one in results] == [(start, [3, 0]), ("short", [1, 0])]


def test_all_seven_weekdays_can_be_smoothed(engine: Engine, crowd: World) -> None:
    week = {"date_from": "2024-05-15", "date_to": "2024-05-16", "daysOfWeek": [1, 2, 3, 4, 5, 6, 7]}
    smoothed = ask(engine, query(dateRange=week, trendsFilter={"smoothingIntervals": 2}), NOW).results
    assert smoothed[0]["data"] == [400, 200]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"trendsFilter": {"formula": "A + nothing"}}, "cannot be read"),
        ({"trendsFilter": {"smoothingIntervals": 3}, "dateRange": {"daysOfWeek": [1]}}, "smoothing"),
        ({"breakdownFilter": {"breakdown": "everyone", "breakdown_type": "cohort"}}, "cohort numbers"),
        ({"breakdownFilter": {"breakdown": "x", "breakdown_type": "data_warehouse"}}, "not supported"),
        ({"breakdownFilter": {"breakdown": "x", "breakdown_type": "group"}}, "needs a group type"),
        ({"properties": [{"key": "n", "type": "event", "operator": "between", "value": [2, 1]}]}, "less than or equal"),
        ({"properties": [{"key": "v", "type": "event", "operator": "semver_tilde", "value": "one"}]}, "valid semver"),
        ({"dateRange": {"date_from": "2000-01-01"}, "interval": "minute"}, "intervals"),
        ({"series": {"math": "median", "math_property": "n"}, "breakdownFilter": HISTOGRAM}, "histogram"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_reason(engine: Engine, given: dict[str, Any], reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        ask(engine, query(**given), NOW)


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("semver_eq", "1.2.0", 1),
        ("semver_gt", "1.2.0", 3),
        ("semver_gte", "1.10.0", 2),
        ("semver_lt", "1.10.0", 3),
        ("semver_tilde", "1.2.0", 2),
        ("semver_caret", "1.2.0", 3),
        ("semver_wildcard", "1.2.*", 2),
    ],
)
def test_versions_compare_by_their_numbers(
    engine: Engine, world: World, operator: str, value: str, expected: int
) -> None:
    world.add_events(
        {"event": "seen", "distinct_id": "ann", "timestamp": "2024-05-15T10:00:00Z", "properties": {"v": version}}
        for version in ("1.1.9", "1.2.0", "1.2.7-beta", "1.10.0", "2.0.0")
    )
    given = query(properties=[{"key": "v", "type": "event", "operator": operator, "value": value}])
    assert ask(engine, given, NOW).results[0]["count"] == expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("is_date_before", "2024-05-10", 1),
        ("is_date_after", "2024-05-10", 2),
        ("is_date_exact", "2024-05-12", 1),
        ("is_date_after", "-4d", 1),
    ],
)
def test_dates_in_properties_compare_by_time(
    engine: Engine, world: World, operator: str, value: str, expected: int
) -> None:
    world.add_events(
        {"event": "seen", "distinct_id": "ann", "timestamp": "2024-05-15T10:00:00Z", "properties": {"at": at}}
        for at in ("2024-05-01T10:00:00Z", "2024-05-12", "2024-05-14 10:00:00", None)
    )
    given = query(properties=[{"key": "at", "type": "event", "operator": operator, "value": value}])
    assert ask(engine, given, NOW).results[0]["count"] == expected


def test_errors_match_by_any_of_their_types(engine: Engine, world: World) -> None:
    world.add_events(
        {
            "event": "seen",
            "distinct_id": "ann",
            "timestamp": "2024-05-15T10:00:00Z",
            "properties": {"$exception_types": types},
        }
        for types in (["TypeError", "ValueError"], ["KeyError"])
    )
    given = query(properties=[{"key": "$exception_types", "type": "event", "value": "ValueError"}])
    assert ask(engine, given, NOW).results[0]["count"] == 1


@pytest.mark.parametrize(("distinct_id", "expected"), [("ann", 1), ("ann-phone", 0)])
def test_distinct_id_of_a_person_is_that_of_the_event(
    engine: Engine, world: World, distinct_id: str, expected: int
) -> None:
    world.add_person(["ann", "ann-phone"])
    world.add_events([{"event": "seen", "distinct_id": "ann", "timestamp": "2024-05-15T10:00:00Z"}])
    given = query(properties=[{"key": "distinct_id", "type": "person", "value": distinct_id}])
    assert ask(engine, given, NOW).results[0]["count"] == expected
