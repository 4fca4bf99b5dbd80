"""Answers to writes: what was done, to what, what it shows. At most 150 tokens, undo handle included."""

from collections.abc import Mapping, Sequence

from insights_mcp.client.models.insights import Insight

_MAX_CHANGES = 6


def tell_write(done: str, *, changes: Sequence[str] = (), notes: Sequence[str] = (), is_dry_run: bool = False) -> str:
    """Return the answer to a write: the sentence, the diff, notes. The undo handle is the last note."""
    more = [f"and {len(changes) - _MAX_CHANGES} more"] if len(changes) > _MAX_CHANGES else []
    diff = (
        [f"{'Would change' if is_dry_run else 'Changed'}: {'; '.join([*changes[:_MAX_CHANGES], *more])}."]
        if changes
        else []
    )
    return "\n".join([done, *diff, *(note for note in notes if note)])


def missing_parts(sent: object, stored: object, path: str = "") -> list[str]:
    """Return the paths of what was sent and is not stored so. What the server added does not count."""
    if isinstance(sent, Mapping) and isinstance(stored, Mapping):
        return [
            lost
            for key, value in sent.items()
            if value is not None
            for lost in missing_parts(value, stored.get(key), f"{path}.{key}" if path else str(key))
        ]
    if isinstance(sent, list) and isinstance(stored, list) and len(sent) == len(stored):
        return [
            lost
            for place, (one, other) in enumerate(zip(sent, stored, strict=True))
            for lost in missing_parts(one, other, f"{path}.{place}")
        ]
    return [] if sent == stored else [path]


def note_differences(sent: Mapping[str, object], stored: Insight) -> str | None:
    """Return a note about parts of a query that the server did not store as sent."""
    lost = missing_parts(sent, stored.query or {})
    if not lost:
        return None
    return f"The server stored these otherwise: {', '.join(lost[:4])}. insight-get shows what it kept."
