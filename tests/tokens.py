"""Counts o200k tokens with a package that carries the ranks: no download."""

import warnings

with warnings.catch_warnings():  # it opens its ranks in a deprecated way
    warnings.simplefilter("ignore", DeprecationWarning)
    import bpe_openai

    _ENCODING = bpe_openai.get_encoding("o200k_base")


def count_tokens(text: str) -> int:
    return len(_ENCODING.encode(text))
