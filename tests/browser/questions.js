// One question per kind of query and per drawing, for the demo project; `other` is an interval to switch to.
const event = (name, more = {}) => ({ kind: "EventsNode", event: name, name, ...more });
const trend = (series, more = {}) => ({ kind: "TrendsQuery", series, interval: "week", dateRange: { date_from: "-8w" }, ...more });
const shown = (display, more = {}) => ({ trendsFilter: { display, ...more } });
const byChannel = { breakdownFilter: { breakdown: "channel", breakdown_type: "event" } };
const checkout = { kind: "FunnelsQuery", series: [event("checkout_started"), event("subscription_started")], dateRange: { date_from: "-90d" } };
const both = [event("checkout_started"), event("subscription_started")];
const signups = [event("signed_up")];

export const QUESTIONS = {
  "a trend": { query: trend(signups), drawing: "line", other: "month" },
  "a trend beside the period before": { query: trend(signups, { compareFilter: { compare: true } }), drawing: "line", other: "day" },
  "a trend with a goal": { query: trend(signups, shown("ActionsLineGraph", { goalLines: [{ label: "target", value: 120 }] })), drawing: "line", other: "day" },
  "a trend by channel": { query: trend(signups, byChannel), drawing: "line", other: "day" },
  "an area": { query: trend(signups, { ...byChannel, ...shown("ActionsAreaGraph") }), drawing: "area", other: "day" },
  "bars side by side": { query: trend(both, shown("ActionsUnstackedBar")), drawing: "bar", other: "month" },
  "stacked bars": { query: trend(both, shown("ActionsBar")), drawing: "stacked_bar", other: "month" },
  "a slope": { query: trend(both, shown("SlopeGraph")), drawing: "slope", other: "month" },
  "a number": { query: trend(signups, { ...shown("BoldNumber"), compareFilter: { compare: true } }), drawing: "number" },
  "a pie": { query: trend(signups, { ...byChannel, ...shown("ActionsPie") }), drawing: "pie" },
  "a donut": { query: trend(signups, { ...byChannel, ...shown("ActionsDonut") }), drawing: "donut" },
  "a divided bar": { query: trend(signups, { ...byChannel, ...shown("ActionsProportionBar") }), drawing: "proportion" },
  "bars by value": { query: trend(signups, { ...byChannel, ...shown("ActionsBarValue"), compareFilter: { compare: true } }), drawing: "horizontal_bar" },
  "a map": { query: trend([event("$pageview", { math: "dau" })], { breakdownFilter: { breakdown: "$geoip_country_code", breakdown_type: "event" }, ...shown("WorldMap") }), drawing: "map" },
  "a table of totals": { query: trend(signups, { ...byChannel, ...shown("ActionsTable") }), drawing: "table" },
  "a calendar": { query: trend([event("$pageview")], shown("CalendarHeatmap")), drawing: null },
  "revenue": { query: trend([event("subscription_started", { math: "sum", math_property: "revenue" })], shown("ActionsLineGraph", { aggregationAxisFormat: "currency", aggregationAxisPrefix: "$" })), drawing: "line", other: "month" },
  "a funnel": { query: checkout, drawing: "funnel" },
  "a funnel by browser": { query: { ...checkout, breakdownFilter: { breakdown: "$browser", breakdown_type: "event" } }, drawing: "funnel" },
  "a funnel over time": { query: { ...checkout, interval: "week", funnelsFilter: { funnelVizType: "trends" } }, drawing: "line", other: "month" },
  "the time to convert": { query: { ...checkout, funnelsFilter: { funnelVizType: "time_to_convert" } }, drawing: "histogram" },
  "retention": {
    query: { kind: "RetentionQuery", dateRange: { date_from: "-8w" }, retentionFilter: { period: "Week", totalIntervals: 8, retentionType: "retention_first_time", targetEntity: { id: "signed_up", type: "events" }, returningEntity: { id: "document_created", type: "events" } } },
    drawing: "retention", other: "Month",
  },
  "paths": { query: { kind: "PathsQuery", dateRange: { date_from: "-14d" }, pathsFilter: { includeEventTypes: ["$pageview"], edgeLimit: 25 } }, drawing: "paths" },
  "a lifecycle": { query: { kind: "LifecycleQuery", series: [event("document_created")], interval: "week", dateRange: { date_from: "-12w" } }, drawing: "lifecycle", other: "month" },
  "stickiness": { query: { kind: "StickinessQuery", series: [event("document_created", { math: "dau" })], interval: "day", dateRange: { date_from: "-30d" } }, drawing: "line", other: "week" },
  "correlation": { query: { kind: "FunnelCorrelationQuery", source: { kind: "FunnelsActorsQuery", source: checkout }, funnelCorrelationType: "events" }, drawing: "horizontal_bar" },
  "SQL": { query: { kind: "HogQLQuery", query: "SELECT properties.$browser AS browser, count() AS events, uniq(person_id) AS people FROM events GROUP BY browser ORDER BY events DESC LIMIT 8" }, drawing: "table" },
  "SQL as bars": {
    query: { kind: "DataVisualizationNode", display: "ActionsBar", chartSettings: { xAxis: { column: "browser" }, yAxis: [{ column: "events" }] }, source: { kind: "HogQLQuery", query: "SELECT properties.$browser AS browser, count() AS events FROM events GROUP BY browser ORDER BY events DESC LIMIT 8" } },
    drawing: null,
  },
  "events": { query: { kind: "EventsQuery", select: ["event", "timestamp", "person_display_name -- Person"], limit: 12 }, drawing: "table" },
};
