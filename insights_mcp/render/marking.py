r"""Text from the project, made safe to read: it is data, whatever it says.

A name or a property value is shown as a JSON string, so its own quotes and line breaks cannot end it, and characters
that cannot be seen (control, bidirectional, zero-width, tag) are shown as `\uXXXX` (facts/mcp.md 6).
"""

import json
import re

# C0 and C1 controls, soft hyphen, zero-width and bidirectional marks, line and paragraph separators, invisible
# operators, variation selectors, interlinear marks, byte order mark, and the tag characters of plane 14.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)


def quote(text: str, limit: int | None = None) -> str:
    """Return the text as a JSON string with everything in it visible, cut at `limit` characters if given."""
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return mark(json.dumps(text, ensure_ascii=False))


def mark(text: str) -> str:
    r"""Return the text with each invisible character as `\uXXXX`; tag characters as a surrogate pair, as in JSON."""
    return _INVISIBLE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
