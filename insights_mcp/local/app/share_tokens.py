"""Tokens that stand for a share's password once it was given: JSON web tokens signed with the password's hash.

Removing the password, disabling the share or replacing its access token makes them worthless.
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta

from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.sharing import Share, get_guard

LIFETIME = timedelta(days=1)
_HEADER = {"alg": "HS256", "typ": "JWT"}


def looks_like_share_token(text: str) -> bool:
    """Return whether a bearer token has the form of ours: three parts."""
    return text.count(".") == 2


def issue_share_token(db: Connection, password_id: int, now: datetime) -> str:
    """Return a token for a share's password. Raises LookupError when the password guards nothing any more."""
    guard = get_guard(db, password_id)
    if guard is None:
        raise LookupError(password_id)
    payload = {"password_id": password_id, "exp": int((now + LIFETIME).timestamp())}
    signed = f"{_encode(json.dumps(_HEADER).encode())}.{_encode(json.dumps(payload).encode())}"
    return f"{signed}.{_sign(signed, guard[1])}"


def read_share_token(db: Connection, token: str, now: datetime) -> Share | None:
    """Return the share a token opens, None when it is forged, expired or revoked."""
    signed, _, signature = token.rpartition(".")
    try:
        payload = json.loads(_decode(signed.partition(".")[2]))
        password_id, expires = payload["password_id"], payload["exp"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(password_id, int) or not isinstance(expires, int) or abs(password_id) >> 62:
        return None
    guard = get_guard(db, password_id)
    if guard is None or not hmac.compare_digest(_sign(signed, guard[1]).encode(), signature.encode()):
        return None
    return guard[0] if now.timestamp() < expires else None


def _sign(text: str, secret: str) -> str:
    return _encode(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
