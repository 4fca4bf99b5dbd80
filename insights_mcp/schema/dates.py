"""Date ranges, intervals and the previous period (facts/queries.md 1.0)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Annotated, Literal

from pydantic import Field

from insights_mcp.schema.base import Model

Interval = Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
Weekday = Annotated[int, Field(ge=1, le=7)]


class DateRange(Model):
    """From when to when. `-7d`, `mStart`, `all` or an ISO date; `explicitDate` turns all rounding off.

    `excludeIncompletePeriods` leaves out a first or last interval that the range covers in part only.
    """

    date_from: str | None = None
    date_to: str | None = None
    explicitDate: bool = False
    excludeIncompletePeriods: bool = False
    daysOfWeek: list[Weekday] | None = None


class CompareFilter(Model):
    """Whether to show the previous period too, or the one `compare_to` (such as `-1y`) before."""

    compare: bool = False
    compare_to: str | None = None
