"""Refusal of texts that would cost the parsers seconds or the stack (measured: both are polynomial in nesting)."""

import re
from collections import Counter
from dataclasses import dataclass

from insights_mcp.local.hogql.errors import HogQLSyntaxError

MAX_CHARACTERS = 262_144
MAX_TEMPLATE_CHARACTERS = 20_000
# How many there may be of each; brackets are counted where they are deepest, dots in one name.
_LIMITS = {
    "brackets": (32, "is nested deeper than {} brackets"),
    "dots": (40, "has a name of more than {} parts"),
    # Literals and commas are not counted, so that long IN lists pass.
    "tokens": (5_000, "has more than {:,} words"),
    "joins": (40, "has more than {} joins"),
    "nesting": (100, "has more than {} of NOT, CASE, INTERVAL and ->"),
    "templates": (40, "has more than {} template strings"),
}
_QUOTED = r"'(?:[^'\\]|\\.|'')*' |"
_TOKENS = r"""
    (?P<skip> \s+ | , | --[^\n]* | //[^\n]* | /\*(?:.*?\*/|.*) | QUOTED [0-9][0-9a-zA-Z_]* (?:\.[0-9]+)? )
    | (?P<template> TEMPLATE ) | (?P<unclosed> UNCLOSED )
    | (?P<open> [(\[{] ) | (?P<close> [)\]}] )
    | (?P<word> [A-Za-z_$][\w$]* | `[^`]*` | "[^"]*" )
    | (?P<arrow> -> ) | (?P<dot> \. ) | (?P<other> . )
    """
_UNCLOSED = r"'(?:[^'\\]|\\.|'')*\Z"
_NOTHING = r"(?!)"


def _compile(*, quoted: str, unclosed: str, template: str) -> re.Pattern[str]:
    tokens = _TOKENS.replace("QUOTED", quoted).replace("UNCLOSED", unclosed).replace("TEMPLATE", template)
    return re.compile(tokens, re.VERBOSE | re.DOTALL | re.IGNORECASE)


_PLAIN = _compile(quoted=_QUOTED, unclosed=_UNCLOSED, template=_NOTHING)
# With template strings there is code inside quotes: all of the text is counted.
_WITH_TEMPLATES = _compile(quoted="", unclosed=_NOTHING, template=r"\bf'")
_TEMPLATE = re.compile(r"\bf'", re.IGNORECASE)
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
    if len(text) > MAX_CHARACTERS:
        raise HogQLSyntaxError(f"The query is longer than {MAX_CHARACTERS:,} characters.")
    if not _TEMPLATE.search(text):
        return _count(text, _PLAIN)
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        problem = f"A query with template strings may have at most {MAX_TEMPLATE_CHARACTERS:,} characters."
        raise HogQLSyntaxError(problem)
    _count(text, _WITH_TEMPLATES)
    return _count(text, _PLAIN, may_end_open=True)


def _count(text: str, pattern: re.Pattern[str], *, may_end_open: bool = False) -> list[Word]:
    words: list[Word] = []
    counts: Counter[str] = Counter()
    for match in pattern.finditer(text):
        kind = match.lastgroup or ""
        if kind == "skip":
            continue
        if kind == "unclosed" and not may_end_open:  # the C++ parser takes minutes to say so of a long one
            raise HogQLSyntaxError("A text in quotes does not end.", start=match.start(), end=match.end())
        counts["tokens"] += 1
        word = match.group().lower() if kind == "word" else ""
        if kind == "word":
            words.append(Word(word, match.start(), match.end()))
        else:
            counts["dots"] = counts["dots"] + 1 if kind == "dot" else 0
        counts["brackets"] = max(0, counts["brackets"] + (kind == "open") - (kind == "close"))
        counts["joins"] += word == "join"
        counts["nesting"] += word in _NESTING_WORDS or kind == "arrow"
        counts["templates"] += kind == "template"
        _check(counts, match.start())
    return words


def _check(counts: Counter[str], place: int) -> None:
    for name, (limit, problem) in _LIMITS.items():
        if counts[name] > limit:
            raise HogQLSyntaxError(f"The query {problem.format(limit)}.", start=place, end=place + 1)
