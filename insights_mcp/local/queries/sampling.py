"""Scales what was counted on a sample of events back to all of them (facts/queries.md 1.0, Sampling)."""

# Maths that are right on a sample as they are. A sum is not one of them.
_STATISTICS = frozenset(("avg", "min", "max", "median", "p75", "p90", "p95", "p99"))
_PER_ACTOR = "_count_per_actor"


def scale(value: float, factor: float, math: str | None) -> float:
    """Return the value as it would be without sampling, rounded; statistics stay as they are."""
    if math is not None and math.removesuffix(_PER_ACTOR) in _STATISTICS:
        return value
    return round(value * (1 / factor))
