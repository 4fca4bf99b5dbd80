"""The newer capture protocol, `POST /i/v1/analytics/events`: a bearer token, typed options, an answer per event."""

from collections.abc import Mapping
from datetime import datetime

from insights_mcp.local.events.captured import mapping_of
from insights_mcp.local.events.payloads import CaptureRequest, Packed, check_token, malformed, unpack
from insights_mcp.local.events.timestamps import parse_moment

_OPTIONS = {
    "process_person_profile": "$process_person_profile",
    "disable_skew_correction": "$ignore_sent_at",
    "cookieless_mode": "$cookieless_mode",
    "product_tour_id": "$product_tour_id",
}


def read_v1_request(packed: Packed, headers: Mapping[str, str]) -> CaptureRequest:
    """Unpack a request of the v1 protocol into events as the older protocol sends them. Raises Problem 400 or 401."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    checked = check_token(token if scheme.lower() == "bearer" else None)
    batch = mapping_of(unpack(packed)).get("batch")
    if not isinstance(batch, list) or not batch:
        raise malformed("request holds no event")
    library, _, version = headers.get("posthog-sdk-info", "").partition("/")
    defaults = {"$lib": library, "$lib_version": version} if library else {}
    return CaptureRequest(
        token=checked,
        events=[_to_older_event(mapping_of(event), defaults) for event in batch],
        sent_at=_sent_at(headers),
    )


def _sent_at(headers: Mapping[str, str]) -> datetime | None:
    return parse_moment(headers.get("posthog-request-timestamp"))


def _to_older_event(event: Mapping[str, object], defaults: Mapping[str, str]) -> dict[str, object]:
    options = mapping_of(event.get("options"))
    properties: dict[str, object] = {**defaults, **mapping_of(event.get("properties"))}
    properties |= {_OPTIONS[key]: value for key, value in options.items() if key in _OPTIONS}
    properties |= {f"${key}": event[key] for key in ("session_id", "window_id") if event.get(key)}
    return {**{key: event.get(key) for key in ("event", "uuid", "distinct_id", "timestamp")}, "properties": properties}
