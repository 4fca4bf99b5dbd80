"""Which names fit what somebody asks for: by the same word, a form of it, a synonym, its beginning, or a typo."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from insights_mcp.server.discovery.synonyms import are_synonyms
from insights_mcp.server.discovery.words import content_words, split_words, stem

_SAME, _SYNONYM, _BEGINNING, _TYPO, _PART, _IN_NOTE = 1.0, 0.7, 0.75, 0.65, 0.6, 0.5
_SHORTEST_BEGINNING = 3
_SHORTEST_TYPO = 4
_LIKE = 0.8
# What fits less than this, or than half of the best, is left out.
_LEAST = 0.3
_USE_WEIGHT = 0.15
_INTERNAL_WEIGHT = 0.1
# Who asks who paid does not mean payment_error.
_CONTRARY = "error fail failed cancel cancelled churned delete removed abandoned rejected expired undo"
_CONTRARY_WEIGHT = 0.15


class Form(NamedTuple):
    """A word as written and its stem. `joined` stands for two neighbouring words: `sign up` is also `signup`."""

    word: str
    stem: str
    joined: bool = False


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for: its words, and the places of those that each form stands for."""

    words: tuple[str, ...]
    forms: tuple[tuple[Form, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Candidate:
    """A name to be found. `use` is its share of the most used one's, on a scale of 0 to 1."""

    name: str
    note: str = ""
    use: float = 0.0
    is_internal: bool = False


@dataclass(frozen=True)
class Match:
    """A name that fits, how well, and which of the words asked for it stands for; `exact` are those it holds itself."""

    name: str
    score: float
    places: frozenset[int] = field(default_factory=frozenset)
    exact: frozenset[int] = field(default_factory=frozenset)


def read_wanted(text: str) -> Wanted:
    """Return what is asked for in a few words or a sentence."""
    words = tuple(content_words(text))
    single = [(Form(word, stem(word)), (place,)) for place, word in enumerate(words)]
    pairs = [(form, (place, place + 1)) for place, form in enumerate(_pairs(words))]
    return Wanted(words, (*single, *pairs))


def find_matches(wanted: Wanted, candidates: Iterable[Candidate]) -> list[Match]:
    """Return the names that fit, the best first: a rare word counts for more, and a name in use for a little more."""
    known = list(candidates)
    liked = _liked(wanted, known)
    fits = [_fit(wanted, one, liked) for one in known]
    weights = _weights(wanted, fits)
    if not weights:
        return []
    whole = sum(weights.values())
    scored = [
        (sum(weight * fit.get(place, 0.0) for place, weight in weights.items()) / whole, one, fit)
        for one, fit in zip(known, fits, strict=True)
    ]
    least = max(_LEAST, max(score for score, _, _ in scored) / 2)
    best = {place: max(fit.get(place, 0.0) for fit in fits) for place in weights}
    kept = [
        Match(one.name, score + _bonus(one, wanted), _places(fit, _IN_NOTE), _places(fit, _SAME))
        for score, one, fit in scored
        if score >= least or _stands_alone(fit, best)
    ]
    return sorted(kept, key=lambda match: (-round(match.score, 3), match.name))


def fits_word(word: str, text: str) -> bool:
    """Return whether a text holds a word, or a form of it."""
    return stem(word) in {form.stem for form in _forms(text)}


def _places(fit: Mapping[int, float], least: float) -> frozenset[int]:
    return frozenset(place for place, value in fit.items() if value >= least)


def _stands_alone(fit: Mapping[int, float], best: Mapping[int, float]) -> bool:
    """Return whether nothing fits one of the words asked for better: in "signup to paid" both ends matter."""
    return any(value >= _TYPO and fit.get(place) == value for place, value in best.items())


def _bonus(one: Candidate, wanted: Wanted) -> float:
    contrary = {stem(word) for word in _CONTRARY.split()} & {form.stem for form in _forms(one.name)}
    is_meant = any(_likeness(asked, Form(word, word)) for asked, _ in wanted.forms for word in contrary)
    bonus = _USE_WEIGHT * one.use - (_INTERNAL_WEIGHT if one.is_internal else 0.0)
    return bonus - (_CONTRARY_WEIGHT if contrary and not is_meant else 0.0)


def _weights(wanted: Wanted, fits: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """Return what each word asked for counts; words that fit nothing at all count nothing."""
    counts = [sum(fit.get(place, 0.0) >= _IN_NOTE for fit in fits) for place in range(len(wanted.words))]
    return {place: math.log(1 + len(fits) / count) for place, count in enumerate(counts) if count}


def _liked(wanted: Wanted, known: Iterable[Candidate]) -> dict[Form, dict[Form, float]]:
    """Return for each form asked for the forms in names that are like it; names share most of their words."""
    there = dict.fromkeys(form for one in known for form in _forms(one.name))
    found: dict[Form, dict[Form, float]] = {}
    for form, _ in wanted.forms:
        found[form] = {other: value for other in there if (value := _likeness(form, other))}
    return found


def _fit(wanted: Wanted, one: Candidate, liked: Mapping[Form, Mapping[Form, float]]) -> dict[int, float]:
    """Return for each word asked for how well the candidate stands for it."""
    best: dict[int, float] = {}
    forms = _forms(one.name)
    noted = {form.stem for form in _forms(one.note)} if one.note else set()
    plain = "".join(form.word for form in forms if not form.joined)
    for form, places in wanted.forms:
        likeness = liked[form]
        found = max((likeness.get(other, 0.0) for other in forms), default=0.0)
        if not found and len(form.word) >= _SHORTEST_TYPO and form.word in plain:
            found = _PART
        if found < _IN_NOTE and form.stem in noted:
            found = _IN_NOTE
        for place in places:
            best[place] = max(best.get(place, 0.0), found)
    return best


def _likeness(one: Form, other: Form) -> float:
    is_joined = one.joined or other.joined
    if one.stem == other.stem or (is_joined and stem(one.word) == stem(other.word)):
        return _SAME
    if are_synonyms(one.stem, other.stem):
        return _SYNONYM
    shorter, longer = sorted((one.stem, other.stem), key=len)
    if not is_joined and len(shorter) >= _SHORTEST_BEGINNING and longer.startswith(shorter):
        return _BEGINNING
    is_typo = _is_typo(one.word, other.word) or (is_joined and _is_typo(one.stem, other.stem))
    return _TYPO if is_typo else 0.0


def _is_typo(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _SHORTEST_TYPO or abs(len(one) - len(other)) > 2 or one[0] != other[0]:
        return False
    return SequenceMatcher(None, one, other).ratio() >= _LIKE


@lru_cache(maxsize=8192)
def _forms(name: str) -> tuple[Form, ...]:
    words = split_words(name)
    return tuple(dict.fromkeys([*(Form(word, stem(word)) for word in words), *_pairs(words)]))


def _pairs(words: Sequence[str]) -> list[Form]:
    return [Form(one + other, stem(one) + stem(other), joined=True) for one, other in pairwise(words)]
