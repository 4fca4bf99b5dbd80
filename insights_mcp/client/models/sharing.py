"""Public sharing of an insight (facts/rest-api.md 9, Sharing)."""

from collections.abc import Mapping

from pydantic import Field

from insights_mcp.client.models.reading import Moment, ReadModel


class SharePassword(ReadModel):
    """A password of a share, without the password itself."""

    id: str
    note: str | None = None
    created_at: Moment = None
    created_by_email: str | None = None
    is_active: bool = True


class NewSharePassword(ReadModel):
    """A password just made. The API shows it this once; it never shows in repr."""

    id: str
    password: str = Field(default="", repr=False)
    note: str | None = None
    created_at: Moment = None
    created_by_email: str | None = None


class Sharing(ReadModel):
    """Whether an insight is public. While `enabled` is false the token is random and useless (facts/rest-api.md 9)."""

    enabled: bool = False
    access_token: str | None = None
    created_at: Moment = None
    settings: Mapping[str, object] = {}
    password_required: bool = False
    share_passwords: tuple[SharePassword, ...] = ()
