"""What a tool answers with: text for the model, and what only people see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """An image of the result."""

    data: bytes
    mime_type: str = "image/png"


@dataclass(frozen=True)
class Answer:
    """The text, pictures beside it, and the `_meta` of the result: what a view draws and no model reads."""

    text: str
    images: Sequence[Picture] = ()
    meta: Mapping[str, object] | None = None
