"""What a session came in with: properties of its first pageview or screen, of its first event without one."""

from insights_mcp.local.engine.tables import HOT_EVENT_PROPERTIES, materialized_column

# Earlier by a whole number: by a pair of truth value and time, the engine takes several times as long.
_ORDER = (
    "toUnixTimestamp64Micro({p}timestamp) + if({p}event IN ('$pageview', '$screen'), 0, toInt64(4611686018427387904))"
)


def entry_text(key: str) -> str:
    """Return the text of a property of the event a session came in with, '' where it has none; `{p}` as in tables."""
    if key in HOT_EVENT_PROPERTIES:
        return f"argMin(ifNull({{p}}`{materialized_column(key)}`, ''), {_ORDER})"
    # the document is found once for all properties, and read once per session instead of once per event
    return f"JSONExtractString(argMin({{p}}properties, {_ORDER}), '{key}')"
