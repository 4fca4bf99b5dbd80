"""Fields of a request body, read and refused as the API's serializers do (facts/rest-api.md 2.2, field codes)."""

from collections.abc import Mapping

from insights_mcp.local.problems import invalid

_TRUE = frozenset({"t", "y", "yes", "true", "on", "1"})
_FALSE = frozenset({"f", "n", "no", "false", "off", "0"})
MAX_INTEGER = (1 << 31) - 1

Fields = Mapping[str, object]


def read_text(
    fields: Fields, name: str, *, limit: int | None = None, nullable: bool = True, blank: bool = True
) -> str | None:
    """Return a text without surrounding white space; numbers count as text. Raises Problem."""
    value = fields.get(name)
    if value is None:
        if nullable:
            return None
        raise invalid("This field may not be null.", attr=name, code="null")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise invalid("Not a valid string.", attr=name)
    text = str(value).strip()
    if "\0" in text:
        raise invalid("Null characters are not allowed.", attr=name, code="null_characters_not_allowed")
    if not text and not blank:
        raise invalid("This field may not be blank.", attr=name, code="blank")
    if limit is not None and len(text) > limit:
        raise invalid(f"Ensure this field has no more than {limit} characters.", attr=name, code="max_length")
    return text


def read_flag(fields: Fields, name: str) -> bool:
    """Return a boolean, also from its usual spellings. Raises Problem."""
    value = fields.get(name)
    if value is None:
        raise invalid("This field may not be null.", attr=name, code="null")
    if isinstance(value, bool):
        return value
    spelled = str(value).strip().lower() if isinstance(value, str | int) else ""
    if spelled in _TRUE | _FALSE:
        return spelled in _TRUE
    raise invalid("Must be a valid boolean.", attr=name)


def read_integer(fields: Fields, name: str) -> int | None:
    """Return a whole number of 32 bits, or None for null. Raises Problem."""
    value = fields.get(name)
    if value is None:
        return None
    number = _integer(value)
    if number is None:
        raise invalid("A valid integer is required.", attr=name)
    if number > MAX_INTEGER:
        detail = f"Ensure this value is less than or equal to {MAX_INTEGER}."
        raise invalid(detail, attr=name, code="max_value")
    if number < -MAX_INTEGER - 1:
        detail = f"Ensure this value is greater than or equal to {-MAX_INTEGER - 1}."
        raise invalid(detail, attr=name, code="min_value")
    return number


def read_list(fields: Fields, name: str) -> list[object]:
    """Return a list. Raises Problem."""
    value = fields.get(name)
    if value is None:
        raise invalid("This field may not be null.", attr=name, code="null")
    if not isinstance(value, list):
        detail = f'Expected a list of items but got type "{type(value).__name__}".'
        raise invalid(detail, attr=name, code="not_a_list")
    return value


def read_object(fields: Fields, name: str, detail: str) -> Mapping[str, object] | None:
    """Return a JSON object, or None for null. Raises Problem with the given detail."""
    value = fields.get(name)
    if value is None or isinstance(value, dict):
        return value
    raise invalid(detail, attr=name)


def read_choice(fields: Fields, name: str, choices: tuple[str, ...]) -> str:
    """Return one of the choices. Raises Problem."""
    value = fields.get(name)
    if isinstance(value, str) and value in choices:
        return value
    raise invalid(f'"{value}" is not a valid choice.', attr=name, code="invalid_choice")


def read_keys(fields: Fields, name: str) -> list[int]:
    """Return a list of object numbers, once each, in the order given. Raises Problem."""
    keys: dict[int, None] = {}
    for value in read_list(fields, name):
        keys[read_key(value, name)] = None
    return list(keys)


def read_key(value: object, name: str) -> int:
    """Return an object's number. Raises Problem."""
    number = None if isinstance(value, float) else _integer(value)
    if number is None:
        detail = f"Incorrect type. Expected pk value, received {type(value).__name__}."
        raise invalid(detail, attr=name, code="incorrect_type")
    if not 0 <= number <= MAX_INTEGER:
        raise unknown_key(number, name)
    return number


def unknown_key(number: object, name: str) -> Exception:
    """400: no object with this number."""
    return invalid(f'Invalid pk "{number}" - object does not exist.', attr=name, code="does_not_exist")


def _integer(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if isinstance(value, str) and len(value) <= 20:
        digits = value.strip().removeprefix("-")
        return int(value) if digits.isascii() and digits.isdecimal() else None
    return None
