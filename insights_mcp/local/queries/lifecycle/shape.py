"""The results of a lifecycle query as PostHog prints them: one per status (facts/queries.md 1.7)."""

from collections.abc import Mapping, Sequence

from insights_mcp.local.engine.base import Rows
from insights_mcp.local.queries.buckets import Bucket, list_buckets, print_days, print_labels
from insights_mcp.local.queries.context import Outcome, QueryContext
from insights_mcp.local.queries.dates import drop_fraction
from insights_mcp.local.queries.entities import ALL_EVENTS, name_entity
from insights_mcp.local.queries.lifecycle.plan import STATUSES, read_dates, read_entity
from insights_mcp.local.queries.sampling import scale
from insights_mcp.schema.entities import ActionsNode
from insights_mcp.schema.lifecycle import LifecycleQuery


def shape_lifecycle(rows: Sequence[Rows], query: LifecycleQuery, context: QueryContext) -> Outcome:
    """Return one result per status. Raises QueryError."""
    dates = read_dates(query, context)
    buckets = dict(enumerate(list_buckets(dates), start=1))
    if query.dateRange.explicitDate:  # only what lies in the range as a whole
        earliest = drop_fraction(dates.date_from)
        buckets = {place: bucket for place, bucket in buckets.items() if bucket.start >= earliest}
    counts = {int(code): int(actors) for code, actors in rows[0].rows}  # type: ignore[call-overload]  # UInt64 columns
    shown = list(buckets.values())
    # as upstream: of all that is shorter than a day only an hour is shown with its time
    days = print_days(shown, "hour" if dates.interval == "hour" else "day")
    labels = print_labels(shown, dates)
    action, name = _describe(query, context)
    results = []
    for place, status in enumerate(STATUSES):
        data = _read(counts, buckets, place, query.samplingFactor)
        results.append(
            {
                "action": action,
                "data": data,
                "count": float(sum(data)),
                "labels": labels,
                "days": days,
                "label": f"{name} - {status}",
                "status": status,
            }
        )
    return Outcome(results=results, dates=dates.span)


def _read(counts: Mapping[int, int], buckets: Mapping[int, Bucket], place: int, factor: float | None) -> list[float]:
    sign = -1 if STATUSES[place] == "dormant" else 1
    numbers = [sign * counts.get(len(STATUSES) * position + place, 0) for position in buckets]
    if factor is not None and factor != 1:  # a sample of nothing stands for nobody, as upstream
        numbers = [int(scale(number, factor, None)) if factor else 0 for number in numbers]
    return [float(number) for number in numbers]


def _describe(query: LifecycleQuery, context: QueryContext) -> tuple[Mapping[str, object], str]:
    """Return the `action` of the results, and what the series is called."""
    entity = read_entity(query)
    name = name_entity(entity, context)
    is_action = isinstance(entity, ActionsNode)
    action: dict[str, object] = {
        "id": str(entity.id) if isinstance(entity, ActionsNode) else name,
        "name": name or ALL_EVENTS,
        "type": "actions" if is_action else "events",
        "order": 0,
        "math": "total",
    }
    if entity.custom_name is not None:
        action["custom_name"] = entity.custom_name
    return action, name or ALL_EVENTS
