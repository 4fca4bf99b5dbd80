"""Date ranges, the previous period, buckets and labels, as tables of given and expected."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.buckets import list_buckets, list_starts, print_days, print_labels
from insights_mcp.local.queries.context import QueryContext, QueryError, Statement
from insights_mcp.local.queries.dates import QueryDates, resolve_dates
from insights_mcp.local.queries.periods import compared_dates
from insights_mcp.local.queries.relative import parse_moment
from insights_mcp.schema.dates import CompareFilter, DateRange, Interval

UTC_ZONE = ZoneInfo("UTC")
# A Thursday afternoon.
NOW = datetime(2024, 5, 16, 14, 37, 21, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Team:
    id: int = 1
    timezone: str = "UTC"
    week_start_day: int = 0
    test_account_filters: list = field(default_factory=list)
    path_cleaning_filters: list = field(default_factory=list)
    settings: dict = field(default_factory=dict)


def context(team: Team = Team(), now: datetime = NOW, earliest: int = 0) -> QueryContext:
    def fetch(statement: Statement) -> Rows:
        return Rows(columns=["earliest"], types=["UInt32"], rows=[(earliest,)])

    return QueryContext(team=team, now=now, hogql=None, fetch=fetch)


def dates(
    date_from: str | None = None,
    date_to: str | None = None,
    interval: Interval = "day",
    *,
    team: Team = Team(),
    now: datetime = NOW,
    is_exact: bool = False,
    **more: object,
) -> QueryDates:
    given = DateRange(date_from=date_from, date_to=date_to, **more)
    return resolve_dates(given, interval, context(team, now), is_exact=is_exact)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-01-05", "2021-01-05 00:00:00"),
        ("2021-1-5", "2021-01-05 00:00:00"),
        ("2021-01-05T10:20:30", "2021-01-05 10:20:30"),
        ("2021-01-05T10:20:30Z", "2021-01-05 10:20:30"),
        ("2021-01-05T10:20:30+02:00", "2021-01-05 08:20:30"),
        ("-7d", "2024-05-09 14:37:21.123456"),
        ("7d", "2024-05-09 14:37:21.123456"),
        ("-1h", "2024-05-16 13:37:21.123456"),
        ("-2w", "2024-05-02 14:37:21.123456"),
        ("-3m", "2024-02-16 14:37:21.123456"),
        ("-30M", "2024-05-16 14:07:21.123456"),
        ("-20s", "2024-05-16 14:37:01.123456"),
        ("-1q", "2024-02-15 14:37:21.123456"),
        ("-1y", "2023-05-16 14:37:21.123456"),
        ("dStart", "2024-05-16 00:00:00"),
        ("-1dStart", "2024-05-15 00:00:00"),
        ("-1dEnd", "2024-05-15 23:59:59.999999"),
        ("hStart", "2024-05-16 14:00:00"),
        ("-2hEnd", "2024-05-16 12:59:59.999999"),
        ("mStart", "2024-05-01 14:37:21.123456"),
        ("-1mStart", "2024-04-01 14:37:21.123456"),
        ("-1mEnd", "2024-04-30 14:37:21.123456"),
        ("yStart", "2024-01-01 14:37:21.123456"),
        ("yEnd", "2024-05-31 14:37:21.123456"),
        ("wStart", "2024-05-12 14:37:21.123456"),
        ("wEnd", "2024-05-18 14:37:21.123456"),
        ("-1wStart", "2024-05-05 14:37:21.123456"),
        ("-2wEnd", "2024-05-04 14:37:21.123456"),
        ("qStart", "2024-04-01 14:37:21.123456"),
        ("qEnd", "2024-06-30 14:37:21.123456"),
        ("-1qStart", "2024-01-01 14:37:21.123456"),
        ("-2qEnd", "2023-12-31 14:37:21.123456"),
        ("1", "2024-05-16 14:37:21.123456"),
        ("", "2024-05-16 14:37:21.123456"),
    ],
)
def test_date_text_is_read_against_now(text: str, expected: str) -> None:
    parsed = parse_moment(text, UTC_ZONE, NOW)
    assert str(parsed.at.replace(tzinfo=None)) == expected


@pytest.mark.parametrize(("text", "expected"), [("wStart", "2024-05-13"), ("-1wEnd", "2024-05-12")])
def test_week_of_a_project_may_start_on_monday(text: str, expected: str) -> None:
    assert parse_moment(text, UTC_ZONE, NOW, week_start_day=1).at.date().isoformat() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-7d", "2024-05-09 00:00:00"), ("-1h", "2024-05-16 13:00:00"), ("mStart", "2024-05-01 00:00:00")],
)
def test_truncated_relative_date_starts_its_hour_or_day(text: str, expected: str) -> None:
    assert str(parse_moment(text, UTC_ZONE, NOW, truncate=True).at.replace(tzinfo=None)) == expected


def test_absolute_date_without_offset_is_on_the_project_clock() -> None:
    moment = parse_moment("2021-01-05", ZoneInfo("US/Pacific"), NOW).at
    assert moment.astimezone(UTC) == datetime(2021, 1, 5, 8, tzinfo=UTC)


def test_date_before_the_calendar_is_a_mistake_of_the_query() -> None:
    with pytest.raises(QueryError, match="outside the calendar"):
        parse_moment("-99999y", UTC_ZONE, NOW)


@pytest.mark.parametrize(
    ("given", "interval", "expected_from", "expected_to"),
    [
        ((None, None), "day", "2024-05-09 00:00:00", "2024-05-16 23:59:59.999999"),
        ((None, None), "hour", "2024-05-09 00:00:00", "2024-05-16 14:59:59.999999"),
        ((None, None), "minute", "2024-05-09 00:00:00", "2024-05-16 14:37:59.999999"),
        (("-7d", None), "day", "2024-05-09 00:00:00", "2024-05-16 23:59:59.999999"),
        (("-24h", None), "hour", "2024-05-15 14:00:00", "2024-05-16 14:59:59.999999"),
        (("-1h", None), "minute", "2024-05-16 13:37:21.123456", "2024-05-16 14:37:59.999999"),
        (("-1d", "-1d"), "day", "2024-05-15 00:00:00", "2024-05-15 23:59:59.999999"),
        (("2024-01-01", "2024-01-03T10:00:00"), "day", "2024-01-01 00:00:00", "2024-01-03 23:59:59.999999"),
        (("2024-01-01", "2024-01-03T10:20:30"), "hour", "2024-01-01 00:00:00", "2024-01-03 10:20:30"),
        (("2024-01-01", "-1d"), "hour", "2024-01-01 00:00:00", "2024-05-15 14:59:59.999999"),
    ],
)
def test_range_is_rounded_as_its_interval_asks(
    given: tuple[str | None, str | None], interval: Interval, expected_from: str, expected_to: str
) -> None:
    resolved = dates(*given, interval)
    assert str(resolved.date_from.replace(tzinfo=None)) == expected_from
    assert str(resolved.date_to.replace(tzinfo=None)) == expected_to


def test_explicit_date_turns_rounding_of_the_end_off() -> None:
    resolved = dates("2024-01-01T10:00:00", "2024-01-03T10:20:30", explicitDate=True)
    assert str(resolved.date_to.replace(tzinfo=None)) == "2024-01-03 10:20:30"
    assert str(resolved.lower.replace(tzinfo=None)) == "2024-01-01 10:00:00"


def test_exact_range_ends_now_and_starts_to_the_second() -> None:
    resolved = dates("-2d", None, is_exact=True)
    assert str(resolved.lower.replace(tzinfo=None)) == "2024-05-14 14:37:21"
    assert str(resolved.upper.replace(tzinfo=None)) == "2024-05-16 14:37:21"


def test_all_starts_at_the_first_event() -> None:
    first = datetime(2023, 3, 4, 5, 6, 7, tzinfo=UTC)
    resolved = resolve_dates(DateRange(date_from="all"), "day", context(earliest=int(first.timestamp())))
    assert resolved.date_from == first
    assert resolved.lower == datetime(2023, 3, 4, tzinfo=UTC)


def test_all_of_a_project_without_events_starts_in_2015() -> None:
    resolved = resolve_dates(DateRange(date_from="all"), "month", context())
    assert resolved.date_from == datetime(2015, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "interval", "lower"),
    [
        ("-24h", "day", "2024-05-15 14:00:00"),
        ("-24h", "hour", "2024-05-15 14:00:00"),
        ("2024-05-14T10:20:30", "hour", "2024-05-14 10:00:00"),
        ("2024-05-14T10:20:30", "week", "2024-05-14 00:00:00"),
        ("-30d", "month", "2024-04-16 00:00:00"),
    ],
)
def test_lower_bound_is_aligned_with_the_interval(given: str, interval: Interval, lower: str) -> None:
    assert str(dates(given, None, interval).lower.replace(tzinfo=None)) == lower


def test_several_hours_become_minutes_and_several_weeks_are_refused() -> None:
    resolved = resolve_dates(None, "hour", context(), interval_count=3)
    assert (resolved.interval, resolved.interval_count) == ("minute", 180)
    with pytest.raises(QueryError, match="several weeks"):
        resolve_dates(None, "week", context(), interval_count=2)


@pytest.mark.parametrize(
    ("given", "interval", "expected"),
    [
        # the kludge: -7d spans eight days, the previous period starts a day later so that weekdays line up
        (("-7d", None), "day", ("2024-05-02 00:00:00", "2024-05-09 23:59:59.999999")),
        (("-14d", None), "day", ("2024-04-18 00:00:00", "2024-05-02 23:59:59.999999")),
        (("-7d", "-1d"), "day", ("2024-05-02 00:00:00", "2024-05-08 23:59:59.999999")),
        (("-5d", None), "day", ("2024-05-05 00:00:00", "2024-05-10 23:59:59.999999")),
        (("2024-05-10", "2024-05-12"), "day", ("2024-05-07 00:00:00", "2024-05-09 23:59:59.999999")),
        (("-24h", None), "hour", ("2024-05-14 14:00:00", "2024-05-15 14:59:59.999999")),
        (("2024-05-16T10:00:00", "2024-05-16T10:29:59"), "minute", ("2024-05-16 09:30:01", "2024-05-16 10:00:00")),
        # absent is -7d
        ((None, None), "day", ("2024-05-02 00:00:00", "2024-05-09 23:59:59.999999")),
        ((None, "2024-05-14"), "day", ("2024-05-04 00:00:00", "2024-05-09 23:59:59.999999")),
        # a calendar unit so far against the whole one before
        (("mStart", None), "day", ("2024-04-01 00:00:00", "2024-04-30 23:59:59.999999")),
        (("wStart", None), "hour", ("2024-05-05 00:00:00", "2024-05-11 23:59:59.999999")),
        (("qStart", None), "month", ("2024-01-01 00:00:00", "2024-03-31 23:59:59.999999")),
        (("yStart", None), "week", ("2023-01-01 00:00:00", "2023-12-31 23:59:59.999999")),
        (("mStart", "2024-05-02"), "day", ("2024-04-29 00:00:00", "2024-04-30 23:59:59.999999")),
    ],
)
def test_previous_period_keeps_the_time_of_day(
    given: tuple[str | None, str | None], interval: Interval, expected: tuple[str, str]
) -> None:
    current = dates(*given, interval)
    previous = compared_dates(current, CompareFilter(compare=True), context())
    assert (str(previous.date_from.replace(tzinfo=None)), str(previous.date_to.replace(tzinfo=None))) == expected


def test_all_of_the_time_is_compared_with_as_much_before_the_first_event() -> None:
    first = datetime(2024, 5, 14, 10, tzinfo=UTC)
    current = resolve_dates(DateRange(date_from="all"), "day", context(earliest=int(first.timestamp())))
    previous = compared_dates(current, CompareFilter(compare=True), context())
    assert str(previous.date_to) == "2024-05-14 09:59:59.999999+00:00"
    assert previous.date_to - previous.date_from == current.date_to - current.date_from


@pytest.mark.parametrize(
    ("given", "interval", "expected_from", "expected_to"),
    [
        (("-7d", None), "day", "2024-05-09 00:00:00", "2024-05-15 23:59:59.999999"),
        (("-24h", None), "hour", "2024-05-15 14:00:00", "2024-05-16 13:59:59.999999"),
        (("-30d", None), "week", "2024-04-21 00:00:00", "2024-05-11 23:59:59.999999"),
        (("-2m", None), "month", "2024-04-01 00:00:00", "2024-04-30 23:59:59.999999"),
        (("2024-05-10", "2024-05-12"), "day", "2024-05-10 00:00:00", "2024-05-12 23:59:59.999999"),
        (("dStart", None), "day", "2024-05-16 00:00:00", "2024-05-16 23:59:59.999999"),
    ],
)
def test_intervals_in_part_are_left_out_on_request(
    given: tuple[str | None, str | None], interval: Interval, expected_from: str, expected_to: str
) -> None:
    resolved = dates(*given, interval, excludeIncompletePeriods=True)
    assert str(resolved.date_from.replace(tzinfo=None)) == expected_from
    assert str(resolved.date_to.replace(tzinfo=None)) == expected_to


def test_whole_intervals_are_compared_with_as_many_before() -> None:
    current = dates("-7d", excludeIncompletePeriods=True)
    previous = compared_dates(current, CompareFilter(compare=True), context())
    assert str(previous.date_from.replace(tzinfo=None)) == "2024-05-02 00:00:00"
    assert str(previous.date_to.replace(tzinfo=None)) == "2024-05-08 23:59:59.999999"


@pytest.mark.parametrize(
    ("compare_to", "settings", "expected"),
    [
        ("-1w", {}, "2024-05-02 00:00:00"),
        ("-1m", {}, "2024-04-09 00:00:00"),
        ("-1m", {"human_friendly_comparison_periods": True}, "2024-04-11 00:00:00"),
        ("-1y", {"human_friendly_comparison_periods": True}, "2023-05-11 00:00:00"),
    ],
)
def test_compare_to_shifts_the_start_and_keeps_the_length(compare_to: str, settings: dict, expected: str) -> None:
    team = Team(settings=settings)
    current = dates("-7d", team=team)
    earlier = compared_dates(current, CompareFilter(compare=True, compare_to=compare_to), context(team))
    assert str(earlier.date_from.replace(tzinfo=None)) == expected
    assert earlier.date_to - earlier.date_from == current.date_to - current.date_from


@pytest.mark.parametrize(
    ("given", "interval", "days", "labels"),
    [
        (("2020-01-11", "2020-01-12"), "day", ["2020-01-11", "2020-01-12"], ["11-Jan-2020", "12-Jan-2020"]),
        (
            ("2020-01-11T22:00:00", "2020-01-11T23:00:00"),
            "hour",
            ["2020-01-11 22:00:00", "2020-01-11 23:00:00"],
            ["11-Jan 22:00", "11-Jan 23:00"],
        ),
        (
            ("2020-01-11T22:00:00", "2020-01-11T22:01:00"),
            "minute",
            ["2020-01-11 22:00:00", "2020-01-11 22:01:00"],
            ["11-Jan 22:00", "11-Jan 22:01"],
        ),
        (("2020-01-15", "2020-02-03"), "month", ["2020-01-01", "2020-02-01"], ["Jan 2020", "Feb 2020"]),
        (("2020-06-30", "2020-07-01"), "quarter", ["2020-04-01", "2020-07-01"], ["Q2 2020", "Q3 2020"]),
        (("2019-12-31", "2020-07-01"), "year", ["2019-01-01", "2020-01-01"], ["2019", "2020"]),
        (
            ("2020-01-07", "2020-01-14"),
            "week",
            ["2020-01-05", "2020-01-12"],
            ["7–11 Jan", "12–14 Jan"],
        ),
        (("2020-12-28", "2021-01-05"), "week", ["2020-12-27", "2021-01-03"], ["28-Dec-2020 – 2-Jan-2021", "3–5 Jan"]),
        (("2020-01-26", "2020-02-02"), "week", ["2020-01-26", "2020-02-02"], ["26-Jan – 1-Feb", "2-Feb-2020"]),
    ],
)
def test_days_and_labels_are_printed_as_the_interval_asks(
    given: tuple[str, str], interval: Interval, days: list[str], labels: list[str]
) -> None:
    resolved = dates(*given, interval)
    buckets = list_buckets(resolved)
    assert print_days(buckets, interval) == days
    assert print_labels(buckets, resolved) == labels


def test_week_starts_on_the_projects_day() -> None:
    monday = dates("2020-01-07", "2020-01-14", "week", team=Team(week_start_day=1))
    assert print_days(list_buckets(monday), "week") == ["2020-01-06", "2020-01-13"]


def test_weekdays_drop_the_other_days() -> None:
    resolved = dates("2024-05-13", "2024-05-19", daysOfWeek=[6, 7])
    assert print_days(list_buckets(resolved), "day") == ["2024-05-18", "2024-05-19"]


def test_day_of_the_autumn_change_has_25_hours() -> None:
    resolved = dates("2024-10-27", "2024-10-27T23:00:00", "hour", team=Team(timezone="Europe/Berlin"))
    buckets = list_buckets(resolved)
    assert len(buckets) == 25
    assert print_days(buckets, "hour")[1:5] == [
        "2024-10-27 01:00:00",
        "2024-10-27 02:00:00",
        "2024-10-27 02:00:00",
        "2024-10-27 03:00:00",
    ]


def test_day_of_the_spring_change_has_23_hours() -> None:
    resolved = dates("2024-03-31", "2024-03-31T23:00:00", "hour", team=Team(timezone="Europe/Berlin"))
    assert len(list_buckets(resolved)) == 23


def test_days_across_a_clock_change_are_all_there() -> None:
    resolved = dates("2024-03-30", "2024-04-01", "day", team=Team(timezone="Europe/Berlin"))
    assert print_days(list_buckets(resolved), "day") == ["2024-03-30", "2024-03-31", "2024-04-01"]
    assert [start.isoformat() for start in list_starts(resolved)] == [
        "2024-03-30T00:00:00+01:00",
        "2024-03-31T00:00:00+01:00",
        "2024-04-01T00:00:00+02:00",
    ]


def test_too_many_intervals_are_refused() -> None:
    with pytest.raises(QueryError, match="more than"):
        list_buckets(dates("2000-01-01", "2024-01-01", "minute"))
