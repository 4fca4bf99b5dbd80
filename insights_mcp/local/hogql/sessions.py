"""The sessions table: events grouped by $session_id (facts/queries.md 2, sessions fields)."""

from insights_mcp.local.hogql.catalog import Column, Field, Path, Table
from insights_mcp.local.hogql.channels import CHANNEL_TYPE
from insights_mcp.local.hogql.context import HogQLContext
from insights_mcp.local.hogql.entries import entry_text
from insights_mcp.local.hogql.sqltypes import DATETIME, FLOAT, INT, STRING, STRINGS, SqlType

BOUNCE_SECONDS = 10
_TEXT = SqlType("string")
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_CLICK_IDS = (
    "gclid",
    "gad_source",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "fbclid",
    "msclkid",
    "twclid",
    "li_fat_id",
    "mc_cid",
    "igshid",
    "ttclid",
    "_kx",
    "irclid",
    "epik",
    "qclid",
    "sccid",
    "rdt_cid",
)
_URL = "{p}`mat_$current_url`"


def _entry(key: str) -> Column:
    return Column(f"nullIf({entry_text(key)}, '')", _TEXT)


def _count(event: str) -> Column:
    return Column(f"countIf({{p}}event = '{event}')", INT)


def _fields() -> dict[str, Field]:
    first_url = f"argMinIf({_URL}, {{p}}timestamp, notEmpty({_URL}))"
    last_url = f"argMaxIf({_URL}, {{p}}timestamp, notEmpty({_URL}))"
    duration = "dateDiff('second', min({p}timestamp), max({p}timestamp))"
    is_bounce = (
        "if(countIf({p}event = '$pageview') = 0, NULL, not(countIf({p}event = '$pageview') > 1"
        f" OR countIf({{p}}event = '$autocapture') > 0 OR {duration} >= {BOUNCE_SECONDS}))"
    )
    interactions = "least(2, countIf({p}event IN ('$pageview', '$screen', '$autocapture')))"
    outside = "JSONExtractString({p}properties, '$external_click_url')"
    lcp = "JSONExtract({p}properties, '$web_vitals_LCP_value', 'Nullable(Float64)')"
    return {
        "session_id": Column("{p}`$session_id`", STRING),
        "id": Path(("session_id",)),
        "team_id": Column("any({p}team_id)", INT, is_hidden=True),
        "distinct_id": Column("argMax({p}distinct_id, {p}timestamp)", STRING),
        "$start_timestamp": Column("min({p}timestamp)", DATETIME),
        "$end_timestamp": Column("max({p}timestamp)", DATETIME),
        "$urls": Column(f"groupUniqArrayIf(assumeNotNull({_URL}), notEmpty({_URL}))", STRINGS),
        "$num_uniq_urls": Column(f"uniqIf({_URL}, notEmpty({_URL}))", INT),
        "$entry_current_url": Column(first_url, _TEXT),
        "$entry_pathname": Column(f"path({first_url})", _TEXT),
        "$entry_hostname": Column(f"domain({first_url})", _TEXT),
        "$end_current_url": Column(last_url, _TEXT),
        "$end_pathname": Column(f"path({last_url})", _TEXT),
        "$end_hostname": Column(f"domain({last_url})", _TEXT),
        "$entry_referrer": _entry("$referrer"),
        "$entry_referring_domain": _entry("$referring_domain"),
        **{f"$entry_{key}": _entry(key) for key in (*_UTM, *_CLICK_IDS)},
        "$pageview_count": _count("$pageview"),
        "$autocapture_count": _count("$autocapture"),
        "$screen_count": _count("$screen"),
        # the whole number is not kept upstream either: it tells bounces
        "$page_screen_autocapture_count_up_to": Column(interactions, INT, is_hidden=True),
        "$channel_type": Column(CHANNEL_TYPE, _TEXT),
        "$session_duration": Column(duration, INT),
        "duration": Path(("$session_duration",)),
        "$is_bounce": Column(is_bounce, SqlType("bool")),
        "$last_external_click_url": Column(f"nullIf(argMaxIf({outside}, {{p}}timestamp, {outside} != ''), '')", _TEXT),
        "$vitals_lcp": Column(f"argMinIf({lcp}, {{p}}timestamp, {lcp} IS NOT NULL)", FLOAT.with_nullable(True)),
        "$exit_current_url": Path(("$end_current_url",)),
        "$exit_pathname": Path(("$end_pathname",)),
        "$exit_hostname": Path(("$end_hostname",)),
    }


def _guards(context: HogQLContext) -> tuple[str, ...]:
    return (f"{{p}}team_id = {context.team_id:d}", "{p}`$session_id` != ''")


SESSIONS = Table(
    "sessions",
    "events",
    _fields(),
    _guards,
    group_by="{p}`$session_id`",
    time_fields=("$start_timestamp", "$end_timestamp"),
)
