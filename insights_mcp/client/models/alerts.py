"""Alerts on insights and their thresholds (facts/rest-api.md 10)."""

from collections.abc import Mapping

from insights_mcp.client.models.reading import Moment, ReadModel
from insights_mcp.client.models.users import User


class Bounds(ReadModel):
    """Below `lower` or above `upper` a threshold is crossed."""

    lower: float | None = None
    upper: float | None = None


class ThresholdConfiguration(ReadModel):
    """The bounds, and whether they are absolute or a percentage."""

    bounds: Bounds | None = None
    type: str | None = None


class Alert(ReadModel):
    """An alert on an insight. `insight` is an object or its number, as the server chose."""

    id: str
    name: str | None = None
    enabled: bool = True
    state: str | None = None
    insight: object = None
    condition: Mapping[str, object] = {}
    config: Mapping[str, object] = {}
    threshold: Mapping[str, object] = {}
    calculation_interval: str | None = None
    created_at: Moment = None
    created_by: User | None = None
    last_checked_at: Moment = None
    last_notified_at: Moment = None
    next_check_at: Moment = None
    snoozed_until: Moment = None
    last_value: float | None = None


class Threshold(ReadModel):
    """A threshold of an insight, with the alerts that use it."""

    id: str
    name: str | None = None
    created_at: Moment = None
    configuration: ThresholdConfiguration | None = None
    alerts: tuple[Alert, ...] = ()
