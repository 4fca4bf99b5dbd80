"""HogQLQuery (facts/queries.md 1.9)."""
# ruff: noqa: N815 - PostHog's field names

from typing import Literal

from pydantic import Field

from insights_mcp.schema.base import Model
from insights_mcp.schema.dates import DateRange
from insights_mcp.schema.filters import PropertyFilter
from insights_mcp.schema.insight_query import DataNode, FreeMap


class HogQLFilters(Model):
    """What the `{filters}` placeholder becomes. Without a date range there is none."""

    properties: list[PropertyFilter] = Field(default_factory=list)
    dateRange: DateRange | None = None
    filterTestAccounts: bool = False
    # what a dashboard's filters bring along; no placeholder reads them
    interval: str | None = None
    breakdownFilter: FreeMap | None = None


class HogQLVariable(Model):
    """One `{variables.code_name}` and its value."""

    code_name: str
    variableId: str | None = None
    value: object = None
    isNull: bool | None = None


class HogQLQuery(DataNode):
    """A SQL question."""

    kind: Literal["HogQLQuery"] = "HogQLQuery"
    query: str
    filters: HogQLFilters | None = None
    values: FreeMap | None = None
    variables: dict[str, HogQLVariable] | None = None
    explain: bool | None = None
    name: str | None = None
    connectionId: str | None = None
    sendRawQuery: bool | None = None
