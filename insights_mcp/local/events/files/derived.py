"""The columns that the engine would read out of each row's JSON, taken from the file's own columns where they say it.

Reading them back out of the JSON is half the work of writing events (facts/engine.md 3).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from insights_mcp.local.engine.tables import HOT_EVENT_PROPERTIES, materialized_column
from insights_mcp.local.events.files.cells import JsonColumn

# Kept as columns of text, empty where the property is missing.
_TEXTS = ("$session_id", "$window_id", *(f"$group_{index}" for index in range(5)))


def derived_columns(printed: Mapping[str, JsonColumn], length: int) -> dict[str, Any]:
    """Return the derived columns that follow from a file's columns; the engine works out those left out."""
    derived: dict[str, Any] = {}
    for name in _known(_TEXTS, printed):
        column = printed.get(name)
        derived[name] = pc.fill_null(column.texts, "") if column else pa.repeat("", length)
    for name in _known(HOT_EVENT_PROPERTIES, printed):
        column = printed.get(name)
        derived[materialized_column(name)] = column.texts if column else pa.nulls(length, pa.string())
    return derived


def _known(names: Iterable[str], printed: Mapping[str, JsonColumn]) -> list[str]:
    """Return the properties that are plain texts in the JSON, or missing in all of it."""
    nested = {name.partition(".")[0] for name in printed if "." in name}
    return [name for name in names if name not in nested and (name not in printed or printed[name].is_bare)]
