"""What of a retention's settings goes together; the codes of its refusals are upstream's."""

from insights_mcp.local.queries.context import QueryError
from insights_mcp.schema.retention import RetentionFilter


def has_numbers(asked: RetentionFilter) -> bool:
    """Return whether a property is added up or averaged."""
    return asked.aggregationType in ("sum", "avg") and bool(asked.aggregationProperty)


def check_modes(asked: RetentionFilter) -> None:
    """Refuse modes that exclude each other. Raises QueryError."""
    is_windowed = asked.timeWindowMode == "24_hour_windows"
    if is_windowed and asked.cumulative:
        raise _refusal(
            "Cumulative retention is not supported for 24 hour windows.",
            code="retention_cumulative_24_hour_windows_unsupported",
        )
    if is_windowed and has_numbers(asked):
        raise _refusal(
            "Sum and average aggregation are not supported for 24 hour windows.",
            code="retention_24_hour_windows_property_aggregation_unsupported",
        )
    if asked.cumulative and has_numbers(asked):
        raise _refusal("Sum and average aggregation are not supported for cumulative retention.")
    if asked.customAggregationTarget and not _is_of_the_warehouse(asked):
        raise _refusal(
            "customAggregationTarget is for retentions that start and continue with data warehouse entities.",
            code="retention_custom_aggregation_target_requires_data_warehouse_entities",
        )


def _is_of_the_warehouse(asked: RetentionFilter) -> bool:
    return asked.targetEntity.type == asked.returningEntity.type == "data_warehouse"


def _refusal(message: str, *, code: str = "invalid_input") -> QueryError:
    return QueryError(message, code=code, attr="retentionFilter")
