"""Projects and organizations."""

from insights_mcp.client.models.reading import Moment, ReadModel


class Project(ReadModel):
    """A project. `organization` is the organization's id."""

    id: int
    uuid: str | None = None
    name: str = ""
    organization: str | None = None
    timezone: str = "UTC"
    is_demo: bool = False
    ingested_event: bool = False
    access_control: bool = False
    created_at: Moment = None


class Organization(ReadModel):
    """An organization; `teams` (its projects) come only with the detailed form."""

    id: str
    name: str = ""
    slug: str | None = None
    membership_level: int | None = None
    is_active: bool = True
    teams: tuple[Project, ...] = ()
