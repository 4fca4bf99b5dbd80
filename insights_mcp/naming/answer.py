"""The model's answer: read, checked, or refused with a reason the model can act on."""

import json
import re

from insights_mcp.naming.metadata import DESCRIPTION_LIMIT, MOST_WORDS, NAME_LIMIT, Metadata
from insights_mcp.naming.text import find_fault

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "3 to 12 words in Title Case, at most 100 characters"},
        "description": {"type": "string", "description": "One plain sentence, at most 200 characters"},
    },
    "required": ["name", "description"],
    "additionalProperties": False,
}
_LONGEST_ANSWER = 20_000


class UnusableAnswer(ValueError):
    """An answer that cannot be shown; the message says why, in our words, without quoting it."""


def read_answer(text: str) -> Metadata:
    """Return the name and description in a model's answer, alone or inside other text.

    Raises UnusableAnswer saying what is wrong with it.
    """
    found = _find_object(text[:_LONGEST_ANSWER])
    name, description = found.get("name"), found.get("description")
    if not isinstance(name, str) or not isinstance(description, str):
        raise UnusableAnswer("name and description must both be text")
    name, description = name.strip(), description.strip()
    _check("name", name, NAME_LIMIT)
    _check("description", description, DESCRIPTION_LIMIT)
    if len(name.split()) > MOST_WORDS:
        raise UnusableAnswer(f"the name has more than {MOST_WORDS} words")
    return Metadata(name=name, description=description, source="model")


def _check(field: str, text: str, limit: int) -> None:
    if not any(letter.isalpha() for letter in text):
        raise UnusableAnswer(f"the {field} is empty")
    if len(text) > limit:
        raise UnusableAnswer(f"the {field} is longer than {limit} characters")
    fault = find_fault(text)
    if fault:
        raise UnusableAnswer(f"the {field} {fault}")


def _find_object(text: str) -> dict[str, object]:
    decoder = json.JSONDecoder()
    for start in re.finditer(r"\{", text):
        try:
            value, _ = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    raise UnusableAnswer("it holds no JSON object")
