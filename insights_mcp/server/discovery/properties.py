"""Properties with all that is known of them: type, description, how often they are set, some values."""

from collections.abc import Sequence
from dataclasses import dataclass

from insights_mcp.client.models.definitions import PropertyDefinition
from insights_mcp.server.discovery.samples import SampledProperty, Samples

_MAX_VALUES = 5
_LONGEST_VALUE = 40


@dataclass(frozen=True)
class KnownProperty:
    """A property of events or people. `events` are the sampled ones that carry it; `share` is None when not sampled."""

    name: str
    kind: str = "event"
    type: str | None = None
    description: str | None = None
    events: tuple[str, ...] = ()
    share: float | None = None
    is_id: bool = False
    values: tuple[str, ...] = ()
    is_hidden: bool = False

    @property
    def is_internal(self) -> bool:
        """Return whether PostHog sets it by itself, or somebody hid it."""
        return self.name.startswith("$") or self.is_hidden

    @property
    def shown_values(self) -> tuple[str, ...]:
        """Return a few values that show what they look like; one is enough of ids and moments."""
        if self.type == "DateTime":
            return tuple(value[:10] for value in self.values[:1])
        short = [value for value in self.values if len(value) <= _LONGEST_VALUE]
        return tuple(short[: 1 if self.is_id else _MAX_VALUES])

    @property
    def is_split(self) -> bool:
        """Return whether it has few values, so that results can be split by it."""
        return self.type not in ("Numeric", "DateTime") and len(self.values) > 1 and not self.is_id


def merge_properties(
    definitions: Sequence[PropertyDefinition], samples: Samples, kind: str = "event", *, only_sampled: bool = False
) -> list[KnownProperty]:
    """Return what definitions and samples say together: the project's own first, then by how often they are set."""
    defined = {one.name: one for one in definitions}
    carried: dict[str, list[tuple[str, SampledProperty]]] = {}
    for what, sampled in samples.items():
        for one in sampled:
            carried.setdefault(one.name, []).append((what, one))
    names = carried if only_sampled else dict.fromkeys([*defined, *carried])
    known = [_merge(name, kind, defined.get(name), carried.get(name, [])) for name in names]
    return sorted(
        known,
        key=lambda one: (one.is_internal, one.is_internal and one.is_id, -len(one.events), -(one.share or 0), one.name),
    )


def _merge(
    name: str, kind: str, definition: PropertyDefinition | None, carried: Sequence[tuple[str, SampledProperty]]
) -> KnownProperty:
    samples = [sampled for _, sampled in carried]
    declared = definition.property_type if definition is not None else None
    return KnownProperty(
        name,
        kind,
        declared or (samples[0].type if samples and samples[0].values else None),
        definition.description if definition is not None else None,
        tuple(what for what, _ in carried),
        max((one.share for one in samples), default=None),
        any(one.is_id for one in samples),
        _values(samples),
        definition.hidden if definition is not None else False,
    )


def _values(samples: Sequence[SampledProperty]) -> tuple[str, ...]:
    """Return the commonest values; none of those that are people's own."""
    if any(one.is_personal for one in samples):
        return ()
    return tuple(dict.fromkeys(value for one in samples for value in one.values))
