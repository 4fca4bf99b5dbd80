"""Names in SQL text, quoted so that nothing in them can end the quote."""

import re
from functools import cache

from insights_mcp.local.hogql.errors import HogQLQueryError

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HOGQL_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_BOUND_NAME = re.compile(r":\s*Identifier\s*\}")  # the engine's guard refuses it anywhere in a statement
# Words that ClickHouse reads as syntax where a name may stand.
_KEYWORDS = """
    all and any anti array as asc asof between both by case cast collate cross cube desc describe distinct div
    else end except exists explain extract false fill final first following for format from full global group grouping
    having if ilike in inf inner insert intersect interval into is join last leading left like limit materialized mod
    nan not null nulls offset on or order outer outfile over paste preceding prewhere qualify range recursive regexp
    right rollup row rows sample select semi sets settings substring table then ties to totals trailing trim
    true unbounded union update using values view when where window with
    """


@cache
def _keywords() -> frozenset[str]:
    return frozenset(_KEYWORDS.split())


def quote_identifier(name: str) -> str:
    """Return the name as ClickHouse reads it back: bare when it is a plain word, else in backticks.

    Raises HogQLQueryError for control characters, which the engine's own guard could not tell from a second line.
    """
    if _PLAIN.fullmatch(name) and name.lower() not in _keywords():
        return name
    if not name or _CONTROL.search(name):
        raise HogQLQueryError("A name must not be empty or hold control characters.")
    if _BOUND_NAME.search(name):
        raise HogQLQueryError("A name must not look like a bound one.")
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def quote_name(name: str) -> str:
    """Return the name as HogQL reads it back."""
    if _HOGQL_PLAIN.fullmatch(name) and name.lower() not in _keywords():
        return name
    return "`" + name.replace("\\", "\\\\").replace("`", "``") + "`"
