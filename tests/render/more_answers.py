"""Answers of the shapes that settings make: comparisons, formulas, units, partial intervals, foreign kinds."""

from datetime import UTC, datetime

from tests.render.answers import CLOSED, DAYS, EARLIER, STEPS, Answer, line, step, total

WEEKS = ["2026-10-18", "2026-10-25", "2026-11-01", "2026-11-08", "2026-11-15"]
MONTHS = ["2025-11-01", "2025-12-01", "2026-01-01"]
HOURS = [f"2026-11-{day} {hour:02}:00:00" for day in (19, 20) for hour in range(24)]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OPEN = {"timezone": "UTC", "computed_at": NOW, "date_to": datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)}
SPAN = OPEN | {"date_from": datetime(2026, 11, 16, tzinfo=UTC)}
BY_BROWSER = {"breakdownFilter": {"breakdown": "$browser", "breakdown_type": "event"}}
BY_CHANNEL = {"breakdownFilter": {"breakdown": "channel", "breakdown_type": "event"}}
UUIDS = ["72405667-204f-533a-808e-89161085d5b9", "5164129b-8a5a-5c2e-80c1-975b6b12b14c"]


def both(now: dict[str, object], before: list[float], *, days: list[str] = EARLIER) -> list[dict[str, object]]:
    """Return a series beside that of the period before."""
    previous = {**now, "data": before, "days": days, "compare": True, "compare_label": "previous"}
    return [{**now, "compare": True, "compare_label": "current"}, previous]


def periods(values: list[dict[str, object]], *, scale: float) -> list[dict[str, object]]:
    """Return the steps of a funnel, then those of the period before."""
    now = [{**one, "compare_label": "current"} for one in values]
    before = [{**one, "compare_label": "previous", "count": round(scale * one["count"])} for one in values]  # type: ignore[operator]  # a number
    return now + before


def valued(steps: list[dict[str, object]], value: str) -> list[dict[str, object]]:
    return [{**one, "breakdown_value": [value], "breakdown": [value]} for one in steps]


def cohort(day: str, counts: list[float], labels: list[str], **more: object) -> dict[str, object]:
    values = [{"count": count, "label": label} for count, label in zip(counts, labels, strict=True)]
    return {"date": f"{day}T00:00:00Z", "label": labels[0], "values": values, **more}


def event(number: int, **properties: object) -> dict[str, object]:
    return {
        "uuid": UUIDS[number],
        "event": "signed_up",
        "properties": {"$browser": "Chrome", "$lib": "web", "$set": {"a": 1}, **properties},
        "timestamp": f"2026-11-2{number}T10:00:0{number}.123456Z",
        "distinct_id": f"user-{number}",
        "elements_chain": "",
    }


def actor(number: int, **properties: object) -> dict[str, object]:
    return {"id": UUIDS[number], "properties": {"$initial_os": "iOS", **properties}, "distinct_ids": ["a", "b"]}


def odds(name: str, kind: str, ratio: float, success: int, failure: int) -> dict[str, object]:
    found = {"event": name, "properties": {}, "elements": []}
    counts = {"success_count": success, "failure_count": failure, "odds_ratio": ratio, "correlation_type": kind}
    return {"event": found, **counts}


BRACKETS = ["Day 0", "Day 1", "Day 2-4", "Day 5-11"]
DAILY = ["Day 0", "Day 1", "Day 2"]
PAID = {"math": "sum", "math_property": "revenue"}
HOURLY = [float((place * 7) % 13) for place in range(48)]

MORE_ANSWERS = [
    Answer(
        "a trend by hour",
        {"kind": "TrendsQuery", "interval": "hour", "dateRange": {"date_from": "-1d"}},
        [line("$pageview", HOURLY, days=HOURS)],
        {"timezone": "UTC", "computed_at": datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "date_to": OPEN["date_to"]},
    ),
    Answer(
        "a trend by month over two years",
        {"kind": "TrendsQuery", "interval": "month", "dateRange": {"date_from": "2025-11-01", "date_to": "2026-01-31"}},
        [line("$pageview", [10, 20, 30], days=MONTHS, math="monthly_active")],
    ),
    Answer(
        "a trend by week whose ends are partial",
        {"kind": "TrendsQuery", "interval": "week", "dateRange": {"date_from": "-4w"}},
        [line("signed_up", [3, 90, 95, 99, 40], days=WEEKS)],
        OPEN | {"date_from": datetime(2026, 10, 23, tzinfo=UTC)},
    ),
    Answer(
        "a trend by week whose last week is cut off",
        {"kind": "TrendsQuery", "interval": "week", "dateRange": {"date_from": "-4w", "date_to": "2026-11-18"}},
        [line("signed_up", [3, 90, 95, 99, 40], days=WEEKS)],
        {"date_to": datetime(2026, 11, 18, 23, 59, 59, tzinfo=UTC), "computed_at": datetime(2026, 12, 1, tzinfo=UTC)},
    ),
    Answer(
        "a running trend beside the period before",
        {"kind": "TrendsQuery", "dateRange": {"date_from": "-5d"}, "compareFilter": {"compare": True}},
        both(line("$pageview", [100, 120, 90, 150, 30], math="dau"), [80, 90, 90, 100, 110]),
        OPEN,
    ),
    Answer(
        "a formula in per cent",
        {"kind": "TrendsQuery", "dateRange": CLOSED, "trendsFilter": {"aggregationAxisFormat": "percentage_scaled"}},
        [line("Formula (B/A)", [0.5, 0.25, 0, 0.125, 1 / 3]) | {"action": None}],
    ),
    Answer(
        "revenue by plan",
        {
            "kind": "TrendsQuery",
            "dateRange": CLOSED,
            "trendsFilter": {"aggregationAxisFormat": "currency", "aggregationAxisPrefix": "$"},
            "breakdownFilter": {"breakdowns": [{"property": "plan"}, {"property": "$os"}]},
        },
        [
            line("paid", [12, 0, 24, 12.5, 36], breakdown_value=[plan, "iOS"])
            | {"label": f"{plan}::iOS"}
            | {"action": {"name": "paid", **PAID}}
            for plan in ("team", "business")
        ],
    ),
    Answer(
        "a cumulative trend",
        {"kind": "TrendsQuery", "dateRange": CLOSED, "trendsFilter": {"display": "ActionsLineGraphCumulative"}},
        [line("signed_up", [1, 3, 6, 10, 15])],
    ),
    Answer(
        "twenty values by day",
        {"kind": "TrendsQuery", "dateRange": CLOSED, **BY_BROWSER},
        [
            line("$pageview", [n, n + 1, n, n + 2, n + 3], breakdown_value=f"v{n}") | {"label": f"v{n}"}
            for n in range(20)
        ],
    ),
    Answer(
        "a pie beside the period before",
        {"kind": "TrendsQuery", "trendsFilter": {"display": "ActionsPie"}, **BY_BROWSER},
        [
            total(value, now, breakdown_value=value, compare_label=label, action={"name": "$pageview", "math": "dau"})
            for label, numbers in (("current", (50, 40)), ("previous", (40, 60)))
            for value, now in zip(("Chrome", "Safari"), numbers, strict=True)
        ],
        SPAN,
    ),
    Answer(
        "a calendar",
        {"kind": "TrendsQuery", "trendsFilter": {"display": "CalendarHeatmap"}},
        [
            {
                "calendar_heatmap_data": {
                    "data": [
                        {"row": row, "column": hour, "value": (row * hour) % 50}
                        for row in range(7)
                        for hour in range(24)
                    ]
                }
            }
        ],
        SPAN,
    ),
    Answer(
        "boxes",
        {"kind": "TrendsQuery", "trendsFilter": {"display": "BoxPlot"}},
        [
            {"day": day, "min": 1, "p25": 2.5, "median": 3 + n, "p75": 6, "max": 12.25, "mean": 3.3333}
            for n, day in enumerate(DAYS)
        ],
    ),
    Answer("a funnel beside the period before", {"kind": "FunnelsQuery"}, periods(STEPS, scale=0.8), SPAN),
    Answer(
        "a funnel with an optional step",
        {"kind": "FunnelsQuery", "series": [{"event": "a"}, {"event": "b", "optionalInFunnel": True}, {"event": "c"}]},
        STEPS,
        {"extra": {"total_median_conversion_time": 5000}},
    ),
    Answer(
        "a funnel by channel beside the period before",
        {"kind": "FunnelsQuery", "funnelsFilter": {"funnelWindowInterval": 1}, **BY_CHANNEL},
        [
            *(
                valued(steps, name)
                for steps, name in (
                    (periods(STEPS, scale=0.9)[:3], "ads"),
                    ([*STEPS[:2], step("invited", 300, 60)], ""),
                )
            ),
            *(valued([{**one, "compare_label": "previous"} for one in STEPS], name) for name in ("ads", "")),
        ],
    ),
    Answer(
        "a running funnel over time beside the period before",
        {"kind": "FunnelsQuery", "funnelsFilter": {"funnelVizType": "trends"}, "dateRange": {"date_from": "-5d"}},
        [
            {"count": 5, "data": [10, 20.55, 30, 0, 5], "days": DAYS, "compare_label": "current"},
            {"count": 5, "data": [10, 10, 20, 30, 5], "days": EARLIER, "compare_label": "previous"},
        ],
        OPEN,
    ),
    Answer(
        "the time to convert beside the period before",
        {"kind": "FunnelsQuery", "funnelsFilter": {"funnelVizType": "time_to_convert"}},
        [
            {
                "bins": [[0, many], [3600, 5], [7200, 0], [10800, 1], [14400, 0]],
                "average_conversion_time": 700,
                "median_conversion_time": 66,
                "compare_label": label,
            }
            for many, label in ((30, "current"), (20, "previous"))
        ],
    ),
    Answer(
        "retention in brackets",
        {"kind": "RetentionQuery", "retentionFilter": {"targetEntity": {"id": "a"}, "returningEntity": {"id": None}}},
        [cohort(day, [40, 20, 10, 5], BRACKETS) for day in DAYS],
    ),
    Answer(
        "retention of sums by plan",
        {
            "kind": "RetentionQuery",
            "retentionFilter": {"aggregationType": "sum", "aggregationProperty": "revenue"},
            "dateRange": CLOSED,
            "breakdownFilter": {"breakdown": "plan"},
        },
        [
            cohort(day, [1000 - 300 * place, 5, 1], DAILY, breakdown_value=plan)
            | {
                "values": [
                    {"count": count, "label": label, "aggregation_value": 12.5 * count}
                    for count, label in zip((1000 - 300 * place, 5, 1), DAILY, strict=True)
                ]
            }
            for plan in ("pro", "")
            for place, day in enumerate(DAYS[:3])
        ],
    ),
    Answer(
        "stickiness beside the period before",
        {"kind": "StickinessQuery", "interval": "week"},
        both(line("paid", [50, 20, 10, 0, 0], days=["1", "2", "3", "4", "5"]), [40, 30, 0, 0, 0], days=["1"]),
        SPAN,
    ),
    Answer(
        "cumulative stickiness",
        {"kind": "StickinessQuery", "stickinessFilter": {"computedAs": "cumulative"}},
        [{"label": "paid", "data": [80, 30, 10, 0, 0], "days": [1, 2, 3, 4, 5], "action": {}}],
    ),
    Answer(
        "correlation of properties",
        {"kind": "FunnelCorrelationQuery", "funnelCorrelationType": "properties"},
        {
            "events": [
                odds("plan::free", "failure", 0.0000413, 0, 106),
                odds("plan::team", "success", 208.4, 149, 0),
                odds("country::IN", "success", 1.987, 19, 4),
            ],
            "skewed": True,
        },
    ),
    Answer(
        "events with everything",
        {"kind": "EventsQuery"},
        [
            [event(0, plan="free", method="email"), {"display_name": "ada@x.org", "id": UUIDS[0]}],
            [event(1, plan="pro"), {"display_name": "bob@x.org", "id": UUIDS[1]}],
        ],
        {"columns": ["*", "person_display_name -- Person"], "has_more": True, "offset": 20},
    ),
    Answer(
        "people who dropped out",
        {"kind": "ActorsQuery"},
        [[actor(0, email="ada@x.org", plan="free"), UUIDS[0]], [actor(1, email="bob@x.org"), UUIDS[1]]],
        {"columns": ["actor", "id"]},
    ),
    Answer(
        "SQL by day",
        {"kind": "HogQLQuery"},
        [[f"2026-11-{day:02}", (day * 7) % 11, day / 3] for day in range(1, 11)],
        {"columns": ["day", "visits", "mean"]},
    ),
    Answer(
        "SQL of times and nested values",
        {"kind": "HogQLQuery"},
        [
            ["2026-11-16T10:00:05.123456Z", ["a", "b"], '{"plan":"pro","x":null,"url":"' + "u" * 500 + '"}', None],
            ["2026-11-17T00:00:00Z", [], "not {json", [["2026-11-16", 1]]],
        ],
        {"columns": ["time", "events", "properties", "tuple"], "warnings": ["Slow:\nuse a date range"]},
    ),
    Answer(
        "objects of a foreign kind",
        {"kind": "WebOverviewQuery"},
        [
            {"key": "visitors", "kind": "unit", "value": 1234.0, "previous": 1000.0, "isIncreaseBad": None},
            {"key": "bounce rate", "kind": "percentage", "value": 0.421234, "previous": None, "isIncreaseBad": True},
        ],
    ),
    Answer("an object of a foreign kind", {"kind": "X"}, {"score": 1.25, "parts": [{"a": 1}], "gone": None}),
]
