"""One spelling for each address, and the older prefixes that still work (facts/rest-api.md 2.1)."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENVIRONMENTS = "/api/environments/"
PROJECTS = "/api/projects/"
DASHBOARD_ITEM = "/api/dashboard_item/"
INSIGHTS = "/api/projects/@current/insights/"
SUNSET = "Fri, 31 Jul 2026 00:00:00 GMT"


class Front:
    """Adds a trailing slash to every path and serves `/api/environments/` and `/api/dashboard_item/` from projects."""

    def __init__(self, app: ASGIApp, *, is_known: Callable[[str], bool]) -> None:
        self.app = app
        self.is_known = is_known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Rewrite an HTTP request's path and hand it on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"] if scope["path"].endswith("/") else scope["path"] + "/"
        successor = PROJECTS + path.removeprefix(ENVIRONMENTS) if path.startswith(ENVIRONMENTS) else None
        if successor is not None and self.is_known(successor):
            send = _mark_deprecated(send, _link(successor, scope))
            path = successor
        if path.startswith(DASHBOARD_ITEM):
            path = INSIGHTS + path.removeprefix(DASHBOARD_ITEM)
        original_url = str(Request(scope).url)
        await self.app({**scope, "path": path, "original_url": original_url}, receive, send)


def _link(successor: str, scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    address = quote(successor, safe="/@:")
    return f'<{address}?{query}>; rel="successor-version"' if query else f'<{address}>; rel="successor-version"'


def _mark_deprecated(send: Send, link: str) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Deprecation"] = "true"
            headers["Link"] = link
            headers["Sunset"] = SUNSET
        await send(message)

    return marked
