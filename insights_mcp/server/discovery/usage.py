"""How much each event is used: one cheap count over the last 30 days, which both backends answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import anyio

from insights_mcp.client import PostHogClient
from insights_mcp.errors import InsightsError, PermissionDenied
from insights_mcp.render.reading import rows_of

# Of very large projects the count may take long; then the answer comes without it. A new demo project is written first,
# which takes about ten seconds.
_PATIENCE_SECONDS = 25.0
_COUNT_EVENTS = (
    "SELECT event, count() AS seen, max(timestamp) AS last FROM events "
    "WHERE timestamp >= now() - INTERVAL 30 DAY GROUP BY event ORDER BY seen DESC LIMIT 1000"
)


@dataclass(frozen=True)
class Use:
    """How often an event was seen in the last 30 days, and when last."""

    count: int
    last_seen: datetime | None = None


@dataclass(frozen=True)
class Usage:
    """The use of every event, or why it is not known."""

    events: Mapping[str, Use] = field(default_factory=dict)
    trouble: str | None = None


async def count_usage(api: PostHogClient) -> Usage:
    """Return how much each event is used. Never fails: a list without counts is better than none."""
    found = await ask_rows(api, _COUNT_EVENTS)
    if isinstance(found, str):
        return Usage(trouble=found)
    events = {}
    for row in found:
        if len(row) >= 2 and isinstance(row[0], str) and isinstance(row[1], int):
            events[row[0]] = Use(row[1], _moment(row[2]) if len(row) > 2 else None)
    return Usage(events)


async def ask_rows(api: PostHogClient, text: str) -> list[list[object]] | str:
    """Return the rows of a query in SQL, or in a few words why there are none."""
    with anyio.move_on_after(_PATIENCE_SECONDS):
        try:
            answer = await api.queries.run({"kind": "HogQLQuery", "query": text})
        except PermissionDenied as denied:
            return f"the key lacks {denied.scope}" if denied.scope else "the key may not query"
        except InsightsError:
            return "the query failed"
        return [row for row in rows_of(answer.results) if isinstance(row, list)]
    return "the query took too long"


def quoted(text: str) -> str:
    """Return a text constant of HogQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
