"""The lenient base of every read model."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, ValidationError, WrapValidator, model_validator


class ReadModel(BaseModel):
    """A piece of an answer. Unknown keys are kept as extras; a null counts as missing, so the default applies."""

    # defer_build: validators are built at the first answer, not while a client waits for the handshake.
    model_config = ConfigDict(
        extra="allow",
        frozen=True,
        protected_namespaces=(),
        populate_by_name=True,
        coerce_numbers_to_str=True,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        return {key: item for key, item in value.items() if item is not None}


def _none_if_invalid(value: object, read: Callable[[object], datetime | None]) -> datetime | None:
    try:
        return read(value)
    except ValidationError:
        return None


Moment = Annotated[datetime | None, WrapValidator(_none_if_invalid)]
"""A point in time; None when missing or written in a way we cannot read."""
