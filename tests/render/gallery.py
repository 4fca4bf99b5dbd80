"""Results for pictures of every drawing, and of what is hard to draw: data anyone can add to."""

from datetime import datetime, timedelta

from insights_mcp.render.figures import Figure, draw_figure
from insights_mcp.render.reports import Result
from tests.render.answers import ANSWERS, CLOSED, DAYS, MONTH, STEPS, WALK, line, step, total

SQL: dict[str, object] = {"kind": "HogQLQuery"}
HOSTILE = "'] || signal('x') || datum[\"a\"] </text><script>alert(1)</script> {{x}} \\"
COUNTRIES = ["US", "DE", "GB", "FR", "IN", "BR", "CA", "AU", "JP", "ES", "NL", "SE"]
HOURS = [(datetime(2026, 11, 1) + timedelta(hours=n)).strftime("%Y-%m-%d %H:%M:%S") for n in range(336)]
LONG = "Finished the onboarding checklist and invited at least one colleague from the settings page"


def _trend(rows: object, display: str, *, compare: bool = False, **settings: object) -> Result:
    query: dict[str, object] = {"kind": "TrendsQuery", "trendsFilter": {"display": display, **settings}}
    query |= {"dateRange": CLOSED, "compareFilter": {"compare": compare}}
    return Result(query, rows, timezone="Europe/Berlin")


def _lines(count: int) -> list[dict[str, object]]:
    return [
        line(f"Value {n}", [(value * (n + 3)) % 89 + 5 for value in WALK], days=MONTH, breakdown_value=f"Value {n}")
        for n in range(count)
    ]


def _both(row: dict[str, object], before: list[float]) -> list[dict[str, object]]:
    return [row | {"compare_label": "current"}, row | {"data": before, "compare_label": "previous"}]


def _totals(names: list[str]) -> list[dict[str, object]]:
    return [total(name, 12_345 // (place + 1), breakdown_value=name) for place, name in enumerate(names)]


def _cohort(place: int, size: int) -> dict[str, object]:
    values = [
        {"count": int(size / (after + 1) ** 0.7) if place + after < 12 else 0, "label": f"Week {after}"}
        for after in range(12)
    ]
    day = datetime(2026, 9, 6) + timedelta(weeks=place)
    return {"date": f"{day:%Y-%m-%d}T00:00:00Z", "label": f"Week {place}", "values": values}


def _walks() -> list[dict[str, object]]:
    pages = ["/", "/pricing", "/docs/getting-started", "/sign-up", "/blog/2026/how-we-made-it-fast-and-kept-it-so"]
    return [
        {
            "source": f"{at}_{a}",
            "target": f"{at + 1}_{b}",
            "value": 500 // (at * (i + 1) + j),
            "average_conversion_time": 9e4,
        }
        for at in (1, 2, 3, 4)
        for i, a in enumerate(pages)
        for j, b in enumerate(pages)
        if (i + j) % 2 and i < 6 - at
    ]


def _boxes() -> list[dict[str, object]]:
    return [
        {"day": day, "min": n, "p25": 10 + n, "median": 20 + 2 * n, "p75": 35 + 3 * n, "max": 80 - n, "mean": 26 + n}
        for n, day in enumerate(DAYS)
    ]


RESULTS: dict[str, Result] = {
    **{answer.title: answer.result for answer in ANSWERS},
    "one point": _trend([line("a", [7], days=DAYS[:1])], "ActionsLineGraph"),
    "nulls": _trend(
        [line("a", []) | {"data": [3, None, 4, None, None]}, line("b", [1, 2, 0, 2, 1])], "ActionsLineGraph"
    ),
    "30 series": _trend(_lines(30), "ActionsLineGraph"),
    "negatives": _trend([line("profit", [5, -3, 2.5, -8, 4])], "ActionsUnstackedBar"),
    "hours": _trend(
        [line("$pageview", [(n * 37) % 61 + n % 24 * 9 for n in range(336)], days=HOURS)], "ActionsLineGraph"
    ),
    "hostile names": _trend(
        [line(HOSTILE, [1, 2, 3, 4, 5]), line("b" + HOSTILE, [5, 4, 3, 2, 1])],
        "ActionsLineGraph",
        aggregationAxisPrefix="'x",
        aggregationAxisPostfix="\\'",
        yAxisLabel=HOSTILE,
        xAxisLabel=HOSTILE,
        goalLines=[{"label": HOSTILE, "value": 3}],
    ),
    "areas": _trend(_lines(4), "ActionsAreaGraph"),
    "area shares": _trend(_lines(4), "ActionsAreaGraph", showPercentStackView=True),
    "stacked bars": _trend(_lines(5), "ActionsBar"),
    "stacked bars of two periods": _trend(
        [
            *_both(line("a", [5, 6, 7, 8, 9]), [3, 4, 5, 6, 7]),
            *_both(line("b", [2, 3, 2, 3, 2], order=1), [1, 1, 2, 2, 1]),
        ],
        "ActionsBar",
        compare=True,
    ),
    "bars": _trend([line("a", [500, 600, 700, 80, 900])], "ActionsBar"),
    "bars side by side": _trend(
        [line("a", [5, 6, 7, 8, 9]), line("b", [9, 3, 5, 2, 6], order=1)], "ActionsUnstackedBar"
    ),
    "bars of two periods": _trend(
        _both(line("a", [5, 6, 7, 8, 9]), [3, 4, 5, 6, 7]), "ActionsUnstackedBar", compare=True
    ),
    "slopes": _trend([line("a", [5, 6, 7, 8, 9]), line("b", [8, 3, 5, 2, 2], order=1)], "SlopeGraph"),
    "durations": _trend(
        [line("session length", [412.5, 3800, 2900, 95, 5400.2], math="avg")],
        "ActionsLineGraph",
        aggregationAxisFormat="duration",
        goalLines=[{"label": "one hour", "value": 3600}],
    ),
    "money": _trend(
        [line("revenue", [1.2e6, 2.5e6, 0.9e6, 3.1e6, 2.2e6], math="sum", math_property="revenue")],
        "ActionsBar",
        aggregationAxisPrefix="£",
        goalLines=[{"label": "plan", "value": 2e6}],
    ),
    "percent, logarithmic": _trend(
        [line("rate", [0.0001, 0.01, 0.5, 0.02, 1])],
        "ActionsLineGraph",
        aggregationAxisFormat="percentage_scaled",
        yAxisScaleType="log10",
    ),
    "bars by value": _trend(_totals([*COUNTRIES, LONG]), "ActionsBarValue"),
    "bars by value of two periods": _trend(
        [
            *_both(total("Chrome", 500, breakdown_value="Chrome"), []),
            *_both(total("Safari", 300, breakdown_value="Safari"), []),
        ],
        "ActionsBarValue",
        compare=True,
    ),
    "a pie of many": _trend(_totals([*COUNTRIES, LONG]), "ActionsPie"),
    "a donut": _trend(_totals(COUNTRIES[:5]), "ActionsDonut"),
    "a proportion bar": _trend(_totals(COUNTRIES[:5]), "ActionsProportionBar"),
    "a world map": _trend(_totals(COUNTRIES), "WorldMap"),
    "a table of totals": _trend(_totals(COUNTRIES), "ActionsTable"),
    "a number beside the one before": _trend(
        [total("signups", 1234, compare_label="current"), total("signups", 1000, compare_label="previous")],
        "BoldNumber",
    ),
    "metrics": _trend(
        [
            *_both(line("signups", [5, 9, 7, 12, 14]), [4, 4, 5, 6, 7]),
            *_both(line("calls", [9, 8, 7, 6, 5], order=1), [9, 9, 9, 9, 9]),
        ],
        "Metric",
        compare=True,
    ),
    "a calendar": _trend(
        [
            {
                "calendar_heatmap_data": {
                    "data": [
                        {"row": day, "column": hour, "value": (day * hour) % 17}
                        for day in range(7)
                        for hour in range(24)
                    ]
                }
            }
        ],
        "CalendarHeatmap",
    ),
    "boxes": _trend(_boxes(), "BoxPlot"),
    "a funnel of seven long steps": Result(
        {"kind": "FunnelsQuery"}, [step(f"{LONG} {n}", 9000 // (n + 1), 60.0 * n or None) for n in range(7)]
    ),
    "a funnel of two periods": Result(
        {"kind": "FunnelsQuery"},
        [
            *({**one, "compare_label": "current"} for one in STEPS),
            *({**one, "compare_label": "previous", "count": 0 if n else 900} for n, one in enumerate(STEPS)),
        ],
    ),
    "a funnel of six browsers": Result(
        {"kind": "FunnelsQuery"},
        [
            [{**one, "breakdown_value": [f"Browser {n}"], "count": int(str(one["count"])) // (n + 1)} for one in STEPS]
            for n in range(9)
        ],
    ),
    "conversion by value": Result(
        {"kind": "FunnelsQuery", "funnelsFilter": {"funnelVizType": "trends"}, "dateRange": CLOSED},
        [
            {"count": 5, "data": [10, 20.5, 30, 0, 5], "days": DAYS, "labels": DAYS, "breakdown_value": ["Chrome"]},
            {"count": 5, "data": [40, 20.5, 31, 50, 15], "days": DAYS, "labels": DAYS, "breakdown_value": ["Safari"]},
        ],
    ),
    "a long time to convert": Result(
        {"kind": "FunnelsQuery", "funnelsFilter": {"funnelVizType": "time_to_convert"}},
        {"bins": [[n * 7200 + 43, 900 // (n + 1)] for n in range(40)], "average_conversion_time": 9e4},
    ),
    "retention of twelve weeks": Result(
        {"kind": "RetentionQuery"}, [_cohort(place, 800 - 31 * place) for place in range(12)]
    ),
    "retention by browser": Result(
        {"kind": "RetentionQuery"},
        [
            _cohort(place, size) | {"breakdown_value": name}
            for name, size in (("a", 80), ("b", 50))
            for place in range(12)
        ],
    ),
    "long paths": Result({"kind": "PathsQuery"}, _walks()),
    "stickiness of two periods": Result(
        {"kind": "StickinessQuery", "stickinessFilter": {"display": "ActionsBar"}},
        _both(
            {"label": "$pageview", "data": [50, 20, 10, 5, 2], "days": [1, 2, 3, 4, 5], "action": {}}, [40, 30, 9, 4, 1]
        ),
    ),
    "correlations": Result(
        {"kind": "FunnelCorrelationQuery"},
        {
            "events": [
                {"event": {"event": f"event {n}"}, "odds_ratio": odds}
                for n, odds in enumerate([8.5, 4.1, 2.0, 1.3, 0.8, 0.31, 0.05])
            ]
        },
    ),
    "SQL lines": Result(SQL, [[day, n * 3, 9 - n] for n, day in enumerate(DAYS)], ["day", "signups", "left"]),
    "SQL bars": Result(SQL, [["free", 12], ["team", 30], ["scale", 7]], ["plan", "accounts"]),
    "SQL rows": Result(
        SQL,
        [
            [f"user {n}", f"https://example.com/a/long/path/{n}?with=query", n * 1234.5, None, n % 2 == 0]
            for n in range(40)
        ],
        ["person", "url", "n", "nothing", "is_even"],
    ),
    "events": Result(
        {"kind": "EventsQuery"},
        [[{"event": "signed_up", "uuid": "u"}, "2026-11-16T10:00:00Z", {"distinct_id": f"d{n}"}] for n in range(5)],
        ["*", "timestamp", "person"],
    ),
}
FIGURES: dict[str, Figure] = {
    title: figure
    for title, result in RESULTS.items()
    if (figure := draw_figure(result, title.capitalize())) is not None
}
