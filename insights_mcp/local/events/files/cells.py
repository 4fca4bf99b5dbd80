"""Columns of cells as text, turned into the JSON they stand for, a column at a time."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from json.encoder import encode_basestring
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CellKind = Literal["number", "boolean", "json", "text"]

# Numbers that JSON spells the same way. A leading zero (a postal code) or too many digits (an id) make a text.
_NUMBER = r"^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?(?:[eE][+-]?\d{1,2})?$"
_BOOLEAN = r"^(?:true|false|True|False|TRUE|FALSE)$"
_JSON = r"^\s*[{\[]"
_NUMBER_TEXT = re.compile(_NUMBER)


def kind_of_cells(texts: Any) -> CellKind:
    """Return what the cells of a sample are, all of them; a mixture is text."""
    filled = pc.drop_null(texts)
    kinds: Mapping[CellKind, str] = {"number": _NUMBER, "boolean": _BOOLEAN, "json": _JSON}
    for kind, pattern in kinds.items():
        if len(filled) and pc.all(pc.match_substring_regex(filled, pattern)).as_py():
            return kind
    return "text"


def value_of_cell(text: str, kind: CellKind) -> object:
    """Return the value that one cell stands for."""
    if kind == "number" and _NUMBER_TEXT.match(text):
        return json.loads(text)
    if kind == "boolean" and re.match(_BOOLEAN, text):
        return text.lower() == "true"
    return _json_of(text) if kind == "json" else text


@dataclass(frozen=True)
class JsonColumn:
    """A column of JSON; with `is_bare` its cells are texts that still need their quotes, and nothing else."""

    texts: Any
    is_bare: bool = False

    def parts(self, prefix: str) -> list[Any]:
        """Return what to join for `prefix` and the JSON, when no cell is missing."""
        return [prefix + '"', self.texts, '"'] if self.is_bare else [prefix, self.texts]

    def printed(self, prefix: str) -> Any:
        """Return `prefix` and the JSON of each cell, null where there is none."""
        return pc.binary_join_element_wise(*self.parts(prefix), "")


_Tree = dict[str, "JsonColumn | _Tree"]


def print_cells(texts: Any, kind: CellKind) -> JsonColumn:
    """Return each cell as JSON, null where there is none. What does not fit the kind becomes a string."""
    if kind == "json":
        cells = [None if text is None else _print_json(text) for text in texts.to_pylist()]
        return JsonColumn(pa.array(cells, pa.string()))
    if kind == "text":
        return JsonColumn(_escape(texts)) if _has_escapes(texts) else JsonColumn(texts, is_bare=True)
    fits = pc.match_substring_regex(texts, _NUMBER if kind == "number" else _BOOLEAN)
    plain = _shorten(texts) if kind == "number" else pc.utf8_lower(texts)
    if pc.all(pc.drop_null(fits)).as_py() is not False:
        return JsonColumn(plain)
    return JsonColumn(pc.if_else(fits, plain, _escape(texts)))


def print_objects(columns: Mapping[str, JsonColumn], length: int) -> Any:
    """Return one JSON object a row from columns of JSON by key, without the keys of missing cells.

    A key with dots is a path: `address.city` puts `city` into the object `address`.
    """
    tree: _Tree = {}
    for name, column in columns.items():
        _plant(tree, name, column, taken=frozenset(columns))
    return _print_tree(tree, length)


def _plant(tree: "_Tree", name: str, column: "JsonColumn", taken: frozenset[str]) -> None:
    first, dot, rest = name.partition(".")
    branch = tree.get(first, {})
    if not dot or not first or not rest or first in taken or not isinstance(branch, dict):
        tree[name] = column
    else:
        _plant(branch, rest, column, frozenset())
        tree[first] = branch


def _print_tree(tree: "_Tree", length: int, *, is_inner: bool = False) -> Any:
    members = {
        name: JsonColumn(_print_tree(branch, length, is_inner=True)) if isinstance(branch, dict) else branch
        for name, branch in sorted(tree.items())
    }
    full = [name for name, member in members.items() if member.texts.null_count == 0]
    if full:
        return _print_members({name: members[name] for name in sorted(members, key=full[0].__ne__)})
    # Arrow leaves out rows whose every part is null when it skips nulls, so the opening brace is a part.
    opening = pa.array(["{"] * length, pa.string())
    parts = [member.printed(f",{encode_basestring(name)}:") for name, member in members.items()]
    joined = pc.binary_join_element_wise(opening, *parts, "", null_handling="skip")
    opened = pc.replace_substring(joined, "{,", "{", max_replacements=1)
    printed = pc.binary_join_element_wise(opened, "}", "")
    return pc.if_else(pc.equal(joined, "{"), pa.scalar(None, pa.string()), printed) if is_inner else printed


def _print_members(members: "Mapping[str, JsonColumn]") -> Any:
    """Return the objects of members whose first is never missing: nearly always one call for all of them."""
    parts: list[Any] = []
    for mark, (name, member) in zip(chain("{", repeat(",")), members.items(), strict=False):
        prefix = f"{mark}{encode_basestring(name)}:"
        parts += member.parts(prefix) if member.texts.null_count == 0 else [member.printed(prefix)]
    return pc.binary_join_element_wise(*parts, "}", "", null_handling="skip")


def _shorten(numbers: Any) -> Any:
    """Drop zeros at a fraction's end: 1.50 and 1.5 are the same number and must be the same text."""
    if not pc.any(pc.match_substring_regex(numbers, r"^[^eE]*\.\d*0$")).as_py():
        return numbers
    return pc.replace_substring_regex(pc.replace_substring_regex(numbers, r"^([^eE]*\.\d*?)0+$", r"\1"), r"\.$", "")


def _escape(texts: Any) -> Any:
    return pa.array([None if text is None else encode_basestring(text) for text in texts.to_pylist()], pa.string())


def _has_escapes(texts: Any) -> bool:
    """Return whether a quote, a backslash or a control character occurs in some cell."""
    _, offsets, data = texts.buffers()
    if data is None or len(texts) == 0:
        return False
    ends = np.frombuffer(offsets, dtype=np.int32)
    cells = np.frombuffer(data, dtype=np.uint8)[ends[texts.offset] : ends[texts.offset + len(texts)]]
    return bool((cells < 0x20).any() or (cells == 0x22).any() or (cells == 0x5C).any())


def _print_json(text: str) -> str:
    value = _json_of(text)
    return encode_basestring(text) if isinstance(value, str) else _dump(value)


def _json_of(text: str) -> object:
    try:
        value: object = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return text
    return value


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
