"""Text that came from the project, made safe to show: one line, nothing invisible, never longer than asked."""

import re
import unicodedata

# Control, format (bidi, zero width, tags), surrogate, private use, unassigned, line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_URL = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\b(?:mailto|javascript|data):)\S*", re.IGNORECASE)
_DOMAIN = re.compile(
    r"\b(?:[a-z0-9-]{1,63}\.){1,6}"
    r"(?:com|net|org|io|dev|app|ai|co|xyz|info|biz|ru|cn|me|sh|gg|ly|link|site|online|top|zip|cloud|page|uk|de|eu)\b",
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"[`*<>\[\]{}|\\~]|!\[|^\s*(?:#{1,6}|[-+]|\d+[.)])\s|^\s*>|__|@\w")


def is_hidden(letter: str) -> bool:
    """Say whether a character is invisible or moves the text around it."""
    return unicodedata.category(letter) in _HIDDEN


def quote(text: str, limit: int = 120) -> str:
    """Write a value on one line in double quotes, hidden characters as escapes, cut at `limit`."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return '"' + escape(cut, keep="").replace('"', "'") + '"'


def escape(text: str, keep: str = "\n\t") -> str:
    """Write hidden characters as their code points, those in `keep` excepted."""
    return "".join(f"\\u{{{ord(letter):x}}}" if is_hidden(letter) and letter not in keep else letter for letter in text)


def clean(text: str) -> str:
    """Return the text on one line without hidden characters, addresses and markup."""
    seen = "".join(" " if letter.isspace() else letter for letter in text if letter.isspace() or not is_hidden(letter))
    seen = _URL.sub(" ", seen[:500])
    seen = re.sub(r"[`*<>\[\]{}|\\~@#\"]", " ", seen)
    return " ".join(seen.split())


def clean_label(text: str) -> str:
    """Return a cleaned text as part of a name: host names come apart, doubled underscores go."""
    apart = _DOMAIN.sub(lambda found: found[0].replace(".", " "), clean(text))
    return " ".join(re.sub(r"_{2,}", " ", apart).split()).lstrip("-+#>!. ")


def find_fault(text: str) -> str | None:
    """Return what keeps a text from being shown as a name or description: markup, addresses, hidden characters."""
    if any(is_hidden(letter) for letter in text):
        return "holds a line break or an invisible character"
    if _URL.search(text) or _DOMAIN.search(text):
        return "holds a web address"
    return "holds markup" if _MARKDOWN.search(text) else None
