"""What can go wrong between a client and the fake PostHog."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import anyio
import httpx


@dataclass
class Failure:
    """Something going wrong once. `acts` says that the server did its work before it went wrong."""

    answer: Callable[[httpx.Request], httpx.Response | Awaitable[httpx.Response]]
    acts: bool = False


def envelope(
    status: int, code: str, detail: str, attr: str | None = None, *, type_: str = "server_error", acts: bool = False
) -> Failure:
    body = {"type": type_, "code": code, "detail": detail, "attr": attr}
    return Failure(lambda _: httpx.Response(status, json=body), acts)


def throttled(seconds: int | None, *, in_header: bool = False, detail: str | None = None) -> Failure:
    text = "Request was throttled."
    if seconds is not None and not in_header:
        text += f" Expected available in {seconds} seconds."
    headers = {"Retry-After": str(seconds)} if in_header else {}
    body = {"type": "throttled_error", "code": "throttled", "detail": detail or text, "attr": None}
    return Failure(lambda _: httpx.Response(429, json=body, headers=headers))


def answered(status: int, *, acts: bool = False, **content: Any) -> Failure:
    """Answer with this: `json=`, `html=`, `text=`, `headers=`, or nothing."""
    return Failure(lambda _: httpx.Response(status, **content), acts)


def refused() -> Failure:
    """Accept no connection."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("All connection attempts failed", request=request)

    return Failure(fail)


def lost(*, acts: bool) -> Failure:
    """Close the connection before the answer; with `acts`, after having done the work."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("", request=request)

    return Failure(fail, acts)


def silence(*, acts: bool = False) -> Failure:
    """Never answer."""

    async def hang(_: httpx.Request) -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError("unreachable")

    return Failure(hang, acts)
