"""What may be asked of the people of a funnel: its periods, and its breakdown values beside the baseline of all."""

import json
from collections.abc import Iterator, Mapping, Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.actors.choices import PERIODS, Item, list_cohorts, name_text
from insights_mcp.local.queries.breakdowns import BASELINE
from insights_mcp.local.queries.context import QueryContext, Statement
from insights_mcp.local.queries.funnels.plan import plan_funnel, shape_funnel
from insights_mcp.schema.funnels import FunnelsQuery

BASELINE_LABEL = "Baseline"
# How funnels number the cohort of everybody.
_ALL_USERS_ID = 0


def plan_values(query: FunnelsQuery, context: QueryContext) -> Sequence[Statement]:
    """Return the statements that find breakdown values, nothing where all is known. Raises QueryError."""
    given = query.breakdownFilter
    is_found = given is not None and (bool(given.breakdowns) or given.breakdown is not None)
    return plan_funnel(query, context) if is_found and not _is_by_cohort(query) else []


def list_choices(rows: Sequence[Rows], query: FunnelsQuery, context: QueryContext) -> Mapping[str, object]:
    """Return the choices there are. Raises QueryError."""
    known: dict[str, object] = {}
    # the actors of a trend are those of one moment, which is in one period only
    if query.compareFilter.compare and query.funnelsFilter.funnelVizType != "trends":
        known["compare"] = PERIODS
    items = list(_list_items(rows, query, context))
    if items:
        known["breakdown"] = [{"label": BASELINE_LABEL, "value": BASELINE}, *items]
    return known


def _is_by_cohort(query: FunnelsQuery) -> bool:
    given = query.breakdownFilter
    return given is not None and given.breakdown_type == "cohort" and not given.breakdowns


def _list_items(rows: Sequence[Rows], query: FunnelsQuery, context: QueryContext) -> Iterator[Item]:
    if query.breakdownFilter is not None and _is_by_cohort(query):
        yield from list_cohorts(query.breakdownFilter, context, all_users=_ALL_USERS_ID)
    elif rows:
        results = shape_funnel(rows, query, context).results
        found = [_value_of(result) for result in results] if isinstance(results, list) else []
        values = {json.dumps(value): value for value in found if value is not None}
        yield from ({"label": _label(value), "value": _print(value)} for value in values.values())


def _value_of(result: object) -> object:
    """Return the breakdown value of a line, or of the first step of a funnel; None without one."""
    first = result[0] if isinstance(result, list) and result else result
    return first.get("breakdown_value") if isinstance(first, Mapping) else None


def _label(value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    return ", ".join(name_text(str(part)) for part in parts)


def _print(value: object) -> object:
    """Return a value as one text: of several parts as a list in JSON, which the asking for actors reads again."""
    if isinstance(value, list):
        return str(value[0]) if len(value) == 1 else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)
