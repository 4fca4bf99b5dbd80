"""Who is in a cohort, as the column store has it."""

from typing import TYPE_CHECKING
from uuid import UUID

from insights_mcp.local.lookups.reading import read_rows

if TYPE_CHECKING:
    from insights_mcp.local.engine.base import Engine

_OF_COHORT = "team_id = {team:UInt32} AND cohort_id = {cohort:UInt32}"
# The uuid of zeros stands for nobody, in cohorts without members.
_SQL = (
    f"SELECT DISTINCT person_id FROM cohort_people WHERE {_OF_COHORT}"
    f" AND version = (SELECT max(version) FROM cohort_people WHERE {_OF_COHORT})"
    " AND person_id != toUUID({nobody:String}) ORDER BY person_id LIMIT {limit:UInt32} OFFSET {offset:UInt64}"
)


def list_members(engine: "Engine", team_id: int, cohort_id: int, limit: int, offset: int) -> list[UUID]:
    """Return a page of the persons of a cohort. Raises Problem."""
    params = {
        "team": team_id,
        "cohort": cohort_id,
        "limit": min(limit, 5_000),
        "offset": offset,
        "nobody": str(UUID(int=0)),
    }
    return [UUID(str(person)) for (person,) in read_rows(engine, _SQL, params)]
