"""Questions to the demo project, at the size people ask them: every query kind, shape and display. Data to add to."""

from collections.abc import Mapping

Query = Mapping[str, object]

VISITS = {"kind": "EventsNode", "event": "$pageview"}
VISITORS = VISITS | {"math": "dau"}
SIGN_UPS = {"kind": "EventsNode", "event": "signed_up"}
DOCUMENTS = {"kind": "EventsNode", "event": "document_created"}
SHARES = {"kind": "EventsNode", "event": "document_shared"}
CHECKOUTS = {"kind": "EventsNode", "event": "checkout_started"}
SUBSCRIPTIONS = {"kind": "EventsNode", "event": "subscription_started"}
REVENUE = SUBSCRIPTIONS | {"math": "sum", "math_property": "revenue"}
MONTH = {"date_from": "-30d"}
QUARTER = {"date_from": "-90d"}
BY_CHANNEL = {"breakdown": "channel", "breakdown_type": "event"}
BY_BROWSER = {"breakdown": "$browser", "breakdown_type": "event"}
BY_COUNTRY = {"breakdown": "$geoip_country_code", "breakdown_type": "event"}
COMPARED = {"compareFilter": {"compare": True}}


def trend(*series: Query, display: str | None = None, settings: Query | None = None, **more: object) -> Query:
    """Return a TrendsQuery of the last 30 days unless told otherwise."""
    shown = {**({"display": display} if display else {}), **(settings or {})}
    query: dict[str, object] = {"kind": "TrendsQuery", "series": list(series), "dateRange": MONTH}
    return {**query, **({"trendsFilter": shown} if shown else {}), **more}


def funnel(*series: Query, settings: Query | None = None, **more: object) -> Query:
    """Return a FunnelsQuery of the last 90 days unless told otherwise."""
    query: dict[str, object] = {"kind": "FunnelsQuery", "series": list(series), "dateRange": QUARTER}
    return {**query, **({"funnelsFilter": settings} if settings else {}), **more}


def retention(settings: Query, **more: object) -> Query:
    """Return a RetentionQuery of who signed up and made documents."""
    entities = {
        "targetEntity": {"id": "signed_up", "type": "events"},
        "returningEntity": {"id": "document_created", "type": "events"},
    }
    return {"kind": "RetentionQuery", "retentionFilter": {**entities, **settings}, **more}


def stickiness(*series: Query, **more: object) -> Query:
    """Return a StickinessQuery of the last 30 days."""
    return {"kind": "StickinessQuery", "series": list(series), "dateRange": MONTH, **more}


def correlation(kind: str, **more: object) -> Query:
    """Return a FunnelCorrelationQuery of the way to pay."""
    people = {"kind": "FunnelsActorsQuery", "source": CHECKOUT, "funnelStep": 1}
    return {"kind": "FunnelCorrelationQuery", "source": people, "funnelCorrelationType": kind, **more}


def sql(text: str) -> Query:
    """Return a HogQLQuery."""
    return {"kind": "HogQLQuery", "query": text}


CHECKOUT = funnel(CHECKOUTS, SUBSCRIPTIONS)
ONBOARDING = (SIGN_UPS, DOCUMENTS, SHARES)
CONVERSION = {"formulaNodes": [{"formula": "B/A*100", "custom_name": "Sign-up rate"}]}
MONEY = {"aggregationAxisFormat": "currency", "aggregationAxisPrefix": "$", "decimalPlaces": 2}

# Titles name what is asked; a title that begins with "trend" is a TrendsQuery, and so on.
QUESTIONS: Mapping[str, Query] = {
    "trend by day": trend(VISITS),
    "trend by day, 3 series": trend(VISITS, VISITORS, SIGN_UPS),
    "trend by hour": trend(VISITS, interval="hour", dateRange={"date_from": "-3d"}),
    "trend by week, 8 weeks": trend(SIGN_UPS, SUBSCRIPTIONS, interval="week", dateRange={"date_from": "-8w"}),
    "trend by month": trend(VISITORS, interval="month", dateRange={"date_from": "-6m"}),
    "trend beside the period before": trend(VISITS, SIGN_UPS, **COMPARED),
    "trend with a formula": trend(VISITORS, SIGN_UPS, settings=CONVERSION),
    "trend with a formula by channel": trend(VISITORS, SIGN_UPS, settings=CONVERSION, breakdownFilter=BY_CHANNEL),
    "trend by browser": trend(VISITS, breakdownFilter=BY_BROWSER),
    "trend by country": trend(VISITS, breakdownFilter=BY_COUNTRY),
    "trend by browser, compared": trend(VISITS, breakdownFilter=BY_BROWSER, **COMPARED),
    "trend by two breakdowns": trend(
        VISITS,
        breakdownFilter={
            "breakdowns": [{"property": "$browser", "type": "event"}, {"property": "$device_type", "type": "event"}]
        },
    ),
    "trend by page": trend(VISITS, breakdownFilter={"breakdown": "$pathname", "breakdown_limit": 8}),
    "trend of two events by browser": trend(CHECKOUTS, SUBSCRIPTIONS, breakdownFilter=BY_BROWSER, dateRange=QUARTER),
    "trend of revenue": trend(REVENUE, settings=MONEY, interval="week", dateRange=QUARTER),
    "trend, cumulative": trend(SIGN_UPS, display="ActionsLineGraphCumulative"),
    "trend, area": trend(VISITS, SIGN_UPS, display="ActionsAreaGraph"),
    "trend, bars": trend(VISITS, display="ActionsBar", interval="week", dateRange=QUARTER),
    "trend, metric": trend(VISITORS, display="Metric"),
    "trend, slope": trend(VISITS, SIGN_UPS, display="SlopeGraph", interval="week", dateRange=QUARTER),
    "trend, bold number": trend(VISITORS, display="BoldNumber"),
    "trend, bold number compared": trend(VISITORS, display="BoldNumber", **COMPARED),
    "trend, table": trend(VISITS, VISITORS, SIGN_UPS, display="ActionsTable"),
    "trend, bars by value": trend(SIGN_UPS, display="ActionsBarValue", breakdownFilter=BY_CHANNEL),
    "trend, pie compared": trend(SIGN_UPS, display="ActionsPie", breakdownFilter=BY_CHANNEL, **COMPARED),
    "trend, map": trend(VISITORS, display="WorldMap", breakdownFilter=BY_COUNTRY),
    "trend, calendar": trend(VISITS, display="CalendarHeatmap"),
    "funnel": funnel(*ONBOARDING),
    "funnel of five steps": funnel(*ONBOARDING, CHECKOUTS, SUBSCRIPTIONS),
    "funnel of two steps": CHECKOUT,
    "funnel with an optional step": funnel(SIGN_UPS, DOCUMENTS | {"optionalInFunnel": True}, SHARES),
    "funnel in any order": funnel(*ONBOARDING, settings={"funnelOrderType": "unordered"}),
    "funnel by channel": funnel(*ONBOARDING, breakdownFilter=BY_CHANNEL),
    "funnel by browser": funnel(CHECKOUTS, SUBSCRIPTIONS, breakdownFilter=BY_BROWSER),
    "funnel compared": funnel(*ONBOARDING, dateRange=MONTH, **COMPARED),
    "funnel by channel, compared": funnel(*ONBOARDING, dateRange=MONTH, breakdownFilter=BY_CHANNEL, **COMPARED),
    "funnel over time": funnel(*ONBOARDING, settings={"funnelVizType": "trends"}, dateRange=MONTH),
    "funnel over time by channel": funnel(
        *ONBOARDING, settings={"funnelVizType": "trends"}, interval="week", breakdownFilter=BY_CHANNEL
    ),
    "funnel over time, compared": funnel(
        *ONBOARDING, settings={"funnelVizType": "trends"}, dateRange=MONTH, **COMPARED
    ),
    "funnel, time to convert": funnel(*ONBOARDING, settings={"funnelVizType": "time_to_convert"}),
    "retention by day": retention({"period": "Day", "totalIntervals": 11}),
    "retention by week": retention({"period": "Week", "totalIntervals": 8}),
    "retention by week by channel": retention(
        {"period": "Week", "totalIntervals": 6}, breakdownFilter={"breakdown": "channel", "breakdown_type": "event"}
    ),
    "retention in brackets": retention({"period": "Day", "retentionCustomBrackets": [1, 3, 7, 14]}),
    "retention of sums": retention(
        {
            "period": "Week",
            "totalIntervals": 6,
            "aggregationType": "sum",
            "aggregationProperty": "revenue",
            "returningEntity": {"id": "subscription_started", "type": "events"},
        }
    ),
    "paths": {"kind": "PathsQuery", "pathsFilter": {"includeEventTypes": ["$pageview"]}, "dateRange": MONTH},
    "stickiness": stickiness(DOCUMENTS),
    "stickiness of two events": stickiness(VISITS, DOCUMENTS),
    "stickiness compared": stickiness(DOCUMENTS, **COMPARED),
    "stickiness, cumulative": stickiness(DOCUMENTS, stickinessFilter={"computedAs": "cumulative"}),
    "lifecycle by day": {"kind": "LifecycleQuery", "series": [VISITS], "dateRange": MONTH},
    "lifecycle by week": {"kind": "LifecycleQuery", "series": [VISITS], "dateRange": QUARTER, "interval": "week"},
    "correlation of events": correlation("events"),
    "correlation of properties": correlation("properties", funnelCorrelationNames=["$all"]),
    "correlation of events with properties": correlation(
        "event_with_properties", funnelCorrelationEventNames=["$pageview"]
    ),
    "SQL, 20 rows": sql("select event, count() as events from events group by event order by events desc limit 20"),
    "SQL by day": sql(
        "select toDate(timestamp) as day, count() as visits, uniq(person_id) as people, avg(length(event)) as mean"
        " from events where timestamp > now() - interval 30 day group by day order by day"
    ),
    "SQL, 100 rows cut": sql("select timestamp, event, distinct_id, properties.$current_url from events"),
    "SQL of nested values": sql(
        "select distinct_id, groupUniqArray(event) as events, tuple(min(timestamp), max(timestamp)) as span,"
        " any(properties) as sample from events group by distinct_id limit 15"
    ),
    "SQL, one number": sql("select count() from events"),
    "events": {
        "kind": "EventsQuery",
        "select": ["*", "timestamp", "person_display_name"],
        "after": "-7d",
        "event": "signed_up",
        "limit": 20,
    },
    "events, chosen columns": {
        "kind": "EventsQuery",
        "select": ["event", "timestamp", "properties.$browser", "properties.$current_url"],
        "after": "-7d",
        "limit": 50,
    },
    "events, counted": {"kind": "EventsQuery", "select": ["event", "count()"], "after": "-30d"},
    "actors of a trend": {
        "kind": "ActorsQuery",
        "source": {"kind": "InsightActorsQuery", "source": trend(SIGN_UPS, display="BoldNumber")},
        "limit": 20,
    },
    "actors who dropped out": {
        "kind": "ActorsQuery",
        "source": {"kind": "FunnelsActorsQuery", "source": CHECKOUT, "funnelStep": -2},
        "select": ["actor", "id"],
        "limit": 20,
    },
    "persons": {"kind": "ActorsQuery", "select": ["id", "person_display_name -- Person", "created_at"], "limit": 20},
}
