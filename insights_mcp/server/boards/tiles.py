"""The tiles of a call as the caller names them: new insights, saved ones, texts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from insights_mcp.errors import InputError, QueryInvalid
from insights_mcp.schema.text import nearest
from insights_mcp.server.asking import read_query
from insights_mcp.server.boards.problems import Problems
from insights_mcp.server.layouts import COLUMNS, Cell, check_row

if TYPE_CHECKING:
    from insights_mcp.schema.queries import AnyQuery

_FIELDS = ("query", "name", "description", "tags", "id", "text")
_MOST_TILES = 40
_LONGEST_NAME = 400
_LONGEST_TEXT = 4000
_WIDTH = re.compile(r"(.+?)\s*:\s*(\d{1,2})")


@dataclass(frozen=True)
class NewInsight:
    """An insight to create."""

    query: "AnyQuery"
    name: str | None
    description: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class SavedInsight:
    """A saved insight to put on the dashboard, as the caller names it."""

    id: str


@dataclass(frozen=True)
class TextTile:
    """A text in Markdown."""

    body: str


Given = NewInsight | SavedInsight | TextTile


def read_tiles(given: Mapping[str, object], problems: Problems, notes: list[str]) -> dict[str, Given]:
    """Return the tiles by the caller's names; what is wrong with one is added to the problems."""
    if len(given) > _MOST_TILES:
        problems.add("tiles", f"{len(given)} are too many for one dashboard (at most {_MOST_TILES})")
    tiles: dict[str, Given] = {}
    for name, value in given.items():
        try:
            tiles[name] = _read_tile(value, notes)
        except QueryInvalid as invalid:
            problems.add_query(name, invalid)
        except InputError as error:
            problems.add(name, str(error))
    return tiles


def read_rows(
    given: Sequence[Sequence[str]], known: Sequence[str], problems: Problems, *, noun: str = "tile"
) -> list[list[Cell]]:
    """Return the rows with their cells; names that are not known, or come twice, are added to the problems."""
    rows: list[list[Cell]] = []
    seen: set[str] = set()
    for place, row in enumerate(given):
        cells = [cell for text in row if (cell := _read_cell(text, known, problems, noun)) is not None]
        for cell in cells:
            if cell.name in seen:
                problems.add(f"rows.{place}", f"{cell.name} is placed twice")
            seen.add(cell.name)
        wrong = check_row(cells)
        if wrong:
            problems.add(f"rows.{place}", wrong)
        if cells:
            rows.append(cells)
    return rows


def _read_cell(text: str, known: Sequence[str], problems: Problems, noun: str) -> Cell | None:
    found = _WIDTH.fullmatch(text)
    name, width = (found[1], int(found[2])) if found and text not in known else (text, None)
    if name not in known:
        near = nearest(name, known)
        problems.add("rows", f"there is no {noun} {name[:40]}{f'; did you mean {near}?' if near else ''}")
        return None
    if width is not None and not 1 <= width <= COLUMNS:
        problems.add("rows", f"{name} must be 1 to {COLUMNS} columns wide, not {width}")
        return None
    return Cell(name, width)


def _read_tile(value: object, notes: list[str]) -> Given:
    if isinstance(value, int) and not isinstance(value, bool):
        return SavedInsight(str(value))
    if isinstance(value, str):
        return _read_plain(value, notes)
    if not isinstance(value, Mapping):
        raise InputError("must be {query, name}, an insight's id, or {text}")
    if "kind" in value:
        return NewInsight(read_query(dict(value), notes), None)
    for field in value:
        if field not in _FIELDS:
            near = nearest(str(field), _FIELDS)
            meant = f"did you mean {near}?" if near else f"known are {', '.join(_FIELDS)}"
            raise InputError(f"{str(field)[:40]} is not known; {meant}")
    if "text" in value:
        return _read_text(value["text"])
    if value.get("id") is not None:
        return SavedInsight(str(value["id"]))
    if value.get("query") is None:
        raise InputError("needs query, id or text")
    return NewInsight(
        read_query(value["query"], notes),
        _read_name(value.get("name"), "name"),
        _read_name(value.get("description"), "description"),
        _read_tags(value.get("tags")),
    )


def _read_plain(text: str, notes: list[str]) -> Given:
    """Read a text in place of an object: an id, or a query as JSON or SQL."""
    if text.lstrip().startswith("{") or re.match(r"\s*(select|with)\b", text, re.IGNORECASE):
        return NewInsight(read_query(text, notes), None)
    return SavedInsight(text)


def _read_text(value: object) -> TextTile:
    if not isinstance(value, str) or not value.strip():
        raise InputError("text must be text")
    if len(value) > _LONGEST_TEXT:
        raise InputError(f"text is longer than {_LONGEST_TEXT} characters")
    return TextTile(value)


def _read_name(value: object, field: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_NAME:
        raise InputError(f"{field} must be text of at most {_LONGEST_NAME} characters")
    return value.strip() or None


def _read_tags(value: object) -> tuple[str, ...]:
    tags = [value] if isinstance(value, str) else value
    if tags is None:
        return ()
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise InputError("tags must be a list of texts")
    return tuple(tags)
