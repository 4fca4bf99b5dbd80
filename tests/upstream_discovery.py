"""What the fake PostHog answers when its events are counted, or taken apart for what they carry."""

import re
from typing import Any

from tests.upstream_world import Record, World

_COUNTED = re.compile(r"SELECT event, count\(\) AS seen, max\(timestamp\) AS last FROM events WHERE .* GROUP BY event")
_TAKEN_APART = re.compile(r"JSONExtractKeysAndValues\(body, 'String'\)")
_EVENT = re.compile(r"event = '((?:[^'\\]|\\.)*)'")
_SAMPLED = 200


def answer_discovery(world: World, source: Record) -> Record | None:
    """Return counts or samples of the world's own events; None for any other query."""
    text = str(source.get("query", "")) if source["kind"] == "HogQLQuery" else ""
    if _COUNTED.match(text):
        seen = [one for one in world.events if world.counts.get(one["name"])]
        rows = [[one["name"], world.counts[one["name"]], one["last_seen_at"]] for one in seen]
        rows.sort(key=lambda row: -row[1])
        return {"results": rows, "columns": ["event", "seen", "last"]}
    if _TAKEN_APART.search(text):
        return {"results": _samples(world, text), "columns": ["what", "key", "seen", "kinds", "common"]}
    return None


def _samples(world: World, text: str) -> list[list[Any]]:
    names = [re.sub(r"\\(.)", r"\1", name) for name in _EVENT.findall(text)]
    rows = [
        [name, one["name"], min(world.counts.get(name, 0), _SAMPLED), len(values), values[:8]]
        for name in names
        for one in world.properties
        if one["type"] == "event" and name in one["events"]
        for values in [_as_text(world, "event", one["name"])]
    ]
    if not names:
        rows = [
            ["person", one["name"], 100, len(values), values[:8]]
            for one in world.properties
            if one["type"] == "person"
            for values in [_as_text(world, "person", one["name"])]
        ]
    return sorted((row for row in rows if row[2]), key=lambda row: (-row[2], row[1]))


def _as_text(world: World, kind: str, name: str) -> list[str]:
    return [str(value) for value in world.values.get((kind, name), [])]
