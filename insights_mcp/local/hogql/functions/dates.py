"""Dates and times: parts, starts, sums, intervals. Those that need the time zone or a rename are in moments.py."""

FUNCTIONS = """
1 int: toYear toQuarter toMonth toDayOfYear toDayOfMonth toHour toMinute toSecond toMillisecond toISOYear toISOWeek
1 int: toDaysInMonth toYYYYMM toYYYYMMDD toYYYYMMDDhhmmss toMonthNumSinceEpoch timeZoneOffset
1 int: year=toYear quarter=toQuarter month=toMonth day=toDayOfMonth hour=toHour minute=toMinute second=toSecond
1 int: dayOfMonth=toDayOfMonth dayOfYear=toDayOfYear week=toISOWeek
1-3 int: toWeek toYearWeek
1-2 int: toUnixTimestamp toRelativeYearNum toRelativeQuarterNum toRelativeMonthNum toRelativeWeekNum toRelativeDayNum
1-2 int: toRelativeHourNum toRelativeMinuteNum toRelativeSecondNum
1 int: toUnixTimestamp64Milli toUnixTimestamp64Micro toUnixTimestamp64Nano toUnixTimestamp64Second
1 string: timeZoneOf monthName
1 date: toStartOfISOYear toStartOfQuarter toStartOfMonth toLastDayOfMonth last_day=toLastDayOfMonth toMonday
1 date: toStartOfYear
1-2 datetime: toStartOfDay toStartOfHour toStartOfMinute toStartOfSecond toStartOfFiveMinutes toStartOfTenMinutes
1-2 datetime: toStartOfFifteenMinutes toStartOfMillisecond toStartOfMicrosecond toStartOfNanosecond
1-2 datetime: toStartOfFiveMinute=toStartOfFiveMinutes timeSlot
2-4 datetime: toStartOfInterval
1-2 unknown: toTime
3 int: age
2-3 same: dateAdd=plus dateSub=minus
2 same: timeStampAdd=plus timeStampSub=minus addDays addWeeks addMonths addQuarters addYears subtractDays
2 same: subtractWeeks subtractMonths subtractQuarters subtractYears addInterval subtractInterval
2 datetime: addHours addMinutes addSeconds addMilliseconds addMicroseconds subtractHours subtractMinutes
2 datetime: subtractSeconds subtractMilliseconds subtractMicroseconds
2-3 array!: timeSlots
2-3 string: dateName
1 int?: toModifiedJulianDay=toModifiedJulianDayOrNull
1 string?: fromModifiedJulianDay=fromModifiedJulianDayOrNull
1 interval: toIntervalSecond toIntervalMinute toIntervalHour toIntervalDay toIntervalWeek toIntervalMonth
1 interval: toIntervalQuarter toIntervalYear toIntervalMillisecond toIntervalMicrosecond
3 date: make_date=makeDate makeDate
2 date: addDate=addDate subDate=subDate
"""
