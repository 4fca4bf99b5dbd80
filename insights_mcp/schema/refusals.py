"""From a validation error to the one problem a caller can act on best, and how many more there are."""

from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from insights_mcp.errors import QueryInvalid
from insights_mcp.schema.descriptions import describe
from insights_mcp.schema.places import Path
from insights_mcp.schema.problem import Problem, tell


def refuse(model: type[BaseModel], body: object, error: ValidationError) -> QueryInvalid:
    """Return the error to raise for `body`, which is not a `model`."""
    left = _causes(model, body, error)
    return tell(left[0], others=len(left) - 1)


def refuse_each(model: type[BaseModel], body: object, error: ValidationError) -> list[QueryInvalid]:
    """Return an error for each thing wrong with `body`, the most useful first."""
    return [tell(problem) for problem in _causes(model, body, error)]


def _causes(model: type[BaseModel], body: object, error: ValidationError) -> list[Problem]:
    """Return the problems that no other one explains, the most useful first."""
    problems: dict[Path, Problem] = {}
    for details in error.errors(include_url=False):
        problem = describe(model, body, details)
        if problem.path not in problems or problem.rank < problems[problem.path].rank:
            problems[problem.path] = problem
    cured = {problem.cures for problem in problems.values()}
    left = [problem for path, problem in problems.items() if path not in cured and not _explained(path, problems)]
    return sorted(left, key=lambda problem: problem.rank)


def _explained(path: Path, problems: Mapping[Path, Problem]) -> bool:
    """Say whether a problem of an object around it, or the wrong kind of its object, explains the one at `path`."""
    kind = (*path[:-1], "kind")
    if path != kind and kind in problems:
        return True
    return any(path[:length] in problems for length in range(1, len(path)))
