"""Resemblance of texts by their three-letter pieces, as PostgreSQL's pg_trgm measures it."""

import re
from functools import lru_cache

# pg_trgm's own default limit of similarity.
WEAKEST_MATCH = 0.3
_WORDS = re.compile(r"\w+")


@lru_cache(maxsize=8192)  # tags and the words of names come again and again
def split_trigrams(text: str) -> frozenset[str]:
    """Return the three-letter pieces of a text's words, each word padded by two blanks before and one after."""
    return frozenset(
        padded[start : start + 3]
        for padded in (f"  {word} " for word in _WORDS.findall(text.casefold()))
        for start in range(len(padded) - 2)
    )


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of pieces that two sets have in common, 0 to 1."""
    together = len(one | other)
    return len(one & other) / together if together else 0.0


def resemblance(search: str, text: str) -> float:
    """Return how well any run of as many words of `text` as `search` has resembles it, 0 to 1."""
    wanted = split_trigrams(search)
    words = _WORDS.findall(text)
    width = max(1, len(_WORDS.findall(search)))
    runs = [" ".join(words[start : start + width]) for start in range(max(1, len(words) - width + 1))]
    return max(similarity(wanted, split_trigrams(run)) for run in runs)
