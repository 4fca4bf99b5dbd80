"""What is exported is what is there, and applied elsewhere it is there as well."""

import json
from pathlib import Path

import pytest

from insights_mcp.server.files.exporting import Wanted, export
from insights_mcp.server.files.yaml_text import read_documents
from tests.files.worlds import apply, call_on, export_all, local_project, placed_shop, plan, sourceless
from tests.server.world import sql, trends, web_shop
from tests.snapshots import assert_snapshot
from tests.upstream import Upstream

pytestmark = pytest.mark.anyio


async def test_export_reads_well_and_is_the_same_every_time() -> None:
    upstream = placed_shop()
    async with upstream.client() as api:
        first = await export_all(api)
        second = await export_all(api)
    assert first.text == second.text
    assert_snapshot("files/web-shop.yaml", first.text)


async def test_project_survives_the_way_through_files_and_back(tmp_path: Path) -> None:
    posthog, empty = placed_shop(), Upstream()
    async with posthog.client() as api:
        exported = (await export_all(api)).text
    async with local_project(tmp_path) as local:
        prepared = await apply(call_on(local), exported)
        assert prepared.lines[-1] == "6 new, 0 unchanged."
        there = (await export_all(local)).text
    async with empty.client() as api:
        await apply(call_on(api), there)
        back = (await export_all(api)).text
    assert sourceless(exported) == sourceless(there) == sourceless(back)


async def test_applying_twice_changes_nothing_more(tmp_path: Path) -> None:
    async with placed_shop().client() as api:
        exported = (await export_all(api)).text
    other = Upstream()
    async with other.client() as api:
        await apply(call_on(api), exported)
        count = len(other.asked("PATCH", ".*")) + len(other.asked("POST", ".*"))
        assert await plan(call_on(api), exported) == ["6 unchanged."]
        await apply(call_on(api), exported)
        assert len(other.asked("PATCH", ".*")) + len(other.asked("POST", ".*")) == count


async def test_own_export_changes_nothing_where_it_came_from() -> None:
    upstream = placed_shop()
    async with upstream.client() as api:
        exported = (await export_all(api)).text
        assert (await plan(call_on(api), exported))[-1] == "6 unchanged."


async def test_renamed_insight_is_found_again_by_its_key() -> None:
    upstream = Upstream()
    async with placed_shop().client() as api:
        exported = (await export_all(api)).text
    async with upstream.client() as api:
        await apply(call_on(api), exported)
        renamed = exported.replace("name: Weekly signups", "name: Signups by week")
        assert await plan(call_on(api), renamed) == [
            '~ insight weekly-signups "Signups by week" (id 4)',
            '    name "Weekly signups" -> "Signups by week"',
            "1 changed, 5 unchanged.",
        ]
        await apply(call_on(api), renamed)
        upstream.world.insights[4]["name"] = "Renamed in PostHog"
        assert '    name "Renamed in PostHog" -> "Signups by week"' in await plan(call_on(api), renamed)
    assert len(upstream.world.insights) == 4


async def test_dashboard_brings_its_insights_and_not_what_its_filters_make_of_them(tmp_path: Path) -> None:
    async with local_project(tmp_path) as api:
        shop = placed_shop()
        async with shop.client() as posthog:
            await apply(call_on(api), (await export_all(posthog)).text)
        board = next(one for one in (await api.dashboards.list()).results if one.name == "Growth")
        found = await export(api, Wanted(dashboards=[board.id]))
    assert [(one.kind, one.key) for one in found.documents] == [
        ("insight", "signup-to-paid"),
        ("insight", "weekly-signups"),
        ("dashboard", "growth"),
    ]
    assert "date_from: -30d" not in found.documents[0].text


async def test_tag_names_insights_and_dashboards() -> None:
    upstream = web_shop()
    upstream.world.insights[4]["tags"] = ["core"]
    async with upstream.client() as api:
        found = await export(api, Wanted(tag="Core"))
    assert [one.key for one in found.documents] == ["pageview-count", "signup-to-paid", "weekly-signups", "growth"]


async def test_equal_names_get_numbered_keys_and_stay_two() -> None:
    upstream, other = Upstream(), Upstream()
    for event in ("a", "b"):
        upstream.add_insight(name="Same", query=trends(event))
    upstream.add_insight(name="注册", query=trends("c"))
    upstream.add_insight(name="con", query=sql("select 1"))
    async with upstream.client() as api:
        found = await export_all(api)
    async with other.client() as api:
        await apply(call_on(api), found.text)
        await apply(call_on(api), found.text)
    short = upstream.world.insights[3]["short_id"]
    assert [one.key for one in found.documents] == ["con-1", f"insight-{short}", "same", "same-2"]
    assert sorted(str(one["name"]) for one in other.world.insights.values()) == ["Same", "Same", "con", "注册"]


HOSTILE = (
    "no",
    "- a: *b",
    "<<: !!python/object/apply:os.system [id]",
    "a\u202eb\u200b",
    "line\nbreak",
    "../../etc/passwd",
    "{{ x }} # c",
    "\U000e0041tag",
    "  blanks  ",
    "'\"\\",
    "null",
    "2026-01-01",
)


async def test_hostile_names_go_through_files_unharmed_and_visible(tmp_path: Path) -> None:
    upstream, other = Upstream(), Upstream()
    for name in HOSTILE:
        query = trends(name, properties=[{"key": name, "value": [name], "operator": "exact", "type": "event"}])
        upstream.add_insight(name=name.strip(), description=name.strip(), query=query)
    async with upstream.client() as api:
        found = await export_all(api)
    async with other.client() as api:
        await apply(call_on(api), found.text)
    assert all(letter == "\n" or letter.isprintable() for letter in found.text)
    before, after = (
        sorted((one["name"], json.dumps(one["query"], sort_keys=True)) for one in world.world.insights.values())
        for world in (upstream, other)
    )
    assert before == after
    assert all("/" not in one.key and ".." not in one.key for one in found.documents)


async def test_insight_kept_as_old_filters_is_left_out_and_told() -> None:
    upstream = web_shop()
    upstream.add_insight(name="Old", query=None, filters={"insight": "TRENDS"})
    async with upstream.client() as api:
        found = await export_all(api)
    assert found.notes == ['Left out: insight 5 "Old" is kept as old filters, not a query.']
    assert len(read_documents(found.text)) == 6
