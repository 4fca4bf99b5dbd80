"""How an event of an actor's history is packed into one number, so that sorting sorts by time, then by step.

The lowest bits, its mask, say what the event is: one per step, then one per exclusion by the step it stands before,
then whether it has the breakdown value that is attributed. The time is above them, in microseconds since the funnel's
origin. Where 64 bits are too few, an event is the pair of time and mask instead.
"""

from dataclasses import dataclass

from insights_mcp.local.queries.funnels.question import Funnel

_INT64_BITS = 62
_MICROS = 1_000_000


@dataclass(frozen=True)
class Layout:
    """The bits of a packed event. Steps count from 1."""

    size: int
    has_exclusions: bool
    has_value: bool
    time_bits: int

    @property
    def bits(self) -> int:
        """How many bits are below the time."""
        return self.size + (self.size - 1 if self.has_exclusions else 0) + self.has_value

    @property
    def is_wide(self) -> bool:
        """Whether 64 bits are too few, so that events are pairs."""
        return self.time_bits + self.bits > _INT64_BITS

    @property
    def steps(self) -> int:
        """The bits of all steps."""
        return (1 << self.size) - 1

    @property
    def exclusions(self) -> int:
        """The bits of all exclusions."""
        return ((1 << (self.size - 1)) - 1) << self.size if self.has_exclusions else 0

    def step_bit(self, step: int) -> int:
        """Return the number of a step's bit."""
        return step - 1

    def exclusion_bit(self, step: int) -> int:
        """Return the number of the bit of an exclusion that stands right before a step."""
        return self.size + step - 2

    @property
    def value_bit(self) -> int:
        """The number of the bit of events that have the attributed value."""
        return self.bits - 1


def lay_out(funnel: Funnel) -> Layout:
    """Return the layout of a funnel's events."""
    dates = funnel.run.dates
    micros = int((dates.date_to.timestamp() - dates.date_from.timestamp() + 2) * _MICROS)
    return Layout(
        size=funnel.size,
        has_exclusions=bool(funnel.exclusions),
        has_value=funnel.attributed_step is not None,
        time_bits=max(micros, 1).bit_length(),
    )
