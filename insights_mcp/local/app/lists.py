"""Lists in a query string: a JSON array, or names separated by commas."""

import json

from insights_mcp.local.app.http import Call
from insights_mcp.local.problems import invalid


def read_texts(call: Call, name: str) -> list[str]:
    """Return the texts of a parameter. Raises Problem for malformed JSON."""
    text = (call.query.get(name) or "").strip()
    if not text.startswith("["):
        return [item.strip() for item in text.split(",") if item.strip()]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid(f"{name} must be a JSON array.", attr=name) from None
    if not all(isinstance(item, str) for item in value):
        raise invalid(f'{name} must be a JSON array of strings, for example ["a", "b"].', attr=name)
    return list(value)
