"""The members of cohorts as subqueries."""

from collections.abc import Sequence

from insights_mcp.local.hogql.context import CohortMembers, HogQLContext
from insights_mcp.local.hogql.errors import HogQLResolutionError


def print_cohort_members(context: HogQLContext, references: Sequence[object]) -> str:
    """Return the query for the people of any of the cohorts. Raises HogQLResolutionError for an unknown one."""
    conditions = [_of_cohort(context, _find(context, one)) for one in references]
    among = conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"
    return f"(SELECT person_id FROM cohort_people WHERE team_id = {context.team_id:d} AND {among})"


def _find(context: HogQLContext, reference: object) -> CohortMembers:
    found = context.lookups.cohort(reference) if isinstance(reference, int | str) else None
    if found is None:
        what = f"ID {reference}" if isinstance(reference, int) else f"'{reference}'"
        raise HogQLResolutionError(f"Could not find a cohort with {what}.")
    return found


def _of_cohort(context: HogQLContext, cohort: CohortMembers) -> str:
    if cohort.version is not None:
        return f"(cohort_id = {cohort.id:d} AND version = {cohort.version:d})"
    newest = f"SELECT max(version) FROM cohort_people WHERE team_id = {context.team_id:d} AND cohort_id = {cohort.id:d}"
    return f"(cohort_id = {cohort.id:d} AND version = ({newest}))"
