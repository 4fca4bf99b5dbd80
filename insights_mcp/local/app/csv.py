"""CSV of an answer: one row, a column per value, names dotted (facts/rest-api.md 4.1)."""

import csv
import io
import json
from collections.abc import Iterator, Mapping

from insights_mcp.local.app.answers import print_json


def print_csv(body: Mapping[str, object]) -> str:
    """Return an answer as CSV with columns such as `results.0.id`, sorted by name."""
    plain = json.loads(print_json(body))
    cells = dict(_flatten(plain, ""))
    names = sorted(cells)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerow([defuse(cells[name]) for name in names])
    return text.getvalue()


def _flatten(value: object, name: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flatten(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _flatten(item, f"{name}.{index}" if name else str(index))
    else:
        yield name, value


def defuse(value: object) -> object:
    """Return a value that no spreadsheet reads as a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
