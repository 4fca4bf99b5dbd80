"""Properties inside JSON text (facts/queries.md 1.0, Extraction)."""

from collections.abc import Sequence

from insights_mcp.local.hogql.context import HogQLContext
from insights_mcp.local.hogql.errors import HogQLQueryError
from insights_mcp.local.hogql.sql import Key, Sql
from insights_mcp.local.hogql.sqltypes import SqlType
from insights_mcp.local.hogql.values import Parameters, print_timezone

MAX_DEPTH = 20
_TEXT = SqlType("string", nullable=True)
# What PostHog makes of a property: the raw JSON without its quotes, escapes left as they are. JSONExtract reads the
# same in half the time where nothing is escaped, so the slow way is for documents with a backslash only.
_EXTRACT = (
    "if(position({column}, '\\\\') > 0, "
    "replaceRegexpAll(nullIf(nullIf(JSONExtractRaw({column}, {keys}), ''), 'null'), '^\"|\"$', ''), "
    "JSONExtract({column}, {keys}, 'Nullable(String)'))"
)

# The text read as a number, without the text. JSON truth values are numbers to ClickHouse, and to PostHog they are not.
_NUMBER = (
    "if(JSONExtract({column}, {keys}, 'Nullable(Float64)') IN (0, 1) AND JSONType({column}, {keys}) = 'Bool', NULL, "
    "JSONExtract({column}, {keys}, 'Nullable(Float64)'))"
)


def extract_text(column: str, keys: Sequence[Key], parameters: Parameters) -> Sql:
    """Return the text of a property: null when missing or null, JSON text when it is an object or a list.

    Raises HogQLQueryError for a path deeper than any real one.
    """
    if len(keys) > MAX_DEPTH:
        raise HogQLQueryError(f"A property path has more than {MAX_DEPTH} parts.")
    printed = ", ".join(parameters.bind(key) if isinstance(key, str) else str(key) for key in keys)
    number = _NUMBER.format(column=column, keys=printed)
    return Sql(_EXTRACT.format(column=column, keys=printed), _TEXT, number=number, document=column)


def hot_column(column: str) -> Sql:
    """Return the text of a property that has a column of its own."""
    return Sql(column, _TEXT, number=f"accurateCastOrNull({column}, 'Float64')")


def convert_property(text: Sql, entity: str | None, keys: Sequence[Key], context: HogQLContext) -> Sql:
    """Return the text as the type that the registry gives the property."""
    if entity is None or len(keys) != 1:
        return text
    declared = context.property_types.type_of(entity, str(keys[0]))
    if declared == "Numeric":
        return Sql(text.number or f"accurateCastOrNull({text.text}, 'Float64')", SqlType("float"))
    if declared == "Boolean":
        return Sql(f"toBool(transform({text.text}, ['true', 'false'], [1, 0], NULL))", SqlType("bool"))
    if declared == "DateTime":
        zone = print_timezone(context.timezone)
        return Sql(f"parseDateTime64BestEffortOrNull({text.text}, 6, {zone})", SqlType("datetime"))
    return text
