"""What goes wrong with a query, as the API tells it (facts/rest-api.md 2.7)."""

from collections.abc import Iterator
from contextlib import contextmanager

from insights_mcp.errors import QueryInvalid
from insights_mcp.local.engine.base import (
    EngineBusy,
    EngineError,
    EngineUnavailable,
    QueryCancelled,
    QueryMistake,
    QueryOutOfMemory,
    QueryRefused,
    QueryTimeout,
)
from insights_mcp.local.hogql.errors import HogQLError
from insights_mcp.local.problems import Problem, unparsable
from insights_mcp.local.queries.context import QueryError

_TIMEOUT = (
    "Query has hit the max execution time before completing. See our docs for how to improve your query performance."
    " You may need to materialize."
)
_MEMORY = (
    "This query ran out of memory before it could finish, try a shorter date range, fewer breakdown values or a"
    " simpler question."
)
_BUSY = "Queries are a little too busy right now. We're working to free up resources. Please try again later."
CANCELLED = "The query was cancelled."
_BAD_REGEX = "CANNOT_COMPILE_REGEXP"
# ClickHouse's name of an error that PostHog answers with this name as the code.
_MISTAKE_DEFAULT = "invalid_input"


@contextmanager
def as_problems() -> Iterator[None]:
    """Turn every foreseen failure of a query into the Problem the API answers."""
    try:
        yield
    except QueryInvalid as error:
        raise unparsable(str(error)) from error
    except QueryError as error:
        raise mistake(error.message, code=error.code, attr=error.attr) from error
    except HogQLError as error:
        raise _hogql_problem(error) from error
    except EngineError as error:
        raise _engine_problem(error) from error


def mistake(detail: str, *, code: str = _MISTAKE_DEFAULT, attr: str | None = None) -> Problem:
    """400: the author of the query can mend it."""
    return Problem(400, "validation_error", code, detail, attr=attr)


def not_supported(kind: str) -> Problem:
    """400: a kind of query that exists upstream and not here."""
    return mistake(f"{kind} is not supported by the local backend yet.", code="not_supported", attr="query")


def cancelled() -> Problem:
    """400: somebody cancelled the query; no reason to send it again."""
    return mistake(CANCELLED, code="query_was_cancelled")


def _hogql_problem(error: HogQLError) -> Problem:
    place = {"message": error.message, "start": error.start, "end": error.end}
    extra = {"hogql_metadata": {"errors": [place]}}
    return Problem(400, "validation_error", _MISTAKE_DEFAULT, str(error), extra=extra)


def _engine_problem(error: EngineError) -> Problem:
    if isinstance(error, QueryTimeout):
        return _server_problem(504, "error", _TIMEOUT)
    if isinstance(error, QueryOutOfMemory):
        return _server_problem(513, "clickhouse_memory_limit_exceeded", _MEMORY)
    if isinstance(error, EngineBusy | EngineUnavailable):
        return _server_problem(503, "error", _BUSY)
    if isinstance(error, QueryCancelled):
        return cancelled()
    if isinstance(error, QueryMistake) and error.name == _BAD_REGEX:
        return mistake(f"Invalid regular expression: {_what_re2_says(error.message)}")
    if isinstance(error, QueryMistake):
        return mistake(error.message, code=error.name.lower() if error.name != "UNKNOWN" else _MISTAKE_DEFAULT)
    if isinstance(error, QueryRefused):
        return mistake(error.message)
    return _server_problem(500, "error", "ClickHouse error while executing query.")


def _server_problem(status: int, code: str, detail: str) -> Problem:
    return Problem(status, "server_error", code, detail)


def _what_re2_says(message: str) -> str:
    """Return the expression and what is wrong with it, without ClickHouse's advice on writing SQL."""
    return message.partition("cannot compile re2: ")[2].partition(". Look at ")[0] or message
