"""Who am I: the user, the key, projects and organizations (facts/rest-api.md 12)."""

from collections.abc import Mapping
from zoneinfo import available_timezones

from insights_mcp.local.app.http import Answer, Call, Level, endpoint
from insights_mcp.local.app.paging import envelope, read_page
from insights_mcp.local.problems import forbidden, invalid, not_found
from insights_mcp.local.store.keys import Key
from insights_mcp.local.store.projects import (
    Organization,
    Team,
    current_project,
    get_organization,
    list_projects,
    update_project,
)
from insights_mcp.local.store.times import show_time
from insights_mcp.local.store.users import User


def basic_user(user: User | None) -> dict[str, object] | None:
    """Return a user as it stands inside other objects (facts/rest-api.md 3.2)."""
    if user is None:
        return None
    return {
        "id": user.id,
        "uuid": user.uuid,
        "distinct_id": user.distinct_id,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_email_verified": None,
        "hedgehog_config": None,
        "role_at_organization": user.role_at_organization,
    }


def basic_project(team: Team) -> dict[str, object]:
    """Return a project as lists show it."""
    return {
        "id": team.id,
        "uuid": team.uuid,
        "organization": team.organization_id,
        "project_id": team.id,
        "api_token": team.api_token,
        "name": team.name,
        "completed_snippet_onboarding": team.has_events,
        "has_completed_onboarding_for": {"product_analytics": True} if team.has_events else None,
        "ingested_event": team.has_events,
        "is_demo": team.is_demo,
        "timezone": team.timezone,
        "access_control": False,
    }


def basic_organization(organization: Organization) -> dict[str, object]:
    """Return an organization as it stands inside a user."""
    return {
        "id": organization.id,
        "name": organization.name,
        "slug": organization.slug,
        "logo_media_id": None,
        "membership_level": 15,
        "members_can_use_personal_api_keys": True,
        "is_active": True,
        "is_not_active_reason": None,
        "is_pending_deletion": False,
    }


def full_organization(organization: Organization, teams: list[Team]) -> dict[str, object]:
    """Return an organization with its projects."""
    projects = [basic_project(team) for team in teams]
    return {
        **basic_organization(organization),
        "created_at": show_time(organization.created_at),
        "updated_at": show_time(organization.updated_at),
        "teams": projects,
        "projects": [{"id": team.id, "organization_id": organization.id, "name": team.name} for team in teams],
        "available_product_features": [],
        "is_ai_data_processing_approved": True,
        "enforce_2fa": None,
        "is_member_join_email_enabled": False,
        "metadata": {},
        "customer_id": None,
        "member_count": 1,
    }


def full_project(team: Team) -> dict[str, object]:
    """Return a project with the settings that queries depend on."""
    return {
        **basic_project(team),
        "created_at": show_time(team.created_at),
        "updated_at": show_time(team.updated_at),
        "week_start_day": team.week_start_day,
        "test_account_filters": team.test_account_filters,
        "path_cleaning_filters": team.path_cleaning_filters,
        "timezone": team.timezone,
        "app_urls": team.settings.get("app_urls", []),
        "anonymize_ips": False,
        "person_display_name_properties": team.settings.get("person_display_name_properties"),
        "data_attributes": ["data-attr"],
        "live_events_columns": None,
        "primary_dashboard": team.settings.get("primary_dashboard"),
        "group_types": [],
        "has_group_types": False,
        "effective_membership_level": 15,
        "user_access_level": "admin",
    }


@endpoint("GET", "/users/@me/", scope="user:read", level=Level.USER)
def retrieve_me(call: Call) -> Answer:
    """Answer the key's user with the current project: how a client finds its project number."""
    with call.backend.store.read() as db:
        team, teams, organization = current_project(db), list_projects(db), get_organization(db)
    user = call.user
    return Answer(
        {
            **(basic_user(user) or {}),
            "date_joined": show_time(user.date_joined),
            "is_staff": user.is_staff,
            "is_impersonated": None,
            "has_password": False,
            "has_social_auth": False,
            "pending_email": None,
            "email_opt_in": False,
            "anonymize_data": False,
            "toolbar_mode": "disabled",
            "is_2fa_enabled": False,
            "scene_personalisation": [],
            "theme_mode": None,
            "notification_settings": {},
            "team": basic_project(team),
            "organization": full_organization(organization, teams),
            "organizations": [basic_organization(organization)],
        }
    )


@endpoint("GET", "/personal_api_keys/@current/", level=Level.USER)
def retrieve_key(call: Call) -> Answer:
    """Answer what the calling key may do."""
    key = call.login.key if call.login else None
    if key is None:
        raise not_found()
    return Answer(show_key(key))


def show_key(key: Key) -> Mapping[str, object]:
    """Return a key without its value."""
    return {
        "id": key.id,
        "label": key.label,
        "value": None,
        "mask_value": key.mask_value,
        "created_at": show_time(key.created_at),
        "last_used_at": show_time(key.last_used_at),
        "last_rolled_at": None,
        "user_id": key.user_id,
        "scopes": list(key.scopes),
        "scoped_teams": list(key.scoped_projects),
        "scoped_organizations": list(key.scoped_organizations),
    }


@endpoint("GET", "/projects/", scope="project:read", level=Level.USER)
def list_all_projects(call: Call) -> Answer:
    """Answer the projects a key can reach."""
    return _list_projects(call)


@endpoint("GET", "/projects/", scope="project:read", level=Level.ORGANIZATION)
def list_organization_projects(call: Call) -> Answer:
    """Answer the projects of an organization."""
    return _list_projects(call)


def _list_projects(call: Call) -> Answer:
    page = read_page(call)
    key = call.login.key if call.login else None
    with call.backend.store.read() as db:
        teams = list_projects(db)
    if key and key.scoped_projects:
        teams = [team for team in teams if team.id in key.scoped_projects]
    shown = [basic_project(team) for team in teams[page.offset : page.offset + page.limit]]
    return Answer(envelope(call, page, len(teams), shown))


@endpoint("GET", "/", scope="project:read")
def retrieve_project(call: Call) -> Answer:
    """Answer one project."""
    return Answer(full_project(call.team))


@endpoint("PATCH", "/", scope="project:write")
def update_settings(call: Call) -> Answer:
    """Change a project's name, time zone, week start or filters; other keys are ignored."""
    changes = read_project_changes(call.fields)
    with call.backend.store.write() as db:
        team = update_project(db, call.team.id, changes, call.now)
    return Answer(full_project(team))


def read_project_changes(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the project settings among the fields of a request. Raises Problem for a wrong value."""
    changes: dict[str, object] = {}
    for name, kind, wanted in (
        ("name", str, "a string"),
        ("timezone", str, "a string"),
        ("test_account_filters", list, "a list of filters"),
        ("path_cleaning_filters", list, "a list of filters"),
    ):
        if name in fields:
            if not isinstance(fields[name], kind):
                raise invalid(f"Expected {wanted}.", attr=name)
            changes[name] = fields[name]
    if "timezone" in changes and str(changes["timezone"]) not in available_timezones():
        raise invalid(f'"{changes["timezone"]}" is not a valid choice.', attr="timezone", code="invalid_choice")
    if "week_start_day" in fields:
        day = fields["week_start_day"]
        if day not in (None, 0, 1):
            raise invalid(f'"{day}" is not a valid choice.', attr="week_start_day", code="invalid_choice")
        changes["week_start_day"] = int(bool(day))
    return changes


@endpoint("GET", "/organizations/", scope="organization:read", level=Level.USER)
def list_organizations(call: Call) -> Answer:
    """Answer the one organization there is."""
    page = read_page(call)
    with call.backend.store.read() as db:
        shown = [full_organization(get_organization(db), list_projects(db))]
    return Answer(envelope(call, page, 1, shown[page.offset :]))


@endpoint("GET", "/", scope="organization:read", level=Level.ORGANIZATION)
def retrieve_organization(call: Call) -> Answer:
    """Answer the organization with its projects."""
    with call.backend.store.read() as db:
        return Answer(full_organization(get_organization(db), list_projects(db)))


@endpoint("GET POST PATCH PUT DELETE", "/environments/{rest:path}", scope="project:read")
def refuse_environments(_: Call) -> Answer:
    """Refuse everything: environments are gone (facts/rest-api.md 1, 2026-02)."""
    raise forbidden("Environments are no longer supported. Use the project itself.")


ROUTES = (
    retrieve_me,
    retrieve_key,
    list_all_projects,
    list_organization_projects,
    retrieve_project,
    update_settings,
    list_organizations,
    retrieve_organization,
    refuse_environments,
)
