"""From the parts of a name to a name that fits: at most 12 words and 100 characters."""

from collections.abc import Sequence

from insights_mcp.naming.metadata import DESCRIPTION_LIMIT, MOST_WORDS, NAME_LIMIT

_DANGLING = frozenset(("a", "an", "and", "by", "for", "from", "of", "or", "per", "the", "to", "vs", "with", "in", "on"))


def fit_name(core: str, suffixes: Sequence[str] = ()) -> str:
    """Join a name's core and its suffixes, leaving out the last suffixes first, then words."""
    for count in range(len(suffixes), -1, -1):
        name = " ".join([core, *suffixes[:count]])
        if _fits(name):
            return name
    words = core.split()[:MOST_WORDS]
    while len(words) > 1 and (not _fits(" ".join(words)) or words[-1].lower() in _DANGLING):
        words.pop()
    return " ".join(words)[:NAME_LIMIT].strip()


def fit_description(opening: str, clauses: Sequence[str] = ()) -> str:
    """Join a sentence and its clauses, leaving out the last clauses first; it ends with a full stop."""
    for count in range(len(clauses), -1, -1):
        sentence = "".join([opening, *clauses[:count]])
        if len(sentence) < DESCRIPTION_LIMIT:
            return sentence + "."
    return opening[: DESCRIPTION_LIMIT - 2].rsplit(" ", 1)[0].rstrip(",") + "…"


def join_names(names: Sequence[str], last: str) -> str:
    """Join names for people: `A`, `A vs B`, `A, B vs C`, `A, B and 3 More`."""
    if len(names) > 3:
        names, last = [*names[:2], f"{len(names) - 2} More"], "and"
    return f" {last} ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else "".join(names)


def _fits(name: str) -> bool:
    return len(name.split()) <= MOST_WORDS and len(name) <= NAME_LIMIT
