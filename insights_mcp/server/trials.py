"""Running a query before it is saved, so that a write can say what it will show."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from insights_mcp.errors import DeadlineExceeded, QueryFailed, Throttled
from insights_mcp.server.asking import ask
from insights_mcp.server.tool import Call

if TYPE_CHECKING:
    from insights_mcp.schema.queries import AnyQuery

_MISTAKE_STATUS = 400


@dataclass(frozen=True)
class Trial:
    """What running the query said, in one line."""

    line: str


async def try_query(call: Call, query: "AnyQuery") -> Trial:
    """Run the query once.

    Raises QueryFailed when it can never work. A busy or slow server only means that the trial is left out.
    """
    try:
        report = await ask(call, query)
    except QueryFailed as failed:
        if failed.status == _MISTAKE_STATUS:
            raise
        return Trial(f"Not tried: {failed.message}")
    except (Throttled, DeadlineExceeded) as failed:
        return Trial(f"Not tried: {failed.message}")
    if report.is_empty:
        return Trial(
            f"Warning, it finds nothing now: {report.gist} data-schema shows which events and properties exist."
        )
    return Trial(f"It shows: {report.gist}")
