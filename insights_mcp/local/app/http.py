"""What an endpoint is: declared with `endpoint`, called with a `Call`, answering an `Answer` or raising a Problem."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from insights_mcp.local.app.auth import Login
from insights_mcp.local.app.body import Body
from insights_mcp.local.app.params import Params
from insights_mcp.local.backend import Backend
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.projects import Team
from insights_mcp.local.store.users import User

# SQLite's largest integer; no object has a higher number.
MAX_ID = (1 << 63) - 1


class Level(Enum):
    """Where an endpoint stands, which decides what a restricted key may do there (facts/rest-api.md 2.4)."""

    PROJECT = "/api/projects/{project_id}"
    ORGANIZATION = "/api/organizations/{organization_id}"
    USER = "/api"  # exempt from a key's project and organization restrictions
    PUBLIC = ""  # no key; the path is absolute


@dataclass(frozen=True)
class Answer:
    """A successful answer: JSON unless `media_type` says that `body` is text or bytes of another kind.

    A body that is an iterator of bytes is sent piece by piece.
    """

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"
    is_empty: bool = False


def empty(status: int, **headers: str) -> Answer:
    """Return an answer without a body."""
    return Answer(status=status, headers=headers, is_empty=True)


@dataclass(frozen=True)
class Call:
    """One request after authentication, as a handler sees it.

    `url` is absolute and as the caller wrote it; `path` holds the path's parameters; `peer` is the caller's address,
    None over the Unix socket.
    """

    backend: Backend
    method: str
    url: str
    path: Mapping[str, str]
    query: Params
    headers: Mapping[str, str]
    body: Body
    now: datetime
    login: Login | None = None
    project: Team | None = None
    peer: str | None = None

    @property
    def team(self) -> Team:
        """The project in the path. Only endpoints of Level.PROJECT have one."""
        if self.project is None:
            raise RuntimeError("this endpoint has no project in its path")
        return self.project

    @property
    def user(self) -> User:
        """The user whose key this is. A public share has none: only endpoints that refuse shares may ask."""
        if self.login is None or self.login.user is None:
            raise RuntimeError("this endpoint was called without a user")
        return self.login.user

    @property
    def fields(self) -> Mapping[str, object]:
        """The JSON object in the body; no body counts as an empty one. Raises Problem for any other JSON."""
        value = self.body.value()
        if value is None and not self.body.raw:
            return {}
        if not isinstance(value, dict):
            raise invalid(f"Invalid data. Expected a dictionary, but got {type(value).__name__}.")
        return value

    def number(self, name: str, detail: str = "Not found.") -> int:
        """Return a path parameter that must be an object's number. Raises Problem 404 when it cannot be one."""
        text = self.path[name]
        if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > MAX_ID:
            raise not_found(detail)
        return int(text)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Endpoint:
    """A handler with its address and who may call it.

    `scope` is None where upstream serves sessions only: any valid key may call it here. `auth_failure` is 403 where
    upstream puts its sharing authenticators first, else 401 (facts/rest-api.md 2.3).
    """

    methods: tuple[str, ...]
    path: str
    level: Level
    handler: Handler
    scope: str | None = None
    auth_failure: int = 401
    allows_share: bool = False
    takes_any_body: bool = False

    def __call__(self, call: Call) -> Answer:
        """Run the handler."""
        return self.handler(call)


def endpoint(
    methods: str,
    path: str,
    *,
    scope: str | None = None,
    level: Level = Level.PROJECT,
    auth_failure: int = 401,
    allows_share: bool = False,
    takes_any_body: bool = False,
) -> Callable[[Handler], Endpoint]:
    """Declare a handler as an endpoint: `@endpoint("GET", "/insights/{id}/", scope="insight:read")`.

    `methods` is separated by spaces. The path is relative to its level and ends in a slash, which callers may leave
    out. With `takes_any_body` the handler reads `call.body.raw` itself, whatever its content type.
    """

    def declare(handler: Handler) -> Endpoint:
        return Endpoint(
            methods=tuple(methods.split()),
            path=path,
            level=level,
            handler=handler,
            scope=scope,
            auth_failure=auth_failure,
            allows_share=allows_share,
            takes_any_body=takes_any_body,
        )

    return declare


Routes = Sequence[Endpoint]
