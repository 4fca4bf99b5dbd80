"""Dates as people say them, turned into dates that PostHog reads.

What it cannot read it takes for now, and says nothing (facts/queries.md 1.0): a wrong date is worse than an error.
"""

import re
from datetime import datetime

# As PostHog's own, but for the whole text. `M` are minutes, `m` months.
_RELATIVE = re.compile(r"-?\d*[hdwmqysM](Start|End)?")
_KINDS = {"h": "h", "hr": "h", "d": "d", "day": "d", "w": "w", "week": "w", "mo": "m", "mon": "m", "month": "m"}
_KINDS |= {"hour": "h", "q": "q", "quarter": "q", "y": "y", "yr": "y", "year": "y", "minute": "M", "min": "M"}
_SPAN = re.compile(r"(?:now\s*)?-?\s*(?:(?:the\s+)?(?:last|past|previous)\s+)?(\d+)?\s*([a-z]+?)s?(?:\s+ago)?")
_OPENINGS = ("last", "past", "previous", "the")
# What a stretch of time in words begins and ends with.
_STRETCHES = {
    "today": ("dStart", None),
    "yesterday": ("-1dStart", "-1dEnd"),
    "thismonth": ("mStart", None),
    "monthtodate": ("mStart", None),
    "mtd": ("mStart", None),
    "lastmonth": ("-1mStart", "-1mEnd"),
    "previousmonth": ("-1mStart", "-1mEnd"),
    "thisyear": ("yStart", None),
    "yeartodate": ("yStart", None),
    "ytd": ("yStart", None),
    "alltime": ("all", None),
    "ever": ("all", None),
}


def is_readable(text: str) -> bool:
    """Return whether PostHog reads the text as the date that it says."""
    if text == "all" or _RELATIVE.fullmatch(text):
        return True
    try:
        datetime.fromisoformat(text)
    except ValueError:
        short = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)  # tolerated: 2026-1-1
        return short is not None and len(text) < 10 and is_readable(f"{short[1]}-{short[2]:0>2}-{short[3]:0>2}")
    return True


def read_words(text: str) -> tuple[str, str | None] | None:
    """Return date_from and date_to of a stretch in words such as `last 30 days`; None for what says no stretch."""
    words = " ".join(text.lower().replace("_", " ").split())
    stretch = _STRETCHES.get(words.replace(" ", ""))
    if stretch is not None:
        return stretch
    found = _SPAN.fullmatch(words)
    kind = _KINDS.get(found[2]) if found else None
    if found is None or kind is None or (found[1] is None and not words.startswith(_OPENINGS)):
        return None
    return f"-{found[1] or 1}{kind}", None


def read_end(text: str) -> str | None:
    """Return what `date_to` in words means: empty for now, None for what says no end."""
    words = "".join(letter for letter in text.lower() if letter.isalnum())
    if words in ("now", "today", "present", "current"):
        return ""
    return "-1dEnd" if words == "yesterday" else None
