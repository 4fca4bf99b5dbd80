"""Who calls: personal API keys in the header, body or query string, and public shares (facts/rest-api.md 2.3, 2.4)."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from insights_mcp.local.app.body import Body
from insights_mcp.local.app.params import Params
from insights_mcp.local.app.share_tokens import looks_like_share_token, read_share_token
from insights_mcp.local.problems import Problem, forbidden
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.keys import Key, find_key, mask_key
from insights_mcp.local.store.projects import Team
from insights_mcp.local.store.sharing import Share, find_share
from insights_mcp.local.store.times import print_time
from insights_mcp.local.store.users import User, first_user, get_user


@dataclass(frozen=True)
class Login:
    """An authenticated caller: a key and its user, or a public share."""

    key: Key | None = None
    user: User | None = None
    share: Share | None = None


def authenticate(
    db: Connection, own_keys: Sequence[str], headers: Mapping[str, str], query: Params, body: Body
) -> Login:
    """Return who calls. `own_keys` are the keys this backend was started with; they may do everything.

    Raises Problem 401: not_authenticated without a key, authentication_failed for an unknown one.
    """
    found = _presented_key(headers, query, body)
    if found is None:
        raise failed("not_authenticated", "Authentication credentials were not provided.")
    value, source = found
    if any(hmac.compare_digest(value.encode(), own_key.encode()) for own_key in own_keys):
        owner = first_user(db)
        return Login(Key("local", owner.id, "Local backend", mask_key(value), ("*",)), owner)
    if value.startswith("pha_"):
        raise failed("authentication_failed", "Invalid access token.")
    key = find_key(db, value)
    user = get_user(db, key.user_id) if key else None
    if key is None or user is None:
        raise failed("authentication_failed", f"Personal API key found in request {source} is invalid.")
    return Login(key, user)


def authenticate_share(
    db: Connection, method: str, headers: Mapping[str, str], query: Params, now: datetime
) -> Login | None:
    """Return the public share of `?sharing_access_token=` or of the token given for its password, None without either.

    Raises Problem for a token that opens nothing, and for anything but reading.
    """
    value = bearer(headers)
    unlocked = read_share_token(db, value, now) if value and looks_like_share_token(value) else None
    token = query.get("sharing_access_token")
    if token is None and unlocked is None:
        return None
    if method not in ("GET", "HEAD"):
        raise failed("authentication_failed", "Sharing access token can only be used for GET requests.")
    share = unlocked or find_share(db, token or "", print_time(now))
    if share is None or (share.password_required and unlocked is None):
        raise failed("authentication_failed", "Sharing access token is invalid.")
    return Login(share=share)


def check_scope(key: Key, scope: str | None) -> None:
    """Raise Problem 403 unless the key has the scope."""
    if scope is not None and not key.allows(scope):
        raise forbidden(f"API key missing required scope '{scope}'")


def check_project(key: Key, team: Team) -> None:
    """Raise Problem 403 when the key is restricted to other projects or organizations."""
    if key.scoped_projects and team.id not in key.scoped_projects:
        raise forbidden(f"API key does not have access to the requested project: ID {team.id}.")
    check_organization_id(key, team.organization_id)


def check_organization(key: Key, organization_id: str) -> None:
    """Raise Problem 403 when the key is restricted to projects, or to other organizations."""
    if key.scoped_projects:
        raise forbidden("API keys with scoped projects are only supported on project-based endpoints.")
    check_organization_id(key, organization_id)


def check_organization_id(key: Key, organization_id: str) -> None:
    """Raise Problem 403 when the key is restricted to other organizations."""
    if key.scoped_organizations and organization_id not in key.scoped_organizations:
        raise forbidden(f"API key does not have access to the requested organization: ID {organization_id}.")


def failed(code: str, detail: str) -> Problem:
    """401 authentication_error."""
    return Problem(401, "authentication_error", code, detail)


def bearer(headers: Mapping[str, str]) -> str | None:
    """Return the bearer token of the Authorization header."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() or None if scheme.lower() == "bearer" else None


def _presented_key(headers: Mapping[str, str], query: Params, body: Body) -> tuple[str, str] | None:
    value = bearer(headers)
    if value:
        return value, "Authorization header"
    in_body = _body_key(body)
    if in_body:
        return in_body, "body"
    in_query = query.get("personal_api_key")
    return (in_query, "query string") if in_query else None


def _body_key(body: Body) -> str | None:
    if b'"personal_api_key"' not in body.raw:
        return None
    try:
        value = body.value()
    except Problem:
        return None  # not JSON: the handler says so, once it is known who asks
    key = value.get("personal_api_key") if isinstance(value, dict) else None
    return key if isinstance(key, str) else None
