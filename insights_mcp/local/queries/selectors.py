r"""CSS selectors over autocaptured elements, as a regular expression on `elements_chain`.

The chain lists a click's elements from the innermost outwards, separated by semicolons:
`a.small.blue:attr__href="/"nth-child="1"text="Home";div.menu:nth-child="2"`. So a selector is matched from its last
part to its first, and `>` means that no element stands between two parts.
"""

import re
from dataclasses import dataclass, field

from insights_mcp.local.hogql import ast
from insights_mcp.local.queries.expressions import call, constant
from insights_mcp.local.queries.expressions import field as name_field

# Part of one element: no semicolon outside quotes, because that separates elements.
_QUOTED = r'"(?:\\.|[^"\\])*"'
_WITHIN = rf'(?:[^;"]|{_QUOTED})*?'
_WHOLE_ELEMENTS = rf"(?:{_WITHIN};)*?"
_ATTRIBUTE = re.compile(r"""\[\s*([^\]=~^$*|]+?)\s*=\s*["']?(.*?)["']?\s*\]""")
_NTH = re.compile(r":(nth-child|nth-of-type)\((\d+)\)")
_TAG = re.compile(r"^[A-Za-z][A-Za-z0-9-]*")
_WORD = re.compile(r"([.#])((?:\\.|[^.#\[:\s])+)")
# How an attribute is spelled in the chain: these as they are, any other after `attr__`.
_PLAIN_ATTRIBUTES = {"href", "text", "nth-child", "nth-of-type"}


@dataclass
class _Part:
    tag: str = ""
    classes: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    is_parent_of_next: bool = False


def match_selector(selector: str) -> ast.Expr:
    """Return the condition that a clicked element, or one around it, matches a CSS selector."""
    return _match_chain(_print_regex(_parse(selector)))


def match_tag(tag_name: str) -> ast.Expr:
    """Return the condition that an element of this tag is in the chain."""
    return _match_chain(rf"(^|;){re.escape(tag_name)}(\.|$|;|:)")


def _match_chain(regex: str) -> ast.Expr:
    return call("match", name_field("elements_chain"), constant(regex))


def _parse(selector: str) -> list[_Part]:
    parts: list[_Part] = []
    for word in _split(selector):
        if word == ">":
            if parts:
                parts[-1].is_parent_of_next = True
        else:
            parts.append(_parse_part(word))
    return parts


def _split(selector: str) -> list[str]:
    """Split at blanks outside brackets, with every `>` a word of its own."""
    words, word, depth = [], "", 0
    for letter in selector.strip():
        depth += {"[": 1, "]": -1}.get(letter, 0)
        if depth > 0 or not (letter.isspace() or letter == ">"):
            word += letter
            continue
        words += [word] if word else []
        word = ""
        words += [">"] if letter == ">" else []
    return [*words, word] if word else words


def _parse_part(word: str) -> _Part:
    part = _Part()
    for key, value in _ATTRIBUTE.findall(word):
        _add_attribute(part, key, value)
    word = _ATTRIBUTE.sub("", word)
    for key, number in _NTH.findall(word):
        part.attributes[key] = number
    word = _NTH.sub("", word)
    if tag := _TAG.match(word):
        part.tag = tag[0]
    for mark, text in _WORD.findall(word):
        text = re.sub(r"\\(.)", r"\1", text)
        if mark == ".":
            part.classes.append(text)
        else:
            part.attributes["attr_id"] = text
    return part


def _add_attribute(part: _Part, key: str, value: str) -> None:
    if key == "class":
        part.classes += value.split()
    elif key == "id":
        part.attributes["attr_id"] = value
    else:
        part.attributes[key if key in _PLAIN_ATTRIBUTES else f"attr__{key}"] = value


def _print_regex(parts: list[_Part]) -> str:
    regex = "(?:^|;)"
    for index, part in enumerate(reversed(parts)):
        if index > 0:
            regex += ";" if part.is_parent_of_next else f";{_WHOLE_ELEMENTS}"
        regex += _print_part(part)
    return f"{regex}(?:;|$)"


def _print_part(part: _Part) -> str:
    """Print one part: tag, classes and attributes in the order the chain has them, anything between and after."""
    regex = re.escape(part.tag) if part.tag else r'[^;.:"]*'
    for name in sorted(part.classes):
        regex += rf"(?:[.:]{_WITHIN})?\.{re.escape(name)}"
    before_key = rf"(?:[.:]{_WITHIN})?(?::|{_QUOTED})"
    for key, value in sorted(part.attributes.items()):
        in_chain = value.replace('\\"', '"').replace('"', '\\"')
        regex += rf'{before_key}{re.escape(key)}="{re.escape(in_chain)}"'
        before_key = f"(?:{_WITHIN}{_QUOTED})?"
    return regex + (_WITHIN if part.attributes else f"(?:[.:]{_WITHIN})?")
