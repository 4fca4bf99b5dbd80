"""Public shares of insights and dashboards, their tokens and passwords (facts/rest-api.md 9, Sharing)."""

import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NoReturn

from insights_mcp.local.app.fields import read_flag, read_text
from insights_mcp.local.app.http import Answer, Call, Endpoint, empty, endpoint
from insights_mcp.local.app.insight_writes import log_insight
from insights_mcp.local.problems import invalid, not_found
from insights_mcp.local.store.activity import Change
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import get_dashboard
from insights_mcp.local.store.insights import existing_ids, get_insights
from insights_mcp.local.store.sharing import (
    Share,
    add_password,
    ensure_share,
    get_share,
    list_passwords,
    new_token,
    refresh_token,
    remove_password,
    update_share,
)
from insights_mcp.local.store.times import show_time
from insights_mcp.local.store.users import get_users

MIN_PASSWORD = 8
MAX_NOTE = 100
# Settings of a shared view, all of them switches.
SETTINGS = (
    "whitelabel",
    "noHeader",
    "showInspector",
    "legend",
    "detailed",
    "hideExtraDetails",
    "hideTooltipOnScroll",
    "theme",
)


def retrieve(subject: str, call: Call) -> Answer:
    """Answer an object's share; one that was never shared has a token that opens nothing."""
    with call.backend.store.read() as db:
        share = get_share(db, subject, _need_subject(subject, call, db))
        return Answer(_show(db, share))


def update(subject: str, call: Call) -> Answer:
    """Switch a share on or off and store its settings."""
    fields = call.fields
    settings = _read_settings(fields) if "settings" in fields else None
    switches = {name: read_flag(fields, name) for name in ("enabled", "password_required") if name in fields}
    with call.backend.store.write() as db:
        subject_id = _need_subject(subject, call, db)
        share = ensure_share(db, call.team.id, subject, subject_id, call.now)
        changed = update_share(
            db,
            share,
            enabled=switches.get("enabled", share.enabled),
            settings=settings if "settings" in fields else share.settings,
            password_required=switches.get("password_required", share.password_required),
        )
        if "enabled" in switches:  # logged even when nothing changed, as upstream
            activity = "sharing enabled" if changed.enabled else "sharing disabled"
            change = Change("sharing", None, changed.enabled, action="changed")
            _log(db, call, changed, activity, [change])
        return Answer(_show(db, changed))


def refresh(subject: str, call: Call) -> Answer:
    """Replace the token; the old one works for a few minutes more."""
    with call.backend.store.write() as db:
        subject_id = _need_subject(subject, call, db)
        share = refresh_token(db, ensure_share(db, call.team.id, subject, subject_id, call.now), call.now)
        _log(db, call, share, "access token refreshed", None)
        return Answer(_show(db, share))


def create_password(subject: str, call: Call) -> Answer:
    """Add a password; its text is shown in this one answer only."""
    note = read_text(call.fields, "note", limit=MAX_NOTE)
    raw = _read_password(call.fields) or secrets.token_urlsafe(12)
    with call.backend.store.write() as db:
        share = get_share(db, subject, _need_subject(subject, call, db))
        if share is None or not share.password_required:
            return Answer({"error": "Password protection must be enabled before creating passwords"}, 400)
        password = add_password(db, share, raw, note, call.user.id, call.now)
    body = {
        "id": password.id,
        "password": raw,
        "note": password.note,
        "created_at": show_time(password.created_at),
        "created_by_email": call.user.email,
    }
    return Answer(body, 201)


def delete_password(subject: str, call: Call) -> Answer:
    """Remove a password."""
    password_id = call.number("password_id", "Password not found")
    with call.backend.store.write() as db:
        share = get_share(db, subject, _need_subject(subject, call, db))
        if share is None or not remove_password(db, share, password_id):
            raise not_found("Password not found")
    return empty(204)


def _need_subject(subject: str, call: Call, db: Connection) -> int:
    """Return the number of the object in the path, which is never a short_id here. Raises Problem 404."""
    detail = f"{subject.capitalize()} not found."
    number = call.number("id", detail)
    if subject == "dashboard":
        exists = get_dashboard(db, call.team.id, number) is not None
    else:
        exists = bool(existing_ids(db, call.team.id, [number]))
    if not exists:
        raise not_found(detail)
    return number


def _log(db: Connection, call: Call, share: Share, activity: str, changes: Sequence[Change] | None) -> None:
    if share.insight_id is not None:
        (insight,) = get_insights(db, [share.insight_id])
        log_insight(db, insight, call.user.id, activity, changes, call.now)


def _show(db: Connection, share: Share | None) -> dict[str, object]:
    passwords = list_passwords(db, share) if share else []
    authors = get_users(db, [password.created_by for password in passwords])
    return {
        "created_at": show_time(share.created_at) if share else None,
        "enabled": share.enabled if share else False,
        "access_token": share.access_token if share else new_token(),
        "settings": share.settings if share else None,
        "password_required": share.password_required if share else False,
        "share_passwords": [
            {
                "id": password.id,
                "created_at": show_time(password.created_at),
                "note": password.note,
                "created_by_email": author.email if (author := authors.get(password.created_by or 0)) else None,
                "is_active": password.is_active,
            }
            for password in passwords
        ],
    }


def _read_settings(fields: Mapping[str, object]) -> dict[str, object] | None:
    value = fields["settings"]
    if value is None:
        return None
    if not isinstance(value, dict):
        _refuse_settings()
    for name, setting in value.items():
        if name in SETTINGS and not (isinstance(setting, str) if name == "theme" else isinstance(setting, bool)):
            _refuse_settings()
    return {name: setting for name, setting in value.items() if name in SETTINGS}


def _refuse_settings() -> NoReturn:
    raise invalid("Invalid settings format", attr="settings")


def _read_password(fields: Mapping[str, object]) -> str | None:
    raw = fields.get("raw_password")
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        raise invalid("Not a valid string.", attr="raw_password")
    if len(raw) < MIN_PASSWORD:
        detail = f"Password must be at least {MIN_PASSWORD} characters long."
        raise invalid(detail, attr="raw_password", code="min_length")
    return raw


def _routes(subject: str) -> tuple[Endpoint, ...]:
    path, read, write = f"/{subject}s/{{id}}/sharing/", "sharing_configuration:read", "sharing_configuration:write"
    return (
        endpoint("GET", path, scope=read)(partial(retrieve, subject)),
        endpoint("PATCH", path, scope=write)(partial(update, subject)),
        endpoint("POST", f"{path}refresh/", scope=write)(partial(refresh, subject)),
        endpoint("POST", f"{path}passwords/", scope=write)(partial(create_password, subject)),
        endpoint("DELETE", f"{path}passwords/{{password_id}}/", scope=write)(partial(delete_password, subject)),
    )


ROUTES = (*_routes("insight"), *_routes("dashboard"))
