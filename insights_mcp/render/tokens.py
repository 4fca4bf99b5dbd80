"""How many tokens a text costs, estimated without a tokenizer. Tests hold it near o200k, rather above than below."""

import re
from itertools import groupby

# Words break at humps (camelCase), digits stand in threes, punctuation merges (`","`).
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[!-/:-@\[-`{-~]+| +|\n+|\s|[^\x00-\x7f]+|.", re.DOTALL)

_WORD, _PIECE_OF_WORD = 8, 4
_LAST_OF_PLANE = 0xFFFF  # pictographs lie beyond it
# Of what text charts draw with, lines come in fours, and the eighths of a block as two tokens each.
_LINES = frozenset("█─━—–…")
_BLOCKS = frozenset("▁▂▃▅▆▇▉▊▌▍▎▏┤┬┴┼")


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
        return sum(_cost_run(letter, len(list(run))) for letter, run in groupby(piece))
    if first.isalpha():  # a word is one token; what is longer than words are comes in pieces
        return 1 + max(0, -(-(len(piece) - _WORD) // _PIECE_OF_WORD))
    return -(-len(piece) // (3 if first.isdecimal() else 2))


def _cost_run(letter: str, count: int) -> int:
    if letter in _LINES:
        return -(-count // 4)
    return count * (3 if ord(letter) > _LAST_OF_PLANE else 2 if letter in _BLOCKS else 1)
