"""Element chains read back: the text that events carry becomes the elements that were clicked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_ELEMENT = re.compile(r'(?:[^;"]|"(?:\\.|[^"\\])*")+')
_ATTRIBUTE = re.compile(r'([^="]+)="((?:\\.|[^"\\])*)"')
# Class names may hold colons, so attributes begin at the first one that a quoted value follows.
_ATTRIBUTES = re.compile(r':(?=[^=":]+="|$)')


@dataclass(frozen=True)
class Element:
    """One element of a chain; the first is the one that was clicked."""

    order: int
    tag_name: str
    classes: list[str]
    text: str | None = None
    href: str | None = None
    attr_id: str | None = None
    nth_child: int | None = None
    nth_of_type: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, object]:
        """Return the element as the API shows it."""
        return {
            "text": self.text,
            "tag_name": self.tag_name,
            "attr_class": self.classes or None,
            "href": self.href,
            "attr_id": self.attr_id,
            "nth_child": self.nth_child,
            "nth_of_type": self.nth_of_type,
            "attributes": dict(self.attributes),
            "order": self.order,
        }


def read_chain(chain: str) -> list[Element]:
    """Return the elements of a chain, innermost first."""
    return [_read_element(order, text) for order, text in enumerate(_ELEMENT.findall(chain))]


def _read_element(order: int, text: str) -> Element:
    split = _ATTRIBUTES.search(text)
    head, tail = (text[: split.start()], text[split.end() :]) if split else (text, "")
    tag, *classes = head.split(".")
    found = {key: value.replace('\\"', '"') for key, value in _ATTRIBUTE.findall(tail)}
    return Element(
        order=order,
        tag_name=tag,
        classes=[name for name in classes if name],
        text=found.get("text"),
        href=found.get("href"),
        attr_id=found.get("attr_id"),
        nth_child=_number(found.get("nth-child")),
        nth_of_type=_number(found.get("nth-of-type")),
        attributes={key: value for key, value in found.items() if key.startswith("attr__")},
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
