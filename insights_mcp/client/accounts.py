"""Who the key belongs to, and which projects and organizations it reaches."""

from insights_mcp.client.addresses import segment
from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.exchange import Call
from insights_mcp.client.models.projects import Organization, Project
from insights_mcp.client.models.users import Me
from insights_mcp.client.paging import Page, read_page


class Users:
    """The key's owner."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def me(self) -> Me:
        """Return the owner of the key."""
        return read_as(Me, object_of(await self._caller.read(Call("GET", "users/@me/", subject="the key's owner"))))


class Projects:
    """The projects the key reaches."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self, *, limit: int = 100, offset: int = 0) -> Page[Project]:
        """Return the projects."""
        return await read_page(
            self._caller, "projects/", (), lambda item: read_as(Project, item), limit=limit, offset=offset
        )

    async def get(self, project_id: int) -> Project:
        """Return one project."""
        call = Call("GET", f"projects/{segment(project_id)}/", subject=f"project {project_id}")
        return read_as(Project, object_of(await self._caller.read(call)))


class Organizations:
    """The organizations the key reaches."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def list(self, *, limit: int = 100, offset: int = 0) -> Page[Organization]:
        """Return the organizations."""
        return await read_page(
            self._caller, "organizations/", (), lambda item: read_as(Organization, item), limit=limit, offset=offset
        )

    async def get(self, organization_id: str) -> Organization:
        """Return one organization."""
        call = Call("GET", f"organizations/{segment(organization_id)}/", subject=f"organization {organization_id}")
        return read_as(Organization, object_of(await self._caller.read(call)))
