"""The base of every request model."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Model(BaseModel):
    """A request body: unknown keys are refused, instances never change.

    An explicit null stands for "not given" wherever the field has a default of its own, so readers of
    `query.interval` or `query.trendsFilter` never meet None there (PostHog accepts null for every optional field).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Show what was given; the defaults would bury it."""
        return [(name, value) for name, value in super().__repr_args__() if name in self.model_fields_set]

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        replaceable = _fields_with_default(cls)
        if any(item is None and key in replaceable for key, item in value.items()):
            return {key: item for key, item in value.items() if item is not None or key not in replaceable}
        return value


@cache
def _fields_with_default(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(
        name
        for name, field in model.model_fields.items()
        if not field.is_required() and (field.default_factory is not None or field.default is not None)
    )
