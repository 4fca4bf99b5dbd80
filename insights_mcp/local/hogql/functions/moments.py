"""Functions of time that need the project's time zone, week start or clock."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC

from insights_mcp.local.hogql.conversions import texts, to_moment
from insights_mcp.local.hogql.errors import HogQLQueryError
from insights_mcp.local.hogql.sources import Setting
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.sqltypes import DATE, DATETIME, INT, INTERVAL, NULL, STRING, SqlType
from insights_mcp.local.hogql.values import print_moment, print_timezone

Print = Callable[[Sequence[Sql], Setting], Sql]

UNITS = {
    "microsecond": "toIntervalMicrosecond",
    "millisecond": "toIntervalMillisecond",
    "second": "toIntervalSecond",
    "minute": "toIntervalMinute",
    "hour": "toIntervalHour",
    "day": "toIntervalDay",
    "week": "toIntervalWeek",
    "month": "toIntervalMonth",
    "quarter": "toIntervalQuarter",
    "year": "toIntervalYear",
}
_LONG_UNITS = ("week", "month", "quarter", "year")
_PARTS = {
    "year": "toYear",
    "quarter": "toQuarter",
    "month": "toMonth",
    "day": "toDayOfMonth",
    "hour": "toHour",
    "minute": "toMinute",
    "second": "toSecond",
    "dow": "toDayOfWeek",
    "doy": "toDayOfYear",
}


def _zone(setting: Setting) -> str:
    return print_timezone(setting.context.timezone)


def _unit(value: Sql, known: Mapping[str, str]) -> str:
    name = str(value.constant).lower() if isinstance(value.constant, str) else ""
    found = name if name in known else name.removesuffix("s")
    if found not in known:
        raise HogQLQueryError(f"A unit of time is one of {', '.join(known)}.")
    return found


def _now(args: Sequence[Sql], setting: Setting) -> Sql:
    moment = setting.context.now
    if moment is None:
        now = Sql(f"now64(6, {_zone(setting)})", DATETIME)
    else:
        now = Sql(print_moment(moment, setting.parameters, setting.context.timezone), DATETIME)
    return Sql(f"toTimeZone({now.text}, {args[0].text})", DATETIME) if args else now


def _now_without_zone(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    moment = setting.context.now
    if moment is None:
        return Sql("now64(6)", DATETIME)
    written = moment.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    return Sql(f"toDateTime64({setting.parameters.bind(written)}, 6)", DATETIME)


def _now_in_block(args: Sequence[Sql], setting: Setting) -> Sql:
    zone = args[0].text if args else _zone(setting)
    return Sql(f"toDateTime({_now([], setting).text}, {zone})", DATETIME)


def _day(days_ago: int) -> Print:
    """Return the printer of today() and yesterday(): PostHog's are those of its server, which is in UTC."""

    def print_day(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
        moment = setting.context.now
        if moment is None:
            today = "toDate(now64(6, 'UTC'))"
        else:
            today = f"toDate({setting.parameters.bind(moment.astimezone(UTC).date().isoformat())})"
        return Sql(f"({today} - {days_ago})" if days_ago else today, DATE)

    return print_day


def _to_moment(args: Sequence[Sql], setting: Setting) -> Sql:
    return to_moment(args[0], setting, args[1].text if len(args) > 1 else None)


def _to_moment_64(args: Sequence[Sql], setting: Setting) -> Sql:
    scale = args[1].text if len(args) > 1 else "6"
    zone = args[2].text if len(args) > 2 else _zone(setting)
    return Sql(f"toDateTime64({args[0].text}, {scale}, {zone})", DATETIME.with_nullable(args[0].type.nullable))


def _parse(function: str, *, has_format: bool = False, scale: str = ", 6") -> Print:
    def print_parse(args: Sequence[Sql], setting: Setting) -> Sql:
        given = 2 if has_format else 1
        zone = args[given].text if len(args) > given else _zone(setting)
        return Sql(f"{function}({texts(args[:given])}{scale}, {zone})", SqlType("datetime"))

    return print_parse


def _with_zone(function: str, count: int, type_: SqlType) -> Print:
    """Return the printer of a function whose last argument is a time zone, the project's by default."""

    def print_call(args: Sequence[Sql], setting: Setting) -> Sql:
        given = [arg.text for arg in args] + [_zone(setting)] * (len(args) < count)
        nullable = any(arg.type.nullable for arg in args)
        return Sql(f"{function}({', '.join(given)})", type_.with_nullable(nullable))

    return print_call


def _week(function: str) -> Print:
    """Return the printer of a function of weeks: mode 0 begins on Sunday, 3 on Monday (facts/queries.md 1.0)."""

    def print_week(args: Sequence[Sql], setting: Setting) -> Sql:
        mode = args[1].text if len(args) > 1 else "3" if setting.context.week_start_day == 1 else "0"
        return Sql(f"{function}({args[0].text}, {mode})", DATE.with_nullable(args[0].type.nullable))

    return print_week


def _day_of_week(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    """Print toDayOfWeek so that ClickHouse does not look for days of the week in its indexes.

    It skips parts by the week of their first and last moment in UTC, whatever the time zone: in others rows get lost.
    """
    given = [f"identity({args[0].text})", *(arg.text for arg in args[1:])]
    return Sql(f"toDayOfWeek({', '.join(given)})", INT.with_nullable(any(arg.type.nullable for arg in args)))


def _truncate(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    unit = _unit(args[0], UNITS)
    is_date = unit in _LONG_UNITS or args[1].type.kind == "date"
    zone = "".join(f", {arg.text}" for arg in args[2:])
    type_ = (DATE if is_date else DATETIME).with_nullable(args[1].type.nullable)
    return Sql(f"dateTrunc('{unit}', {args[1].text}{zone})", type_)


def _difference(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    unit = _unit(args[0], UNITS)
    nullable = args[1].type.nullable or args[2].type.nullable
    return Sql(f"dateDiff('{unit}', {texts(args[1:])})", INT.with_nullable(nullable))


def _shift(sign: str) -> Print:
    """Return the printer of dateAdd('day', 1, x) and dateAdd(x, toIntervalDay(1))."""

    def print_shift(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
        if len(args) == 2:
            moment, interval = args[0], args[1].text
            keeps = not interval.startswith(("toIntervalHour", "toIntervalMinute", "toIntervalSecond"))
        else:
            unit = _unit(args[0], UNITS)
            moment, interval = args[2], f"{UNITS[unit]}({args[1].text})"
            keeps = unit in (*_LONG_UNITS, "day")
        kind = moment.type if moment.type.kind != "date" or keeps else SqlType("datetime")
        return Sql(f"({moment.text} {sign} {interval})", kind.with_nullable(any(arg.type.nullable for arg in args)))

    return print_shift


def _part(args: Sequence[Sql], setting: Setting) -> Sql:
    """Print date_part('year', x): null for a part that it does not know."""
    if not isinstance(args[0].constant, str):
        raise HogQLQueryError(f"A part of a date is one of {', '.join(_PARTS)}.")
    function = _PARTS.get(args[0].constant)
    if function is None:
        return Sql("NULL", NULL)
    if function == "toDayOfWeek":
        return _day_of_week(args[1:], setting)
    return Sql(f"{function}({args[1].text})", INT.with_nullable(args[1].type.nullable))


def _time_zone(args: Sequence[Sql], setting: Setting) -> Sql:
    zone = args[1].text if len(args) > 1 else _zone(setting)
    return Sql(f"toTimeZone({args[0].text}, {zone})", args[0].type)


def _time_zone_first(args: Sequence[Sql], setting: Setting) -> Sql:
    return _time_zone([args[1], args[0]], setting)


def _from_unix(args: Sequence[Sql], setting: Setting) -> Sql:
    """Print a moment without a time zone of its own, as PostHog does: it is told in UTC."""
    if len(args) == 1 and args[0].type.kind == "int":
        return Sql(f"fromUnixTimestamp({args[0].text})", DATETIME.with_nullable(args[0].type.nullable))
    function = "toDateTime64({}, 6, {})" if args[0].type.kind != "int" else "toDateTime({}, {})"
    zone = args[1].text if len(args) > 1 else _zone(setting)
    return Sql(function.format(args[0].text, zone), DATETIME.with_nullable(args[0].type.nullable))


def _plain(function: str, type_: SqlType) -> Print:
    def print_call(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
        return Sql(f"{function}({texts(args)})", type_.with_nullable(any(arg.type.nullable for arg in args)))

    return print_call


def _window(function: str, type_: SqlType) -> Print:
    """Return the printer of a function of time windows, which take whole seconds: of columns in UTC."""

    def print_window(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
        moment = args[0].text
        if args[0].type.kind in ("date", "datetime"):
            is_made = moment.startswith(("toDateTime", "parseDateTime"))
            moment = f"assumeNotNull(toDateTime({moment}))" if is_made else f"toDateTime({moment}, 'UTC')"
        return Sql(f"{function}({', '.join([moment, *(arg.text for arg in args[1:])])})", type_)

    return print_window


def _make_interval(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    units = ("Year", "Month", "Day", "Hour", "Minute", "Second")
    parts = [f"toInterval{unit}({arg.text})" for unit, arg in zip(units, args, strict=False)]
    return Sql(f"({' + '.join(parts)})", INTERVAL)


def _bin(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    return Sql(f"toStartOfInterval({args[1].text}, {args[0].text}, {args[2].text})", DATETIME.with_nullable(True))


MOMENTS: Mapping[str, tuple[tuple[int, int | None], Print]] = {
    "now": ((0, 1), _now),
    "now64": ((0, 0), _now),
    "nowInBlock": ((0, 1), _now_in_block),
    "current_timestamp": ((0, 0), _now_without_zone),
    "today": ((0, 0), _day(0)),
    "current_date": ((0, 0), _day(0)),
    "yesterday": ((0, 0), _day(1)),
    "toDateTime": ((1, 2), _to_moment),
    "toDateTime64": ((1, 3), _to_moment_64),
    "toDateTimeUS": ((1, 2), _parse("parseDateTime64BestEffortUSOrNull")),
    "parseDateTime": ((2, 3), _parse("parseDateTimeOrNull", has_format=True, scale="")),
    "parseDateTimeBestEffort": ((1, 2), _parse("parseDateTime64BestEffortOrNull")),
    "parseDateTime64BestEffort": ((1, 2), _parse("parseDateTime64BestEffortOrNull")),
    "UUIDv7ToDateTime": ((1, 2), _plain("UUIDv7ToDateTime", DATETIME)),
    "toStartOfWeek": ((1, 2), _week("toStartOfWeek")),
    "toDayOfWeek": ((1, 3), _day_of_week),
    "dayOfWeek": ((1, 1), _day_of_week),
    "toLastDayOfWeek": ((1, 2), _week("toLastDayOfWeek")),
    "dateTrunc": ((2, 3), _truncate),
    "date_trunc": ((2, 3), _truncate),
    "dateDiff": ((3, 3), _difference),
    "date_diff": ((3, 3), _difference),
    "dateAdd": ((2, 3), _shift("+")),
    "date_add": ((2, 3), _shift("+")),
    "dateSub": ((2, 3), _shift("-")),
    "date_sub": ((2, 3), _shift("-")),
    "date_subtract": ((2, 3), _shift("-")),
    "timeStampAdd": ((2, 3), _shift("+")),
    "timeStampSub": ((2, 3), _shift("-")),
    "date_part": ((2, 2), _part),
    "toTimeZone": ((1, 2), _time_zone),
    "timezone": ((2, 2), _time_zone_first),
    "formatDateTime": ((2, 3), _plain("formatDateTime", STRING)),
    "to_char": ((2, 3), _with_zone("formatDateTime", 3, SqlType("string"))),
    "fromUnixTimestamp": ((1, 2), _from_unix),
    "fromUnixTimestamp64Milli": ((1, 2), _plain("fromUnixTimestamp64Milli", DATETIME)),
    "fromUnixTimestamp64Micro": ((1, 2), _with_zone("fromUnixTimestamp64Micro", 2, DATETIME)),
    "to_timestamp": ((1, 2), _from_unix),
    "make_timestamp": ((6, 7), _with_zone("makeDateTime", 7, DATETIME)),
    "make_timestamptz": ((6, 7), _with_zone("makeDateTime", 7, DATETIME)),
    "make_interval": ((6, 6), _make_interval),
    "date_bin": ((3, 3), _bin),
    "tumble": ((2, 3), _window("tumble", SqlType("tuple", nullable=False))),
    "hop": ((3, 4), _window("hop", SqlType("tuple", nullable=False))),
    **{name: ((1, 3), _window(name, DATETIME)) for name in ("tumbleStart", "tumbleEnd")},
    **{name: ((1, 4), _window(name, DATETIME)) for name in ("hopStart", "hopEnd")},
}
