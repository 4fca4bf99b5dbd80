"""Distinct ids: how they are written, which are no identity at all, and what an event says of who is who."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

MAX_LENGTH = 200
# Ids that stem from a mistake: merging on them would make everybody one person (PostHog's list).
_ILLEGAL_IN_ANY_CASE = frozenset(
    {
        "anonymous",
        "guest",
        "distinctid",
        "distinct_id",
        "id",
        "not_authenticated",
        "email",
        "undefined",
        "true",
        "false",
    }
)
_ILLEGAL_AS_WRITTEN = frozenset({"[object Object]", "NaN", "None", "none", "null", "0", "undefined"})
_ALIAS_EVENTS = frozenset({"$create_alias", "$merge_dangerously"})


@dataclass(frozen=True)
class Merge:
    """A wish that two distinct ids be one person. `is_forced` also merges persons already identified."""

    other: str
    into: str
    is_forced: bool = False


def read_distinct_id(value: object) -> str | None:
    """Return a distinct id as text of at most 200 characters, None when there is none."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        text = value
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    else:
        text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text.replace("\x00", "\ufffd")[:MAX_LENGTH]


def is_illegal(distinct_id: str) -> bool:
    """Return whether an id stands for nobody, so that nothing may be merged on it."""
    bare = distinct_id
    if len(bare) > 2 and bare[0] == bare[-1] and bare[0] in "'\"":
        bare = bare[1:-1]
    return not distinct_id.strip() or bare.lower() in _ILLEGAL_IN_ANY_CASE or bare in _ILLEGAL_AS_WRITTEN


def read_merge(event: str, distinct_id: str, properties: Mapping[str, object]) -> Merge | None:
    """Return the merge that an event asks for, None when it asks for none or for a meaningless one."""
    other = None
    if event in _ALIAS_EVENTS:
        other = properties.get("alias") or None
    elif event == "$identify" and "$anon_distinct_id" in properties:
        other = properties["$anon_distinct_id"]
    text = read_distinct_id(other)
    if text is None or text == distinct_id or is_illegal(text) or is_illegal(distinct_id):
        return None
    return Merge(other=text, into=distinct_id, is_forced=event == "$merge_dangerously")
