"""From an HTTP request to a handler and back: authentication, permissions, worker threads."""

from collections.abc import Sequence
from dataclasses import replace

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from insights_mcp.local.app.answers import print_answer, refused_login
from insights_mcp.local.app.auth import (
    Login,
    authenticate,
    authenticate_share,
    check_organization,
    check_project,
    check_scope,
    failed,
)
from insights_mcp.local.app.body import MAX_BODY_BYTES, Body, too_large
from insights_mcp.local.app.http import Call, Endpoint, Level
from insights_mcp.local.app.params import Params
from insights_mcp.local.backend import Backend
from insights_mcp.local.problems import Problem, forbidden, not_found
from insights_mcp.local.store.projects import Organization, Team, current_project, get_organization, get_project

# Slow queries wait in their threads; this many at once leave room for everything else.
WORKER_THREADS = 64


class Dispatcher:
    """Serves the endpoints that share one path."""

    def __init__(self, backend: Backend, own_keys: Sequence[str], endpoints: Sequence[Endpoint]) -> None:
        self.backend = backend
        self.own_keys = own_keys
        self.by_method = {method: endpoint for endpoint in endpoints for method in endpoint.methods}
        self.any_endpoint = endpoints[0]

    async def serve(self, request: Request) -> Response:
        """Answer one request. Raises Problem; any other exception becomes the 500 envelope further out."""
        body = await _read_body(request)
        return await to_thread.run_sync(self._run, request, body, limiter=request.app.state.workers)

    def _run(self, request: Request, body: Body) -> Response:
        method = "GET" if request.method == "HEAD" and "HEAD" not in self.by_method else request.method
        endpoint = self.by_method.get(method)
        call = self._admit(endpoint or self.any_endpoint, request, body)
        if endpoint is None:
            raise Problem(405, "invalid_request", "method_not_allowed", f'Method "{request.method}" not allowed.')
        if not endpoint.takes_any_body and method != "GET":
            body.value()  # refuse what is not JSON before the handler looks at anything
        return print_answer(endpoint(call))

    def _admit(self, endpoint: Endpoint, request: Request, body: Body) -> Call:
        call = Call(
            backend=self.backend,
            method=request.method,
            url=request.scope["original_url"],
            path=request.path_params,
            query=Params.parse(request.url.query),
            headers=request.headers,
            body=body,
            now=self.backend.clock(),
            peer=request.client.host if request.client else None,
        )
        if endpoint.level is Level.PUBLIC:
            return call
        try:
            login = self._authenticate(endpoint, call)
        except Problem as problem:
            raise refused_login(request, endpoint.auth_failure, problem) from None
        return self._permit(endpoint, replace(call, login=login))

    def _authenticate(self, endpoint: Endpoint, call: Call) -> Login:
        with self.backend.store.read() as db:
            if endpoint.auth_failure == 403 or endpoint.allows_share:
                login = authenticate_share(db, call.method, call.headers, call.query, call.now)
                if login and endpoint.allows_share:
                    return login
                if login:
                    raise failed("permission_denied", "You do not have permission to perform this action.")
            return authenticate(db, self.own_keys, call.headers, call.query, call.body)

    def _permit(self, endpoint: Endpoint, call: Call) -> Call:
        team = self._find_team(endpoint, call)
        organization = self._find_organization(endpoint, call)
        key = call.login.key if call.login else None
        if key is not None:
            check_scope(key, endpoint.scope)
            if team is not None:
                check_project(key, team)
            if organization is not None:
                check_organization(key, organization.id)
        share = call.login.share if call.login else None
        if share is not None and team is not None and share.team_id != team.id:
            raise forbidden()
        return replace(call, project=team)

    def _find_team(self, endpoint: Endpoint, call: Call) -> Team | None:
        if endpoint.level is not Level.PROJECT:
            return None
        text = call.path["project_id"]
        with self.backend.store.read() as db:
            if text == "@current":
                return current_project(db)
            is_number = text.isascii() and text.isdecimal() and len(text) < 19
            team = get_project(db, int(text)) if is_number else None
        if team is None:
            raise not_found("Project not found.")
        return team

    def _find_organization(self, endpoint: Endpoint, call: Call) -> Organization | None:
        if endpoint.level is not Level.ORGANIZATION:
            return None
        with self.backend.store.read() as db:
            organization = get_organization(db)
        if call.path["organization_id"] not in ("@current", organization.id):
            raise not_found("Organization not found.")
        return organization


def new_limiter() -> anyio.CapacityLimiter:
    """Return the limit on requests at work at once."""
    return anyio.CapacityLimiter(WORKER_THREADS)


async def _read_body(request: Request) -> Body:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise too_large()
        chunks.append(chunk)
    return Body(b"".join(chunks), request.headers.get("content-type", ""))
