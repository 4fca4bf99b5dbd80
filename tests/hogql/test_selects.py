"""Everything a SELECT is made of, executed."""

from dataclasses import replace

import pytest

from insights_mcp.local.engine.base import Engine
from insights_mcp.local.hogql.errors import HogQLError
from insights_mcp.local.hogql.parser import parse_select
from insights_mcp.local.hogql.printer import print_select, with_default_limit
from tests.hogql.asking import CONTEXT, ask, column, sql_of

# Queries over four events: u1 does a and b, u2 does a, u3 does c; `n` is 1, 2, 3, 4.
ANSWERS: dict[str, list[tuple[object, ...]]] = {
    "select 1": [(1,)],
    "select 1 + 2 * 3 - 4 / 2, 7 % 4, -(3), - 2": [(5.0, 3, -3, -2)],
    "select 1 = 1 and not (2 > 3) or false": [(True,)],
    "select 1 ? 'a' : 'b', 0 ? 'a' : 'b'": [("a", "b")],
    "select case when 1 = 2 then 'a' when 1 = 1 then 'b' else 'c' end": [("b",)],
    "select case 3 when 1 then 'a' when 3 then 'b' end": [("b",)],
    "select [1, 2, 3][2], (1, 'x').2, tuple(1, 2).1, [1, 2, 3][2:3], [1, 2, 3][:2]": [(2, "x", 1, [2, 3], [1, 2])],
    "select arrayMap(x -> x * 2, [1, 2]), arrayFilter((x, y) -> x > y, [1, 5], [2, 3])": [([2, 4], [5])],
    "select arraySort(x -> -x, [1, 3, 2]), arrayFold((acc, x) -> acc + x, [1, 2], toInt(0))": [([3, 2, 1], 3)],
    "select map('a', 1)['a'], mapKeys(map('a', 1, 'b', 2))": [(1, ["a", "b"])],
    "select f'a{1 + 1}b{lower(event)}' from events limit 1": [("a2ba",)],
    "select 'it''s', 'a\\\\b', 'a\\nb', 'é'": [("it's", "a\\b", "a\nb", "é")],
    "select 'a' || 'b' || 1": [("ab1",)],
    "select null ?? 'x', coalesce(null, null, 3)": [("x", 3)],
    "select '12'::int, '1.5'::float, 'x'::int, 12::string, 'true'::bool, '2024-01-01'::date = toDate('2024-01-01')": [
        (12, 1.5, None, "12", True, True)
    ],
    "select cast('7' as Int64), try_cast('x' as int), '3'::Nullable(Int64)": [(7, None, 3)],
    "select 5 between 1 and 10, 5 not between 1 and 10": [(True, False)],
    "select 1 as a, a + 1 as b, a + b": [(1, 2, 3)],
    "select b + 1 as a, 1 as b": [(2, 1)],
    "select (1 as x) + x": [(2,)],
    "select count() from events": [(4,)],
    "select count(*), count(1), COUNT(), Count(event) from events": [(4, 4, 4, 4)],
    "select event from events order by properties.n limit 2": [("a",), ("b",)],
    "select event from events order by properties.n desc limit 1 offset 1": [("a",)],
    "select distinct event from events order by event": [("a",), ("b",), ("c",)],
    "select event, count() from events group by event order by event": [("a", 2), ("b", 1), ("c", 1)],
    "select event, count() as c from events group by event having c > 1": [("a", 2)],
    "select event as e, count() from events group by e order by count() desc, e limit 1": [("a", 2)],
    "select event, count() from events group by 1 order by 2 desc, 1 limit 1": [("a", 2)],
    "select event, count() from events group by all order by all": [("a", 2), ("b", 1), ("c", 1)],
    "select event, distinct_id, count() from events group by rollup(event, distinct_id) having event = ''": [
        ("", "", 4)
    ],
    "select event, distinct_id from events group by grouping sets ((event), (distinct_id)) order by 1, 2": [
        ("", "u1"),
        ("", "u2"),
        ("", "u3"),
        ("a", ""),
        ("b", ""),
        ("c", ""),
    ],
    "select event, distinct_id from events order by event, distinct_id limit 1 by event": [
        ("a", "u1"),
        ("b", "u1"),
        ("c", "u3"),
    ],
    "select distinct_id from events where (properties.n as n) > 2 and n < 4": [("u2",)],
    "select properties.n as n from events where n > 3": [("4",)],
    "select max(event) as event from events where event != 'c'": [("b",)],
    "select events.event from events where events.event = 'c'": [("c",)],
    "select e.event from events as e where e.event = 'c'": [("c",)],
    "select `e 1`.event from events as `e 1` where `e 1`.event = 'c'": [("c",)],
    "select event as event from events event where event.event = 'c'": [("c",)],
    "select event as events from events where events = 'c'": [("c",)],
    "select e from (select event as e from events) where e = 'c'": [("c",)],
    "select x.e from (select event as e from events) as x where x.e = 'c'": [("c",)],
    "select `count()` from (select count() from events)": [(4,)],
    "select * from (select event, count() from events group by event) order by 1 limit 1": [("a", 2)],
    "select q.* from (select 1 as a, 2 as b) as q": [(1, 2)],
    "select * exclude (b) from (select 1 as a, 2 as b, 3 as c)": [(1, 3)],
    "select columns(* replace (a + 1 as a)) from (select 1 as a, 2 as b)": [(2, 2)],
    "select columns(b, a) from (select 1 as a, 2 as b)": [(2, 1)],
    "select t.a, t.b from (select 1, 2) as t(a, b)": [(1, 2)],
    "select a, b from (values (1, 'x'), (2, 'y')) as v(a, b) order by a": [(1, "x"), (2, "y")],
    "with x as (select event from events where event = 'c') select * from x": [("c",)],
    "with x as (select 1 as a), y as (select a + 1 as b from x) select x.a, y.b from x cross join y": [(1, 2)],
    "with x(a, b) as (select 1, 2) select b, a from x": [(2, 1)],
    "with 5 as five select five + 1": [(6,)],
    "with (select count() from events) as total select count() / total from events": [(1.0,)],
    "with events as (select * from events where event = 'c') select count() from events": [(1,)],
    "with x as (select 1 as a) select * from (with x as (select 2 as a) select * from x)": [(2,)],
    "select number from numbers(3)": [(0,), (1,), (2,)],
    "select n.number from numbers(2, 2) as n": [(2,), (3,)],
    "select (select count() from events) as c": [(4,)],
    "select event from events where event in (select event from events where distinct_id = 'u3')": [("c",)],
    "select count() from events where (event, distinct_id) in (('a', 'u1'), ('c', 'u3'))": [(2,)],
    "select count() from events where event = (select 'a')": [(2,)],
    "select a.event, b.event from events a join events b on a.distinct_id = b.distinct_id and a.event < b.event": [
        ("a", "b")
    ],
    "select count() from events a, events b": [(16,)],
    "select count() from events a cross join events b where a.event = b.event": [(6,)],
    "select a.event, b.n from events a left join (select 'a' as event, 9 as n) b on a.event = b.event"
    " order by a.event limit 1 by a.event": [("a", 9), ("b", 0), ("c", 0)],
    "select x.n from events a right join (select 'z' as event, 9 as n) x on a.event = x.event": [(9,)],
    "select countIf(a.event = ''), countIf(x.event = '') from events a full outer join (select 'z' as event) x"
    " on a.event = x.event": [(1, 4)],
    "select event, n from (select 'a' as event, 1 as n) join (select 'a' as event, 2 as m) as r using (event)": [
        ("a", 1)
    ],
    "select count() from events a any left join events b on a.event = b.event": [(4,)],
    "select count() from events a left semi join (select 'a' as event) b on a.event = b.event": [(2,)],
    "select count() from events a left anti join (select 'a' as event) b on a.event = b.event": [(2,)],
    "select a.event, b.event from events a asof join events b on a.distinct_id = b.distinct_id"
    " and a.timestamp < b.timestamp": [("a", "b")],
    "select event, l from events array join ['x', 'y'] as l where event = 'c' order by l": [("c", "x"), ("c", "y")],
    "select event, l from events left array join emptyArrayString() as l where event = 'c'": [("c", "")],
    "select a, b from (select 1 as x) array join [1, 2] as a, [3, 4] as b order by a": [(1, 3), (2, 4)],
    "select event, row_number() over (order by properties.n) as r from events order by r desc limit 1": [("c", 4)],
    "select event, lag(event) over (partition by distinct_id order by timestamp) as before, "
    "lead(event, 1, 'end') over (partition by distinct_id order by timestamp) as after from events"
    " where distinct_id = 'u1' order by timestamp": [("a", None, "b"), ("b", "a", "end")],
    "select sum(toInt(properties.n)) over (order by properties.n rows between 1 preceding and current row)"
    " from events order by 1": [(1,), (3,), (5,), (7,)],
    "select count() over w, rank() over w from events window w as (order by event) order by 1": [
        (2, 1),
        (2, 1),
        (3, 3),
        (4, 4),
    ],
    "select first_value(event) over (partition by distinct_id order by timestamp) from events limit 1": [("a",)],
    "select quantile(0.5)(toInt(properties.n)) over () from events limit 1": [(2.5,)],
    "select event from events qualify row_number() over (order by timestamp) = 1": [("a",)],
    "select sum(x), count() from (select 1 as x union all select 2 union all select 2)": [(5, 3)],
    "select columns(* exclude (b)) from (select 1 as a, 2 as b, 3 as c)": [(1, 3)],
    "select count() from (select 1 union distinct select 1)": [(1,)],
    "select event from events intersect select 'a' limit 1": [("a",)],
    "select distinct event from events except select 'a' except select 'b'": [("c",)],
    "select * from ((select 1 as a) union all (select 2)) order by a desc limit 1": [(2,)],
    "(select 2 as a limit 1) union all (select 2 limit 1) limit 1": [(2,)],
    "select a from (select 2 as a union all select null) order by a desc nulls last": [(2,), (None,)],
    "select event, toInt(properties.n) as n from events order by n desc, event limit 1": [("c", 4)],
    "select number from numbers(3) order by number with fill from 0 to 5 step 2 limit 5": [(0,), (1,), (2,), (4,)],
    "select event, uniq(distinct_id) as u from events group by event order by u desc limit 1": [("a", 2)],
    "select countIf(event = 'a'), sumIf(toInt(properties.n), event != 'a'), uniqExactIf(event, 1) from events": [
        (2, 6, 3)
    ],
    "select sum(toInt(properties.n)) filter (where event = 'a') from events": [(4,)],
    "select count(distinct event), count(distinct event, distinct_id), sum(distinct 1) from events": [(3, 4, 1)],
    "select arraySort(groupArray(event)), groupUniqArray(1)(distinct_id) != [] from events": [
        (["a", "a", "b", "c"], True)
    ],
    "select argMax(event, timestamp), argMin(event, timestamp), any(team_id) from events": [("c", "a", 1)],
    "select quantiles(0.5, 1)(toInt(properties.n)), median(toInt(properties.n)) from events": [([2.5, 4.0], 2.5)],
    "select sumArray([1, 2]), avgArray([1, 2]), maxArray([[1]][1])": [(3, 1.5, 1)],
    "select uniqMerge(s) from (select uniqState(event) as s from events group by distinct_id)": [(3,)],
    "select string_agg(x, '-'), every(x != ''), json_agg(x) from (select 'a' as x)": [("a", True, '["a"]')],
    "select {a: 1, 'b': event} from events limit 1": [(("__hx_tag", "__hx_obj", "a", 1, "b", "a"),)],
    "select <Sparkline data={[1, 2]} />, sparkline([3])": [
        (("__hx_tag", "Sparkline", "data", [1, 2]), ("__hx_tag", "Sparkline", "data", [3]))
    ],
    "select `weird ``name` from (select 1 as `weird ``name`)": [(1,)],
    "select 1 as `select`, 2 as `from`, 3 as `a.b`, 4 as `a b`, 5 as `{x:String}`": [(1, 2, 3, 4, 5)],
    "select x -- comment\n from (select 1 as x) /* another */": [(1,)],
    "select exists(select 1)": [(True,)],
    "select length(event), lower('ABC'), LOWER('X'), substring('abc', 2), left('abc', 1) from events limit 1": [
        (1, "abc", "x", "bc", "a")
    ],
    "select multiIf(1 = 2, 'a', 2 = 2, 'b', 'c'), if(true, 1, 2)": [("b", 1)],
    "select toString(1), toInt('5'), toInt('x'), toFloat('1e3'), toBool('true'), toUUID('x')": [
        ("1", 5, None, 1000.0, True, None)
    ],
    "select round(2.345, 2), floor(2.5), ceil(2.1), abs(-3), greatest(1, 5), least(1, 5), max2(1, 2)": [
        (2.35, 2.0, 3.0, 3, 5, 1, 2.0)
    ],
    "select domain('https://a.b.com/x?y=1'), path('https://a.b.com/x?y=1'), extractURLParameter('a?y=1', 'y')": [
        ("a.b.com", "/x", "1")
    ],
    "select JSONExtractString('{\"a\":\"b\"}', 'a'), JSONExtract('[1,2]', 'Array(Int64)')": [("b", [1, 2])],
    "select splitByChar(',', 'a,b'), arrayStringConcat(['a', 'b'], '-'), split_part('a,b', ',', 2)": [
        (["a", "b"], "a-b", "b")
    ],
    "select replaceRegexpAll('aXbX', 'X', ''), match('abc', '^a'), extract('ab12', '[0-9]+')": [("ab", True, "12")],
    "select languageCodeToName('de'), languageCodeToName('xx')": [("German", "Unknown")],
    "select transform(2, [1, 2], ['a', 'b'], 'c'), toTypeName(1)": [("b", "UInt8")],
}


def test_queries_of_every_form_are_answered(four: Engine) -> None:
    found: dict[str, object] = {}
    for query in ANSWERS:
        try:
            found[query] = ask(four, query)
        except Exception as error:  # noqa: BLE001  # every failure is shown beside the query it belongs to
            found[query] = f"{type(error).__name__}: {error}"

    assert found == ANSWERS


NAMES = {
    "select event, properties.$browser, properties['a b'], person.properties.email from events": [
        "event",
        "$browser",
        "a b",
        "email",
    ],
    "select count(), 1, 'x', e.event as e, e.distinct_id, toDate(timestamp) from events e group by all": [
        "count()",
        "1",
        "'x'",
        "e",
        "distinct_id",
        "toDate(timestamp)",
    ],
    "select a.event, b.event, 1, 1 from events a join events b on a.uuid = b.uuid": ["event", "event", "1", "1"],
    "select * from (select 1 as x, count() from events)": ["x", "count()"],
    "select 1 as x union all select 2 as y": ["x"],
    "select * from events": [
        "uuid",
        "event",
        "properties",
        "timestamp",
        "distinct_id",
        "elements_chain",
        "created_at",
        "$session_id",
        "$window_id",
        "person_mode",
        "$group_0",
        "$group_1",
        "$group_2",
        "$group_3",
        "$group_4",
        "elements_chain_href",
        "elements_chain_texts",
        "elements_chain_ids",
        "elements_chain_elements",
    ],
    "select * from persons": ["id", "created_at", "properties", "is_identified"],
}


def test_columns_are_named_as_they_are_written(four: Engine) -> None:
    for query, names in NAMES.items():
        printed = print_select(parse_select(query), CONTEXT)
        assert printed.columns == names
        assert len(four.run(printed.sql, printed.params).columns) == len(names)


@pytest.mark.parametrize(
    ("query", "message", "place"),
    [
        ("select foo from events", "Unable to resolve field: foo", "foo"),
        ("select evnt from events", "Perhaps you meant 'event'?", "evnt"),
        ("select e.x from events e", "Unable to resolve field: x (of events)", "e.x"),
        ("select person.emial from events", "Unable to resolve field: emial (of persons)", "person.emial"),
        ("select 1 from evnts", "Unknown table `evnts`. Perhaps you meant 'events'?", "evnts"),
        ("select coutn() from events", "Unsupported function call 'coutn(...)'. Perhaps you meant 'count'?", "coutn()"),
        ("select lower() from events", "Function 'lower' expects 1 argument, found 0", "lower()"),
        ("select lower('a', 'b')", "Function 'lower' expects 1 argument, found 2", "lower('a', 'b')"),
        ("select concat() from events", "Function 'concat' expects at least 1 argument, found 0", "concat()"),
        ("select quantile(1, 2)(3)", "Function 'quantile' expects 1 parameter, found 2", "quantile(1, 2)(3)"),
        ("select quantile(3)", "Function 'quantile' expects 1 parameter, found 0", "quantile(3)"),
        ("select 1 from events final", "FINAL is not supported", "events final"),
        ("select sum(count()) from events", "cannot be nested inside another aggregation", "sum(count())"),
        ("select event from events a, events b", "Ambiguous query", "event"),
        ("select 1 as a, 2 as a", "Cannot redefine an alias with the name: a", "2 as a"),
        ("select person from events", "'person' is a table", "person"),
        ("select event.x from events", 'Can not access property "x" on field "event"', "event.x"),
        ("select * from (select 1) join (select 2) on 1", "Cannot use '*' without table name", "*"),
        ("select 1 from events e, events e", 'Already have joined a table called "e"', None),
        ("select [1][0]", "SQL indexes start from one, not from zero", "[1][0]"),
        ("select lag(event) from events", "'lag' needs OVER", "lag(event)"),
        ("select lower('a') over ()", "'lower' is no window function", "lower('a') over ()"),
        ("select rank() over w from events", "Unknown window: w", "rank() over w"),
        ("select 1 limit 'a'", "LIMIT and OFFSET take whole numbers", "'a'"),
        ("select event from events limit n + 1", "LIMIT and OFFSET take whole numbers", "n + 1"),
        ("select 1 from events limit -1", "LIMIT and OFFSET take whole numbers", "-1"),
        ("select {x}", "Unresolved placeholder: {x}", "{x}"),
        ("select 'a'::foo", "Unsupported type cast to 'foo'", "'a'::foo"),
        ("select 1 union all select 1, 2", "must have the same number of columns", None),
        ("select a.event from (select 1 as x) a", "Unable to resolve field: event (of a)", "a.event"),
        ("select count(distinct event) from events where evnt = 1", "Perhaps you meant 'event'?", "evnt"),
        (
            "select dateDiff('fortnight', now(), now())",
            "A unit of time is one of",
            "dateDiff('fortnight', now(), now())",
        ),
        ("select (select event from events where e.event = event) from events e", "Unable to resolve field", "e.event"),
        ("with x as (select 1) select x", "'x' is a query: it can only stand in FROM", "x"),
        ("(select 1) union all (select 2) order by 1", "ORDER BY after a query in brackets", None),
        ("select 1 order by 1 nulls first", "NULLS FIRST is not supported", "nulls first"),
        ("select event, count() from events group by event with totals", "WITH TOTALS", "with totals"),
        ("select _person_id from events", "Unable to resolve field: _person_id", "_person_id"),
        ("select * from _overrides", "Unknown table `_overrides`", "_overrides"),
    ],
)
def test_a_mistake_is_told_with_its_place(query: str, message: str, place: str | None) -> None:
    with pytest.raises(HogQLError) as error:
        sql_of(query)

    assert message in str(error.value)
    if place is not None:
        assert query[error.value.start : error.value.end] == place


def test_a_query_without_limit_is_asked_for_one_row_more(four: Engine) -> None:
    query, limit = with_default_limit(parse_select("select event from events"), 2)
    assert limit == 2
    printed = print_select(query, CONTEXT)
    assert len(four.run(printed.sql, printed.params).rows) == 3

    query, limit = with_default_limit(parse_select("select event from events limit 3"))
    assert (limit, sql_of("select event from events limit 3")[-7:]) == (None, "LIMIT 3")
    query, limit = with_default_limit(parse_select("select 1 union all select 2"))
    assert (limit, print_select(query, CONTEXT).hogql) == (None, "(SELECT 1 LIMIT 100) UNION ALL (SELECT 2 LIMIT 100)")


def test_rows_are_capped_on_the_outside_only() -> None:
    capped = replace(CONTEXT, max_rows=50_000)
    assert sql_of("select event from events limit 60000", capped).endswith("LIMIT 50000")
    assert sql_of("select event from events limit 10", capped).endswith("LIMIT 10")
    assert sql_of("select event from events", capped).endswith("LIMIT 50000")
    assert "LIMIT 60000" in sql_of("select * from (select event from events limit 60000)", capped)
    assert sql_of("select 1 union all select 2", capped).endswith("LIMIT 50000")
    assert "LIMIT" not in sql_of("select event from events")


def test_limits_are_computed_before_anything_is_read(four: Engine) -> None:
    capped = replace(CONTEXT, max_rows=2)
    assert column(four, "select number from numbers(9) limit 1 + 2 offset toInt('4')") == [4, 5, 6]
    assert column(four, "select number from numbers(9) limit 1 + 2", capped) == [0, 1]
    assert column(four, "select max(number) from (select number from numbers(9) limit 2 * 2)", capped) == [3]


def test_a_query_that_grows_without_end_is_refused() -> None:
    ctes = ["a0 as (select 1 as x)"]
    ctes += [f"a{n + 1} as (select * from a{n} union all select * from a{n})" for n in range(40)]
    with pytest.raises(HogQLError, match="too large once its common table expressions are written out"):
        sql_of(f"with {', '.join(ctes)} select * from a40")
    with pytest.raises(HogQLError, match="nested too deeply"):
        sql_of("with x + 1 as x select x")


def test_long_chains_of_operators_are_no_deep_trees(four: Engine) -> None:
    terms = 400
    (row,) = ask(
        four, f"select {' + '.join(['1'] * terms)}, {' and '.join(['1'] * terms)}, {' || '.join(['1'] * terms)}"
    )

    assert row == (terms, True, "1" * terms)
