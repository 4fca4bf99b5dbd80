r"""The one door to YAML: JSON-like data from text, with the line of everything in it, and text from data.

Read are plain documents only, in the words of YAML 1.2 (`no` is a text): no tags, so nothing is ever constructed; no
aliases, so nothing grows; no key twice; bounded in size and depth. Written is one form per data, with every invisible
character escaped, so that a text is what it looks like.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from insights_mcp.render.marking import mark

MAX_CHARACTERS = 2_000_000
_MAX_DEPTH = 64
_MAX_NODES = 100_000
_MAX_DIGITS = 300
_ENDLESS = 1 << 30
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
# What other readers take for something else than a text, and PyYAML's own rules (YAML 1.1) do not.
_ELSEWHERE_NO_TEXT = re.compile(rf"{_NUMBER.pattern}|0o[0-7]+|[-+]?\.(inf|Inf|INF)")

Path = tuple[str | int, ...]


class NotYaml(Exception):
    """A text is not what can be read here. `line` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class Document:
    """One document: its data, and at which line each part of it begins."""

    data: object
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line_of(self, path: Sequence[str | int]) -> int:
        """Return the line of the part at a path, or of the nearest part around it."""
        parts = tuple(path)
        while parts and parts not in self.lines:
            parts = parts[:-1]
        return self.lines.get(parts, 1)


def read_documents(text: str) -> list[Document]:
    """Return the documents of a text; empty ones are left out.

    Raises NotYaml at the first thing that cannot be read.
    """
    import yaml

    text = text.removeprefix("\ufeff")
    if len(text) > MAX_CHARACTERS:
        raise NotYaml(1, f"is longer than {MAX_CHARACTERS:,} characters")
    if (strange := _CONTROL.search(text)) is not None:
        line = text.count("\n", 0, strange.start()) + 1
        raise NotYaml(line, f"holds a control character ({mark(strange.group())})")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is there on most platforms; ten times as fast
    try:
        return list(_Reader(yaml.parse(text, Loader=loader)).documents())
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        raise NotYaml(place.line + 1 if place else 1, f"is not YAML: {mark(error.problem or 'broken')[:160]}") from None
    except yaml.YAMLError:
        raise NotYaml(1, "is not YAML") from None


class _Reader:
    """Builds data from the parser's events, which come one by one: a bomb is refused before it grows."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._lines: dict[Path, int] = {}
        self._nodes = 0

    def documents(self) -> Iterator[Document]:
        """Yield each document."""
        from yaml import DocumentStartEvent

        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                self._lines = {}
                data = self._read(next(self._events), ())
                if data is not None:
                    yield Document(data, self._lines)

    def _read(self, event: Any, path: Path) -> object:
        from yaml import AliasEvent, MappingStartEvent, ScalarEvent

        line = event.start_mark.line + 1
        self._lines[path] = line
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise NotYaml(line, f"holds more than {_MAX_NODES:,} values")
        if len(path) > _MAX_DEPTH:
            raise NotYaml(line, f"is nested more than {_MAX_DEPTH} deep")
        if isinstance(event, AliasEvent):
            raise NotYaml(line, "uses an alias (*name): write out what is meant")
        if event.tag is not None and event.tag != "!":
            raise NotYaml(line, f"uses the tag {mark(str(event.tag))[:60]}: only plain data is read")
        if isinstance(event, ScalarEvent):
            return _scalar(event.value, line) if event.implicit[0] else event.value
        return self._mapping(path) if isinstance(event, MappingStartEvent) else self._sequence(path)

    def _mapping(self, path: Path) -> dict[str, object]:
        from yaml import MappingEndEvent, ScalarEvent

        found: dict[str, object] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, ScalarEvent):
                raise NotYaml(line, "has a key that is no text")
            if event.value in found:
                raise NotYaml(line, f"has the key {mark(event.value)[:60]} twice")
            inner = (*path, event.value)
            found[event.value] = self._read(next(self._events), inner)
            self._lines[inner] = line
        return found

    def _sequence(self, path: Path) -> list[object]:
        from yaml import SequenceEndEvent

        found: list[object] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            found.append(self._read(event, (*path, len(found))))
        return found


def _scalar(text: str, line: int) -> object:
    """Return what an unquoted word means in YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) > _MAX_DIGITS:
        return text
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise NotYaml(line, f"holds a number that is too large ({text[:40]})")
        return number
    return text


def write_document(data: object) -> str:
    """Return JSON-like data as YAML, keys in the order given: the same text for the same data, always."""
    import yaml

    text: str = yaml.dump(
        data, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=_ENDLESS, default_flow_style=False
    )
    return text


class Row(dict[str, object]):
    """An object that is written in one line, such as a place on a grid."""


class Listing(list[object]):
    """A list that is written in one line, such as tags."""


@cache
def _dumper() -> type[Any]:
    """Return the dumper; a class made late, as the library is imported only when it is needed."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Indents lists, writes long texts as blocks, and shows what cannot be seen."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002  # always in
            super().increase_indent(flow, False)

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # whatever it is, it is written out
            return True

        def analyze_scalar(self, scalar: str) -> Any:
            analysis = super().analyze_scalar(scalar)
            if mark(scalar.replace("\n", "")) != scalar.replace("\n", ""):
                analysis.allow_flow_plain = analysis.allow_block_plain = False
                analysis.allow_single_quoted = analysis.allow_block = False
            return analysis

        def write_double_quoted(self, text: str, split: bool = True) -> None:  # noqa: ARG002  # never split
            self.allow_unicode = mark(text.replace("\n", "")) == text.replace("\n", "")
            super().write_double_quoted(text, False)
            self.allow_unicode = True

    def write_text(dumper: Any, text: str) -> Any:
        text = _SURROGATE.sub("\ufffd", text)  # half a character: no file can hold it
        style = "|" if "\n" in text else "'" if _ELSEWHERE_NO_TEXT.fullmatch(text) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, write_text)
    Dumper.add_representer(
        Row, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=True)
    )
    Dumper.add_representer(
        Listing, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
    )
    return Dumper
