"""Public pages of shares: what anybody with the link may see (facts/rest-api.md 9, Public page)."""

from html import escape

from insights_mcp.local.app.answers import print_json
from insights_mcp.local.app.http import Answer, Call, Level, endpoint
from insights_mcp.local.app.share_tokens import issue_share_token
from insights_mcp.local.problems import not_found
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import get_dashboard
from insights_mcp.local.store.insights import get_insights
from insights_mcp.local.store.sharing import Share, find_share, match_password
from insights_mcp.local.store.times import print_time

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
<body><h1>{title}</h1><p>{description}</p><pre>{query}</pre></body></html>
"""
FORM_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Password required</title></head>
<body><form method="post"><label>Password <input name="password" type="password"></label></form></body></html>
"""
HEADERS = {"Content-Security-Policy": "default-src 'none'", "Referrer-Policy": "no-referrer"}


@endpoint("GET", "/shared/{token}/", level=Level.PUBLIC)
def show(call: Call) -> Answer:
    """Show what is shared: its name, description and question. Its results are read with the token over the API."""
    with call.backend.store.read() as db:
        share = _need_share(call, db)
        if share.password_required:
            return Answer(FORM_PAGE, 401, HEADERS, "text/html; charset=utf-8")
        title, description, query = _subject(db, share)
    page = PAGE.format(title=escape(title), description=escape(description), query=escape(query))
    return Answer(page, headers=HEADERS, media_type="text/html; charset=utf-8")


@endpoint("POST", "/shared/{token}/", level=Level.PUBLIC)
def unlock(call: Call) -> Answer:
    """Exchange a share's password for a token that reads it over the API."""
    password = call.fields.get("password")
    with call.backend.store.read() as db:
        share = _need_share(call, db)
        password_id = match_password(db, share, password) if isinstance(password, str) else None
        if password_id is None:
            return Answer({"error": "Incorrect password"}, 401)
        return Answer({"shareToken": issue_share_token(db, password_id, call.now)})


def _need_share(call: Call, db: Connection) -> Share:
    share = find_share(db, call.path["token"], print_time(call.now))
    if share is None:
        raise not_found()
    return share


def _subject(db: Connection, share: Share) -> tuple[str, str, str]:
    if share.insight_id is not None:
        insights = get_insights(db, [share.insight_id])
        if insights and not insights[0].deleted:
            query = print_json(insights[0].query).decode()
            return insights[0].title or "Insight", insights[0].description or "", query
    elif share.dashboard_id is not None:
        dashboard = get_dashboard(db, share.team_id, share.dashboard_id)
        if dashboard:
            return dashboard.name or "Dashboard", dashboard.description, ""
    raise not_found()


ROUTES = (show, unlock)
