"""What several HogQL tests ask about."""

import pytest

from insights_mcp.local.engine.base import Engine
from tests.hogql.asking import NOW
from tests.queries.world import World


@pytest.fixture
def four(engine: Engine) -> Engine:
    """Four events: u1 does a and b, u2 does a, u3 does c; `n` is 1, 2, 3, 4."""
    names = (("a", "u1"), ("b", "u1"), ("a", "u2"), ("c", "u3"))
    World(engine).add_events(
        [
            {
                "event": event,
                "distinct_id": distinct_id,
                "timestamp": NOW.replace(minute=index),
                "properties": {"n": index + 1},
            }
            for index, (event, distinct_id) in enumerate(names)
        ]
    )
    return engine
