"""A SQL query in words: from its name, its comment, its SELECT list, its FROM and GROUP BY."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from insights_mcp.naming.text import clean_label
from insights_mcp.naming.titles import join_names
from insights_mcp.naming.words import events_label, humanize, property_label, shorten_label, title_case

_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<text>'(?:[^'\\]|\\.|'')*(?:'|\Z))
    |(?P<name>`[^`]*`|"[^"]*"|[A-Za-z_$][\w$]*)
    |(?P<number>\d[\w.]*)
    |(?P<mark>[^\s])""",
    re.VERBOSE | re.DOTALL,
)
_CLAUSES = frozenset(
    (
        "from",
        "where",
        "prewhere",
        "group",
        "order",
        "having",
        "limit",
        "union",
        "window",
        "qualify",
        "settings",
        "array",
    )
)
_ENDS = frozenset(
    ("where", "join", "group", "order", "limit", "having", "left", "inner", "final", "sample", "on", "array")
)
_AGGREGATE = re.compile(
    r"(?:count|uniq|sum|avg|min|max|median|quantile|any|arg|group|corr|stddev|var|top|retention|windowfunnel)\w*\Z",
    re.I,
)
_TIMES = {
    "hour": "Hour",
    "day": "Day",
    "date": "Day",
    "week": "Week",
    "month": "Month",
    "quarter": "Quarter",
    "year": "Year",
    "minute": "Minute",
}
_TIME_CALL = re.compile(r"tostartof(?P<unit>hour|day|week|month|quarter|year|minute)\Z|todate\Z", re.I)
_LONGEST = 20_000
_MOST_COLUMNS = 3


@dataclass(frozen=True)
class SqlDescription:
    """A name's core and suffixes, and the sentence that describes the query."""

    core: str
    suffixes: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str

    @property
    def word(self) -> str:
        return self.text.lower()


@dataclass(frozen=True)
class _Column:
    label: str
    is_aggregate: bool
    time: str | None


def describe_sql(sql: str, given_name: str | None = None) -> SqlDescription:
    """Return the words for a SQL query; its own name or opening comment come before what is read from its parts."""
    tokens = list(_tokens(sql))
    columns, table, event = _read([token for token in tokens if token.kind != "comment"])
    described = _describe(columns, table, event)
    title = _title(given_name) or _title(_opening_comment(tokens))
    return replace(described, core=title, suffixes=()) if title else described


def describe_select(select: Sequence[str], event: str | None) -> SqlDescription | None:
    """Return the words for the columns of an events table, None when it aggregates nothing."""
    columns = []
    for text in select:
        expression, _, label = text.partition("--")
        tokens = [*_tokens(expression), *([_Token("name", "as"), _Token("name", label.strip())] if label else [])]
        columns.append(_column(tokens))
    return _describe(columns, "events", event) if any(column.is_aggregate for column in columns) else None


def _describe(columns: Sequence[_Column], table: str | None, event: str | None) -> SqlDescription:
    core, suffixes = _core(columns, table, event)
    source = humanize(table).lower() if table else "the data"
    if not table:
        return SqlDescription(core, suffixes, "Runs a custom SQL query")
    if core.startswith("Custom SQL"):
        return SqlDescription(core, suffixes, f"Runs a custom SQL query over {source}")
    if core.startswith("List of "):
        listed = core.removeprefix("List of ").split(" from ")[0]
        return SqlDescription(core, suffixes, f"Lists {listed} by SQL from {source}")
    return SqlDescription(core, suffixes, f"Shows {' '.join([core, *suffixes])}, computed by SQL from {source}")


def _tokens(sql: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(sql[:_LONGEST]):
        kind = found.lastgroup or "mark"
        text = found[0].strip('`"') if kind == "name" else found[0]
        yield _Token(kind, text)


def _read(tokens: Sequence[_Token]) -> tuple[list[_Column], str | None, str | None]:
    """Return the last outer SELECT's columns, its table, and the one event name it is about."""
    depth, start = 0, None
    for index, token in enumerate(tokens):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if depth == 0 and token.kind == "name" and token.word == "select":
            start = index + 1
    if start is None:
        return [], None, _event(tokens)
    end = _find_clause(tokens, start)
    columns = [_column(part) for part in _split(tokens[start:end]) if part]
    table = _table(tokens[end:])
    if table in _named_queries(tokens):
        table = _table(tokens)
    return columns, table, _event(tokens)


def _named_queries(tokens: Sequence[_Token]) -> set[str]:
    """Return the names of WITH queries: `name AS (`."""
    return {
        name.text
        for name, word, mark in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if word.word == "as" and mark.text == "("
    }


def _find_clause(tokens: Sequence[_Token], start: int) -> int:
    depth = 0
    for index in range(start, len(tokens)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(tokens[index].text, 0)
        if depth == 0 and tokens[index].kind == "name" and tokens[index].word in _CLAUSES:
            return index
    return len(tokens)


def _split(tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
    depth, part = 0, list[_Token]()
    for token in tokens:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if depth == 0 and token.text == ",":
            yield part
            part = []
        elif not (token.kind == "name" and token.word == "distinct" and not part):
            part.append(token)
    yield part


def _table(tokens: Sequence[_Token]) -> str | None:
    for index, token in enumerate(tokens[:-1]):
        if token.word == "from" and token.kind == "name":
            following = tokens[index + 1]
            if following.kind == "name" and following.word not in _ENDS:
                return following.text
            inner = next((deep for deep in range(index + 1, len(tokens)) if tokens[deep].word == "from"), None)
            return _table(tokens[inner:]) if inner is not None else None
    return None


def _event(tokens: Sequence[_Token]) -> str | None:
    names = {
        tokens[index + 2].text.strip("'")
        for index in range(len(tokens) - 2)
        if tokens[index].word == "event" and tokens[index + 1].text == "=" and tokens[index + 2].kind == "text"
    }
    return names.pop() if len(names) == 1 else None


def _column(tokens: Sequence[_Token]) -> _Column:
    called = [token.word for token, after in pairwise(tokens) if after.text == "("]
    aggregate = any(_AGGREGATE.match(name) for name in called)
    alias = next((tokens[i + 1].text for i in range(len(tokens) - 1) if tokens[i].word == "as"), None)
    if alias is None and len(tokens) > 1 and tokens[-1].kind == "name" and tokens[-2].text == ")":
        alias = tokens[-1].text
    time = _time(called, tokens, alias)
    if alias and len(alias) > 1 and alias.lower() not in ("value", "cnt", "count", "total", "result"):
        return _Column(title_case(humanize(alias)), aggregate, time)
    return _Column(_expression_label(called, tokens), aggregate, time)


def _time(called: Sequence[str], tokens: Sequence[_Token], alias: str | None) -> str | None:
    for name in called:
        found = _TIME_CALL.match(name)
        if found:
            return (found["unit"] or "day").title()
        if name in ("datetrunc", "date_trunc"):
            unit = next((token.text.strip("'").lower() for token in tokens if token.kind == "text"), "")
            return _TIMES.get(unit)
    return _TIMES.get((alias or "").lower())


def _expression_label(called: Sequence[str], tokens: Sequence[_Token]) -> str:
    names = [token.text for token in tokens if token.kind == "name" and token.word not in ("as", "distinct", *called)]
    last = property_label(names[-1]) if names else ""
    function = called[0] if called else ""
    if function.startswith("count") and not any(word in ("distinct",) for word in (token.word for token in tokens)):
        return "Events"
    if function.startswith(("uniq", "count")):
        people = {"person_id", "distinct_id", "id"} & {name.lower() for name in names}
        return "Unique Users" if people else f"Unique {last or 'Values'}"
    words = {"sum": "Total", "avg": "Average", "min": "Minimum", "max": "Maximum", "median": "Median"}
    word = next((text for start, text in words.items() if function.startswith(start)), "")
    return shorten_label(f"{word} {last}".strip()) or ("All Columns" if tokens and tokens[0].text == "*" else "Value")


def _core(columns: Sequence[_Column], table: str | None, event: str | None) -> tuple[str, tuple[str, ...]]:
    metrics = [column.label for column in columns if column.is_aggregate]
    others = [column for column in columns if not column.is_aggregate]
    source = humanize(table) if table else ""
    if not metrics:
        listed = join_names([column.label for column in others[:_MOST_COLUMNS]], "and")
        if others and others[0].label == "All Columns":
            return f"All Columns of {source or 'the Data'}", ()
        if not listed:
            return f"Custom SQL Query{f' on {source}' if source else ''}", ()
        return f"List of {listed}{f' from {source}' if source else ''}", ()
    things = events_label(event) if event else f"{source} Rows" if source and source.lower() != "events" else "Events"
    named = [things if label == "Events" else label for label in metrics]
    core = join_names(list(dict.fromkeys(named)), "and")
    if event and "Events" not in metrics and not any(label.lower() in things.lower() for label in named):
        core = f"{core} for {things}"
    times = [f"per {column.time}" for column in others if column.time]
    dimensions = [column.label for column in others if not column.time]
    by = [f"by {join_names(dimensions[:_MOST_COLUMNS], 'and')}"] if dimensions else []
    if not times and not by and len(core.split()) < 3:
        core = f"Total Number of {core}" if "Events" in metrics else f"Overall {core}"
    return core, (*by, *times[:1])


def _opening_comment(tokens: Sequence[_Token]) -> str | None:
    for token in tokens:
        if token.kind == "comment":
            text = token.text.removeprefix("--").removeprefix("/*").removesuffix("*/").strip(" \n*-=#")
            if text:
                return text.splitlines()[0]
        else:
            return None
    return None


def _title(text: str | None) -> str | None:
    """Return a person's own words as a title, when there are two to twelve of them."""
    words = clean_label(text or "").rstrip(".;:").split()
    return title_case(" ".join(words)) if 2 <= len(words) <= 12 else None
