"""The names of the tools, for checking a tool subset before the SDK is loaded. A test holds them equal to the tools."""

from collections.abc import Sequence
from difflib import get_close_matches

from insights_mcp.errors import SettingsError

TOOL_NAMES = (
    "insights-list",
    "insight-get",
    "insight-query",
    "query-run",
    "data-schema",
    "insight-create",
    "insight-update",
    "insight-delete",
    "generate_metadata",
    "insights-activity-retrieve",
    "insight-sharing",
    "dashboards-list",
    "dashboard-get",
)


def check_tool_names(variable: str, names: Sequence[str]) -> None:
    """Raise SettingsError, naming the variable and the nearest tool, when one of `names` is no tool."""
    for name in names:
        if name not in TOOL_NAMES:
            close = get_close_matches(name, TOOL_NAMES, n=1, cutoff=0.5)
            advice = f"Did you mean {close[0]}?" if close else f"Tools: {', '.join(TOOL_NAMES)}."
            raise SettingsError(variable, f"{name!r} is no tool.", advice=advice)
