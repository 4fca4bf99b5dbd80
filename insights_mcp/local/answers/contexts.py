"""The context of one query: what the store knows of its project, gathered once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.context import CohortMembers, HogQLContext, PropertyType, PropertyTypes
from insights_mcp.local.queries.context import Definitions, QueryContext, Statement, TeamFacts
from insights_mcp.local.queries.entities import match_action
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.definitions import read_property_types
from insights_mcp.local.store.persons import has_overrides

_TYPES: dict[str, PropertyType] = {
    "String": "String",
    "Numeric": "Numeric",
    "Boolean": "Boolean",
    "DateTime": "DateTime",
}


@dataclass(frozen=True)
class ProjectFacts:
    """What queries need of the store: types of properties, and whether persons were merged."""

    property_types: PropertyTypes
    has_overrides: bool


class StoredTypes:
    """The property types of a project, by kind (`event`, `person`, `group_0` to `group_4`) and key."""

    def __init__(self, types: dict[tuple[str, str], PropertyType]) -> None:
        self._types = types

    def type_of(self, kind: str, key: str) -> PropertyType | None:
        """Return the type of a property, None when nothing is known of it."""
        return self._types.get((kind, key))


class _Lookups:
    """Lets HogQL find cohorts and actions. `context` is set as soon as there is one."""

    def __init__(self, definitions: Definitions, team: TeamFacts) -> None:
        self._definitions = definitions
        self._team = team
        self.context: QueryContext | None = None

    def cohort(self, reference: int | str) -> CohortMembers | None:
        """Return where the members of a cohort are."""
        cohort = self._definitions.cohort(self._team.id, reference)
        return CohortMembers(cohort.id) if cohort else None

    def action(self, reference: int | str) -> ast.Expr | None:
        """Return the condition of an action."""
        action = self._definitions.action(self._team.id, reference)
        return match_action(action, self.context) if action and self.context else None

    def static_cohorts(self) -> Sequence[int]:
        """Return the numbers of the static cohorts."""
        return self._definitions.static_cohorts(self._team.id)


def read_facts(store: Store, team_id: int) -> ProjectFacts:
    """Read what queries need of the store."""
    with store.read() as db:
        stored = read_property_types(db, team_id)
        merged = has_overrides(db, team_id)
    types = {
        (f"group_{index}" if type_ == "group" else type_, name): _TYPES[property_type]
        for (type_, index, name), property_type in stored.items()
        if property_type in _TYPES
    }
    return ProjectFacts(StoredTypes(types), merged)


def build_context(
    team: TeamFacts,
    facts: ProjectFacts,
    definitions: Definitions,
    now: datetime,
    fetch: Callable[[HogQLContext, Statement], Rows],
    limit_context: str | None = None,
) -> QueryContext:
    """Return the context of one query. `fetch` runs a statement with the context it is given."""
    lookups = _Lookups(definitions, team)
    hogql = HogQLContext(
        team_id=team.id,
        timezone=team.timezone,
        week_start_day=team.week_start_day,
        now=now,
        property_types=facts.property_types,
        lookups=lookups,
        has_overrides=facts.has_overrides,
        trusted=True,
    )
    context = QueryContext(
        team=team,
        now=now,
        hogql=hogql,
        fetch=lambda statement: fetch(hogql, statement),
        definitions=definitions,
        limit_context=limit_context,
    )
    lookups.context = context
    return context
