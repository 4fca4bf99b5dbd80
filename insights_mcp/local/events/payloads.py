"""What PostHog's SDKs send: unpacked from its compressions and wrappings, and told apart by shape."""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs

from insights_mcp.local.events.timestamps import parse_moment
from insights_mcp.local.problems import Problem

MAX_UNPACKED = 64 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_TOKEN_KEYS = ("api_key", "token", "$token")
_PLAIN_BASE64 = bytes.maketrans(b" -_", b"++/")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class Packed:
    """A request's body and all that says how it is packed."""

    body: bytes
    content_type: str = ""
    content_encoding: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CaptureRequest:
    """An unpacked request: whose events they are, when the sender sent them, and the events as sent."""

    token: str
    events: Sequence[Mapping[str, object]]
    sent_at: datetime | None = None


def malformed(detail: str) -> Problem:
    """400: the request cannot be understood."""
    return Problem(400, "validation_error", "invalid_payload", f"Malformed request data: {detail}")


def unauthorized(code: str, detail: str) -> Problem:
    """401: no usable project token."""
    return Problem(401, "authentication_error", code, detail)


def read_request(
    packed: Packed, *, header_token: str | None = None, default_event: str | None = None
) -> CaptureRequest:
    """Unpack a capture request in any of its shapes: one event, an array, or a batch.

    `default_event` names events that come without a name (/engage/). Raises Problem 400 or 401.
    """
    value = unpack(packed)
    events, wrapper = _read_events(value)
    if not events:
        raise malformed("request holds no event")
    if default_event:
        events = [{"event": default_event, **event} for event in events]
    token = _find_token([wrapper, *events], header_token or packed.query.get("api_key") or packed.query.get("token"))
    sent_at = parse_moment(wrapper.get("sent_at")) or _sent_at_of_query(packed.query)
    return CaptureRequest(token=check_token(token), events=events, sent_at=sent_at)


def check_token(token: str | None) -> str:
    """Return a project token without blanks around it. Raises Problem 401 when it cannot be one."""
    text = (token or "").strip()
    if not text:
        raise unauthorized(
            "missing_api_key",
            "API key not provided. You can find your project API key in your PostHog project settings.",
        )
    if text.startswith("phx_"):
        raise unauthorized(
            "invalid_personal_api_key",
            "Personal API keys cannot capture events. Use the project API key (phc_...) instead.",
        )
    if len(text) > 64 or not text.isascii() or "\x00" in text:
        raise unauthorized(
            "invalid_api_key",
            "Project API key invalid. You can find your project API key in your PostHog project settings.",
        )
    return text


def unpack(packed: Packed) -> object:
    """Return the JSON value of a request's body, or of its `data` field. Raises Problem 400."""
    data = packed.body or packed.query.get("data", "").encode()
    data = _decompress(data, packed.content_encoding)
    compression = packed.query.get("compression", "")
    is_form = packed.content_type.startswith("application/x-www-form-urlencoded")
    if is_form or data.startswith(b"data="):
        fields = parse_qs(data.decode("utf-8", "replace"))
        data = fields.get("data", [""])[0].encode()
        compression = compression or fields.get("compression", [""])[0]
    if not data.strip():
        raise malformed("the body is empty")
    if compression in ("lz64", "lz-string"):
        raise malformed(f"compression {compression} is not supported, use gzip-js or base64")
    return _parse(_unwrap(data))


def _decompress(data: bytes, encoding: str) -> bytes:
    if data.startswith(_GZIP) or encoding.strip().lower() == "deflate":
        unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            unpacked = unzip.decompress(data, MAX_UNPACKED)
        except zlib.error as error:
            raise malformed("invalid compressed data") from error
        if unzip.unconsumed_tail:
            raise Problem(413, "invalid_request", "request_too_large", "The request is too large once unpacked.")
        if not unzip.eof:
            raise malformed("the compressed data is cut off")
        return unpacked
    if data.startswith(_ZSTD):
        raise malformed("zstd is not supported, use gzip")
    return data


def _unwrap(data: bytes) -> bytes:
    stripped = data.strip()
    if stripped[:1] in (b"{", b"["):
        return stripped
    if stripped.startswith(_GZIP):
        return _unwrap(_decompress(stripped, ""))
    try:
        # A plus that was not quoted in the form arrives as a blank.
        decoded = base64.b64decode(stripped.translate(_PLAIN_BASE64) + b"==")
    except (binascii.Error, ValueError) as error:
        raise malformed("the body is neither JSON nor base64") from error
    if decoded.startswith(_GZIP):
        decoded = _decompress(decoded, "")
    return decoded


def _parse(data: bytes) -> object:
    try:
        text = data.decode()
        value: object = json.loads(text, parse_constant=lambda _: None)
        return mend_surrogates(value) if _SURROGATE.search(text) else value
    except RecursionError as error:
        raise malformed("nested too deeply") from error
    except ValueError as error:
        raise malformed(str(error)) from error


def mend_surrogates(value: object) -> object:
    """Replace halves of surrogate pairs, which no UTF-8 can hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [mend_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {mend_surrogates(key): mend_surrogates(item) for key, item in value.items()}
    return value


def _read_events(value: object) -> tuple[list[Mapping[str, object]], Mapping[str, object]]:
    wrapper: Mapping[str, object] = value if isinstance(value, dict) else {}
    listed: object = value
    if isinstance(value, dict):
        listed = value.get("batch", [value])
    if not isinstance(listed, list) or not all(isinstance(event, dict) for event in listed):
        raise malformed("expected an event, an array of events or a batch")
    return listed, wrapper


def _find_token(places: Sequence[Mapping[str, object]], given: str | None) -> str | None:
    found = {text for place in places if (text := _token_of(place))}
    wrapped = _token_of(places[0])
    if len(found) > 1 and not wrapped:
        raise unauthorized("invalid_api_key", "The batch holds events with different API keys.")
    return wrapped or (found.pop() if found else given)


def _token_of(place: Mapping[str, object]) -> str | None:
    properties = place.get("properties")
    sources = [place, properties] if isinstance(properties, dict) else [place]
    for source in sources:
        for key in _TOKEN_KEYS:
            token = source.get(key)
            if isinstance(token, str) and token:
                return token
    return None


def _sent_at_of_query(query: Mapping[str, str]) -> datetime | None:
    text = query.get("_", "")
    return parse_moment(int(text)) if text.isdecimal() and len(text) == 13 else None
