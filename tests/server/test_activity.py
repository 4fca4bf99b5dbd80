"""History: old, foreign and broken entries of the log are told as well as they can be."""

from typing import Any

import pytest

from tests.server.cases import history
from tests.server.sessions import connect, use
from tests.server.world import trends, web_shop

pytestmark = pytest.mark.anyio

WHEN = "2022-03-01T10:00:00Z"
ODD: list[tuple[dict[str, Any], str]] = [
    ({"activity": "created", "user": None, "detail": None}, "Somebody created an insight"),
    ({"activity": "updated", "user": {"email": "x@y.z"}, "detail": {"name": "A", "changes": None}}, "x@y.z"),
    ({"activity": "updated", "detail": {"changes": [None, 3, {}]}}, "changed an insight"),
    ({"activity": "updated", "detail": {"changes": {"field": "name"}}}, "changed an insight"),
    ({"activity": "updated", "detail": "gone"}, "changed an insight"),
    ({"activity": None, "scope": "Dashboard", "item_id": 7, "detail": {"name": 5}}, "touched"),
    (
        {"activity": "updated", "detail": {"changes": [{"field": "filters", "before": {"a": 1}, "after": {"a": 2}}]}},
        "a 1 -> 2",
    ),
    ({"activity": "updated", "detail": {"changes": [{"field": "deleted", "after": True}]}}, "deleted"),
    (
        {"activity": "updated", "detail": {"changes": [{"field": "x\u202e\n", "before": "\x1b[31m", "after": [{}]}]}},
        r"x\u202e",
    ),
    ({"activity": "exported", "user": {"first_name": "System", "is_system": True}}, "System exported"),
]


@pytest.mark.parametrize(("entry", "said"), ODD)
async def test_entry_of_an_old_or_foreign_log_is_told_and_never_crashes(entry: dict[str, Any], said: str) -> None:
    upstream = web_shop()
    upstream.world.activity.append({"created_at": WHEN, "scope": "Insight", "item_id": "1", **entry})
    async with connect(upstream) as client:
        text = await use(client, "insights-activity-retrieve")
    assert said in text
    assert len(text.splitlines()) == 2


async def test_long_history_is_cut_on_whole_entries_and_the_next_call_begins_right_there() -> None:
    upstream = web_shop()
    for _ in range(10):
        history(upstream)
    async with connect(upstream) as client:
        text = await use(client, "insights-activity-retrieve", limit=40, max_tokens=400)
        head, *lines = text.splitlines()
        kept = len(lines)
        assert head == (
            f'{kept} of 40 changes of project "Web shop", newest first, times in UTC. '
            f"Older: limit={kept}, page=2 (max_tokens=400 is reached)."
        )
        every = (await use(client, "insights-activity-retrieve", limit=40)).splitlines()[1:]
        following = (await use(client, "insights-activity-retrieve", limit=kept, page=2)).splitlines()[1:]
    assert lines == every[:kept]
    assert following == every[kept : 2 * kept]


async def test_every_field_that_changed_is_in_the_line() -> None:
    upstream = web_shop()
    before, after = trends("a", interval="day"), trends("b", interval="week", filterTestAccounts=True)
    changes = [
        {"field": "query", "before": before, "after": after},
        {"field": "tags", "before": ["old"], "after": ["new"]},
        {"field": "dashboards", "before": [], "after": [{"id": 1, "name": "Growth"}]},
    ]
    detail = {"name": "Weekly signups", "changes": changes}
    upstream.world.activity.append(
        {"activity": "updated", "item_id": "1", "created_at": WHEN, "user": {"first_name": "Ada"}, "detail": detail}
    )
    async with connect(upstream) as client:
        text = await use(client, "insights-activity-retrieve", id=1)
    assert text.splitlines()[1] == (
        "2022-03-01 10:00 Ada changed series 1: a -> b; interval day -> week; filter test accounts none -> true; "
        "tags +new -old; dashboards +1 Growth"
    )
