"""Figures: what is drawn of each result, before anything draws it."""

import json

import pytest

from insights_mcp.render.figures import Figure, Unit, draw_figure, figure_data
from insights_mcp.render.figures.drawing import KINDS
from insights_mcp.render.figures.times import write_times
from insights_mcp.render.figures.units import write_number
from insights_mcp.render.reports import Result
from tests.render.answers import ANSWERS, CLOSED, DAYS, Answer, line, total
from tests.snapshots import assert_snapshot

by_title = pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.title)


def draw(query: dict[str, object], results: object, **facts: object) -> Figure:
    figure = draw_figure(Result(query, results, **facts))  # type: ignore[arg-type]  # a row of facts
    assert figure is not None
    return figure


def trend(rows: object, display: str = "ActionsLineGraph", **settings: object) -> Figure:
    query = {"kind": "TrendsQuery", "dateRange": CLOSED, "trendsFilter": {"display": display, **settings}}
    return draw(query, rows)


@by_title
def test_figure_reads_as_reviewed(answer: Answer) -> None:
    figure = draw_figure(answer.result, answer.title)
    data = figure_data(figure) if figure else None
    assert_snapshot(f"figures/{answer.title.replace(' ', '-')}.json", json.dumps(data, ensure_ascii=False, indent=1))


@pytest.mark.parametrize("odd", [None, 7, "text", {}, [], [None], [[]], [{}], [[{}]], {"bins": 3}, [{"data": "x"}]])
@pytest.mark.parametrize("kind", [*KINDS, "HogQLQuery", "EventsQuery", "SomethingNew"])
def test_odd_results_are_drawn_or_not_and_never_crash(kind: str, odd: object) -> None:
    figure = draw_figure(Result({"kind": kind}, odd))
    json.dumps(figure_data(figure) if figure else None, allow_nan=False)


def _thirty(largest: int) -> list[dict[str, object]]:
    sizes = [largest * 100 if n == 29 else n for n in range(30)]
    return [line(f"v{n}", [size, 1], days=DAYS[:2], breakdown_value=f"v{n}") for n, size in enumerate(sizes)]


def test_series_beyond_ten_are_summed_and_said() -> None:
    figure = trend(_thirty(5))
    assert [one.name for one in figure.series] == [*(f"v{n}" for n in range(21, 30)), "Other"]
    assert [one.color for one in figure.series] == [*range(9), None]
    assert figure.series[-1].values == (sum(range(21)), 21)
    assert figure.notes == ("21 more series are summed as Other.",)


def test_a_rest_that_would_press_all_lines_flat_is_left_out_and_only_summed_in_stacks() -> None:
    rows = [line(f"v{n}", [n, 1], days=DAYS[:2], breakdown_value=f"v{n}") for n in range(30)]
    assert trend(rows).notes == ("The largest 9 of 30 series are shown; the others are left out.",)
    assert trend(rows, "ActionsBar").series[-1].name == "Other"


def test_means_beyond_ten_are_left_out_because_their_sum_says_nothing() -> None:
    rows = [line(f"v{n}", [n], days=DAYS[:1], math="avg", breakdown_value=f"v{n}") for n in range(30)]
    figure = trend(rows)
    assert [one.name for one in figure.series] == [f"v{n}" for n in range(20, 30)]
    assert figure.notes == ("The largest 10 of 30 series are shown.",)


def test_a_value_that_is_called_other_stays_apart_from_the_rest() -> None:
    rows = [total(f"v{n}", 100 - n, breakdown_value=f"v{n}") for n in range(25)]
    figure = trend([total("Other", 200, breakdown_value="Other"), *rows], "ActionsBarValue")
    assert figure.labels[0] == "Other"
    assert figure.labels[-1] == "Other (2)"
    assert figure.series[0].values[-1] == sum(100 - n for n in range(18, 25))


@pytest.mark.parametrize(
    ("display", "drawing"),
    [
        ("ActionsLineGraph", "line"),
        ("ActionsLineGraphCumulative", "line"),
        ("ActionsAreaGraph", "area"),
        ("ActionsBar", "stacked_bar"),
        ("ActionsStackedBar", "stacked_bar"),
        ("ActionsUnstackedBar", "bar"),
        ("SlopeGraph", "slope"),
        ("Metric", "number"),
    ],
)
def test_each_display_over_time_has_its_drawing(display: str, drawing: str) -> None:
    assert trend([line("a", [1, 2, 3]), line("b", [3, 2, 1], order=1)], display).drawing == drawing


@pytest.mark.parametrize(
    ("display", "drawing"),
    [
        ("BoldNumber", "number"),
        ("ActionsPie", "pie"),
        ("ActionsDonut", "donut"),
        ("ActionsProportionBar", "proportion"),
        ("ActionsBarValue", "horizontal_bar"),
        ("ActionsTable", "table"),
        ("WorldMap", "map"),
    ],
)
def test_each_display_of_totals_has_its_drawing(display: str, drawing: str) -> None:
    figure = trend([total("DE", 5, breakdown_value="DE"), total("XX", 3, breakdown_value="XX")], display)
    assert figure.drawing == drawing
    assert display != "WorldMap" or figure.labels == ("Germany (DE)", "XX")


def test_negative_values_make_no_pie() -> None:
    figure = trend([total("a", 5, breakdown_value="a"), total("b", -3, breakdown_value="b")], "ActionsPie")
    assert figure.drawing == "horizontal_bar"


def test_a_calendar_heat_map_starts_on_monday() -> None:
    cells = [{"row": 0, "column": 23, "value": 7}, {"row": 1, "column": 0, "value": 3}]
    figure = trend([{"calendar_heatmap_data": {"data": cells}}], "CalendarHeatmap")
    assert figure.grid is not None
    assert (figure.grid.rows[0], figure.grid.values[0][0]) == ("Mon", 3)
    assert (figure.grid.rows[6], figure.grid.values[6][23]) == ("Sun", 7)


def test_units_and_goals_come_from_the_settings() -> None:
    figure = trend(
        [line("a", []) | {"data": [0.5, None, 1]}],
        aggregationAxisFormat="percentage_scaled",
        decimalPlaces=2,
        goalLines=[{"label": "target", "value": 60}, {"label": "none"}],
        yAxisScaleType="log10",
    )
    assert (figure.y.unit.kind, figure.y.unit.decimals, figure.y.scale) == ("percent", 2, "log")
    assert figure.series[0].values == (50, None, 100)
    assert [(goal.name, goal.value) for goal in figure.goals] == [("target", 60)]


def test_the_period_before_has_its_own_dates_and_the_same_color() -> None:
    earlier = ["2026-11-11", "2026-11-12", "2026-11-13", "2026-11-14", "2026-11-15"]
    now = line("a", [1, 2, 3, 4, 5], compare_label="current")
    figure = trend([now, line("a", [5, 4, 3, 2, 1], days=earlier, compare_label="previous")])
    current, previous = figure.series
    assert (previous.role, previous.color, previous.times) == ("previous", current.color, tuple(earlier))


def test_a_year_of_hours_keeps_its_latest_points() -> None:
    days = [f"2026-{1 + n // 672:02}-{1 + n // 24 % 28:02} {n % 24:02}:00:00" for n in range(1000)]
    figure = trend([line("a", list(range(1000)), days=days)])
    assert len(figure.labels) == len(figure.times) == len(figure.series[0].values) == 750
    assert figure.series[0].values[-1] == 999
    assert figure.notes == ("The earlier 250 points are left out.",)


SQL: dict[str, object] = {"kind": "HogQLQuery"}
SALES = [["2026-11-16", "a", 3], ["2026-11-16", "b", 4], ["2026-11-17", "a", 5]]


def test_sql_rows_of_dates_and_numbers_become_lines() -> None:
    figure = draw(SQL, [["2026-11-16", 3, 1.5], ["2026-11-17", 4, None]], columns=["day", "n", "m"])
    assert (figure.drawing, figure.x.kind, figure.times) == ("line", "time", ("2026-11-16", "2026-11-17"))
    assert [(one.name, one.values) for one in figure.series] == [("n", (3, 4)), ("m", (1.5, None))]


def test_sql_rows_of_dates_and_one_text_become_a_line_each() -> None:
    figure = draw(SQL, SALES, columns=["day", "plan", "n"])
    assert [(one.name, one.values) for one in figure.series] == [("a", (3, 5)), ("b", (4, None))]


def test_sql_rows_of_a_text_and_a_number_become_bars() -> None:
    figure = draw(SQL, [["a", 3], ["b", 4]], columns=["plan", "n"])
    assert (figure.drawing, figure.labels) == ("horizontal_bar", ("b", "a"))


def test_sql_rows_that_look_like_no_chart_become_a_table() -> None:
    figure = draw(SQL, [["a", "b", {"x": 1}]], columns=["plan", "q", "o"])
    assert (figure.drawing, figure.rows) == ("table", (("a", "b", '{"x":1}'),))


def test_settings_of_a_data_visualization_are_kept() -> None:
    settings = {
        "xAxis": {"column": "plan"},
        "yAxis": [{"column": "n", "settings": {"formatting": {"prefix": "$"}, "display": {"label": "Sales"}}}],
        "seriesBreakdownColumn": "day",
        "stackBars100": True,
        "goalLines": [{"label": "g", "value": 3}],
    }
    node = {"kind": "DataVisualizationNode", "display": "ActionsStackedBar", "chartSettings": settings}
    figure = draw_figure(Result(SQL, SALES, ["day", "plan", "n"]), node=node)
    assert figure is not None
    assert (figure.drawing, figure.labels, figure.is_share) == ("stacked_bar", ("a", "b"), True)
    assert (figure.y.title, figure.y.unit.prefix) == ("Sales", "$")
    assert [(one.name, one.values) for one in figure.series] == [("2026-11-16", (3, 4)), ("2026-11-17", (5, None))]
    assert figure.goals[0].value == 3


def test_events_become_a_table_of_what_tells_most() -> None:
    row = [{"uuid": "u", "event": "signed_up", "properties": {}}, "2026-11-16T10:00:00Z", {"distinct_id": "d1"}]
    figure = draw({"kind": "EventsQuery"}, [row], columns=["*", "timestamp", "person"])
    assert figure.rows == (("signed_up", "2026-11-16 10:00:00", "d1"),)


def test_retention_by_breakdown_is_a_curve_per_value() -> None:
    def cohort(value: str, day: str, counts: list[int]) -> dict[str, object]:
        values = [{"count": count, "label": f"Day {place}"} for place, count in enumerate(counts)]
        return {"date": f"{day}T00:00:00Z", "label": "Day 0", "values": values, "breakdown_value": value}

    rows = [cohort("a", DAYS[0], [10, 5]), cohort("a", DAYS[1], [30, 0]), cohort("b", DAYS[0], [4, 1])]
    figure = draw({"kind": "RetentionQuery", "retentionFilter": {}}, rows)
    assert [(one.name, one.values) for one in figure.series] == [("a", (100, 50)), ("b", (100, None))]


def test_funnels_of_many_values_and_two_periods_stay_few() -> None:
    def steps(value: str, count: int, period: str) -> list[dict[str, object]]:
        return [
            {"name": name, "count": count // part, "breakdown_value": [value], "compare_label": period}
            for name, part in (("start", 1), ("end", 2))
        ]

    groups = [steps(f"v{n}", 100 - n, period) for period in ("current", "previous") for n in range(8)]
    figure = draw({"kind": "FunnelsQuery"}, groups)
    assert [(one.name, one.role) for one in figure.series][:3] == [
        ("v0", "current"),
        ("v0", "previous"),
        ("v1", "current"),
    ]
    assert figure.series[-1].name == "Other"
    assert figure.notes == ("3 more values are summed as Other.",)


@pytest.mark.parametrize(
    ("pages", "names"),
    [
        (["https://a.example", "https://a.example/b"], ["/", "/b"]),
        (["https://a.example/b", "https://b.example/b"], ["https://a.example/b", "https://b.example/b"]),
        (["https://a.example/b", "signed up"], ["/b", "signed up"]),
        (["", "x"], ["(empty)", "x"]),
    ],
)
def test_paths_leave_out_an_origin_that_all_share(pages: list[str], names: list[str]) -> None:
    figure = draw({"kind": "PathsQuery"}, [{"source": f"1_{pages[0]}", "target": f"2_{pages[1]}", "value": 3}])
    assert [node.name for node in figure.nodes] == names


@pytest.mark.parametrize(
    ("times", "labels"),
    [
        (["2026-11-16", "2026-11-17"], ("16 Nov", "17 Nov")),
        (["2025-12-31", "2026-01-01"], ("31 Dec 2025", "1 Jan 2026")),
        (["2026-11-16 00:00:00", "2026-11-16 01:00:00"], ("16 Nov 00:00", "16 Nov 01:00")),
        (["2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"], ("Nov 2026", "Dec 2026")),
        (["soon", "2026-11-16"], ("soon", "16 Nov")),
        ([], ()),
    ],
)
def test_dates_are_written_as_short_as_they_stay_clear(times: list[str], labels: tuple[str, ...]) -> None:
    assert write_times(times) == labels


@pytest.mark.parametrize(
    ("value", "unit", "long", "short"),
    [
        (None, Unit(), "-", "-"),
        (0, Unit(), "0", "0"),
        (1234567, Unit(), "1,234,567", "1.23M"),
        (999_999, Unit(), "999,999", "1M"),
        (-1500, Unit(), "-1,500", "-1.5K"),
        (0.00012345, Unit(), "0.000123", "0.000123"),
        (12.345, Unit(decimals=1), "12.3", "12.3"),
        (12.345, Unit("percent"), "12.3%", "12.3%"),
        (0.0123, Unit("percent"), "0.0123%", "0.0123%"),
        (-200, Unit("duration"), "-3m 20s", "-3m 20s"),
        (0.25, Unit("duration"), "250ms", "250ms"),
        (9.5, Unit("currency", "$"), "$9.50", "$9.50"),
        (9, Unit("number", "", " EUR"), "9 EUR", "9 EUR"),
    ],
)
def test_numbers_are_written_in_their_unit(value: float | None, unit: Unit, long: str, short: str) -> None:
    assert (write_number(value, unit), write_number(value, unit, is_short=True)) == (long, short)


def test_hostile_names_are_one_visible_line() -> None:
    name = "a\n\tb\u202e" + "x" * 200
    figure = trend([line(name, [1, 2, 3])])
    assert figure.series[0].name.startswith("a b\\u202exxx")
    assert len(figure.series[0].name) == 80
