"""Autocaptured elements as one text, the `elements_chain` that filters match on."""

from collections.abc import Mapping, Sequence

_TEXT_LENGTH = 400
_HREF_LENGTH = 2048


def print_chain(elements: Sequence[object]) -> str:
    """Return the chain of `$elements`: innermost first, `tag.class:attribute="value"...`, joined by `;`."""
    return ";".join(_print_element(element) for element in elements if isinstance(element, Mapping))


def _print_element(element: Mapping[str, object]) -> str:
    tag = str(element.get("tag_name") or "")
    classes = "".join("." + name.replace('"', "") for name in sorted(_classes(element.get("attr__class"))))
    attributes = {
        "nth-child": element.get("nth_child") or 0,
        "nth-of-type": element.get("nth_of_type") or 0,
        **_optional("text", element.get("$el_text"), _TEXT_LENGTH),
        **_optional("href", element.get("attr__href"), _HREF_LENGTH),
        **_optional("attr_id", element.get("attr__id"), _TEXT_LENGTH),
        **{key: value for key, value in element.items() if key.startswith("attr__")},
    }
    printed = "".join(f'{_escape(key)}="{_escape(_plain(attributes[key]))}"' for key in sorted(attributes))
    return f"{tag}{classes}:{printed}"


def _classes(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(name) for name in value]
    return value.split() if isinstance(value, str) else []


def _optional(name: str, value: object, length: int) -> dict[str, object]:
    return {name: str(value)[:length]} if value else {}


def _plain(value: object) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _escape(text: str) -> str:
    return text.replace('"', '\\"')
