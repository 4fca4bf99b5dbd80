"""What choices among actors are called: periods, cohorts, and values that are none."""

from insights_mcp.local.queries.breakdowns import ALL_USERS, ALL_USERS_LABEL, NULL, OTHER
from insights_mcp.local.queries.context import QueryContext, QueryError
from insights_mcp.schema.breakdowns import BreakdownFilter

Item = dict[str, object]

OTHER_LABEL = "Other (i.e. all remaining values)"
NULL_LABEL = "None (i.e. no value)"
PERIODS: list[Item] = [{"label": "Current", "value": "current"}, {"label": "Previous", "value": "previous"}]
_LABELS = {OTHER: OTHER_LABEL, NULL: NULL_LABEL, "": NULL_LABEL}


def name_text(text: str) -> str:
    """Return how a list of values shows one of them."""
    return _LABELS.get(text, text)


def list_cohorts(given: BreakdownFilter, context: QueryContext, *, all_users: str | int = ALL_USERS) -> list[Item]:
    """Return the cohorts of a breakdown by their names. Raises QueryError for one that does not exist."""
    values = given.breakdown if isinstance(given.breakdown, list) else [given.breakdown]
    return [_name_cohort(value, context, all_users) for value in values]


def _name_cohort(value: str | int | None, context: QueryContext, all_users: str | int) -> Item:
    if value == ALL_USERS or str(value) == "0":
        return {"label": ALL_USERS_LABEL, "value": all_users}
    cohort = context.definitions.cohort(context.team.id, int(str(value))) if str(value).isdecimal() else None
    if cohort is None:
        raise QueryError(f"Cohort ID {value} does not exist!")
    return {"label": cohort.name, "value": value}
