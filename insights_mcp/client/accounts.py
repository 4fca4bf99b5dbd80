"""Who the key belongs to, and which projects and organizations it reaches."""

from insights_mcp.client.models.projects import Organization, Project
from insights_mcp.client.models.users import Me
from insights_mcp.client.paging import Page


class Users:
    """The key's owner."""

    async def me(self) -> Me:
        """Return the owner of the key."""
        raise NotImplementedError


class Projects:
    """The projects the key reaches."""

    async def list(self, *, limit: int = 100, offset: int = 0) -> Page[Project]:
        """Return the projects."""
        raise NotImplementedError

    async def get(self, project_id: int) -> Project:
        """Return one project."""
        raise NotImplementedError


class Organizations:
    """The organizations the key reaches."""

    async def list(self, *, limit: int = 100, offset: int = 0) -> Page[Organization]:
        """Return the organizations."""
        raise NotImplementedError

    async def get(self, organization_id: str) -> Organization:
        """Return one organization."""
        raise NotImplementedError
