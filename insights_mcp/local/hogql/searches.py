"""What a JSON document must contain for a comparison of one of its properties to be true.

Looking for a text in a document takes half as long as reading a property out of it, so documents without it are left
out first. A property's text stands in its document as it is, but for numbers and whole objects: those are written anew
when they are read.
"""

import re
from collections.abc import Sequence

from insights_mcp.local.hogql.sql import Sql

_SHORTEST = 3
_MOST = 50
# Texts that a number may have.
_NUMBER = re.compile(r"[0-9+.eE-]*")
# Of what is looked for by a pattern: found in an object that was written anew exactly when it is in the document.
_PLAIN_PATTERN = re.compile(r"%([A-Za-z0-9.-]+)%")
# What no writer of JSON escapes: not slashes, brackets, quotes, or letters beyond ASCII.
_UNESCAPED = re.compile(r"[A-Za-z0-9 _.,:;@#$%()*+=!?|-]+")


def search_for_equal(text: Sql, value: Sql) -> str | None:
    """Return the condition on the document without which a property is not equal to a value; None for any document."""
    if text.document is None or not isinstance(value.constant, str) or not _stands_as_it_is(value.constant):
        return None
    return f"position({text.document}, {value.text}) > 0"


def search_for_any(text: Sql, values: Sequence[object], printed: str) -> str | None:
    """Return the same for one of several values, which are `printed` as an array."""
    if text.document is None or not 1 < len(values) <= _MOST:  # a single one is printed as no array
        return None
    if not all(isinstance(one, str) and _stands_as_it_is(one) for one in values):
        return None
    return f"multiSearchAny({text.document}, {printed})"


def search_for_pattern(text: Sql, pattern: Sql) -> str | None:
    """Return the same for ILIKE with a plain word between two percent signs."""
    found = _PLAIN_PATTERN.fullmatch(pattern.constant) if isinstance(pattern.constant, str) else None
    if text.document is None or found is None or not _stands_as_it_is(found[1]):
        return None
    return f"{text.document} ILIKE {pattern.text}"


def _stands_as_it_is(value: str) -> bool:
    return len(value) >= _SHORTEST and bool(_UNESCAPED.fullmatch(value)) and not _NUMBER.fullmatch(value)
