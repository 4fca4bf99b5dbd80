"""The key of an insight or dashboard: what it is called in files, and by which it is found again in a project.

A key is kept in the project as a tag, `key:weekly-signups`, so that a file finds its object after either was renamed.
"""

import re
import unicodedata
from collections.abc import Sequence

MAX_KEY = 80
_PREFIX = "key:"
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]*")
# Names of devices: no file of Windows may be called so.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def is_key(text: str) -> bool:
    """Return whether a text can be a key: it is a tag, a file name and a word of a command line."""
    return len(text) <= MAX_KEY and _KEY.fullmatch(text) is not None and _RESERVED.fullmatch(text) is None


def make_key(name: str) -> str:
    """Return the key of a name: `Weekly signups (EU)` is `weekly-signups-eu`. Empty when no letter of it is Latin."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: MAX_KEY - 8].strip("-")
    return key if is_key(key) else f"{key}-1" if key else ""


def tag_of(key: str) -> str:
    """Return the tag that keeps a key."""
    return f"{_PREFIX}{key}"


def key_in(tags: Sequence[str]) -> str | None:
    """Return the key that an object's tags hold, if one does."""
    keys = sorted(tag[len(_PREFIX) :] for tag in tags if tag.startswith(_PREFIX))
    return next((key for key in keys if is_key(key)), None)


def without_keys(tags: Sequence[str]) -> list[str]:
    """Return the tags that people gave, as the API keeps them: trimmed, lower-case, each once (facts/rest-api.md 5)."""
    normal = {tag.strip().lower() for tag in tags}
    return sorted(tag for tag in normal if tag and not (tag.startswith(_PREFIX) and is_key(tag[len(_PREFIX) :])))
