"""Ids: UUIDs of version 7 for events without one, and a person's id from its first distinct id."""

import secrets
from datetime import datetime
from hashlib import sha1
from uuid import UUID

# PostHog's own namespace, so that a project moved there keeps its persons' ids when its number stays.
PERSON_NAMESPACE = UUID("932979b4-65c3-4424-8467-0b66ec27bc22").bytes
_NIL = "00000000-0000-0000-0000-000000000000"


def new_uuid7(now: datetime) -> UUID:
    """Return a fresh UUID of version 7: milliseconds, then random bits."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFFFFFFFFFF
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value)


def person_uuid_bytes(team_id: int, distinct_id: str) -> bytes:
    """Return the id that the person of a new distinct id gets, as 16 bytes: UUID version 5, so no look-up is needed."""
    digest = bytearray(sha1(PERSON_NAMESPACE + f"{team_id}:{distinct_id}".encode(), usedforsecurity=False).digest())
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest[:16])


def person_uuid(team_id: int, distinct_id: str) -> UUID:
    """Return `person_uuid_bytes` as a UUID."""
    return UUID(bytes=person_uuid_bytes(team_id, distinct_id))


def parse_uuid(value: object) -> UUID | None:
    """Return the UUID that a value spells, None for anything else and for the nil UUID."""
    if not isinstance(value, str) or value == _NIL:
        return None
    try:
        return UUID(value.strip())
    except ValueError:
        return None
