"""The tables of HogQL and what is joined to them by name (facts/queries.md 2, Access), executed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql.context import CohortMembers
from insights_mcp.local.hogql.errors import HogQLResolutionError
from insights_mcp.local.hogql.parser import parse_expr
from tests.hogql.asking import CONTEXT, NOW, Saved, ask, ask_one, column, sql_of
from tests.queries.world import World, person_id

OVERRIDES = replace(CONTEXT, has_overrides=True)


def event(name: str, distinct_id: str, minutes: int = 0, **properties: Any) -> dict[str, Any]:
    timestamp = NOW - timedelta(days=1) + timedelta(minutes=minutes)
    return {"event": name, "distinct_id": distinct_id, "timestamp": timestamp, "properties": properties}


@pytest.fixture
def world(engine: Engine) -> World:
    """Two persons with two events each, and somebody without a profile."""
    world = World(engine)
    world.add_person(["ann", "ann-phone"], {"email": "ann@x.com", "plan": "pro"})
    world.add_person(["bob"], {"email": "bob@x.com"})
    world.add_events(
        [
            event("view", "ann", 0, **{"$group_0": "acme"}),
            event("buy", "ann-phone", 1, **{"$group_0": "acme"}),
            event("view", "bob", 2),
            event("buy", "bob", 3),
            event("view", "nobody", 4),
        ]
    )
    return world


def add_version(world: World, table: str, row: dict[str, object]) -> None:
    world.engine.insert(table, list(row), [tuple(row.values())])


def test_an_events_person_is_reached_by_name(world: World) -> None:
    query = (
        "select distinct_id, person.properties.email, person.id = person_id, events.person.properties['plan'],"
        " pdi.person_id = person_id, pdi.person.properties.email from events order by timestamp"
    )

    assert ask(world.engine, query) == [
        ("ann", "ann@x.com", True, "pro", True, "ann@x.com"),
        ("ann-phone", "ann@x.com", True, "pro", True, "ann@x.com"),
        ("bob", "bob@x.com", True, None, True, "bob@x.com"),
        ("bob", "bob@x.com", True, None, True, "bob@x.com"),
        ("nobody", None, False, None, True, None),
    ]


def test_only_the_newest_version_of_a_person_is_read(world: World) -> None:
    row = {"team_id": 1, "id": person_id("ann"), "created_at": NOW, "is_identified": 1}
    add_version(world, "persons", {**row, "properties": '{"email":"new@x.com"}', "is_deleted": 0, "version": 2})
    assert column(world.engine, "select person.properties.email from events where event = 'buy' order by 1") == [
        "bob@x.com",
        "new@x.com",
    ]
    assert ask_one(world.engine, "select count() from persons") == 2

    add_version(world, "persons", {**row, "properties": "{}", "is_deleted": 1, "version": 3})
    assert column(world.engine, "select properties.email from persons") == ["bob@x.com"]
    assert ask_one(world.engine, "select count() from events where person.properties.email is null") == 3


def test_merged_persons_are_followed_when_there_are_overrides(world: World) -> None:
    add_version(
        world,
        "person_distinct_id_overrides",
        {"team_id": 1, "distinct_id": "bob", "person_id": person_id("nobody"), "version": 1},
    )
    add_version(
        world,
        "person_distinct_id_overrides",
        {"team_id": 1, "distinct_id": "bob", "person_id": person_id("ann"), "version": 2},
    )
    count, email = "select count(distinct person_id) from events", "person.properties.email"

    assert ask_one(world.engine, count) == 3
    assert ask_one(world.engine, count, OVERRIDES) == 2
    assert ask(world.engine, f"select {email}, count() from events group by 1 order by 2", OVERRIDES) == [
        (None, 1),
        ("ann@x.com", 4),
    ]
    joined = f"select count() from persons p join events e on e.person_id = p.id where e.{email} = 'ann@x.com'"
    assert ask_one(world.engine, joined, OVERRIDES) == 4
    inner = "select count(distinct p) from (select person_id as p, pdi.person_id as q from events where p = q)"
    assert ask_one(world.engine, inner, OVERRIDES) == 2


def test_joins_are_made_only_for_what_is_used(world: World) -> None:
    assert "JOIN" not in sql_of("select person_id, event, properties.x from events")
    assert sql_of("select person.properties.a, person.properties.b from events").count("JOIN") == 1
    one = sql_of("select person.properties.a from events where person.properties.a = '1'")
    assert one.count("FROM persons") == 1
    assert "created_at" not in one
    assert "person_distinct_id_overrides" not in sql_of("select event from events", OVERRIDES)


def test_persons_and_distinct_ids_lead_to_each_other(world: World) -> None:
    query = "select distinct_id, person.properties.email from person_distinct_ids order by 1"
    assert ask(world.engine, query) == [("ann", "ann@x.com"), ("ann-phone", "ann@x.com"), ("bob", "bob@x.com")]

    query = "select properties.email, pdi.distinct_id from persons order by 2"
    assert ask(world.engine, query) == [("ann@x.com", "ann"), ("ann@x.com", "ann-phone"), ("bob@x.com", "bob")]

    assert ask_one(world.engine, "select count() from events where person.pdi.distinct_id = 'ann-phone'") == 2


def test_groups_are_reached_by_their_number(world: World) -> None:
    world.add_group(0, "acme", {"industry": "toys"})
    world.add_group(1, "acme", {"industry": "other"})
    query = "select $group_0, group_0.properties.industry, group_0.key, group_1.properties.industry from events"

    assert ask(world.engine, f"{query} where event = 'buy' order by timestamp") == [
        ("acme", "toys", "acme", None),
        ("", None, "", None),
    ]
    assert ask(world.engine, "select index, key, properties.industry from groups order by index") == [
        (0, "acme", "toys"),
        (1, "acme", "other"),
    ]


def test_sessions_are_events_grouped(engine: Engine) -> None:
    World(engine).add_events(
        [
            event("$identify", "ann", 0, **{"$session_id": "s1", "utm_source": "late"}),
            event(
                "$pageview",
                "ann",
                1,
                **{"$session_id": "s1", "$current_url": "https://x.com/a?b", "utm_source": "google", "gclid": "1"},
            ),
            event("$pageview", "ann", 2, **{"$session_id": "s1", "$current_url": "https://x.com/c"}),
            event("$autocapture", "ann", 3, **{"$session_id": "s1"}),
            event("$pageview", "bob", 4, **{"$session_id": "s2", "$current_url": "https://x.com/a"}),
            event("$screen", "cid", 5, **{"$session_id": "s3"}),
            event("server", "dan", 6),
        ]
    )
    fields = (
        "session_id, distinct_id, $session_duration, duration, $pageview_count, $autocapture_count, $screen_count,"
        " $is_bounce, $num_uniq_urls, $entry_current_url, $entry_pathname, $end_pathname, $exit_pathname,"
        " $entry_utm_source, $channel_type"
    )

    url = "https://x.com/a?b"
    assert ask(engine, f"select {fields} from sessions order by id") == [
        ("s1", "ann", 180, 180, 2, 1, 0, False, 2, url, "/a", "/c", "/c", "google", "Paid Search"),
        ("s2", "bob", 0, 0, 1, 0, 0, True, 1, "https://x.com/a", "/a", "/a", "/a", None, "Unknown"),
        ("s3", "cid", 0, 0, 0, 0, 1, None, 0, None, None, None, None, None, "Unknown"),
    ]
    assert ask(engine, "select event, session.$session_duration, events.session.duration from events order by 2, 1")[
        -1
    ] == ("$pageview", 180, 180)
    assert ask_one(engine, "select count() from events where session.$pageview_count = 2") == 4
    urls = ask_one(engine, "select arraySort($urls) from sessions where session_id = 's1'")
    assert urls == ["https://x.com/a?b", "https://x.com/c"]
    assert column(engine, "select * from sessions order by session_id") == ["s1", "s2", "s3"]


# The marks a visit comes with, and the channel they tell.
CHANNELS: list[tuple[dict[str, str], str]] = [
    ({"$referring_domain": "$direct"}, "Direct"),
    ({"$referring_domain": "$direct", "utm_source": "null", "gclid": "null"}, "Direct"),
    ({"$referring_domain": "$direct", "utm_source": "poster", "utm_medium": "street"}, "Direct"),
    ({"utm_source": ""}, "Unknown"),
    ({"$referring_domain": "www.bakery.example"}, "Referral"),
    ({"$referring_domain": "www.google.de"}, "Organic Search"),
    ({"$referring_domain": "plus.google.com"}, "Organic Social"),
    ({"$referring_domain": "com.google.android.gm"}, "Email"),
    ({"$referring_domain": "$direct", "fbclid": "1"}, "Organic Social"),
    ({"utm_source": "bing", "utm_medium": "cpc", "utm_campaign": "Shopping spring"}, "Paid Search"),
    ({"utm_source": "flyer", "utm_medium": "cpc", "utm_campaign": "Shopping spring"}, "Paid Shopping"),
    ({"utm_source": "flyer", "utm_medium": "Paid", "$referring_domain": "l.facebook.com"}, "Paid Social"),
    ({"gclid": "1", "$referring_domain": "ads.example"}, "Paid Unknown"),
    ({"utm_source": "letter", "utm_medium": "email", "$referring_domain": "bing.com"}, "Email"),
    ({"utm_source": "google", "utm_medium": "email"}, "Organic Search"),
    ({"utm_source": "acme", "utm_medium": "partnership"}, "Affiliate"),
    ({"utm_campaign": "all-cross-network"}, "Cross Network"),
]


def test_channel_is_told_by_source_then_medium_then_site(engine: Engine) -> None:
    world, expected = World(engine), []
    for index, (marks, channel) in enumerate(CHANNELS):
        name = f"visitor {index:02}"
        world.add_person([name], {f"$initial_{key.removeprefix('$')}": value for key, value in marks.items()})
        world.add_events([event("$pageview", name, index, **{"$session_id": name, **marks})])
        expected.append((name, channel, channel))
    fields = "distinct_id, session.$channel_type, person.$virt_initial_channel_type"
    assert ask(engine, f"select {fields} from events order by distinct_id") == expected
    types = "select countIf($virt_initial_referring_domain_type = 'Search') from persons"
    assert ask_one(engine, types) == 2


def test_every_field_of_sessions_can_be_read(engine: Engine) -> None:
    from insights_mcp.local.hogql.sessions import SESSIONS

    World(engine).add_events([event("$pageview", "ann", 0, **{"$session_id": "s1"})])
    for name in SESSIONS.fields:
        assert len(ask(engine, f"select `{name}` from sessions")) == 1
        assert len(ask(engine, f"select session.`{name}` from events")) == 1


def test_bounds_on_time_reach_the_sessions(engine: Engine) -> None:
    start = datetime(2024, 3, 1, tzinfo=UTC)
    World(engine).add_events(
        [
            {
                "event": "$pageview",
                "distinct_id": "ann",
                "timestamp": start + timedelta(days=day, minutes=minute),
                "properties": {"$session_id": f"s{day}"},
            }
            for day in range(14)
            for minute in (0, 30)
        ]
    )
    bounded = [
        "select sum($session_duration) from sessions where $start_timestamp >= '2024-03-10'",
        "select sum(d) from (select distinct $session_id, session.$session_duration as d from events"
        " where timestamp >= '2024-03-10' and event = '$pageview')",
    ]
    for query in bounded:
        assert ask_one(engine, query) == 5 * 1800
        assert "toIntervalDay(3)" in sql_of(query)
    # of two tables, and of an alias, it is not known here which is meant
    joined = "select count() from events e left join sessions s on e.$session_id = s.session_id where s.$end_timestamp"
    assert "toIntervalDay(3)" not in sql_of(f"{joined} < '2024-03-02'")
    assert ask_one(engine, f"{joined} < '2024-03-02'") == 2


def test_people_in_cohorts_are_found(world: World) -> None:
    engine = world.engine
    world.add_cohort(7, ["ann", "bob"])
    world.add_cohort(8, ["bob"])
    columns = ["team_id", "cohort_id", "person_id", "version"]
    engine.insert("cohort_people", columns, [(1, 7, person_id("ann"), 2)])  # computed anew: bob has left
    saved = Saved(cohorts={7: CohortMembers(7), "pros": CohortMembers(7), 8: CohortMembers(8, version=1)}, static=[8])
    context = replace(CONTEXT, lookups=saved)
    people = "select distinct person.properties.email as email from events where"

    assert column(engine, f"{people} person_id in cohort 7", context) == ["ann@x.com"]
    assert column(engine, f"{people} person_id in cohort 'pros'", context) == ["ann@x.com"]
    assert column(engine, f"{people} person_id not in cohort 7 order by email", context) == ["bob@x.com", None]
    assert column(engine, f"{people} person_id in cohort (7, 8) order by email", context) == ["ann@x.com", "bob@x.com"]
    assert column(engine, "select properties.email from persons where id in cohort 8", context) == ["bob@x.com"]
    assert column(engine, "select person.properties.email from cohort_people", context) == ["ann@x.com"]
    assert column(engine, "select person.properties.email from static_cohort_people", context) == ["bob@x.com"]
    with pytest.raises(HogQLResolutionError, match="Could not find a cohort with ID 9"):
        sql_of(f"{people} person_id in cohort 9", context)


def test_an_action_is_its_condition(world: World) -> None:
    condition = parse_expr("event = 'buy' and person.properties.plan = 'pro'")
    context = replace(CONTEXT, lookups=Saved(actions={"Bought": condition, 3: condition}))

    assert column(world.engine, "select distinct_id from events where matchesAction('Bought')", context) == [
        "ann-phone"
    ]
    assert ask_one(world.engine, "select countIf(not matchesAction(3)) from events", context) == 4
    with pytest.raises(HogQLResolutionError, match="Could not find an action with ID 4"):
        sql_of("select matchesAction(4) from events", context)


def test_other_projects_stay_unseen(world: World) -> None:
    other = World(world.engine, team_id=2)
    other.add_person(["ann"], {"email": "secret@x.com"})
    other.add_group(0, "acme", {"industry": "secret"})
    other.add_cohort(7, ["ann"])
    other.add_events([event("secret", "ann", 0, **{"$session_id": "secret", "$group_0": "acme"})])
    queries = {
        "select count() from events where event = 'secret'": 0,
        "select count() from events where team_id = 2": 0,
        "select count() from events where team_id = 2 or 1 = 1": 5,
        "select count() from events where 1 or event = 'secret'": 5,
        "select count() from persons where properties.email = 'secret@x.com'": 0,
        "select count() from events e full join events f on e.event = f.event where f.event = 'secret'": 0,
        "select count() from events e right join events f on 1 = 0 where f.event = 'secret'": 0,
        "select count() from sessions": 0,
        "select count() from groups": 0,
        "select count() from cohort_people": 0,
        "select countIf(person.properties.email = 'secret@x.com') from events": 0,
        "select countIf(group_0.properties.industry = 'secret') from events": 0,
        "select count() from person_distinct_ids d left join persons p on p.id = d.person_id": 3,
        "select count() from (select * from events union all select * from events)": 10,
        "select count() from events where event in (select event from events where event = 'secret')": 0,
        "with x as (select * from events) select count() from x where event = 'secret'": 0,
    }

    assert {query: ask_one(world.engine, query) for query in queries} == queries


def test_an_autocaptured_element_is_read_from_its_chain(engine: Engine) -> None:
    chain = 'a.link:text="Buy";href="/buy"nth-child="1"attr_id="top";div:nth-child="2"'
    World(engine).add_events(
        [
            {
                "event": "$autocapture",
                "distinct_id": "u",
                "timestamp": NOW,
                "elements_chain": chain.replace(";href", "href"),
            }
        ]
    )
    query = "select elements_chain_href, elements_chain_texts, elements_chain_ids, elements_chain_elements from events"

    assert ask(engine, query) == [("/buy", ["Buy"], ["top"], ["a"])]


def test_a_sample_is_a_part_of_the_people(engine: Engine) -> None:
    World(engine).add_events([event("e", f"u{number}") for number in range(500)])

    assert ask_one(engine, "select count() from events sample 1") == 500
    assert 10 < int(str(ask_one(engine, "select count() from events sample 0.1"))) < 100
    parts = [f"select count() from events sample 1/2 offset {offset}/2" for offset in (0, 1)]
    assert sum(int(str(ask_one(engine, part))) for part in parts) == 500
