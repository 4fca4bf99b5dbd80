"""A name and a description for an insight, and who may give them."""

from dataclasses import dataclass
from typing import Literal, Protocol

from insights_mcp.naming.summary import QuerySummary

NAME_LIMIT = 100
DESCRIPTION_LIMIT = 200
MOST_WORDS = 12


@dataclass(frozen=True)
class Metadata:
    """A name of at most 100 characters and a one-sentence description of at most 200.

    `source` says who wrote them; `note` says why rules did where a model was to.
    """

    name: str
    description: str
    source: Literal["model", "rules"]
    note: str | None = None


class Namer(Protocol):
    """Whoever can name a query from its summary."""

    async def describe(self, summary: QuerySummary) -> Metadata:
        """Return a name and description.

        Raises NamingFailed when none that can be shown was found.
        """
        ...
