"""Answers as bytes: JSON that any parser reads, and the error envelope."""

import json
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from insights_mcp.local.app.http import Answer
from insights_mcp.local.problems import Problem


def print_answer(answer: Answer) -> Response:
    """Return the HTTP response of an answer."""
    if answer.is_empty:
        return Response(status_code=answer.status, headers=answer.headers)
    if isinstance(answer.body, Iterator):
        return StreamingResponse(answer.body, answer.status, answer.headers, answer.media_type)
    if isinstance(answer.body, bytes):
        content = answer.body
    elif answer.media_type == "application/json":
        content = print_json(answer.body)
    else:
        content = str(answer.body).encode()
    return Response(content, answer.status, answer.headers, answer.media_type)


def print_problem(problem: Problem) -> Response:
    """Return the HTTP response of a problem: the envelope of facts/rest-api.md 2.2."""
    return Response(print_json(problem.body()), problem.status, problem.headers, "application/json")


def print_json(value: object) -> bytes:
    """Return compact JSON; numbers that JSON has no form of become null."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=plain)
    except ValueError:
        text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def plain(value: object) -> object:
    """Return the JSON form of a value that came from the engine. Raises TypeError for what has none."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def server_error() -> Problem:
    """500: a bug of ours, told without its details (facts/rest-api.md 2.2)."""
    return Problem(500, "server_error", "error", "A server error occurred.")


def database_unavailable() -> Problem:
    """503: the store is locked by another process (facts/rest-api.md 2.2)."""
    detail = "We couldn't reach the database just now. Please try again in a moment."
    return Problem(503, "server_error", "database_unavailable", detail, headers={"Retry-After": "1"})


def endpoint_not_found() -> Problem:
    """404: no such path."""
    return Problem(404, "invalid_request", "not_found", "Endpoint not found.")


def refused_login(request: Request, status: int, problem: Problem) -> Problem:
    """Return an authentication problem with the status this endpoint answers with (facts/rest-api.md 2.3)."""
    headers = {}
    if status == 401:
        site = f"{request.url.scheme}://{request.url.netloc}"
        headers["WWW-Authenticate"] = f'Bearer resource_metadata="{site}/.well-known/oauth-protected-resource"'
    return Problem(status, problem.type, problem.code, problem.detail, headers=headers)


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return _finite(plain(value))
