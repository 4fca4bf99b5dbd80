"""What the printer must know beside the query: the project, its time zone, its property types, who may ask for what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from insights_mcp.local.engine.tables import HOT_EVENT_PROPERTIES, materialized_column
from insights_mcp.local.hogql import ast

PropertyType = Literal["String", "Numeric", "Boolean", "DateTime"]
DEFAULT_LIMIT = 100
MAX_LIMIT = 50_000


class PropertyTypes(Protocol):
    """The property-type registry. `kind` is "event", "person" or "group_0" to "group_4"."""

    def type_of(self, kind: str, key: str) -> PropertyType | None:
        """Return the declared or inferred type of a property, None when nothing is known of it."""
        ...


class NoPropertyTypes:
    """Every property is text."""

    def type_of(self, kind: str, key: str) -> PropertyType | None:  # noqa: ARG002  # the protocol's signature
        """Return None."""
        return None


@dataclass(frozen=True)
class CohortMembers:
    """Where the members of a cohort are. Without `version` they are those of the newest one."""

    id: int
    version: int | None = None


class Lookups(Protocol):
    """Finds what a query names by number or name: cohorts and actions of the project."""

    def cohort(self, reference: int | str) -> CohortMembers | None:
        """Return the cohort of this number or name, None when there is none."""
        ...

    def action(self, reference: int | str) -> ast.Expr | None:
        """Return the condition on an event of the action of this number or name, None when there is none."""
        ...

    def static_cohorts(self) -> Sequence[int]:
        """Return the numbers of the cohorts that are lists of people instead of conditions."""
        ...


class NoLookups:
    """A project without cohorts and actions."""

    def cohort(self, reference: int | str) -> CohortMembers | None:  # noqa: ARG002  # the protocol's signature
        """Return None."""
        return None

    def action(self, reference: int | str) -> ast.Expr | None:  # noqa: ARG002  # the protocol's signature
        """Return None."""
        return None

    def static_cohorts(self) -> Sequence[int]:
        """Return nothing."""
        return ()


def _hot_columns() -> Mapping[str, str]:
    return {key: materialized_column(key) for key in HOT_EVENT_PROPERTIES}


@dataclass(frozen=True)
class HogQLContext:
    """The context of one query.

    `now` fixes the time that now() and today() mean. `has_overrides`: some distinct ids belong to another person than
    their events say. `max_rows` caps the rows of the outermost SELECT; None for queries of our own. `trusted`: built by
    us, may use functions outside the list for callers.
    """

    team_id: int
    timezone: str = "UTC"
    week_start_day: int = 0
    now: datetime | None = None
    property_types: PropertyTypes = field(default_factory=NoPropertyTypes)
    lookups: Lookups = field(default_factory=NoLookups)
    has_overrides: bool = False
    materialized: Mapping[str, str] = field(default_factory=_hot_columns)
    max_rows: int | None = None
    trusted: bool = False
