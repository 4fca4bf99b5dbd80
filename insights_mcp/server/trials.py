"""Running a query before it is saved, so that a write can say what it will show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insights_mcp.errors import DeadlineExceeded, InputError, QueryFailed, Throttled
from insights_mcp.server.asking import ask, source_of
from insights_mcp.server.diagnosing import explain_nothing, has_gaps, refuse_unknown_events
from insights_mcp.server.look_alikes import LookAlikes, tell_look_alike
from insights_mcp.server.mentions import events_of
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
        asked = await ask(call, query)
    except QueryFailed as failed:
        if failed.status == _MISTAKE_STATUS:
            raise
        return Trial(f"Not tried: {failed.message}")
    except (Throttled, DeadlineExceeded) as failed:
        return Trial(f"Not tried: {failed.message}")
    report = asked.report
    if report.is_empty:
        why = await explain_nothing(call, asked.source, asked.result)
        return Trial(" ".join([f"Warning, it finds nothing now: {report.gist}", *why]))
    why = await explain_nothing(call, asked.source, asked.result) if has_gaps(asked.result) else []
    return Trial(" ".join([f"It shows: {report.gist}", *why]))


class LooksAlike(InputError):
    """A saved insight asks the same as the one to be created."""


async def refuse_look_alike(call: Call, query: "AnyQuery") -> None:
    """Show a saved insight that asks the same before another one is made.

    Raises LooksAlike.
    """
    found = await LookAlikes(call.api).find(query)
    if found is not None:
        raise LooksAlike(
            f"{tell_look_alike(found)}. Nothing was saved.",
            advice="Use that one (insight-update add_to_dashboards), or save another with force=true.",
        )


async def check_names(call: Call, query: "AnyQuery", stored: Mapping[str, object] | None = None) -> None:
    """Refuse a query that is to be saved and asks for events that were never seen, unless it did so before.

    Raises UnknownEvent.
    """
    from insights_mcp.schema.queries import dump_query, unwrap_query

    known = events_of(source_of(stored)) if stored else []
    await refuse_unknown_events(call, dump_query(unwrap_query(query)), known=known)
