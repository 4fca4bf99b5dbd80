"""How many tokens a text costs, estimated without a tokenizer. Tests hold it near o200k, rather above than below."""

import re

# Words break at humps (camelCase), digits stand in threes, punctuation merges (`","`).
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[!-/:-@\[-`{-~]+| +|\n+|\s|[^\x00-\x7f]+|.", re.DOTALL)


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a model pays for the text."""
    return sum(_cost(match.group(), text, match.end()) for match in _PIECE.finditer(text))


def _cost(piece: str, text: str, end: int) -> int:
    first = piece[0]
    if piece == " ":  # goes with the word after it, but not with digits
        return 1 if text[end : end + 1].isdecimal() else 0
    if first.isspace():
        return 1
    if not first.isascii():
        return len(piece)
    if first.isalpha():
        return -(-len(piece) // 8)
    return -(-len(piece) // (3 if first.isdecimal() else 2))
