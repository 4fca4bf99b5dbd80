"""Stand-ins for the parts that other tests exercise: a query service with canned answers, no engine, no intake."""

KEY = "phx_the_key_of_this_test_backend"


class NoEngine:
    """No engine: nothing in these tests reads events."""


class NoIntake:
    """No intake: nothing in these tests writes events."""


class CannedQueries:
    """Answers every query with the same result."""
