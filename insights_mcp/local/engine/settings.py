"""ClickHouse settings of a query: PostHog's own, and the limits (facts/queries.md 2, Limits and settings)."""

from collections.abc import Mapping

from insights_mcp.local.engine.base import Limits

SettingValue = str | int | float

# Every session, reading or writing.
COMMON: Mapping[str, SettingValue] = {"session_timezone": "UTC"}

READING: Mapping[str, SettingValue] = {
    **COMMON,
    "max_ast_elements": 4_000_000,
    "max_expanded_ast_elements": 4_000_000,
    "max_query_size": 16 << 20,
    "transform_null_in": 1,
    "optimize_min_equality_disjunction_chain_length": 4_294_967_295,
    "max_bytes_before_external_group_by": 0,
    "allow_experimental_join_condition": 1,
    "format_csv_allow_double_quotes": 0,
    "timeout_overflow_mode": "throw",
    "result_overflow_mode": "break",
    "print_pretty_type_names": 0,
}

WRITING: Mapping[str, SettingValue] = {
    **COMMON,
    # A squash names the merged distinct ids in its text.
    "max_query_size": 16 << 20,
    # An import may span decades of months; ClickHouse refuses more than 100 partitions in an insert by default.
    "max_partitions_per_insert_block": 0,
    # Equal rows twice are two inserts, unless an insert carries a token (see server.py).
    "insert_deduplicate": 0,
    "mutations_sync": 1,
    "lightweight_deletes_sync": 1,
}


def reading_settings(limits: Limits, extra: Mapping[str, SettingValue] | None = None) -> dict[str, SettingValue]:
    """Return the settings of one reading query. `extra` is ours (a query kind's), never a caller's text."""
    settings: dict[str, SettingValue] = {
        **READING,
        "max_execution_time": limits.max_seconds,
        "max_memory_usage": limits.max_memory_bytes,
        "max_result_rows": limits.max_rows,
    }
    if limits.max_threads is not None:
        settings["max_threads"] = limits.max_threads
    return {**settings, **(extra or {})}
