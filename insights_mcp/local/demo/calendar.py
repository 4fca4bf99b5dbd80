"""How many visitors of the demo product come when: growth, weekends, hours."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from insights_mcp.local.demo.journey import Journey, travel
from insights_mcp.local.demo.visitors import REFERRAL, make_visitor

DAYS = 180
SEED = 20_240_615
_FIRST_DAY_VISITORS = 40
_LAST_DAY_VISITORS = 76
_WEEKEND = 0.45


def live_through(now: datetime) -> Iterator[Journey]:
    """Yield everybody's journey. The same for the same `now`: each visitor has a random generator of their own."""
    for number, (arrival, is_referred) in enumerate(_arrivals(now), start=1):
        rng = Random(f"{SEED}:{number}")  # noqa: S311  # a story, not a secret
        visitor = make_visitor(number, rng, REFERRAL if is_referred else None)
        yield travel(visitor, arrival, now, rng)


def _arrivals(now: datetime) -> Iterator[tuple[datetime, bool]]:
    rng = Random(SEED)  # noqa: S311  # a story, not a secret
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(DAYS, -1, -1):
        date = midnight - timedelta(days=day)
        growth = 1 - day / DAYS
        expected = _FIRST_DAY_VISITORS + growth * (_LAST_DAY_VISITORS - _FIRST_DAY_VISITORS)
        if date.weekday() >= 5:
            expected *= _WEEKEND
        for _ in range(round(rng.gauss(expected, math.sqrt(expected)))):
            # Most come in working hours.
            hour = min(max(rng.gauss(14, 3.5), 0.0), 23.9)
            at = date + timedelta(hours=hour)
            is_referred = rng.random() < 0.04 + 0.06 * growth
            if at < now:
                yield at, is_referred
