"""The questions of `queries.py`: each as an insight query, and as the best SQL we could write by hand for it.

The SQL reads our own tables with what their makers know of them: materialised columns, the order key, uniqExact. It
answers no more than the insight shows. `ours` and `theirs` turn both answers into one form, to be compared.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Rows = Sequence[tuple[Any, ...]]
Facts = dict[Any, Any]

PAGEVIEW, CART, PAID, SEARCHED = "$pageview", "added to cart", "purchased", "searched"
_END = "timestamp <= toDateTime64('2026-06-30 23:59:59', 6, 'UTC')"
MONTH = f"timestamp >= toDateTime64('2026-05-31', 6, 'UTC') AND {_END}"
QUARTER = MONTH.replace("2026-05-31", "2026-04-01")
WINDOW = 14 * 86_400_000_000


@dataclass(frozen=True)
class Question:
    """One question. `sql` may name {events} and {who}: the events, and who their current person is.

    `slack` is by how much numbers may differ, and `why`. `may_take` is how many seconds it may take at 10 M events.
    `shows_top`: ours shows only some of the rows that SQL gives.
    """

    name: str
    query: Json
    sql: str
    ours: Callable[[Any], Facts]
    theirs: Callable[[Rows], Facts]
    slack: float = 1e-9
    why: str = ""
    may_take: float = 2.0
    shows_top: bool = False


@dataclass(frozen=True)
class Dialect:
    """How SQL by hand names events and persons: with the merges that are not in the events yet, or without."""

    is_merged: bool
    holes: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        merges = "SELECT distinct_id, person_id FROM insights.person_distinct_id_overrides FINAL WHERE team_id = 1"
        joined = f"insights.events AS e LEFT ANY JOIN ({merges}) AS o ON e.distinct_id = o.distinct_id"
        holes = {
            "events": joined if self.is_merged else "insights.events AS e",
            "who": "if(o.distinct_id = '', e.person_id, o.person_id)" if self.is_merged else "e.person_id",
        }
        object.__setattr__(self, "holes", holes)

    def fill(self, sql: str) -> str:
        for name, text in self.holes.items():
            sql = sql.replace(f"{{{name}}}", text)
        return sql


def series(event: str | None, **more: object) -> Json:
    return {"kind": "EventsNode", "event": event, "name": event or "All events", **more}


def trends(*entities: Json, date_from: str = "-30d", **more: object) -> Json:
    return {"kind": "TrendsQuery", "series": list(entities), "dateRange": {"date_from": date_from}, **more}


def funnel(*events: Json, date_from: str = "-90d", **more: object) -> Json:
    settings = more.pop("filter", {})
    assert isinstance(settings, dict)
    steps = list(events) or [series(PAGEVIEW), series(CART), series(PAID)]
    return {
        "kind": "FunnelsQuery", "series": steps, "dateRange": {"date_from": date_from},
        "funnelsFilter": {"funnelWindowInterval": 14, "funnelWindowIntervalUnit": "day", **settings}, **more,
    }  # fmt: skip


def points(results: list[Json]) -> Facts:
    """Return the numbers of a trend by series, breakdown value, period and day, zeros left out."""
    return {
        (one.get("breakdown_value", place), one.get("compare_label", ""), day): number
        for place, one in enumerate(results)
        for day, number in zip(one["days"], one["data"], strict=True)
        if number
    }


def rows_of(*, key: object = 0, label: str = "") -> Callable[[Rows], Facts]:
    """Read rows of day and number as `points` prints them."""
    return lambda rows: {(key, label, str(day)): number for day, number in rows if number}


def broken_down(rows: Rows) -> Facts:
    """Read rows of value, day, number."""
    return {(value, "", str(day)): number for value, day, number in rows if number}


def steps(results: list[Json]) -> Facts:
    """Return counts and times of a funnel's steps; with a breakdown by its value."""
    lists = results if results and isinstance(results[0], list) else [results]
    facts: Facts = {}
    for one in lists:
        for step in one:
            value = "::".join(step["breakdown_value"]) if "breakdown_value" in step else ""
            facts[value, step["order"]] = step["count"]
            if step["order"]:
                facts[value, step["order"], "average"] = step["average_conversion_time"]
                facts[value, step["order"], "median"] = step["median_conversion_time"]
    return facts


def step_rows(rows: Rows) -> Facts:
    """Read rows of value, three counts, two averages, two medians."""
    facts: Facts = {}
    for value, *numbers in rows:
        for place in range(3):
            facts[value, place] = numbers[place]
        for place in (1, 2):
            facts[value, place, "average"] = numbers[2 + place]
            facts[value, place, "median"] = numbers[4 + place]
    return facts


def cells(results: list[Json]) -> Facts:
    return {
        (row, column): value["count"]
        for row, one in enumerate(results)
        for column, value in enumerate(one["values"])
        if value["count"]
    }


def pairs(rows: Rows) -> Facts:
    return {tuple(row[:-1]) if len(row) > 2 else row[0]: row[-1] for row in rows if row[-1]}


# ---- funnels by hand: windowFunnel where counts are enough; for the times as well, one sorted array per person and the
# newest chain that reached each step after each event

_PACKED = "toUnixTimestamp64Micro(timestamp) * 4"
_STEP = f"transform(event, ['{PAGEVIEW}', '{CART}', '{PAID}'], [1, 2, 3], 0)"
_NAMES = f"event IN ('{PAGEVIEW}', '{CART}', '{PAID}')"


def _chain(kind: int, chains: str) -> str:
    return f"arrayMap((v, s) -> if(v % 4 = {kind} AND s > 0 AND intDiv(v, 4) - s <= {WINDOW}, s, 0), packed, {chains})"


_CHAINS = f"""
    arrayFill(s -> s > 0, arrayMap(v -> if(v % 4 = 1, intDiv(v, 4), 0), packed)) AS first_starts,
    {_chain(2, "first_starts")} AS second_hits,
    arrayFill(s -> s > 0, second_hits) AS second_starts,
    {_chain(3, "second_starts")} AS third_hits,
    arrayFirstIndex(s -> s > 0, third_hits) AS third_at,
    if(third_at > 0, third_hits[third_at], arrayFirst(s -> s > 0, second_hits)) AS began,
    arrayFirstIndex(s -> s = began, second_hits) AS second_at
"""
_TOTALS = """
    countIf(first_starts[-1] > 0), countIf(began > 0), countIf(third_at > 0),
    avgIf((second_time - began) / 1e6, began > 0), avgIf((third_time - second_time) / 1e6, third_at > 0),
    quantileExactInclusiveIf(0.5)((second_time - began) / 1e6, began > 0),
    quantileExactInclusiveIf(0.5)((third_time - second_time) / 1e6, third_at > 0)
"""
_TIMES = "intDiv(packed[second_at], 4) AS second_time, intDiv(packed[third_at], 4) AS third_time"


def _funnel_sql(value: str = "''", given: str = "", grouped: str = "") -> str:
    return f"""
        WITH {_CHAINS}, {_TIMES}
        SELECT {value} AS value, {_TOTALS}
        FROM (
            SELECT {{who}} AS person, arraySort(groupArray({_PACKED} + {_STEP})) AS packed {given}
            FROM {{events}} WHERE team_id = 1 AND {_NAMES} AND {QUARTER} GROUP BY person
        )
        WHERE first_starts[-1] > 0 {grouped}
    """


_FUNNEL = _funnel_sql()
_FUNNEL_BREAKDOWN = _funnel_sql(
    "given", ", ifNull(argMinIf(`mat_$browser`, timestamp, isNotNull(`mat_$browser`)), '') AS given", "GROUP BY given"
)


# The exclusion stands between all steps. A chain that it hits goes no further; who is hit at the deepest step is out.
_SPOILT = "item shared"
_EXCLUDING = f"""
    arrayFill(s -> s > 0, arrayMap(v -> if(v % 8 = 1, intDiv(v, 8), 0), packed)) AS first_starts,
    arrayFill(s -> s != 0, arrayMap(v -> multiIf(v % 8 = 1, intDiv(v, 8), v % 8 = 4, -1, 0), packed)) AS first_clean,
    arrayMap((v, s) -> if(v % 8 = 2 AND s > 0 AND intDiv(v, 8) - s <= {WINDOW}, s, 0), packed, first_clean)
        AS second_hits,
    arrayFill(s -> s > 0, second_hits) AS second_starts,
    arrayFill(s -> s != 0, arrayMap((v, s, p) -> multiIf(s != p, s, v % 8 = 4, -1, 0), packed, second_starts,
        arrayPushFront(arrayPopBack(second_starts), 0))) AS second_clean,
    arrayMap((v, s) -> if(v % 8 = 3 AND s > 0 AND intDiv(v, 8) - s <= {WINDOW}, s, 0), packed, second_clean)
        AS third_hits,
    multiIf(
        arrayExists((v, s) -> v % 8 = 3 AND s > 0 AND intDiv(v, 8) - s <= {WINDOW}, packed, second_starts), 3,
        arrayExists((v, s) -> v % 8 = 2 AND s > 0 AND intDiv(v, 8) - s <= {WINDOW}, packed, first_starts), 2,
        1) AS deepest,
    multiIf(deepest = 3, arrayFill(s -> s > 0, third_hits), deepest = 2, second_starts, first_starts) AS line,
    arrayMap((v, s) -> if(v % 8 = 4 AND deepest < 3 AND s > 0 AND intDiv(v, 8) - s <= {WINDOW}, intDiv(v, 8), 0),
        packed, arrayPushFront(arrayPopBack(line), 0)) AS hits,
    arrayMap((s, p, h) -> multiIf(s > 0 AND s != p, 1, h > 0, 2, 0), line, arrayPushFront(arrayPopBack(line), 0), hits)
        AS marks,
    arrayFirst((s, m, l, h) -> m = 1 AND l != 1 AND (h = 0 OR h - s > {WINDOW}), line, marks,
        arrayPushFront(arrayPopBack(arrayFill(m -> m > 0, marks)), 0), arrayReverseFill(h -> h > 0, hits)) AS began,
    if(deepest > 1 AND began > 0, arrayFirstIndex(s -> s = began, second_hits), 0) AS second_at,
    if(deepest > 2 AND began > 0, arrayFirstIndex(s -> s = began, third_hits), 0) AS third_at
"""
_STRICT = f"""
    arrayMap(v -> if(v % 4 = 1, intDiv(v, 4), 0), packed) AS first_starts,
    arrayFill(s -> s >= 0, arrayMap(
        (v, s, k) -> multiIf(v % 4 != 2, 0, k % 4 = 1 AND intDiv(v, 4) - s <= {WINDOW}, s, -1),
        packed, arrayPushFront(arrayPopBack(first_starts), 0), arrayPushFront(arrayPopBack(packed), 0)
    )) AS second_starts,
    arrayMap((v, s) -> if(v % 4 = 3 AND s > 0 AND intDiv(v, 4) - s <= {WINDOW}, s, 0),
        packed, arrayPushFront(arrayPopBack(second_starts), 0)) AS third_hits,
    arrayFirstIndex(s -> s > 0, third_hits) AS third_at,
    if(third_at > 0, third_hits[third_at], arrayFirst(s -> s > 0, second_starts)) AS began,
    if(began > 0, arrayFirstIndex(s -> s = began, second_starts), 0) AS second_at
"""
_UNORDERED = f"""
    arrayFilter((v, before, after) -> NOT (v % 4 = before % 4 AND v % 4 = after % 4 AND before < v AND v < after),
        packed, arrayRotateRight(packed, 1), arrayRotateLeft(packed, 1)) AS kept,
    arrayFill(s -> s > 0, arrayMap(v -> if(v % 4 = 1, intDiv(v, 4), 0), kept)) AS a,
    arrayFill(s -> s > 0, arrayMap(v -> if(v % 4 = 2, intDiv(v, 4), 0), kept)) AS b,
    arrayFill(s -> s > 0, arrayMap(v -> if(v % 4 = 3, intDiv(v, 4), 0), kept)) AS c,
    arrayMap((v, x, y, z) -> (intDiv(v, 4) - x <= {WINDOW}) + (intDiv(v, 4) - y <= {WINDOW})
        + (intDiv(v, 4) - z <= {WINDOW}), kept, a, b, c) AS counts,
    arrayMax(counts) AS deepest,
    indexOf(counts, deepest) AS at,
    intDiv(kept[at], 4) - {WINDOW} AS since,
    arrayFilter(v -> intDiv(v, 4) >= since, arraySlice(kept, 1, at)) AS inside,
    arraySort(arrayFilter(t -> t > 0, arrayMap(k -> intDiv(arrayFirst(v -> v % 4 = k, inside), 4), [1, 2, 3])))
        AS moments
"""


def _grouped(names: str, step: str, bits: int) -> str:
    """Return the sorted arrays of all persons: the microsecond and the step of each event in one number."""
    return f"""
        SELECT {{who}} AS person,
            arraySort(groupArray(toUnixTimestamp64Micro(timestamp) * {bits} + {step})) AS packed
        FROM {{events}} WHERE team_id = 1 AND {names} AND {QUARTER} GROUP BY person
    """


def _times_of(bits: int) -> str:
    return f"intDiv(packed[second_at], {bits}) AS second_time, intDiv(packed[third_at], {bits}) AS third_time"


_FUNNEL_EXCLUDING = f"""
    WITH {_EXCLUDING}, {_times_of(8)}
    SELECT '', count(), countIf(second_at > 0), countIf(third_at > 0),
        avgIf((second_time - began) / 1e6, second_at > 0), avgIf((third_time - second_time) / 1e6, third_at > 0),
        quantileExactInclusiveIf(0.5)((second_time - began) / 1e6, second_at > 0),
        quantileExactInclusiveIf(0.5)((third_time - second_time) / 1e6, third_at > 0)
    FROM ({
    _grouped(
        f"event IN ('{PAGEVIEW}', '{CART}', '{PAID}', '{_SPOILT}')",
        f"transform(event, ['{PAGEVIEW}', '{CART}', '{PAID}', '{_SPOILT}'], [1, 2, 3, 4], 0)",
        8,
    )
})
    WHERE began > 0
"""
_FUNNEL_STRICT = f"""
    WITH {_STRICT}, {_times_of(4)}
    SELECT '', countIf(arrayExists(s -> s > 0, first_starts)), countIf(began > 0), countIf(third_at > 0),
        avgIf((second_time - began) / 1e6, began > 0), avgIf((third_time - second_time) / 1e6, third_at > 0),
        quantileExactInclusiveIf(0.5)((second_time - began) / 1e6, began > 0),
        quantileExactInclusiveIf(0.5)((third_time - second_time) / 1e6, third_at > 0)
    FROM ({_grouped("1", _STEP, 4)})
"""
_FUNNEL_UNORDERED = f"""
    WITH {_UNORDERED}
    SELECT '', count(), countIf(deepest > 1), countIf(deepest > 2),
        avgIf((moments[2] - moments[1]) / 1e6, deepest > 1), avgIf((moments[3] - moments[2]) / 1e6, deepest > 2),
        quantileExactInclusiveIf(0.5)((moments[2] - moments[1]) / 1e6, deepest > 1),
        quantileExactInclusiveIf(0.5)((moments[3] - moments[2]) / 1e6, deepest > 2)
    FROM ({_grouped(_NAMES, _STEP, 4)})
"""
# From the end: when the rest of the funnel is complete at the earliest.
_FUNNEL_TRENDS = f"""
    WITH
        arrayReverseFill(t -> t > 0, arrayMap(v -> if(v % 4 = 3, intDiv(v, 4), 0), packed)) AS third,
        arrayReverseFill(t -> t > 0, arrayMap((v, t) -> if(v % 4 = 2, t, 0), packed, third)) AS second,
        arrayFilter(v -> v % 4 = 1, packed) AS entrances,
        arrayFilter((v, t) -> v % 4 = 1 AND t > 0 AND t - intDiv(v, 4) <= {WINDOW}, packed, second) AS converting
    SELECT day, sum(is_converted) / count() * 100 FROM (
        SELECT arrayDistinct(arrayMap(v -> intDiv(v, 4 * 86400000000), entrances)) AS days,
            arrayDistinct(arrayMap(v -> intDiv(v, 4 * 86400000000), converting)) AS converted
        FROM ({_grouped(_NAMES, _STEP, 4)})
    ) ARRAY JOIN days AS number, arrayMap(one -> has(converted, one), days) AS is_converted
    GROUP BY toDate(toUInt16(number)) AS day
"""
_TIME_TO_CONVERT = f"""
    WITH {_CHAINS}, {_TIMES},
        least(60, greatest(1, ceil(round(cbrt(length(times)), 9)))) AS bins,
        toInt64(ceil((ceil(arrayMax(times)) - floor(arrayMin(times))) / bins)) AS width
    SELECT floor(arrayMin(times)) + width * arrayJoin(range(toUInt32(bins + 1))) AS edge,
        arrayCount(time -> time >= edge AND time < edge + width, times)
    FROM (
        SELECT groupArray((third_time - began) / 1e6) AS times FROM ({_grouped(_NAMES, _STEP, 4)}) WHERE third_at > 0
    )
"""


# ---- retention and the like by hand: the intervals of a person are the bits of one number


def _masks(position: str, where: str) -> str:
    return f"""
        SELECT {{who}} AS person, groupBitOr(bitShiftLeft(toUInt64(1), {position})) AS mask
        FROM {{events}} WHERE team_id = 1 AND event = '{PAGEVIEW}' AND {where} GROUP BY person
    """


def _retention_sql(position: str, where: str, columns: int) -> str:
    return f"""
        SELECT
            start,
            arrayJoin(arrayMap(r -> r - start, arrayFilter(r -> r >= start AND r < start + {columns}, places)))
                AS later,
            sum(persons)
        FROM (
            SELECT bitPositionsToArray(mask) AS places, arrayJoin(places) AS start, persons
            FROM (SELECT mask, count() AS persons FROM ({_masks(position, where)}) GROUP BY mask)
        ) GROUP BY start, later
    """


def _since(day: str) -> str:
    return f"timestamp >= toDateTime64('{day}', 6, 'UTC') AND timestamp < toDateTime64('2026-07-01', 6, 'UTC')"


_STICKINESS = f"""
    SELECT bitCount(mask) AS days, count()
    FROM ({_masks("toDate(timestamp) - toDate('2026-05-31')", MONTH)}) GROUP BY days
"""
_LIFECYCLE = f"""
    WITH bitShiftLeft(mask, 1) AS next,
        if(born >= 0 AND bitTest(mask, greatest(born, 0)) AND bitPositionsToArray(mask)[1] = born,
            bitShiftLeft(toUInt64(1), greatest(born, 0)), 0) AS fresh
    SELECT status.1 AS what, arrayJoin(bitPositionsToArray(status.2)) AS place, sum(persons)
    FROM (
        SELECT mask, if(p.created_at >= toDateTime64('2026-05-30', 6, 'UTC'),
            toDate(p.created_at) - toDate('2026-05-30'), -1) AS born, count() AS persons
        FROM ({
    _masks("toDate(timestamp) - toDate('2026-05-30')", _since("2026-05-30") + " AND person_mode = 'full'")
}) AS a
        LEFT JOIN (
            SELECT id, created_at FROM insights.persons FINAL WHERE team_id = 1 AND is_deleted = 0
                AND created_at >= toDateTime64('2026-05-30', 6, 'UTC')
        ) AS p ON a.person = p.id
        GROUP BY mask, born
    ) ARRAY JOIN [
        ('new', fresh), ('returning', bitAnd(mask, next)),
        ('resurrecting', bitAnd(bitAnd(mask, bitNot(next)), bitNot(fresh))), ('dormant', bitAnd(next, bitNot(mask)))
    ] AS status GROUP BY what, place HAVING place BETWEEN 1 AND 31
"""


def _lifecycle_facts(results: list[Json]) -> Facts:
    return {
        (one["status"], place): abs(number) for one in results for place, number in enumerate(one["data"], 1) if number
    }


# The visits of a person, cut where half an hour passes; of pages in a row the last stays.
_PATHS = f"""
    WITH
        arraySort(groupArray((timestamp, page))) AS visits,
        arrayMap((one, before) -> toUnixTimestamp64Micro(one.1) - toUnixTimestamp64Micro(before.1) >= 1800000000,
            visits, arrayPushFront(arrayPopBack(visits), visits[1])) AS pauses,
        arraySplit((one, is_new) -> is_new, visits, pauses) AS sessions
    SELECT concat(toString(step), '_', here) AS source, concat(toString(step + 1), '_', next) AS target,
        count() AS number, avg(micros) / 1000
    FROM (
        SELECT arrayJoin(arrayMap(session -> arraySlice(arrayFilter(
            (one, later) -> one.2 != later.2, session,
            arrayPushBack(arrayPopFront(session), (session[1].1, '$end'))
        ), 1, 5), sessions)) AS walk
        FROM (
            SELECT {{who}} AS person, timestamp, replaceRegexpOne(ifNull(`mat_$current_url`, ''), '/$', '') AS page
            FROM {{events}} WHERE team_id = 1 AND event = '{PAGEVIEW}' AND {MONTH}
        ) GROUP BY person
    )
    ARRAY JOIN arrayEnumerate(arrayPopBack(walk)) AS step,
        arrayMap(one -> one.2, arrayPopBack(walk)) AS here, arrayMap(one -> one.2, arrayPopFront(walk)) AS next,
        arrayMap((one, later) -> toUnixTimestamp64Micro(later.1) - toUnixTimestamp64Micro(one.1),
            arrayPopBack(walk), arrayPopFront(walk)) AS micros
    GROUP BY source, target ORDER BY number DESC, source, target LIMIT 50
"""
_CORRELATION = f"""
    WITH {_CHAINS}, {_TIMES},
        reached AS (
            SELECT person, third_at > 0 AS is_success, if(began > 0, began, first_starts[-1]) AS start,
                if(is_success, third_time, first_time + {WINDOW}) AS until,
                if(began > 0, began, intDiv(arrayFirst(v -> v % 4 = 1, packed), 4)) AS first_time
            FROM ({_grouped(_NAMES, _STEP, 4).replace(QUARTER, MONTH)}) WHERE first_starts[-1] > 0
        )
    SELECT event, countIf(is_success), countIf(NOT is_success) FROM (
        SELECT event, {{who}} AS person_id, any(a.is_success) AS is_success
        FROM {{events}} INNER JOIN reached AS a ON {{who}} = a.person
        WHERE team_id = 1 AND NOT ({_NAMES}) AND {MONTH.replace("'2026-07-01'", "'2026-06-30 23:59:59'")}
            AND toUnixTimestamp64Micro(timestamp) >= (intDiv(a.first_time, 1000000) + 1) * 1000000
            AND toUnixTimestamp64Micro(timestamp) < intDiv(a.until + 999999, 1000000) * 1000000
        GROUP BY event, person_id
    ) GROUP BY event
"""

QUESTIONS: list[Question] = [
    Question(
        "trends total",
        trends(series(PAGEVIEW)),
        f"SELECT toDate(timestamp) AS day, count() FROM insights.events WHERE team_id = 1 AND event = '{PAGEVIEW}'"
        f" AND {MONTH} GROUP BY day",
        points,
        rows_of(),
    ),
    Question(
        "trends dau",
        trends(series(PAGEVIEW, math="dau")),
        f"SELECT toDate(timestamp) AS day, uniqExact({{who}}) FROM {{events}} WHERE team_id = 1"
        f" AND event = '{PAGEVIEW}' AND {MONTH} GROUP BY day",
        points,
        rows_of(),
    ),
    Question(
        "trends weekly active",
        trends(series(PAGEVIEW, math="weekly_active")),
        f"""
        WITH bitOr(bitOr(mask, bitShiftLeft(mask, 1)), bitShiftLeft(bitOr(mask, bitShiftLeft(mask, 1)), 2)) AS four
        SELECT toDate('2026-05-24') + place AS day, sum(persons) FROM (
            SELECT arrayJoin(bitPositionsToArray(bitOr(four, bitShiftLeft(four, 3)))) AS place, persons FROM (
                SELECT mask, count() AS persons FROM (
                    SELECT groupBitOr(bitShiftLeft(toUInt64(1), toDate(timestamp) - toDate('2026-05-24'))) AS mask
                    FROM {{events}} WHERE team_id = 1 AND event = '{PAGEVIEW}'
                        AND {MONTH.replace("2026-05-31", "2026-05-24")} GROUP BY {{who}}
                ) GROUP BY mask
            )
        ) WHERE place BETWEEN 7 AND 37 GROUP BY day
        """,
        points,
        rows_of(),
    ),
    Question(
        "trends by event property",
        trends(series(PAGEVIEW), breakdownFilter={"breakdown": "$pathname", "breakdown_type": "event"}),
        f"""
        SELECT if(place <= 25, value, '$$_posthog_breakdown_other_$$') AS kept, day, sum(number) FROM (
            SELECT value, day, number, dense_rank() OVER (ORDER BY total DESC, value) AS place FROM (
                SELECT value, day, number, sum(number) OVER (PARTITION BY value) AS total FROM (
                    SELECT `mat_$pathname` AS value, toDate(timestamp) AS day, count() AS number FROM insights.events
                    WHERE team_id = 1 AND event = '{PAGEVIEW}' AND {MONTH} GROUP BY value, day
                )
            )
        ) GROUP BY kept, day
        """,
        points,
        broken_down,
    ),
    Question(
        "trends by person property",
        trends(series(PAGEVIEW), breakdownFilter={"breakdown": "plan", "breakdown_type": "person"}),
        f"""
        SELECT p.plan AS value, day, sum(number) FROM (
            SELECT {{who}} AS person, toDate(timestamp) AS day, count() AS number FROM {{events}}
            WHERE team_id = 1 AND event = '{PAGEVIEW}' AND {MONTH} GROUP BY person, day
        ) AS e INNER JOIN (
            SELECT id, JSONExtractString(properties, 'plan') AS plan FROM insights.persons FINAL
            WHERE team_id = 1 AND is_deleted = 0
        ) AS p ON e.person = p.id GROUP BY value, day
        """,
        points,
        broken_down,
    ),
    Question(
        "trends sum of property",
        trends(series(PAID, math="sum", math_property="revenue"), date_from="-90d"),
        f"SELECT toDate(timestamp) AS day, sum(JSONExtractFloat(properties, 'revenue')) FROM insights.events"
        f" WHERE team_id = 1 AND event = '{PAID}' AND {QUARTER} GROUP BY day",
        points,
        rows_of(),
    ),
    Question(
        "trends p90 of property",
        trends(series(PAGEVIEW, math="p90", math_property="load_ms"), date_from="-14d"),
        f"SELECT toDate(timestamp) AS day, quantile(0.9)(JSONExtractFloat(properties, 'load_ms')) FROM insights.events"
        f" WHERE team_id = 1 AND event = '{PAGEVIEW}' AND {MONTH.replace('2026-05-31', '2026-06-16')} GROUP BY day",
        points,
        rows_of(),
        slack=0.08,
        why="quantile() draws a sample above 8,192 values",
    ),
    Question(
        "trends formula",
        trends(series(PAID, math="dau"), series(PAGEVIEW, math="dau"), trendsFilter={"formula": "A / B * 100"}),
        f"SELECT toDate(timestamp) AS day, uniqExactIf({{who}}, event = '{PAID}')"
        f" / uniqExactIf({{who}}, event = '{PAGEVIEW}') * 100 FROM {{events}}"
        f" WHERE team_id = 1 AND event IN ('{PAGEVIEW}', '{PAID}') AND {MONTH} GROUP BY day",
        points,
        rows_of(),
    ),
    Question(
        "trends sessions",
        trends(series(PAGEVIEW, math="unique_session")),
        f"SELECT toDate(timestamp) AS day, uniqExact(`$session_id`) FROM insights.events WHERE team_id = 1"
        f" AND event = '{PAGEVIEW}' AND {MONTH} GROUP BY day",
        points,
        rows_of(),
    ),
    Question(
        "trends filters and/or",
        trends(
            series(PAGEVIEW),
            properties={
                "type": "OR",
                "values": [
                    {
                        "type": "AND",
                        "values": [
                            {"key": "$browser", "value": ["Chrome", "Safari"], "operator": "exact", "type": "event"},
                            {"key": "$geoip_country_code", "value": "US", "operator": "is_not", "type": "event"},
                        ],
                    },
                    {
                        "type": "AND",
                        "values": [{"key": "$current_url", "value": "ref=3", "operator": "icontains", "type": "event"}],
                    },
                ],
            },
        ),
        f"SELECT toDate(timestamp) AS day, count() FROM insights.events WHERE team_id = 1 AND event = '{PAGEVIEW}'"
        f" AND {MONTH} AND ((`mat_$browser` IN ('Chrome', 'Safari') AND ifNull(`mat_$geoip_country_code` != 'US', 1))"
        " OR `mat_$current_url` ILIKE '%ref=3%') GROUP BY day",
        points,
        rows_of(),
    ),
    Question(
        "trends hourly one day",
        trends(
            series(PAGEVIEW),
            interval="hour",
            dateRange={"date_from": "2026-06-29", "date_to": "2026-06-29T23:59:59"},
        ),
        f"SELECT toStartOfHour(timestamp) AS hour, count() FROM insights.events WHERE team_id = 1"
        f" AND event = '{PAGEVIEW}' AND {MONTH.replace('2026-05-31', '2026-06-29').replace('06-30', '06-29')}"
        " GROUP BY hour",
        points,
        lambda rows: {(0, "", f"{hour:%Y-%m-%d %H:%M:%S}"): number for hour, number in rows},
    ),
    Question(
        "trends compare",
        trends(series(PAGEVIEW), compareFilter={"compare": True}),
        f"SELECT toDate(timestamp) AS day, count() FROM insights.events WHERE team_id = 1 AND event = '{PAGEVIEW}'"
        f" AND {MONTH.replace('2026-05-31', '2026-04-30')} GROUP BY day",
        lambda results: {
            day: number for one in results for day, number in zip(one["days"], one["data"], strict=True) if number
        },
        lambda rows: {str(day): number for day, number in rows},
    ),
    Question(
        "funnel counts only",
        funnel(),
        f"""
        SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3) FROM (
            SELECT {{who}} AS person, windowFunnel({WINDOW})(
                toUInt64(toUnixTimestamp64Micro(timestamp)), event = '{PAGEVIEW}', event = '{CART}', event = '{PAID}'
            ) AS level
            FROM {{events}} WHERE team_id = 1 AND {_NAMES} AND {QUARTER} GROUP BY person
        )
        """,
        lambda results: {step["order"]: step["count"] for step in results},
        lambda rows: dict(enumerate(rows[0])),
    ),
    Question("funnel ordered", funnel(), _FUNNEL, steps, step_rows),
    Question(
        "funnel by browser",
        funnel(breakdownFilter={"breakdown": "$browser", "breakdown_type": "event"}),
        _FUNNEL_BREAKDOWN,
        steps,
        step_rows,
    ),
    Question(
        "funnel with exclusion",
        funnel(
            filter={
                "exclusions": [
                    {"kind": "EventsNode", "event": _SPOILT, "funnelFromStep": 0, "funnelToStep": 2},
                ]
            }
        ),
        _FUNNEL_EXCLUDING,
        steps,
        step_rows,
        may_take=4,
    ),
    Question(
        "funnel strict",
        funnel(filter={"funnelOrderType": "strict"}),
        _FUNNEL_STRICT,
        steps,
        step_rows,
        may_take=4,
    ),
    Question(
        "funnel unordered",
        funnel(filter={"funnelOrderType": "unordered"}),
        _FUNNEL_UNORDERED,
        steps,
        step_rows,
        may_take=4,
    ),
    Question(
        "funnel trends",
        funnel(filter={"funnelVizType": "trends"}),
        _FUNNEL_TRENDS,
        lambda results: {
            day: rate for one in results for day, rate in zip(one["days"], one["data"], strict=True) if rate
        },
        lambda rows: {str(day): round(rate, 2) for day, rate in rows if rate},
    ),
    Question(
        "funnel time to convert",
        funnel(filter={"funnelVizType": "time_to_convert"}),
        _TIME_TO_CONVERT,
        lambda results: {edge: number for edge, number in results["bins"] if number},
        pairs,
    ),
    Question(
        "retention daily",
        {
            "kind": "RetentionQuery",
            "dateRange": {"date_from": "2026-06-10", "date_to": "2026-06-30"},
            "retentionFilter": {"period": "Day", "totalIntervals": 11},
        },
        _retention_sql("toDate(timestamp) - toDate('2026-06-10')", _since("2026-06-10"), 11),
        cells,
        pairs,
    ),
    Question(
        "retention weekly",
        {
            "kind": "RetentionQuery",
            "dateRange": {"date_from": "2026-04-05", "date_to": "2026-06-30"},
            "retentionFilter": {"period": "Week", "totalIntervals": 8},
        },
        _retention_sql("intDiv(toDate(timestamp) - toDate('2026-04-05'), 7)", _since("2026-04-05"), 8),
        cells,
        pairs,
    ),
    Question(
        "stickiness",
        {"kind": "StickinessQuery", "series": [series(PAGEVIEW)], "dateRange": {"date_from": "-30d"}},
        _STICKINESS,
        lambda results: {place: number for place, number in enumerate(results[0]["data"], 1) if number},
        pairs,
    ),
    Question(
        "lifecycle",
        {"kind": "LifecycleQuery", "series": [series(PAGEVIEW)], "dateRange": {"date_from": "-30d"}},
        _LIFECYCLE,
        _lifecycle_facts,
        pairs,
    ),
    Question(
        "paths",
        {
            "kind": "PathsQuery",
            "dateRange": {"date_from": "-30d"},
            "pathsFilter": {"includeEventTypes": [PAGEVIEW], "stepLimit": 5, "edgeLimit": 50},
        },
        _PATHS,
        lambda results: {(one["source"], one["target"]): one["value"] for one in results},
        lambda rows: {(source, target): number for source, target, number, _ in rows},
        shows_top=True,
    ),
    Question(
        "correlation of events",
        {
            "kind": "FunnelCorrelationQuery",
            "funnelCorrelationType": "events",
            "source": {"kind": "FunnelsActorsQuery", "source": funnel(date_from="-30d")},
        },
        _CORRELATION,
        lambda results: {
            one["event"]["event"]: (one["success_count"], one["failure_count"]) for one in results["events"]
        },
        lambda rows: {event: (success, failure) for event, success, failure in rows},
        shows_top=True,
    ),
    Question(
        "hogql group by",
        {
            "kind": "HogQLQuery",
            "query": "SELECT properties.plan AS plan, event, count() AS events, count(DISTINCT person_id) AS persons"
            " FROM events WHERE timestamp >= '2026-06-16' GROUP BY plan, event ORDER BY events DESC LIMIT 20",
        },
        "SELECT JSONExtractString(properties, 'plan') AS plan, event, count() AS events, uniqExact({who}) AS persons"
        " FROM {events} WHERE team_id = 1 AND timestamp >= toDateTime64('2026-06-16', 6, 'UTC')"
        " GROUP BY plan, event ORDER BY events DESC LIMIT 20",
        lambda results: {(plan, event): (events, persons) for plan, event, events, persons in results},
        lambda rows: {(plan, event): (events, persons) for plan, event, events, persons in rows},
    ),
    Question(
        "events first page",
        {
            "kind": "EventsQuery",
            "select": ["*", "event", "person", "properties.$lib", "timestamp"],
            "orderBy": ["timestamp DESC"],
            "after": "-24h",
        },
        """
        WITH page AS (
            SELECT uuid, event, properties, timestamp, distinct_id, elements_chain, created_at, person_mode
            FROM insights.events WHERE team_id = 1 AND timestamp > toDateTime64('2026-06-29 15:20:00', 6, 'UTC')
                AND timestamp < toDateTime64('2026-06-30 15:20:05', 6, 'UTC') ORDER BY timestamp DESC LIMIT 101
        )
        SELECT page.*, p.id, p.properties, p.created_at FROM page LEFT JOIN (
            SELECT d.distinct_id AS distinct_id, id, properties, created_at FROM (
                SELECT distinct_id, person_id FROM insights.person_distinct_ids FINAL
                WHERE team_id = 1 AND distinct_id IN (SELECT distinct_id FROM page)
            ) AS d INNER JOIN insights.persons AS p FINAL ON d.person_id = p.id
            WHERE p.team_id = 1 AND p.id IN (
                SELECT person_id FROM insights.person_distinct_ids FINAL
                WHERE team_id = 1 AND distinct_id IN (SELECT distinct_id FROM page)
            )
        ) AS p ON page.distinct_id = p.distinct_id ORDER BY timestamp DESC
        """,
        lambda results: {row[0]["uuid"]: row[2].get("uuid") for row in results},
        lambda rows: {str(row[0]): str(row[8]) for row in rows[:100]},
    ),
]
