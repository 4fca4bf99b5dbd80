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
            ["series 1.math total -> dau"],
        ),
        (
            "query",
            trend(series=[{"event": "a"}]),
            trend(series=[{"event": "a"}, {"event": "b"}]),
            ['series 2 none -> {"event":"b"}'],
        ),
        ("query", None, trend(), ["query replaced"]),
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
        (Entry("share_login_failed", detail=Detail("X")), True, '2026-10-03 09:05 Ada share login failed "X"'),
        (
            Entry("updated", detail=Detail("X", None, tuple(Change(f"f{n}", n, n + 1) for n in range(9)))),
            False,
            "2026-10-03 09:05 Ada changed f0 0 -> 1; f1 1 -> 2; f2 2 -> 3; f3 3 -> 4; f4 4 -> 5; f5 5 -> 6; and 3 more",
        ),
    ],
)
def test_entry_of_the_log_is_one_readable_line(entry: Entry, with_insight: bool, line: str) -> None:
    assert describe_entry(entry, with_insight=with_insight) == line
