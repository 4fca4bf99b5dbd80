"""What goes over the wire and what comes back, in plain values: no HTTP library below this line is seen above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from insights_mcp.errors import DeadlineExceeded, Unreachable

Params = Sequence[tuple[str, str]]


class Repeat(Enum):
    """When a request may be sent a second time after its connection was lost."""

    ALWAYS = auto()
    """It changes nothing, or the same twice is the same once."""
    NEVER = auto()
    """Twice would be two things; only a request that never left may be sent again."""


class Topic(Enum):
    """What a refusal is about, where the API's codes alone do not tell."""

    OBJECT = auto()
    QUERY = auto()


@dataclass(frozen=True)
class Call:
    """One request to the API. `path` is below `/api/` and quoted already; `subject` names the object for errors."""

    method: str
    path: str
    params: Params = ()
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeat: Repeat = Repeat.ALWAYS
    topic: Topic = Topic.OBJECT
    subject: str = ""
    may_be_empty: bool = False


@dataclass(frozen=True)
class RawRequest:
    """A call made ready: whole address, headers, bytes."""

    method: str
    url: str
    params: Params
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(repr=False)


@dataclass(frozen=True)
class RawAnswer:
    """A whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """A good answer with its JSON; `data` is None for an empty body."""

    status: int
    data: object


class NeverSent(Unreachable):
    """No connection, so the server never saw the request."""


class LostMidway(Unreachable):
    """The connection was lost after the request had begun: the server may have done it."""


class TimedOut(DeadlineExceeded):
    """The deadline passed after the request had begun: the server may have done it."""
