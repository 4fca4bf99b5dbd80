"""Request bodies: bytes, and the JSON in them read when a handler asks."""

import json
from dataclasses import dataclass
from typing import NoReturn

from insights_mcp.local.problems import Problem, unparsable

MAX_BODY_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class Body:
    """The bytes of a request and their declared content type."""

    raw: bytes = b""
    content_type: str = ""

    def value(self) -> object:
        """Return the JSON value, None for an empty body.

        Raises Problem: 415 for another content type, 400 parse_error for what is not JSON.
        """
        if not self.raw.strip():
            return None
        media_type = self.content_type.partition(";")[0].strip().lower()
        if media_type not in ("", "application/json"):
            detail = f'Unsupported media type "{self.content_type}" in request.'
            raise Problem(415, "invalid_request", "unsupported_media_type", detail)
        return parse_json(self.raw)


def parse_json(raw: bytes | str) -> object:
    """Return the JSON value of a text. Raises Problem 400, also for numbers that JSON has no form of."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        value: object = json.loads(text, parse_constant=_refuse_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate could not be stored or sent back
    except RecursionError as error:
        raise unparsable("JSON parse error - nested too deeply") from error
    except ValueError as error:
        raise unparsable(f"JSON parse error - {error}") from error
    return value


def too_large() -> Problem:
    """413: the body is over the limit (facts/rest-api.md 2.8)."""
    return Problem(413, "invalid_request", "request_too_large", "Request body is larger than 20 MB.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"Out of range float values are not JSON compliant: {name}")
