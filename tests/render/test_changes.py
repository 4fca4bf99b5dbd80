"""Diffs and activity lines as people read them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from insights_mcp.render.activity import describe_entry
from insights_mcp.render.diffs import describe_changes, describe_field


@dataclass(frozen=True)
class Change:
    field: str
    before: object
    after: object


@dataclass(frozen=True)
class Detail:
    name: str | None = None
    short_id: str | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Person:
    name: str


@dataclass(frozen=True)
class Entry:
    activity: str
    user: Person | None = Person("Ada")
    created_at: datetime | None = datetime(2026, 10, 3, 9, 5, tzinfo=UTC)
    detail: Detail = field(default_factory=Detail)


def trend(**source: object) -> dict[str, object]:
    return {"kind": "InsightVizNode", "source": {"kind": "TrendsQuery", **source}}


@pytest.mark.parametrize(
    ("name", "before", "after", "phrases"),
    [
        (
            "query",
            trend(dateRange={"date_from": "-30d"}),
            trend(dateRange={"date_from": "-90d"}),
            ["date range -30d -> -90d"],
        ),
        (
            "query",
            trend(series=[{"event": "a", "math": "total"}]),
            trend(series=[{"event": "a", "math": "dau"}]),
            ["series a: math total -> dau"],
        ),
        (
            "query",
            trend(series=[{"event": "a"}]),
            trend(series=[{"event": "a"}, {"event": "b"}]),
            ["series +b"],
        ),
        ("query", None, trend(), ["query added"]),
        ("tags", ["old", "core"], ["core", "new thing"], ['tags +"new thing" -old']),
        (
            "dashboards",
            [{"id": 1, "name": "Main"}],
            [{"id": 2, "name": "New one"}],
            ['dashboards +2 "New one" -1 Main'],
        ),
        ("name", "A", 'B "quoted" \u202e', [r'name A -> "B \"quoted\" \u202e"']),
        ("description", "x" * 100, None, [f"description {'x' * 59 + '…'!r} -> none".replace("'", '"')]),
        ("favorited", False, True, ["favorited false -> true"]),
        ("name", "A", "A", []),
    ],
)
def test_change_of_a_field_is_told_in_words(name: str, before: object, after: object, phrases: list[str]) -> None:
    assert describe_field(name, before, after) == phrases


def event(name: str, **more: object) -> dict[str, object]:
    return {"kind": "EventsNode", "event": name, **more}


def where(key: str, value: object, operator: str = "exact") -> dict[str, object]:
    return {"key": key, "value": value, "operator": operator, "type": "event"}


def sql(text: str, **more: object) -> dict[str, object]:
    return {"kind": "DataVisualizationNode", "source": {"kind": "HogQLQuery", "query": text}, **more}


LONG_SQL = "select event, count() from events where timestamp > now() - interval {} day group by event"


@pytest.mark.parametrize(
    ("before", "after", "phrases"),
    [
        (
            trend(dateRange={"date_from": "-30d"}),
            trend(dateRange={"date_from": "-90d", "date_to": "-1d"}),
            ["date range -30d -> -90d", "end of date range none -> -1d"],
        ),
        (trend(series=[event(e) for e in "abc"]), trend(series=[event("a"), event("c")]), ["series -b"]),
        (trend(series=[event("a"), event("b")]), trend(series=[event("b"), event("a")]), ["series in another order"]),
        (
            trend(series=[event("a")]),
            trend(series=[event("b"), event("a", math="dau")]),
            ["series a: math none -> dau", "series +b"],
        ),
        (
            trend(series=[event("a")]),
            trend(series=[event("paid", math="sum", math_property="revenue")]),
            ["series 1: a -> paid (sum of revenue)"],
        ),
        (trend(), trend(properties=[where("$os", ["iOS", "Mac OS X"])]), ['filter +$os = iOS or "Mac OS X"']),
        (
            trend(properties=[where("$os", "iOS")]),
            trend(properties=[where("$os", "Linux"), where("plan", "pro", "is_not")]),
            ["filter $os: value iOS -> Linux", "filter +plan != pro"],
        ),
        (
            trend(properties={"type": "AND", "values": [{"type": "AND", "values": [where("seats", 3, "gt")]}]}),
            trend(properties=[]),
            ["filter -seats > 3"],
        ),
        (trend(), trend(properties=[where("email", None, "is_set")]), ["filter +email is set"]),
        (
            trend(),
            trend(breakdownFilter={"breakdown": "$os", "breakdown_type": "event"}),
            ["breakdown none -> $os"],
        ),
        (
            trend(breakdownFilter={"breakdowns": [{"property": "$os", "type": "event"}]}),
            trend(breakdownFilter={"breakdowns": [{"property": p, "type": "event"} for p in ("$os", "plan")]}),
            ["breakdown +plan"],
        ),
        (
            trend(trendsFilter={"display": "ActionsBar"}),
            trend(
                trendsFilter={"display": "BoldNumber", "aggregationAxisPrefix": "$"}, compareFilter={"compare": True}
            ),
            [
                "display ActionsBar -> BoldNumber",
                "aggregation axis prefix none -> $",
                "comparison with the period before none -> true",
            ],
        ),
        (
            sql(LONG_SQL.format(7)),
            sql(LONG_SQL.format(30), display="ActionsBar"),
            [
                'SQL "… - interval 7 day group by event" -> "… - interval 30 day group by event"',
                "display none -> ActionsBar",
            ],
        ),
        (
            {"kind": "RetentionQuery", "retentionFilter": {"targetEntity": {"id": "a", "name": "a"}, "period": "Day"}},
            {"kind": "RetentionQuery", "retentionFilter": {"targetEntity": {"id": "b", "name": "b"}, "period": "Week"}},
            ["target entity a -> b", "period Day -> Week"],
        ),
        (trend(), sql("select 1"), ["query replaced, TrendsQuery -> HogQLQuery"]),
        (trend(), None, ["query removed"]),
        ("nonsense", [1], ["query replaced"]),
    ],
)
def test_change_of_a_query_is_told_part_by_part(before: object, after: object, phrases: list[str]) -> None:
    assert describe_field("query", before, after) == phrases


def test_filters_of_an_old_insight_are_compared_too() -> None:
    before = {"insight": "TRENDS", "events": [{"id": "a", "type": "events"}], "date_from": "-7d"}
    after = {"insight": "TRENDS", "events": [{"id": "b", "type": "events"}], "date_from": "-30d"}
    assert describe_field("filters", before, after) == ["events 1: a -> b", "date range -7d -> -30d"]


@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, [None], [[1]], {"source": 3}, {"source": {"series": [None]}}])
@pytest.mark.parametrize("field", ["query", "filters", "tags", "dashboards", "name", "deleted", "favorited", "", "x_y"])
def test_odd_values_of_a_change_are_told_and_never_crash(field: str, odd: object) -> None:
    full = trend(series=[event("a")], properties=[where("a", 1)])
    for before, after in ((odd, full), (full, odd), (odd, ["a"]), ([{"id": 1}], odd), (odd, "text")):
        assert all(isinstance(phrase, str) for phrase in describe_field(field, before, after))


def test_deep_values_end_somewhere() -> None:
    deep: dict[str, object] = {"kind": "X", "value": 1}
    other: dict[str, object] = {"kind": "X", "value": 2}
    for _ in range(200):
        deep, other = {"kind": "X", "inner": deep}, {"kind": "X", "inner": other}
    assert len(describe_field("query", deep, other)[0]) < 200


def test_changes_of_several_fields_are_told_in_order() -> None:
    before = {"name": "A", "tags": [], "favorited": True}
    after = {"name": "B", "tags": ["x"], "favorited": True}
    assert describe_changes(before, after) == ["name A -> B", "tags +x"]


@pytest.mark.parametrize(
    ("entry", "with_insight", "line"),
    [
        (
            Entry(
                "updated",
                detail=Detail(
                    "Signups",
                    "aBcD1234",
                    (Change("query", trend(dateRange={"date_from": "-30d"}), trend(dateRange={"date_from": "-90d"})),),
                ),
            ),
            False,
            "2026-10-03 09:05 Ada changed date range -30d -> -90d",
        ),
        (
            Entry("updated", detail=Detail("Weekly signups", "aBcD1234", (Change("name", "A", "B"),))),
            True,
            '2026-10-03 09:05 Ada changed "Weekly signups" aBcD1234: name A -> B',
        ),
        (Entry("created", detail=Detail("X", "s")), True, '2026-10-03 09:05 Ada created "X" s'),
        (
            Entry("deleted", detail=Detail("X", "s", (Change("deleted", False, True),))),
            False,
            "2026-10-03 09:05 Ada deleted",
        ),
        (Entry("sharing enabled", user=None, created_at=None, detail=Detail("X")), True, 'Somebody shared "X"'),
        (
            Entry("share_login_failed", detail=Detail("X")),
            True,
            '2026-10-03 09:05 Ada gave a wrong password for the shared page of "X"',
        ),
        (Entry("access token refreshed"), False, "2026-10-03 09:05 Ada renewed the share link of it"),
        (Entry("something_new", detail=Detail("X")), True, '2026-10-03 09:05 Ada something new "X"'),
        (Entry("", user=Person("")), False, "2026-10-03 09:05 Somebody touched"),
        (
            Entry("updated", detail=Detail("X", None, tuple(Change(f"f{n}", n, n + 1) for n in range(9)))),
            False,
            "2026-10-03 09:05 Ada changed f0 0 -> 1; f1 1 -> 2; f2 2 -> 3; f3 3 -> 4; f4 4 -> 5; f5 5 -> 6; and 3 more",
        ),
    ],
)
def test_entry_of_the_log_is_one_readable_line(entry: Entry, with_insight: bool, line: str) -> None:
    assert describe_entry(entry, with_insight=with_insight) == line
