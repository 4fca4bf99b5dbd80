"""Paths below the project, with every id quoted."""

import re
from contextlib import suppress
from urllib.parse import quote

import anyio

from insights_mcp.client.caller import Caller, object_of, read_as
from insights_mcp.client.exchange import Call
from insights_mcp.client.models.projects import Project
from insights_mcp.client.models.users import Me
from insights_mcp.errors import InputError, NotFound, PermissionDenied

CURRENT = "@current"


def segment(value: int | str) -> str:
    """Return an id as one path segment.

    Raises InputError for one that would leave its place in the path.
    """
    text = str(value).strip()
    if not text or set(text) <= {"."} or len(text) > 200 or not text.isprintable():
        raise InputError(
            f"{text[:40]!r} is not an id.", advice="Use a number or a short id, for example 42 or aB3dE5fG."
        )
    return quote(text, safe="@")


def as_number(value: int | str) -> int | None:
    """Return an id written in digits as a number, else None."""
    if isinstance(value, int):
        return value
    return int(value) if re.fullmatch(r"[0-9]{1,18}", value.strip()) else None


class ProjectAddress:
    """The project that all calls are about, found at the first call when none was given."""

    def __init__(self, caller: Caller, project_id: int | None) -> None:
        self._caller = caller
        self._given = project_id
        self._project: Project | None = None
        self._segment = None if project_id is None else str(project_id)
        self._lock = anyio.Lock()

    @property
    def known_id(self) -> int | None:
        """Return the project's number if it is known without asking."""
        return self._given if self._project is None else self._project.id

    async def path(self, *parts: int | str) -> str:
        """Return `projects/<id>/<parts>/`."""
        if self._segment is None:
            async with self._lock:
                if self._segment is None:
                    self._segment = await self._find_segment()
        return "/".join(["projects", self._segment, *(segment(part) for part in parts), ""])

    async def project(self) -> Project:
        """Return the project itself."""
        if self._project is None:
            async with self._lock:
                if self._project is None:
                    self._project = await self._find_project()
                    self._segment = str(self._project.id)
        return self._project

    async def _find_segment(self) -> str:
        try:
            self._project = await self._find_project()
        except PermissionDenied:
            # A key without user:read and project:read still reaches its owner's current project by this name.
            return CURRENT
        return str(self._project.id)

    async def _find_project(self) -> Project:
        if self._given is not None:
            return await self._read_given(self._given)
        try:
            answer = await self._caller.read(Call("GET", "users/@me/", subject="the key's owner"))
        except PermissionDenied:
            answer = await self._caller.read(Call("GET", f"projects/{CURRENT}/", subject="current project"))
            return read_as(Project, object_of(answer))
        team = read_as(Me, object_of(answer)).team
        if team is None:
            raise NotFound(
                "The key's owner has no current project.", status=404, advice="Set POSTHOG_PROJECT_ID to a project."
            )
        return team

    async def _read_given(self, project_id: int) -> Project:
        call = Call("GET", f"projects/{project_id}/", subject=f"project {project_id}")
        try:
            return read_as(Project, object_of(await self._caller.read(call)))
        except PermissionDenied as denied:
            if denied.scope != "project:read":
                raise
        # Without project:read the owner's current project may tell, if it is the one given.
        team = None
        with suppress(PermissionDenied):
            team = read_as(Me, object_of(await self._caller.read(Call("GET", "users/@me/")))).team
        return team if team is not None and team.id == project_id else Project(id=project_id)
