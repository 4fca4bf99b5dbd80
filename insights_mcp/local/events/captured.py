"""One event as it will be stored, made from one event as it was sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from insights_mcp.local.events.elements import print_chain
from insights_mcp.local.events.identity import read_distinct_id
from insights_mcp.local.events.payloads import malformed
from insights_mcp.local.events.timestamps import event_time
from insights_mcp.local.events.uuids import new_uuid7, parse_uuid

NAME_LENGTH = 200
_PERSON_KEYS = ("$set", "$set_once", "$unset")
# Who is who cannot be said by an event that may not touch persons: PostHog drops these.
_IDENTITY_EVENTS = frozenset({"$identify", "$create_alias", "$merge_dangerously", "$groupidentify"})
_NO_PERSON_PROPERTIES = frozenset({"$snapshot", "$performance_event"})
_SEEN_ON_EVENTS = (
    "$app_build $app_name $app_namespace $app_version $browser $browser_version $device_type $current_url $pathname"
    " $os $os_name $os_version $referring_domain $referrer $screen_height $screen_width $viewport_height"
    " $viewport_width $raw_user_agent"
)
_CAMPAIGN = (
    "utm_source utm_medium utm_campaign utm_content utm_term gclid gad_source gclsrc dclid gbraid wbraid fbclid"
    " msclkid twclid li_fat_id mc_cid igshid ttclid rdt_cid irclid _kx epik qclid sccid"
)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# Properties of an event that also describe its person, as the latest and as the initial value.
FOR_PERSON = frozenset(_SEEN_ON_EVENTS.split() + _CAMPAIGN.split())


@dataclass
class CapturedEvent:
    """An event ready to store, but for its person. `has_given_uuid`: the sender chose the uuid and may repeat it."""

    uuid: UUID
    event: str
    distinct_id: str
    timestamp: datetime
    properties: dict[str, object]
    elements_chain: str = ""
    has_given_uuid: bool = False
    may_have_person: bool = True
    person_id: UUID | None = None
    person_mode: str = "full"

    def properties_text(self) -> str:
        """Return the properties as the JSON text that is stored."""
        return _ENCODER.encode(self.properties)


def read_event(
    raw: Mapping[str, object], *, sent_at: datetime | None, now: datetime, ip: str | None = None
) -> CapturedEvent | None:
    """Return the event that was sent; None for one that says who is who and may not. Raises Problem 400."""
    name = raw.get("event")
    if not isinstance(name, str) or not name.strip():
        raise malformed("event submitted without an event name")
    properties = _read_properties(raw)
    distinct_id = read_distinct_id(raw.get("distinct_id", raw.get("$distinct_id")) or properties.get("distinct_id"))
    if distinct_id is None:
        raise malformed("event submitted without a distinct_id")
    may_have_person = properties.get("$process_person_profile") not in (False, "false")
    if not may_have_person and name in _IDENTITY_EVENTS:
        return None
    chain = _take_chain(properties)
    if ip and "$ip" not in properties:
        properties["$ip"] = ip
    _describe_person(properties, name) if may_have_person else _forget_person(properties)
    given = parse_uuid(raw.get("uuid"))
    return CapturedEvent(
        uuid=given or new_uuid7(now),
        event=name.replace("\x00", "\ufffd")[:NAME_LENGTH],
        distinct_id=distinct_id,
        timestamp=event_time(
            raw.get("timestamp"),
            offset=raw.get("offset"),
            sent_at=None if properties.get("$ignore_sent_at") is True else sent_at,
            now=now,
        ),
        properties=properties,
        elements_chain=chain,
        has_given_uuid=given is not None,
        may_have_person=may_have_person,
    )


def mapping_of(value: object) -> dict[str, object]:
    """Return a JSON object as a dict, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _read_properties(raw: Mapping[str, object]) -> dict[str, object]:
    properties = dict(mapping_of(raw.get("properties")))
    for key in _PERSON_KEYS[:2]:
        if isinstance(raw.get(key), dict):
            properties[key] = {**mapping_of(properties.get(key)), **mapping_of(raw[key])}
    if "$unset" in raw:
        properties.setdefault("$unset", raw["$unset"])
    return properties


def _take_chain(properties: dict[str, object]) -> str:
    elements = properties.pop("$elements", None)
    chain = properties.pop("$elements_chain", None)
    if isinstance(chain, str):
        return chain
    return print_chain(elements) if isinstance(elements, list) else ""


def _describe_person(properties: dict[str, object], name: str) -> None:
    described = {key: value for key, value in properties.items() if key in FOR_PERSON}
    if not described or name in _NO_PERSON_PROPERTIES:
        return
    if "$os_name" in described:  # mobile SDKs say $os_name where others say $os
        described.setdefault("$os", described["$os_name"])
        del described["$os_name"]
    initial = {f"$initial_{key.removeprefix('$')}": value for key, value in described.items()}
    properties["$set"] = {**described, **mapping_of(properties.get("$set"))}
    properties["$set_once"] = {**initial, **mapping_of(properties.get("$set_once"))}


def _forget_person(properties: dict[str, object]) -> None:
    for key in _PERSON_KEYS:
        properties.pop(key, None)
