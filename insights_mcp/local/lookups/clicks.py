"""What people clicked, as autocapture saw it: counts per element chain, values of elements."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from insights_mcp.local.lookups.chains import read_chain
from insights_mcp.local.lookups.reading import read_rows, recent_start

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

MOST_VALUES = 50
# Values are gathered from this many of the commonest chains.
MOST_CHAINS = 5_000
VALUE_KEYS = ("tag_name", "text", "href", "attr_id")


@dataclass(frozen=True)
class ChainCount:
    """How often one chain of elements met one kind of event."""

    chain: str
    event: str
    count: int


def count_chains(
    engine: "Engine",
    team_id: int,
    events: Sequence[str],
    *,
    after: datetime | None,
    before: datetime | None,
    limit: int,
    offset: int,
) -> list[ChainCount]:
    """Return element chains by how often they were met. Raises Problem."""
    condition = ""
    params: dict[str, object] = {"team": team_id, "events": list(events)}
    if after is not None:
        condition += " AND timestamp >= {after:DateTime64(6, 'UTC')}"
        params["after"] = after
    if before is not None:
        condition += " AND timestamp <= {before:DateTime64(6, 'UTC')}"
        params["before"] = before
    rows = read_rows(
        engine,
        "SELECT elements_chain, toString(event) AS name, count() AS seen FROM events WHERE team_id = {team:UInt32}"
        f" AND event IN {{events:Array(String)}} AND notEmpty(elements_chain){condition}"
        f" GROUP BY elements_chain, name ORDER BY seen DESC, elements_chain, name LIMIT {limit:d} OFFSET {offset:d}",
        params,
    )
    return [ChainCount(str(chain), str(name), int(str(seen))) for chain, name, seen in rows]


def element_values(engine: "Engine", team_id: int, key: str, search: str) -> list[str]:
    """Return values of one of VALUE_KEYS in autocaptured elements, the commonest first. Raises Problem."""
    since = recent_start(engine, team_id)
    chains = count_chains(engine, team_id, ["$autocapture"], after=since, before=None, limit=MOST_CHAINS, offset=0)
    counts: Counter[str] = Counter()
    for row in chains:
        for element in read_chain(row.chain):
            value = getattr(element, key)
            if value and search.lower() in value.lower():
                counts[value] += row.count
    return sorted(counts, key=lambda value: (-counts[value], value))[:MOST_VALUES]
