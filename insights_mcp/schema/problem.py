"""One thing wrong with a query, and the error that tells it."""

import json
from dataclasses import dataclass, replace

from insights_mcp.errors import QueryInvalid
from insights_mcp.schema.places import Path, path_text


@dataclass(frozen=True)
class Problem:
    """Where, what, and how to mend it. Lower ranks are told first; `cures` is the path of a problem this explains."""

    path: Path
    text: str
    rank: int
    allowed: tuple[str, ...] = ()
    nearest: str | None = None
    example: object = None
    cures: Path | None = None


def tell(problem: Problem, *, others: int = 0) -> QueryInvalid:
    """Return the error for one problem, short enough to be shown whole."""
    text = problem.text
    if others:
        text += f" There {'is' if others == 1 else 'are'} {others} more problem{'' if others == 1 else 's'}."
    example = None if problem.example is None else json.dumps(problem.example)
    for told in (problem, replace(problem, allowed=())):
        found = QueryInvalid(
            text, path=path_text(told.path), allowed=told.allowed, nearest=told.nearest, example=example
        )
        if len(found.message) + len(found.advice or "") < QueryInvalid.LIMIT:
            break
    return found
