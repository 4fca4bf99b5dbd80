"""Words: names taken apart (`signedUp`, `signed_up`, `$pageview`), and the stem that forms of a word share."""

import re
from functools import cache, lru_cache

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
# Longest first; what is left has at least three letters, or four before "ment". Not a whole stemmer: events are named
# in few plain words, and a word that is cut too short is cut so on both sides.
_ENDINGS = (
    ("ations", ""),
    ("ptions", "b"),
    ("ation", ""),
    ("ption", "b"),
    ("ating", ""),
    ("ments", ""),
    ("ated", ""),
    ("ates", ""),
    ("ions", ""),
    ("ment", ""),
    ("ings", ""),
    ("ion", ""),
    ("ing", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ate", ""),
    ("ed", ""),
    ("es", ""),
    ("ly", ""),
    ("s", ""),
    ("e", ""),
)
_NO_PLURAL = ("ss", "us", "is")
_SHORTEST = 3
# Said around what is meant. Kept when nothing else is said.
_STOP = """
a about all also am an and any are as at average avg be been before between breakdown broken by can could count counts
daily dau day days did do does down each event events every find follow for from funnel funnels get give group grouped
had has have how i in insight insights is it its journey journeys last lifecycle list many mau me mean median metric
metrics month monthly months most much my need number numbers of on or our over paths people per percent percentage
person please properties property query rate retained retention s see should show split stickiness sticky sum t than
that the their them there these they this those through time to today total totals track trend trends unique us use
used user users using versus via vs was wau we week weekly weeks were what when where which who why will with would
year yesterday you your
"""


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(_STOP.split())


def split_words(text: str) -> list[str]:
    """Return the words of a name or a sentence in lower case: at humps, `_`, `$`, blanks and other marks."""
    return [found.casefold() for found in _WORD.findall(_HUMP.sub(" ", text))]


def content_words(text: str) -> list[str]:
    """Return the words that say what is meant; all of them when only such as "how many users" are left."""
    words = split_words(text)
    return [one for one in words if one not in _stop_words()] or words


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return what `signup` and `signups`, `cancelled` and `cancellation` share."""
    root = word
    if word.isascii() and len(word) > _SHORTEST:
        for ending, instead in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST + ending.startswith("ment"):
                if ending == "s" and word.endswith(_NO_PLURAL):
                    break
                root = word[: len(word) - len(ending)] + instead
                break
    return root[:-1] if len(root) > 2 and root[-1] == root[-2] and root[-1].isalpha() else root
