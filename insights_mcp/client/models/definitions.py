"""Which events and properties a project has."""

from pydantic import field_validator

from insights_mcp.client.models.reading import Moment, ReadModel
from insights_mcp.client.models.users import User


class EventDefinition(ReadModel):
    """An event that was seen. Description, owner and verified come from paid plans only."""

    id: str
    name: str
    created_at: Moment = None
    last_seen_at: Moment = None
    tags: tuple[str, ...] = ()
    description: str | None = None
    verified: bool = False
    hidden: bool = False
    created_by: User | None = None


class PropertyDefinition(ReadModel):
    """A property that was seen. `property_type` is String, Numeric, Boolean, DateTime or None."""

    id: str
    name: str
    property_type: str | None = None
    is_numerical: bool = False
    is_seen_on_filtered_events: bool | None = None
    tags: tuple[str, ...] = ()
    description: str | None = None
    verified: bool = False
    hidden: bool = False


class PropertyValue(ReadModel):
    """A value that a property was seen with. `count` comes from some servers only."""

    name: str = ""
    count: int | None = None

    @field_validator("name", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else str(value)
