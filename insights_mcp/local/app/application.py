"""The application: every route in sight, and what an error becomes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from insights_mcp.local.app import (
    actions,
    activity,
    alerts,
    capture,
    cohorts,
    dashboards,
    elements,
    event_definitions,
    events,
    groups,
    imports,
    insight_actions,
    insights,
    legacy_insights,
    me,
    persons,
    property_definitions,
    property_values,
    query,
    shared_pages,
    sharing,
    tiles,
    views,
)
from insights_mcp.local.app.answers import (
    database_unavailable,
    endpoint_not_found,
    print_problem,
    server_error,
)
from insights_mcp.local.app.dispatch import Dispatcher, new_limiter
from insights_mcp.local.app.front import Front
from insights_mcp.local.app.http import Endpoint
from insights_mcp.local.backend import Backend
from insights_mcp.local.problems import Problem
from insights_mcp.local.store.database import StoreBusy

ENDPOINTS: tuple[Endpoint, ...] = (
    *me.ROUTES,
    *insights.ROUTES,
    *legacy_insights.ROUTES,
    *activity.ROUTES,
    *insight_actions.ROUTES,
    *views.ROUTES,
    *alerts.ROUTES,
    *dashboards.ROUTES,
    *query.ROUTES,
    *actions.ROUTES,
    *cohorts.ROUTES,
    *event_definitions.ROUTES,
    *property_definitions.ROUTES,
    *property_values.ROUTES,
    *events.ROUTES,
    *persons.ROUTES,
    *groups.ROUTES,
    *elements.ROUTES,
    *tiles.ROUTES,
    *sharing.ROUTES,
    *shared_pages.ROUTES,
    *capture.ROUTES,
    *imports.ROUTES,
)


def create_app(backend: Backend, *, api_key: str, extra_key: str | None = None) -> Starlette:
    """Return the ASGI application over a backend. Both keys given here may do everything; stored ones what they may.

    Exceptions that are nobody's fault but ours answer 500 and are raised again for the server to log.
    """
    routes = build_routes(backend, tuple(filter(None, (api_key, extra_key))), ENDPOINTS)

    def is_known(path: str) -> bool:
        scope = {"type": "http", "method": "GET", "path": path, "root_path": ""}
        return any(route.matches(scope)[0] is not Match.NONE for route in routes)

    app = Starlette(
        routes=routes,
        middleware=[Middleware(Front, is_known=is_known)],
        exception_handlers={
            Problem: _answer_problem,
            StoreBusy: _answer_busy,
            HTTPException: _answer_routing,
            Exception: _answer_crash,
        },
    )
    app.router.redirect_slashes = False
    app.state.workers = new_limiter()
    return app


def build_routes(backend: Backend, own_keys: Sequence[str], endpoints: Iterable[Endpoint]) -> list[Route]:
    """Return one route per path, fixed words before parameters, so that `trending` is never an id."""
    by_path: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints:
        by_path[endpoint.level.value + endpoint.path].append(endpoint)
    return [_route(path, Dispatcher(backend, own_keys, by_path[path])) for path in sorted(by_path, key=_specificity)]


def _specificity(path: str) -> list[tuple[bool, str]]:
    return [(segment.startswith("{"), segment) for segment in path.split("/")]


def _route(path: str, dispatcher: Dispatcher) -> Route:
    route = Route(path, dispatcher.serve)
    route.methods = None  # the dispatcher answers 405 in the envelope, after it knows who asks
    return route


async def _answer_problem(_: Request, problem: Exception) -> Response:
    return print_problem(cast(Problem, problem))


async def _answer_busy(_: Request, __: Exception) -> Response:
    return print_problem(database_unavailable())


async def _answer_routing(_: Request, __: Exception) -> Response:
    return print_problem(endpoint_not_found())


async def _answer_crash(_: Request, __: Exception) -> Response:
    return print_problem(server_error())
