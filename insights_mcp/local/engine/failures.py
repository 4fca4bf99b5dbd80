"""ClickHouse's error numbers, sorted into the classes of `base.py` (facts/rest-api.md 2.7)."""

import re

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

# What the author of a query can mend. PostHog answers these with 400 and the name in lower case.
MISTAKES = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        10,  # NOT_FOUND_COLUMN_IN_BLOCK
        16,  # NO_SUCH_COLUMN_IN_TABLE
        26,  # CANNOT_PARSE_QUOTED_STRING
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        32,  # ATTEMPT_TO_READ_AFTER_EOF (parsing a value)
        34,  # TOO_MANY_ARGUMENTS_FOR_FUNCTION
        35,  # TOO_FEW_ARGUMENTS_FOR_FUNCTION
        36,  # BAD_ARGUMENTS
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        42,  # NUMBER_OF_ARGUMENTS_DOESNT_MATCH
        43,  # ILLEGAL_TYPE_OF_ARGUMENT
        44,  # ILLEGAL_COLUMN
        46,  # UNKNOWN_FUNCTION
        47,  # UNKNOWN_IDENTIFIER
        48,  # NOT_IMPLEMENTED
        50,  # UNKNOWN_TYPE
        53,  # TYPE_MISMATCH
        59,  # ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER
        60,  # UNKNOWN_TABLE
        62,  # SYNTAX_ERROR
        63,  # UNKNOWN_AGGREGATE_FUNCTION
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        72,  # CANNOT_PARSE_NUMBER
        80,  # INCORRECT_QUERY
        125,  # INCORRECT_RESULT_OF_SCALAR_SUBQUERY
        127,  # ILLEGAL_INDEX
        128,  # TOO_LARGE_ARRAY_SIZE
        130,  # CANNOT_READ_ARRAY_FROM_TEXT
        131,  # TOO_LARGE_STRING_SIZE
        133,  # AGGREGATE_FUNCTION_DOESNT_ALLOW_PARAMETERS
        153,  # ILLEGAL_DIVISION
        179,  # MULTIPLE_EXPRESSIONS_FOR_ALIAS
        184,  # ILLEGAL_AGGREGATION
        190,  # SIZES_OF_ARRAYS_DONT_MATCH
        206,  # ALIAS_REQUIRED
        207,  # AMBIGUOUS_IDENTIFIER
        208,  # EMPTY_NESTED_TABLE
        215,  # NOT_AN_AGGREGATE
        258,  # UNION_ALL_RESULT_STRUCTURES_MISMATCH
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        344,  # SUPPORT_IS_DISABLED (an experimental function)
        309,  # FUNCTION_CANNOT_HAVE_PARAMETERS
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        352,  # AMBIGUOUS_COLUMN_NAME
        353,  # INDEX_OF_POSITIONAL_ARGUMENT_IS_OUT_OF_RANGE
        376,  # CANNOT_PARSE_UUID
        386,  # NO_COMMON_TYPE
        395,  # FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
        403,  # INVALID_JOIN_ON_EXPRESSION
        407,  # DECIMAL_OVERFLOW
        427,  # CANNOT_COMPILE_REGEXP
        456,  # UNKNOWN_QUERY_PARAMETER
        457,  # BAD_QUERY_PARAMETER
        440,  # INVALID_LIMIT_EXPRESSION
        467,  # CANNOT_PARSE_BOOL
        675,  # CANNOT_PARSE_IPV4
        676,  # CANNOT_PARSE_IPV6
        691,  # UNKNOWN_ELEMENT_OF_ENUM
        703,  # INVALID_IDENTIFIER
    }
)
_TIMEOUTS = frozenset({159, 160})  # TIMEOUT_EXCEEDED, TOO_SLOW
_MEMORY = frozenset({173, 241})  # CANNOT_ALLOCATE_MEMORY, MEMORY_LIMIT_EXCEEDED
_CANCELLED = frozenset({394, 677, 735})  # QUERY_WAS_CANCELLED, THREAD_WAS_CANCELED, ..._BY_CLIENT
_BUSY = frozenset({202, 439})  # TOO_MANY_SIMULTANEOUS_QUERIES, CANNOT_SCHEDULE_TASK
_REFUSED = frozenset({164, 291, 452, 481, 497})  # READONLY, ..._ACCESS_DENIED, SETTING_CONSTRAINT_VIOLATION
_UNAVAILABLE = frozenset({209, 210, 279, 516})  # SOCKET_TIMEOUT, NETWORK_ERROR, ALL_CONNECTION_TRIES_FAILED, ...

_CODE = re.compile(r"Code: (\d+)\. DB::Exception: ")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)\s*(?:\(version .*\))?\s*$")
_TAIL = re.compile(r"\s*\(version [^)]*\)\s*$")
# What the library says around the server's own text: the number before it, the address after it.
# Where in its own work the server stopped, in names that no author of a query wrote.
_PLACE = re.compile(r": while executing (?:function|'FUNCTION).*", re.DOTALL)
_ADDRESS = re.compile(r"\s*\(for url [^)]*\)\s*$")


def to_engine_error(text: str, code: int = 0) -> EngineError:
    """Return the error of `base.py` for a ClickHouse message. The text is trimmed of its prefix, name and version."""
    text = _ADDRESS.sub("", text)
    found = _CODE.search(text)
    number = code or (int(found.group(1)) if found else 0)
    name_match = _NAME.search(text)
    name = name_match.group(1) if name_match else "UNKNOWN"
    message = _trim(text[found.start() :] if found else text)
    return _class_of(number, name)(message, code=number, name=name)


def _trim(text: str) -> str:
    message = _CODE.sub("", text.strip())
    while True:
        shorter = _NAME.sub("", _TAIL.sub("", message)).rstrip()
        if shorter == message:
            return _PLACE.sub("", message)
        message = shorter


def _class_of(number: int, name: str) -> type[EngineError]:
    for numbers, kind in (
        (MISTAKES, QueryMistake),
        (_TIMEOUTS, QueryTimeout),
        (_MEMORY, QueryOutOfMemory),
        (_CANCELLED, QueryCancelled),
        (_BUSY, EngineBusy),
        (_REFUSED, QueryRefused),
        (_UNAVAILABLE, EngineUnavailable),
    ):
        if number in numbers:
            return kind
    return QueryMistake if name.startswith("CANNOT_PARSE_") else EngineError
