"""Refusal of texts that would cost the parsers seconds or the stack (measured: both are polynomial in nesting)."""

import re
from dataclasses import dataclass

from insights_mcp.local.hogql.errors import HogQLSyntaxError

MAX_CHARACTERS = 262_144
MAX_NESTING = 64
# Words, operators and brackets: literals and commas are not counted, so that long IN lists pass.
MAX_TOKENS = 5_000
MAX_JOINS = 40
_TOKEN = re.compile(
    r"""
    (?P<skip> \s+ | , | --[^\n]* | //[^\n]* | /\*.*?\*/ | '(?:[^'\\]|\\.|'')*' | [0-9][0-9a-zA-Z_.]* )
    | (?P<open> [(\[{] ) | (?P<close> [)\]}] )
    | (?P<word> [A-Za-z_$][\w$]* | `[^`]*` | "[^"]*" )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
# Words that a long run of makes a deep tree.
_NESTING_WORDS = {"not", "case", "interval"}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text outside quotes, in lower case, and its place."""

    text: str
    start: int
    end: int


def read_words(text: str) -> list[Word]:
    """Return the words of a text. Raises HogQLSyntaxError when it is too long or nested too deeply to be parsed."""
    words: list[Word] = []
    if len(text) > MAX_CHARACTERS:
        raise HogQLSyntaxError(f"The query is longer than {MAX_CHARACTERS:,} characters.")
    depth = tokens = joins = nesting_words = 0
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "skip":
            continue
        tokens += 1
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(0, depth - 1)
        elif kind == "word":
            word = match.group().lower()
            words.append(Word(word, match.start(), match.end()))
            joins += word == "join"
            nesting_words += word in _NESTING_WORDS
        _refuse(match.start(), tokens=tokens, depth=depth, joins=joins, nesting_words=nesting_words)
    return words


def _refuse(place: int, *, tokens: int, depth: int, joins: int, nesting_words: int) -> None:
    if depth > MAX_NESTING:
        raise HogQLSyntaxError(f"The query is nested deeper than {MAX_NESTING} brackets.", start=place, end=place + 1)
    if tokens > MAX_TOKENS:
        raise HogQLSyntaxError(f"The query has more than {MAX_TOKENS:,} words.", start=place, end=place + 1)
    if joins > MAX_JOINS:
        raise HogQLSyntaxError(f"The query has more than {MAX_JOINS} joins.", start=place, end=place + 1)
    if nesting_words > 4 * MAX_NESTING:
        raise HogQLSyntaxError("The query has too many NOT, CASE and INTERVAL.", start=place, end=place + 1)
