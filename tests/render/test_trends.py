"""Trends: what stands beside their numbers so that nobody misreads them."""

from datetime import UTC, datetime

import pytest

from insights_mcp.render.reports import Result, render_report
from insights_mcp.render.results import report_result
from tests.render.answers import CLOSED, DAYS, line, total


def tell(query: dict[str, object], rows: object, **facts: object) -> list[str]:
    result = Result({"kind": "TrendsQuery", "dateRange": CLOSED, **query}, rows, **facts)  # type: ignore[arg-type]  # a row of facts
    return render_report(report_result(result), 2000).splitlines()


def test_sampling_smoothing_and_goals_are_told() -> None:
    settings = {"smoothingIntervals": 7, "goalLines": [{"label": "the target", "value": 60}, {"label": "none"}]}
    lines = tell({"samplingFactor": 0.1, "trendsFilter": settings}, [line("a", [1, 2, 3, 4, 5])])
    assert lines[-3:] == [
        "Each number is the mean of 7 intervals (smoothingIntervals).",
        'Goals: "the target" 60.',
        "Sampled at 10%: numbers are estimates.",
    ]


def test_cohorts_are_called_by_name() -> None:
    query: dict[str, object] = {"breakdownFilter": {"breakdown": [3, 4], "breakdown_type": "cohort"}}
    rows = [
        line("signed_up", [number] * 5, breakdown_value=number) | {"label": name}
        for number, name in ((3, "Power users"), (4, "Others"))
    ]
    assert tell(query, rows)[0] == "signed_up by cohort, by day, 2026-11-16 to 2026-11-20."
    assert '"Power users": total 15' in tell(query, rows)[2]


@pytest.mark.parametrize(
    ("math", "more", "label"),
    [
        ("total", {}, "a"),
        ("dau", {}, '"a (unique users)"'),
        ("unique_session", {}, '"a (unique sessions)"'),
        ("p90", {"math_property": "price"}, '"a (p90 of price)"'),
        ("avg_count_per_actor", {}, '"a (avg per user)"'),
        ("hogql", {"math_hogql": "sum(x)"}, '"a (sum(x))"'),
        ("something_new", {}, '"a (something_new)"'),
    ],
)
def test_what_is_counted_is_said_in_the_name(math: str, more: dict[str, object], label: str) -> None:
    action = {"name": "a", "math": math, **more}
    assert tell({}, [line("a", [1, 2, 3, 4, 5]) | {"action": action}])[1].startswith(f"{label}: ")
    assert tell({}, [total("a", 3) | {"action": action}])[0].startswith(f"{label}: 3")


@pytest.mark.parametrize(
    ("settings", "fact", "cell"),
    [
        ({"aggregationAxisFormat": "currency", "aggregationAxisPrefix": "$"}, "$1.5", "1.5"),
        ({"aggregationAxisFormat": "percentage"}, "1.5%", "1.5"),
        ({"aggregationAxisFormat": "percentage_scaled"}, "150%", "150"),
        ({"aggregationAxisFormat": "duration"}, "2s", "1.5"),
        ({"aggregationAxisFormat": "duration_ms"}, "0s", "0.0015"),
        ({"aggregationAxisPostfix": " \u202eEUR"}, r"1.5 \u202eEUR", "1.5"),
        ({"aggregationAxisFormat": "short"}, "1.5", "1.5"),
    ],
)
def test_numbers_carry_their_unit_in_the_facts_and_are_bare_in_the_table(
    settings: dict[str, object], fact: str, cell: str
) -> None:
    lines = tell({"trendsFilter": settings}, [line("a", [0, 0, 0, 0, 1.5])])
    assert f"11-20 {fact}" in lines[1]
    assert lines[-1] == f"11-20,{cell}"


@pytest.mark.parametrize(
    ("computed", "date_to", "said"),
    [
        (None, None, ""),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), None, "is not over"),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC), "is not over"),
        (datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC), ""),
        (datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC), "is cut off"),
    ],
)
def test_last_day_that_is_not_whole_is_said(computed: datetime | None, date_to: datetime | None, said: str) -> None:
    [headline, fact, *_] = tell(
        {"dateRange": {"date_to": "x"}}, [line("a", [1, 2, 3, 4, 5])], computed_at=computed, date_to=date_to
    )
    assert headline.endswith(f"; the last day {said}." if said else "2026-11-20.")
    assert ("11-19 4 (" if said else "11-20 5 (") in fact


def test_a_day_is_over_by_the_clock_of_the_project() -> None:
    facts = {"timezone": "Asia/Tokyo", "date_to": datetime(2026, 11, 20, 14, 59, 59, tzinfo=UTC)}
    over = tell({}, [line("a", [1, 2, 3, 4, 5])], computed_at=datetime(2026, 11, 20, 15, 1, tzinfo=UTC), **facts)
    running = tell({}, [line("a", [1, 2, 3, 4, 5])], computed_at=datetime(2026, 11, 20, 14, 0, tzinfo=UTC), **facts)
    assert "not over" not in over[0]
    assert "the last day is not over" in running[0]


def test_largest_mover_is_told_of_several_series() -> None:
    days = [f"2026-11-{day:02}" for day in range(1, 11)]
    rows = [
        line("flat", [10] * 10, days=days),
        line("falling", [20] * 5 + [5] * 5, days=days, order=1),
        line("(small)", [1] * 5 + [2] * 5, days=days, order=2),
    ]
    assert "Largest mover: falling, -75% from the first half of the period to the second." in tell({}, rows)
    assert not [text for text in tell({}, rows[:2]) if "mover" in text]


def test_series_of_nought_are_counted_and_not_listed() -> None:
    rows = [line(f"v{n}", [n and 0, 0, 0, 0, 0 if n else 1], breakdown_value=f"v{n}") for n in range(9)]
    lines = tell({"breakdownFilter": {"breakdown": "x"}}, rows)
    assert "8 others: 0 throughout." in lines


def test_dates_and_settings_that_are_odd_never_crash() -> None:
    odd = line("a", [1, 2], days=["yesterday", ""]) | {"action": 3, "breakdown_value": {"x": 1}}
    settings = {"aggregationAxisFormat": 7, "goalLines": {"a": 1}, "smoothingIntervals": "x"}
    assert tell({"interval": "decade", "trendsFilter": settings, "breakdownFilter": 4, "dateRange": 3}, [odd])
    assert tell(
        {"interval": "month"}, [line("a", [1] * 5, days=DAYS)], timezone="Mars/Olympus", date_to=datetime.now(UTC)
    )


@pytest.mark.parametrize(
    ("interval", "days", "end", "said"),
    [
        ("quarter", ["2025-10-01", "2026-01-01", "2026-04-01"], datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC), ""),
        ("quarter", ["2026-04-01", "2026-07-01", "2026-10-01"], datetime(2026, 11, 20, tzinfo=UTC), "is cut off"),
        ("year", ["2024-01-01", "2025-01-01"], datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), ""),
        ("year", ["2025-01-01", "2026-01-01"], datetime(2026, 11, 20, tzinfo=UTC), "is cut off"),
    ],
)
def test_quarters_and_years_end_with_the_calendars(interval: str, days: list[str], end: datetime, said: str) -> None:
    computed_at = datetime(2027, 2, 1, tzinfo=UTC)
    lines = tell(
        {"interval": interval},
        [line("a", [1.0] * len(days), days=days)],
        date_from=datetime.fromisoformat(f"{days[0]}T00:00:00+00:00"),
        date_to=end,
        computed_at=computed_at,
        timezone="UTC",
    )
    reason = f"; the last {interval} {said}" if said else ""
    assert f"By {interval}, {days[0]} to {days[-1]}, UTC{reason}" in lines[0]


@pytest.mark.parametrize(
    ("before", "after", "said"), [(0, 3, "3 (0 on 11-19)"), (3, 3, "3 (3 on 11-19)"), (2, 3, "3 (+50% on 11-19)")]
)
def test_change_that_has_no_per_cent_is_told_by_what_was_before(before: float, after: float, said: str) -> None:
    assert said in tell({}, [line("a", [1, 2, 3, before, after])])[1]


@pytest.mark.parametrize(
    ("before", "said"), [(0, "total 15 (0 in the period before)"), (1, "total 15 (+200% on 5 in the period before)")]
)
def test_change_on_the_period_before_is_told_with_its_number(before: float, said: str) -> None:
    rows = [
        {**line("a", [3] * 5), "compare": True, "compare_label": "current"},
        {**line("a", [before] * 5), "compare": True, "compare_label": "previous"},
    ]
    assert said in tell({"compareFilter": {"compare": True}}, rows)[1]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (
            datetime(2026, 11, 30, tzinfo=UTC),
            ["b: 9 on 11-16, then 12 on 11-20 (+33.3%).", "a: 8 on 11-16, then 2 on 11-20 (-75%)."],
        ),
        (
            datetime(2026, 11, 20, 12, tzinfo=UTC),
            ["b: 9 on 11-16, then 12 on 11-20.", "a: 8 on 11-16, then 2 on 11-20."],
        ),
    ],
)
def test_slopes_tell_both_ends_and_no_fall_of_a_day_that_goes_on(now: datetime, told: list[str]) -> None:
    ends = {"days": [DAYS[0], DAYS[-1]]}
    rows = [line("a", [8, 2]) | ends, line("b", [9, 12], order=1) | ends, line("c", [0, 0], order=2) | ends]
    lines = tell({"trendsFilter": {"display": "SlopeGraph"}}, rows, computed_at=now)
    assert "only the first and the last day are read" in lines[0]
    assert lines[1:] == [*told, "c: 0 at both ends."]
