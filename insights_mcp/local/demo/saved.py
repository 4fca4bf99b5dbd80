"""What the team of the demo product has saved: insights, two dashboards, tags, views and a little history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from insights_mcp.local.app.insight_input import InsightInput
from insights_mcp.local.app.insight_writes import store_changes, store_new
from insights_mcp.local.demo.journey import HOST
from insights_mcp.local.store.connection import Connection
from insights_mcp.local.store.dashboards import create_dashboard
from insights_mcp.local.store.database import Store
from insights_mcp.local.store.insights import find_insight
from insights_mcp.local.store.projects import Team
from insights_mcp.local.store.tags import set_tags
from insights_mcp.local.store.tiles import find_tile, put_text, update_tile
from insights_mcp.local.store.users import create_user
from insights_mcp.local.store.views import record_views

_GRID = 12
_TILE_HEIGHT = 5
_CHANGED_DAYS_AGO = 30


@dataclass(frozen=True)
class Saved:
    """One insight to save: its query, who made it, how many days ago, and the dashboards it is on."""

    name: str
    description: str
    query: Mapping[str, object]
    author: str
    days_ago: int
    tags: Sequence[str] = ()
    boards: Sequence[str] = ()
    favorited: bool = False


def _viz(source: Mapping[str, object]) -> Mapping[str, object]:
    return {"kind": "InsightVizNode", "source": source}


def _events(event: str | None, **more: object) -> dict[str, object]:
    return {"kind": "EventsNode", "event": event, "name": event or "All events", **more}


def _trend(series: Sequence[Mapping[str, object]], date_from: str, **more: object) -> Mapping[str, object]:
    return _viz({"kind": "TrendsQuery", "series": list(series), "dateRange": {"date_from": date_from}, **more})


_CHECKOUT = [_events("checkout_started"), _events("subscription_started")]
_WEEK = {"funnelWindowInterval": 7, "funnelWindowIntervalUnit": "day"}
_HEALTH, _GROWTH = "Product health", "Growth"


def _checkout(date_from: str) -> Mapping[str, object]:
    source = {"kind": "FunnelsQuery", "series": _CHECKOUT, "dateRange": {"date_from": date_from}}
    return _viz({**source, "funnelsFilter": _WEEK})


DASHBOARDS: Mapping[str, str] = {
    _HEALTH: "Who uses Quill, how much, and whether they stay.",
    _GROWTH: "From the first visit to the subscription.",
}
INSIGHTS = (
    Saved(
        "Daily Active Users",
        "People who did anything, per day.",
        _trend([_events(None, math="dau")], "-30d", interval="day"),
        "Ada",
        150,
        ("core",),
        (_HEALTH,),
        favorited=True,
    ),
    Saved(
        "Weekly Signups by Channel",
        "New accounts per week, by the channel they first came through.",
        _trend(
            [_events("signed_up")],
            "-12w",
            interval="week",
            breakdownFilter={"breakdown": "channel", "breakdown_type": "event"},
        ),
        "Grace",
        120,
        ("growth",),
        (_GROWTH,),
    ),
    Saved(
        "Signup to First Shared Document",
        "How many new accounts write a document and share it within two weeks.",
        _viz(
            {
                "kind": "FunnelsQuery",
                "series": [_events("signed_up"), _events("document_created"), _events("document_shared")],
                "dateRange": {"date_from": "-60d"},
                "funnelsFilter": {"funnelWindowInterval": 14, "funnelWindowIntervalUnit": "day"},
            }
        ),
        "Ada",
        110,
        ("activation", "core"),
        (_HEALTH, _GROWTH),
    ),
    Saved(
        "Checkout Conversion",
        "Checkouts that end in a subscription within a week.",
        _checkout("-90d"),
        "Grace",
        95,
        ("revenue", "core"),
        (_GROWTH,),
        favorited=True,
    ),
    Saved(
        "Checkouts and Subscriptions by Week",
        "Both ends of the checkout, side by side.",
        _trend(_CHECKOUT, "-12w", interval="week"),
        "Grace",
        60,
        ("revenue",),
        (_GROWTH,),
    ),
    Saved(
        "New Revenue by Plan",
        "Monthly revenue of new subscriptions, by plan.",
        _trend(
            [_events("subscription_started", math="sum", math_property="revenue")],
            "-180d",
            interval="month",
            breakdownFilter={"breakdown": "plan", "breakdown_type": "event"},
            trendsFilter={"display": "ActionsBar"},
        ),
        "Grace",
        80,
        ("revenue",),
        (_GROWTH,),
    ),
    Saved(
        "Weekly Retention After Signup",
        "Of those who signed up in a week, who still writes documents in the weeks after.",
        _viz(
            {
                "kind": "RetentionQuery",
                "dateRange": {"date_from": "-8w"},
                "retentionFilter": {
                    "period": "Week",
                    "totalIntervals": 8,
                    "retentionType": "retention_first_time",
                    "targetEntity": {"id": "signed_up", "type": "events"},
                    "returningEntity": {"id": "document_created", "type": "events"},
                },
            }
        ),
        "Ada",
        100,
        ("retention",),
        (_HEALTH,),
    ),
    Saved(
        "New, Returning and Dormant Writers",
        "Who writes documents this week compared to the week before.",
        _viz(
            {
                "kind": "LifecycleQuery",
                "series": [_events("document_created")],
                "interval": "week",
                "dateRange": {"date_from": "-12w"},
            }
        ),
        "Ada",
        70,
        ("retention",),
        (_HEALTH,),
    ),
    Saved(
        "Days of Writing per Month",
        "On how many days of the last 30 people wrote something.",
        _viz(
            {
                "kind": "StickinessQuery",
                "series": [_events("document_created", math="dau")],
                "interval": "day",
                "dateRange": {"date_from": "-30d"},
            }
        ),
        "Ada",
        65,
        ("retention",),
    ),
    Saved(
        "Paths From the Home Page",
        "Where visitors go after the home page.",
        _viz(
            {
                "kind": "PathsQuery",
                "dateRange": {"date_from": "-14d"},
                "pathsFilter": {"includeEventTypes": ["$pageview"], "startPoint": f"https://{HOST}/", "edgeLimit": 25},
            }
        ),
        "Grace",
        40,
        ("growth",),
    ),
    Saved(
        "Visitors by Country",
        "People who saw a page, by country.",
        _trend(
            [_events("$pageview", math="dau")],
            "-30d",
            breakdownFilter={"breakdown": "$geoip_country_code", "breakdown_type": "event"},
            trendsFilter={"display": "WorldMap"},
        ),
        "Grace",
        45,
    ),
    Saved(
        "Documents per Template",
        "How often each template was used in the last 30 days.",
        {
            "kind": "DataVisualizationNode",
            "source": {
                "kind": "HogQLQuery",
                "query": "SELECT properties.template AS template, count() AS documents, count(DISTINCT person_id) AS"
                " people\nFROM events\nWHERE event = 'document_created' AND timestamp > now() - INTERVAL 30 DAY\n"
                "GROUP BY template\nORDER BY documents DESC",
            },
            "display": "ActionsTable",
        },
        "Ada",
        20,
        ("core",),
        (_HEALTH,),
    ),
)


def save_insights(store: Store, team: Team, now: datetime) -> None:
    """Write everything in one transaction: it is all there or not at all."""
    with store.write() as db:
        authors = {
            name: create_user(
                db, team.organization_id, first_name=name, last_name="", email=f"{name.lower()}@{HOST}", now=now
            ).id
            for name in ("Ada", "Grace")
        }
        boards = {
            name: create_dashboard(
                db,
                team.id,
                authors["Ada"],
                {"name": name, "description": text, "pinned": name == _HEALTH},
                now - timedelta(days=160),
            ).id
            for name, text in DASHBOARDS.items()
        }
        ids = {
            saved.name: _save(db, team, authors[saved.author], saved, boards, now) for saved in _before(is_before=True)
        }
        _narrow_checkout(db, team, ids["Checkout Conversion"], authors["Ada"], now - timedelta(days=_CHANGED_DAYS_AGO))
        ids |= {
            saved.name: _save(db, team, authors[saved.author], saved, boards, now) for saved in _before(is_before=False)
        }
        _lay_out(db, boards, [ids[saved.name] for saved in INSIGHTS])
        _remember_views(db, team, authors, ids, now)
        text = "Checkout numbers look odd since a few weeks: somebody should find out why."
        put_text(db, team.id, boards[_GROWTH], text, authors["Grace"], now - timedelta(days=9))
        for name, board in boards.items():
            set_tags(db, team.id, "dashboard", board, ["core"] if name == _HEALTH else ["growth"])


def _save(db: Connection, team: Team, author: int, saved: Saved, boards: Mapping[str, int], now: datetime) -> int:
    given = InsightInput(
        columns={"name": saved.name, "description": saved.description, "favorited": saved.favorited},
        query=saved.query,
        tags=list(saved.tags),
        dashboards=[boards[name] for name in saved.boards],
    )
    return store_new(db, team.id, author, given, now - timedelta(days=saved.days_ago)).id


def _lay_out(db: Connection, boards: Mapping[str, int], ids: Sequence[int]) -> None:
    """Put two tiles in a row, on wide screens; one below the other on narrow ones."""
    for board in boards.values():
        tiles = [tile for tile in (find_tile(db, board, insight_id) for insight_id in ids) if tile is not None]
        for place, tile in enumerate(tiles):
            wide = {"x": place % 2 * (_GRID // 2), "y": place // 2 * _TILE_HEIGHT, "w": _GRID // 2, "h": _TILE_HEIGHT}
            narrow = {"x": 0, "y": place * _TILE_HEIGHT, "w": 1, "h": _TILE_HEIGHT}
            update_tile(db, tile.id, {"layouts": {"sm": wide, "xs": narrow}})


def _before(*, is_before: bool) -> list[Saved]:
    """Return what was saved before the checkout insight was changed, or after it, oldest first as the log wants it."""
    chosen = [saved for saved in INSIGHTS if (saved.days_ago > _CHANGED_DAYS_AGO) is is_before]
    return sorted(chosen, key=lambda saved: -saved.days_ago)


def _narrow_checkout(db: Connection, team: Team, insight_id: int, author: int, at: datetime) -> None:
    checkout = find_insight(db, team.id, str(insight_id))
    if checkout is not None:
        store_changes(db, checkout, author, InsightInput(query=_checkout("-30d")), at)


def _remember_views(
    db: Connection, team: Team, authors: Mapping[str, int], ids: Mapping[str, int], now: datetime
) -> None:
    for days, name in ((6, "Daily Active Users"), (5, "Checkout Conversion"), (2, "Weekly Signups by Channel")):
        record_views(db, team.id, authors["Grace"], [ids[name]], now - timedelta(days=days))
    record_views(db, team.id, authors["Ada"], [ids["Checkout Conversion"]], now - timedelta(days=1))
