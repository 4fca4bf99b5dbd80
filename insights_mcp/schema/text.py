"""The nearest known name, for "did you mean" in errors."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like `word`, or None when none is near. Case, `_`, `-` and blanks do not count."""
    known = list(candidates)
    by_shape: dict[str, str] = {}
    for name in known:
        by_shape.setdefault(_shape(name), name)
    if (found := by_shape.get(_shape(word))) is not None:
        return found
    close = get_close_matches(_shape(word), by_shape, n=1, cutoff=0.65)
    return by_shape[close[0]] if close else None


def _shape(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter not in "_- $")
