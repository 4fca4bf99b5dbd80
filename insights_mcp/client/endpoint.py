"""Where the local backend listens. Standard library only: the launcher and the client meet here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Endpoint:
    """A running local backend: its Unix socket and the key it accepts. The key never shows in repr."""

    socket_path: str
    api_key: str = field(repr=False)


Locate = Callable[[], Awaitable[Endpoint]]
"""Finds the local backend, and starts it when it does not run."""
