"""Times as stored: ISO 8601 in UTC, always with microseconds, so that text order is time order."""

from datetime import UTC, datetime


def print_time(moment: datetime) -> str:
    """Return the stored form of an aware datetime."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> datetime:
    """Return the aware datetime of a stored time. Raises ValueError."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def show_time(text: str | None) -> str | None:
    """Return a stored time as the API shows it: microseconds only when not zero (facts/rest-api.md 3.2)."""
    return text.replace(".000000Z", "Z") if text else None
