"""What a query kind is, what it is given, and what it hands back.

A kind is two functions: `plan(query, context)` answers the statements to run, `shape(rows, query, context)` turns
their rows into PostHog's results. Everything a kind must know beside the query stands in the context; nothing below
reads a clock, a setting or the store.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from zoneinfo import ZoneInfo

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.context import HogQLContext


class TeamFacts(Protocol):
    """What a query must know of its project; `store.projects.Team` is one."""

    @property
    def id(self) -> int:
        """The project's number."""

    @property
    def timezone(self) -> str:
        """The project's time zone by its IANA name."""

    @property
    def week_start_day(self) -> int:
        """0 for Sunday, 1 for Monday."""

    @property
    def test_account_filters(self) -> Sequence[Mapping[str, object]]:
        """The property filters that `filterTestAccounts` adds."""

    @property
    def path_cleaning_filters(self) -> Sequence[Mapping[str, object]]:
        """Pairs of `regex` and `alias`, in the order they apply."""

    @property
    def settings(self) -> Mapping[str, object]:
        """Switches of the project, such as `human_friendly_comparison_periods`."""


@dataclass(frozen=True)
class ActionStep:
    """One step of an action; all its given parts must match (facts/queries.md 1.0, Entities)."""

    event: str | None = None
    url: str | None = None
    url_matching: str | None = None
    selector: str | None = None
    tag_name: str | None = None
    text: str | None = None
    text_matching: str | None = None
    href: str | None = None
    href_matching: str | None = None
    properties: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True)
class Action:
    """A saved action: any of its steps matches; no steps match everything."""

    id: int
    name: str
    steps: Sequence[ActionStep] = ()


@dataclass(frozen=True)
class Cohort:
    """A saved cohort. Its members stand in the engine's table cohort_people under its newest version."""

    id: int
    name: str
    is_static: bool = False


class Definitions(Protocol):
    """Looks up what a query refers to by number or name."""

    def action(self, team_id: int, action: int | str) -> Action | None:
        """Return the action of this number or name, None when the project has none."""
        ...

    def cohort(self, team_id: int, cohort: int | str) -> Cohort | None:
        """Return the cohort of this number or name, None when the project has none."""
        ...

    def static_cohorts(self, team_id: int) -> Sequence[int]:
        """Return the numbers of the cohorts that are lists of people instead of conditions."""
        ...


class NoDefinitions:
    """A project without actions and cohorts."""

    def action(self, team_id: int, action: int | str) -> Action | None:  # noqa: ARG002  # the protocol's signature
        """Return None: there is no action."""
        return None

    def cohort(self, team_id: int, cohort: int | str) -> Cohort | None:  # noqa: ARG002  # the protocol's signature
        """Return None: there is no cohort."""
        return None

    def static_cohorts(self, team_id: int) -> Sequence[int]:  # noqa: ARG002  # the protocol's signature
        """Return nothing."""
        return ()


@dataclass(frozen=True)
class Statement:
    """One SELECT to run, as HogQL. `label` names it in logs.

    `hogql` replaces the query's context, for text of a caller: that is not trusted, and its rows are capped.
    """

    select: ast.SelectQuery | ast.SelectSetQuery
    label: str = ""
    max_rows: int | None = None
    hogql: HogQLContext | None = None


@dataclass(frozen=True)
class DateSpan:
    """The dates a query really used, both ends inclusive, in the project's time zone."""

    date_from: datetime
    date_to: datetime


@dataclass(frozen=True)
class Outcome:
    """What a kind makes of its rows: the kind's part of the response of `/query/` (facts/rest-api.md 8.1).

    `types` are pairs of name and type for SQL, types alone for tables of events and actors. `extra` holds fields that
    only this kind has, by their name in the response.
    """

    results: object
    columns: Sequence[str] | None = None
    types: Sequence[tuple[str, str] | str] | None = None
    has_more: bool | None = None
    limit: int | None = None
    offset: int | None = None
    dates: DateSpan | None = None
    compare_dates: DateSpan | None = None
    warnings: Sequence[str] = ()
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class QueryContext:
    """Everything beside the query. `now` is aware; `fetch` runs a pre-query (earliest event, histogram bins)."""

    team: TeamFacts
    now: datetime
    hogql: HogQLContext
    fetch: Callable[[Statement], Rows]
    definitions: Definitions = field(default_factory=NoDefinitions)
    limit_context: str | None = None

    @property
    def timezone(self) -> ZoneInfo:
        """The project's time zone."""
        return ZoneInfo(self.team.timezone)

    @property
    def local_now(self) -> datetime:
        """The current time on the project's clock."""
        return self.now.astimezone(self.timezone)

    @property
    def is_export(self) -> bool:
        """Whether the answer is for a file, which lifts the limits on rows and breakdown values."""
        return self.limit_context == "export"


Query_contra = TypeVar("Query_contra", contravariant=True)


@dataclass(frozen=True)
class Kind(Generic[Query_contra]):
    """A query kind by the name in its `kind` field: the statements to run, and what their rows mean."""

    name: str
    plan: Callable[[Query_contra, QueryContext], Sequence[Statement]]
    shape: Callable[[Sequence[Rows], Query_contra, QueryContext], Outcome]


# A registry holds kinds of different request models; which model belongs to which name is the schema's business.
AnyKind = Kind[Any]


class QueryError(Exception):
    """The query cannot be answered and its author can mend it: 400, shown as it is (facts/rest-api.md 2.7)."""

    def __init__(self, message: str, *, code: str = "invalid_input", attr: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.attr = attr
