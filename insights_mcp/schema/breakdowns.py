"""Breakdowns (facts/queries.md 1.0)."""

from typing import Annotated, Literal

from pydantic import Field

from insights_mcp.schema.base import Model

BreakdownType = Literal[
    "event",
    "person",
    "session",
    "group",
    "cohort",
    "hogql",
    "event_metadata",
    "data_warehouse",
    "data_warehouse_person_property",
    "revenue_analytics",
]


class Breakdown(Model):
    """One of up to three properties to break down by."""

    property: str | int
    type: BreakdownType | None = None
    group_type_index: int | None = None
    histogram_bin_count: int | None = None
    normalize_url: bool | None = None


class BreakdownFilter(Model):
    """How to split every series: one `breakdown`, or up to three `breakdowns`."""

    breakdown: str | int | list[str | int] | None = None
    breakdown_type: BreakdownType = "event"
    breakdowns: Annotated[list[Breakdown], Field(max_length=3)] | None = None
    breakdown_limit: int | None = None
    breakdown_group_type_index: int | None = None
    breakdown_hide_other_aggregation: bool | None = None
    breakdown_histogram_bin_count: int | None = None
    breakdown_normalize_url: bool | None = None
    breakdown_path_cleaning: bool | None = None
