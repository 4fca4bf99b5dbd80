"""Functions that mean something else in HogQL than in ClickHouse, or are called otherwise there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.channels import LOOKUPS, look_up_channel
from insights_mcp.local.hogql.conversions import (
    Conversion,
    accurate,
    texts,
    to_date,
    to_float,
    to_string,
)
from insights_mcp.local.hogql.errors import HogQLQueryError
from insights_mcp.local.hogql.functions.languages import LANGUAGES
from insights_mcp.local.hogql.functions.moments import MOMENTS
from insights_mcp.local.hogql.functions.registry import Arity
from insights_mcp.local.hogql.functions.surveys import keep_last_submissions, read_answer
from insights_mcp.local.hogql.sources import Setting
from insights_mcp.local.hogql.sql import Sql
from insights_mcp.local.hogql.sqltypes import BOOL, INT, STRING, SqlType, array_of, unite

Print = Callable[[Sequence[Sql], Setting], Sql]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A function printed by a rule of its own."""

    arguments: Arity
    print: Print


@dataclass(frozen=True, slots=True)
class TreeRewrite:
    """A function that is short for another expression."""

    arguments: Arity
    rewrite: Callable[[ast.Call], ast.Expr]


def find_rewrite(name: str) -> Rewrite | None:
    """Return the rule for a function of that name, in any case."""
    return REWRITES.get(name) or _by_lower_case().get(name.lower())


@cache
def _by_lower_case() -> Mapping[str, Rewrite]:
    return {name.lower(): rewrite for name, rewrite in REWRITES.items()}


def _converted(conversion: Conversion) -> Rewrite:
    return Rewrite(Arity(1, 1), lambda args, setting: conversion(args[0], setting))


def _plain(least: int, most: int | None, sql: str, type_: SqlType) -> Rewrite:
    return Rewrite(Arity(least, most), lambda args, _: Sql(f"{sql}({texts(args)})", type_))


def _to_string(args: Sequence[Sql], setting: Setting) -> Sql:
    if len(args) == 1:
        return to_string(args[0], setting)
    return Sql(f"toString({texts(args)})", SqlType("string", args[0].type.nullable))


def _to_decimal(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    scale = args[1].constant if len(args) > 1 else 4
    if isinstance(scale, bool) or not isinstance(scale, int) or not 0 <= scale <= 18:
        raise HogQLQueryError("The scale of toDecimal() is a whole number from 0 to 18.")
    return Sql(f"accurateCastOrNull({args[0].text}, 'Decimal64({scale})')", SqlType("float"))


def _concat(args: Sequence[Sql], setting: Setting) -> Sql:
    """Join texts; nulls are empty and other values are written out, unlike in ClickHouse."""
    parts = []
    for arg in args:
        if arg.type.kind == "null":
            parts.append("''")
            continue
        text = to_string(arg, setting)
        parts.append(f"ifNull({text.text}, '')" if text.type.nullable else text.text)
    return Sql(f"concat({', '.join(parts)})", STRING)


def _if_null(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    type_ = unite([args[0].type.with_nullable(False), args[1].type])
    return Sql(f"ifNull({texts(args)})", type_.with_nullable(args[1].type.nullable))


def _coalesce(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    type_ = unite([arg.type for arg in args])
    return Sql(f"coalesce({texts(args)})", type_.with_nullable(all(arg.type.nullable for arg in args)))


def _null_if(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    return Sql(f"nullIf({texts(args)})", args[0].type.with_nullable(True))


def _with_nullable(name: str, *, nullable: bool) -> Rewrite:
    return Rewrite(Arity(1, 1), lambda args, _: Sql(f"{name}({args[0].text})", args[0].type.with_nullable(nullable)))


def _if(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    return Sql(f"if({texts(args)})", unite([args[1].type, args[2].type]))


def _multi_if(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
    if len(args) % 2 == 0:
        raise HogQLQueryError("multiIf() takes pairs of condition and value, and one value for all else.")
    return Sql(f"multiIf({texts(args)})", unite([*(one.type for one in args[1::2]), args[-1].type]))


def _language_name(args: Sequence[Sql], setting: Setting) -> Sql:
    codes = setting.parameters.bind(list(LANGUAGES), "Array(String)")
    names = setting.parameters.bind(list(LANGUAGES.values()), "Array(String)")
    return Sql(f"transform({args[0].text}, {codes}, {names}, 'Unknown')", args[0].type)


# Three numbers without leading zeros, perhaps after a v or before a suffix; anything else has no place in the order.
_VERSION = r"^\s*v?((0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*))(?:[-+][^\s]*)?\s*$"


def _sortable_version(args: Sequence[Sql], setting: Setting) -> Sql:
    """Print the numbers of a version as an array, [null] for what is none."""
    pattern = setting.parameters.bind(_VERSION)
    text = f"coalesce(nullIf(extract(assumeNotNull({args[0].text}), {pattern}), ''), '_')"
    numbers = f"arrayMap(part -> toInt64OrNull(part), splitByChar('.', {text}))"
    return Sql(numbers, array_of(INT.with_nullable(True)))


def _recording_button(node: ast.Call) -> ast.Expr:
    status = node.args[1] if len(node.args) > 1 else ast.Field(("properties", "$recording_status"))
    tag = [ast.Constant(text) for text in ("__hx_tag", "RecordingButton", "sessionId", "recordingStatus")]
    return ast.Tuple([tag[0], tag[1], tag[2], node.args[0], tag[3], status])


def _tag(kind: str, *names: str) -> Print:
    def print_tag(args: Sequence[Sql], setting: Setting) -> Sql:  # noqa: ARG001  # every rule's form
        parts = [f"'{name}', {arg.text}" for name, arg in zip(names, args, strict=False)]
        return Sql(f"tuple('__hx_tag', '{kind}', {', '.join(parts)})", SqlType("tuple", nullable=False))

    return print_tag


def _channel(name: str) -> Rewrite:
    return Rewrite(Arity(1, 1), lambda args, _: Sql(look_up_channel(name, args[0].text), SqlType("string")))


REWRITES: Mapping[str, Rewrite] = {
    **{name: _channel(name) for name in LOOKUPS},
    **{name: Rewrite(Arity(*arity), function) for name, (arity, function) in MOMENTS.items()},
    "toInt": _converted(accurate("Int64", "int")),
    "toFloat": _converted(to_float),
    "toDecimal": Rewrite(Arity(1, 2), _to_decimal),
    "toUUID": _converted(accurate("UUID", "uuid")),
    "toString": Rewrite(Arity(1, 2), _to_string),
    "toNullableString": _converted(accurate("Nullable(String)", "string")),
    "toBool": Rewrite(
        Arity(1, 1), lambda args, _: Sql(f"toBool({args[0].text})", BOOL.with_nullable(args[0].type.nullable))
    ),
    # exact names before those in any case: MD5 is ClickHouse's own
    "MD5": _plain(1, 1, "MD5", STRING),
    "md5": Rewrite(
        Arity(1, 1), lambda args, _: Sql(f"hex(MD5({args[0].text}))", STRING.with_nullable(args[0].type.nullable))
    ),
    "sortableSemver": Rewrite(Arity(1, 1), _sortable_version),
    "toDate": _converted(to_date),
    "to_date": _converted(to_date),
    "toIntOrZero": _plain(1, 1, "toInt64OrZero", SqlType("int", nullable=False)),
    "toFloatOrZero": _plain(1, 1, "toFloat64OrZero", SqlType("float", nullable=False)),
    "toFloatOrDefault": _plain(1, 2, "toFloat64OrDefault", SqlType("float", nullable=False)),
    "toUUIDOrDefault": _plain(2, 2, "toUUIDOrDefault", SqlType("uuid", nullable=False)),
    "isNull": _plain(1, 1, "isNull", BOOL),
    "isNotNull": _plain(1, 1, "isNotNull", BOOL),
    "ifNull": Rewrite(Arity(2, 2), _if_null),
    "nullIf": Rewrite(Arity(2, 2), _null_if),
    "coalesce": Rewrite(Arity(1, None), _coalesce),
    "assumeNotNull": _with_nullable("assumeNotNull", nullable=False),
    "toNullable": _with_nullable("toNullable", nullable=True),
    "if": Rewrite(Arity(3, 3), _if),
    "multiIf": Rewrite(Arity(3, None), _multi_if),
    "concat": Rewrite(Arity(1, None), _concat),
    "languageCodeToName": Rewrite(Arity(1, 1), _language_name),
    "sparkline": Rewrite(Arity(1, 1), _tag("Sparkline", "data")),
    "explainCSPReport": Rewrite(Arity(1, 1), _tag("ExplainCSPReport", "properties")),
}


# Rewritten functions that are null when their argument is.
NULL_KEEPING = frozenset(("toInt", "toFloat", "toDecimal", "toUUID", "toString", "toBool", "toDate", "toDateTime"))


def _call(name: str, *args: ast.Expr) -> ast.Call:
    return ast.Call(name, args)


def _case(node: ast.Call) -> ast.Expr:
    """Return CASE x WHEN a THEN b ... ELSE c END."""
    subject, *rest = node.args
    branches: list[ast.Expr] = []
    for when, then in zip(rest[0:-1:2], rest[1::2], strict=True):
        branches += [ast.CompareOperation(subject, "==", when), then]
    return _call("multiIf", *branches, rest[-1])


def _split_part(node: ast.Call) -> ast.Expr:
    text, separator, index = node.args
    return _call("arrayElement", _call("splitByString", separator, text), index)


def _string_agg(node: ast.Call) -> ast.Expr:
    return _call("arrayStringConcat", _call("groupArray", node.args[0]), node.args[1])


def _operator(op: ast.ArithmeticOp) -> TreeRewrite:
    return TreeRewrite(Arity(2, 2), lambda node: ast.ArithmeticOperation(node.args[0], op, node.args[1]))


TREE_REWRITES: Mapping[str, TreeRewrite] = {
    "plus": _operator("+"),
    "minus": _operator("-"),
    "multiply": _operator("*"),
    "divide": _operator("/"),
    "modulo": _operator("%"),
    "and": TreeRewrite(Arity(1, None), lambda node: ast.And(node.args)),
    "or": TreeRewrite(Arity(1, None), lambda node: ast.Or(node.args)),
    "not": TreeRewrite(Arity(1, 1), lambda node: ast.Not(node.args[0])),
    "_casewithexpression": TreeRewrite(Arity(4, None), _case),
    **dict.fromkeys(("recordingbutton", "recording_button"), TreeRewrite(Arity(1, 2), _recording_button)),
    "getsurveyresponse": TreeRewrite(Arity(1, 3), read_answer),
    "uniquesurveysubmissionsfilter": TreeRewrite(Arity(1, 3), keep_last_submissions),
    "split_part": TreeRewrite(Arity(3, 3), _split_part),
    "string_agg": TreeRewrite(Arity(2, 2), _string_agg),
    "json_agg": TreeRewrite(Arity(1, 1), lambda node: _call("toJSONString", _call("groupArray", node.args[0]))),
    "every": TreeRewrite(Arity(1, 1), lambda node: _call("toBool", _call("min", node.args[0]))),
    "bool_and": TreeRewrite(Arity(1, 1), lambda node: _call("toBool", _call("min", node.args[0]))),
    "bool_or": TreeRewrite(Arity(1, 1), lambda node: _call("toBool", _call("max", node.args[0]))),
    "avgarray": TreeRewrite(Arity(1, 1), lambda node: _call("avgArrayOrNull", node.args[0])),
    "medianarray": TreeRewrite(Arity(1, 1), lambda node: _call("medianArrayOrNull", node.args[0])),
}
