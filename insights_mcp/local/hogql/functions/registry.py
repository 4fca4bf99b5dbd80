"""Finding a function by its HogQL name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from insights_mcp.local.hogql.functions import (
    aggregates,
    arithmetic,
    collections,
    dates,
    documents,
    strings,
    trusted,
)
from insights_mcp.schema.text import nearest


@dataclass(frozen=True, slots=True)
class Arity:
    """How many there may be; `most` None for any number."""

    least: int
    most: int | None

    def allows(self, count: int) -> bool:
        """Return whether so many may be given."""
        return count >= self.least and (self.most is None or count <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.least}"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Function:
    """A function: its HogQL name, ClickHouse's, and what it takes and gives.

    `returns` is a type kind, or "same" (as all arguments), "first", "second", "last" (as that argument), "item" (of the
    first), "ints" and "strings" (arrays of them), "number". `nulls`: "args" (null when an argument is), "never",
    "always".
    """

    name: str
    sql: str
    arguments: Arity
    parameters: Arity
    returns: str
    nulls: str = "args"
    is_aggregate: bool = False
    is_window: bool = False


def find_function(name: str, *, is_trusted: bool = False) -> Function | None:
    """Return the function of that name, in any case where no other has it; None when it is not on the lists."""
    known = _functions()
    found = known.get(name) or _find_combined(name) or _by_lower_case().get(name.lower())
    if found is None and is_trusted:
        found = _trusted().get(name)
    return found


def is_aggregate(name: str) -> bool:
    """Return whether a function of that name is an aggregate."""
    found = find_function(name)
    return found is not None and found.is_aggregate


def nearest_function(name: str, others: Sequence[str] = ()) -> str | None:
    """Return the known name that looks most like the given one."""
    return nearest(name, [*_functions(), *others])


def all_functions() -> Mapping[str, Function]:
    """Return every function that callers may use, by name, without the combinators."""
    return _functions()


def _find_combined(name: str) -> Function | None:
    """Return an aggregate with suffixes: the last suffix is the outermost."""
    for suffix, more in aggregates.COMBINATORS.items():
        inner = name.removesuffix(suffix)
        if not inner or inner == name:
            continue
        base = _functions().get(inner) or _find_combined(inner)
        if base is None or not base.is_aggregate:
            continue
        most = base.arguments.most
        arguments = Arity(base.arguments.least + more, None if most is None else most + more)
        returns, nulls = _combined_result(suffix, base)
        if suffix == "Merge":
            arguments = Arity(1, 1)
        return replace(base, name=name, sql=base.sql + suffix, arguments=arguments, returns=returns, nulls=nulls)
    return None


def _combined_result(suffix: str, base: Function) -> tuple[str, str]:
    if suffix == "State":
        return "state", "never"
    if suffix == "OrNull":
        return base.returns, "always"
    if suffix in ("ForEach", "Map", "Array", "Merge"):
        return ("unknown" if base.returns in ("same", "first", "number") else base.returns), base.nulls
    if suffix in ("ArgMin", "ArgMax"):
        return ("first" if base.returns == "same" else base.returns), base.nulls
    return ("first" if base.returns in ("same", "number") else base.returns), base.nulls


@cache
def _functions() -> Mapping[str, Function]:
    found: dict[str, Function] = {}
    for family in (arithmetic, strings, dates, collections, documents):
        found.update((one.name, one) for one in _read(family.FUNCTIONS))
    for one in _read(aggregates.FUNCTIONS):
        found[one.name] = replace(one, is_aggregate=True)
    for one in _read(aggregates.WINDOW_FUNCTIONS):
        found[one.name] = replace(one, is_window=True)
    return found


@cache
def _by_lower_case() -> Mapping[str, Function]:
    return {name.lower(): function for name, function in reversed(list(_functions().items()))}


@cache
def _trusted() -> Mapping[str, Function]:
    return {one.name: one for one in _read(trusted.FUNCTIONS)}


def _read(table: str) -> Iterator[Function]:
    """Read lines of `arguments returns[!?][/parameters]: name name=clickhouse_name ...`."""
    for line in filter(None, table.splitlines()):
        signature, _, names = line.partition(":")
        arguments, _, result = signature.partition(" ")
        result, _, parameters = result.partition("/")
        nulls = {"!": "never", "?": "always"}.get(result[-1], "args")
        for name in names.split():
            plain, _, sql = name.partition("=")
            yield Function(
                plain, sql or plain, _arity(arguments), _arity(parameters or "0"), result.rstrip("!?"), nulls
            )


def _arity(text: str) -> Arity:
    least, dash, most = text.partition("-")
    if not dash:
        return Arity(int(least), int(least))
    return Arity(int(least), int(most) if most else None)
