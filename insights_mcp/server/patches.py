"""Merge patches of JSON objects (RFC 7396)."""

from collections.abc import Mapping


def merge_patch(target: object, patch: Mapping[str, object]) -> dict[str, object]:
    """Return target with the patch merged in: null removes, objects merge, anything else replaces."""
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = merge_patch(merged.get(key), value)
        else:
            merged[key] = value
    return merged
