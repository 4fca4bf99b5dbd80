"""People, and what a key tells of its owner."""

from insights_mcp.client.models.projects import Organization, Project
from insights_mcp.client.models.reading import Moment, ReadModel


class User(ReadModel):
    """A person as other objects name them (`created_by`, viewers, activity)."""

    id: int | None = None
    uuid: str | None = None
    distinct_id: str | None = None
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    is_system: bool = False

    @property
    def name(self) -> str:
        """Return the full name, else the address."""
        return f"{self.first_name} {self.last_name}".strip() or self.email


class Me(User):
    """The key's owner with their current project and organizations (users/@me)."""

    date_joined: Moment = None
    team: Project | None = None
    organization: Organization | None = None
    organizations: tuple[Organization, ...] = ()
