"""How look-ups read the column store: bound values only, short limits, failures as Problems."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from insights_mcp.local.answers.failures import as_problems
from insights_mcp.local.engine.base import Limits

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

LIMITS = Limits(max_seconds=20, max_rows=5_000)
# Values are looked up in what came last, as the column store would else read everything.
RECENT = timedelta(days=90)


def read_rows(engine: "Engine", sql: str, params: Mapping[str, object]) -> list[tuple[object, ...]]:
    """Run a SELECT of ours. Raises Problem."""
    with as_problems():
        return engine.run(sql, params, limits=LIMITS).rows


def recent_start(engine: "Engine", team_id: int) -> datetime | None:
    """Return from when on a look-up reads: 90 days before the latest event, None when there are no events."""
    sql = "SELECT max(timestamp), count() FROM events WHERE team_id = {team:UInt32}"
    ((latest, count),) = read_rows(engine, sql, {"team": team_id})
    return latest - RECENT if isinstance(latest, datetime) and count else None


def like_pattern(text: str) -> str:
    """Return a LIKE pattern that matches a text anywhere, taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
