"""The tables of the column store, from one template for the embedded engine and for a cluster (facts/engine.md 9)."""

from dataclasses import dataclass

# Text of a property as PostHog extracts it: JSON raw text without its quotes; null and missing are NULL, "" stays ''
# (facts/queries.md 1.0, Extraction). PostHog takes the quotes off with a regular expression; this is twice as fast, and
# the engine computes the repeated part once.
PROPERTY_TEXT = (
    "if(startsWith(JSONExtractRaw({column}, {key}), '\"'),"
    " substring(JSONExtractRaw({column}, {key}), 2, length(JSONExtractRaw({column}, {key})) - 2),"
    " nullIf(nullIf(JSONExtractRaw({column}, {key}), ''), 'null'))"
)

# Event properties that nearly every question touches, kept as columns beside the JSON: 8 to 12 times faster to read
# (facts/engine.md 4). Column name = "mat_" + property.
HOT_EVENT_PROPERTIES = (
    "$current_url",
    "$pathname",
    "$host",
    "$referring_domain",
    "$browser",
    "$os",
    "$device_type",
    "$geoip_country_code",
    "$lib",
    "utm_source",
)


def materialized_column(key: str) -> str:
    """Return the name of the column that holds a hot event property."""
    return f"mat_{key}"


@dataclass(frozen=True)
class Column:
    """One column: its ClickHouse type, and the expression that fills it when the writer does not."""

    name: str
    type: str
    expression: str = ""


def _materialized(key: str) -> Column:
    text = PROPERTY_TEXT.format(column="properties", key=f"'{key}'")
    return Column(materialized_column(key), "LowCardinality(Nullable(String))", f"MATERIALIZED {text}")


EVENTS = (
    Column("team_id", "UInt32"),
    Column("uuid", "UUID"),
    Column("event", "LowCardinality(String)"),
    Column("properties", "String", "CODEC(ZSTD(3))"),
    Column("timestamp", "DateTime64(6, 'UTC')"),
    Column("distinct_id", "String"),
    Column("person_id", "UUID"),
    Column("elements_chain", "String", "CODEC(ZSTD(3))"),
    Column("created_at", "DateTime64(6, 'UTC')"),
    # full, propertyless, or force_upgrade: whether the event may carry a person profile
    Column("person_mode", "LowCardinality(String)", "DEFAULT 'full'"),
    Column("$session_id", "String", "MATERIALIZED JSONExtractString(properties, '$session_id')"),
    Column("$window_id", "String", "MATERIALIZED JSONExtractString(properties, '$window_id')"),
    *(
        Column(f"$group_{index}", "String", f"MATERIALIZED JSONExtractString(properties, '$group_{index}')")
        for index in range(5)
    ),
    *(_materialized(key) for key in HOT_EVENT_PROPERTIES),
)
# Current person of a distinct id that was merged after its events were written. Empty for most projects.
PERSON_DISTINCT_ID_OVERRIDES = (
    Column("team_id", "UInt32"),
    Column("distinct_id", "String"),
    Column("person_id", "UUID"),
    Column("version", "UInt64"),
)
PERSON_DISTINCT_IDS = (
    Column("team_id", "UInt32"),
    Column("distinct_id", "String"),
    Column("person_id", "UUID"),
    Column("version", "UInt64"),
)
PERSONS = (
    Column("team_id", "UInt32"),
    Column("id", "UUID"),
    Column("properties", "String", "CODEC(ZSTD(3))"),
    Column("created_at", "DateTime64(6, 'UTC')"),
    Column("is_identified", "UInt8"),
    Column("is_deleted", "UInt8", "DEFAULT 0"),
    Column("version", "UInt64"),
)
GROUPS = (
    Column("team_id", "UInt32"),
    Column("index", "UInt8"),
    Column("key", "String"),
    Column("properties", "String", "CODEC(ZSTD(3))"),
    Column("created_at", "DateTime64(6, 'UTC')"),
    Column("updated_at", "DateTime64(6, 'UTC')"),
    Column("version", "UInt64"),
)
# Members of a cohort: computed ones are replaced as a whole under a new version.
COHORT_PEOPLE = (
    Column("team_id", "UInt32"),
    Column("cohort_id", "UInt32"),
    Column("person_id", "UUID"),
    Column("version", "UInt64"),
)


@dataclass(frozen=True)
class Table:
    """A table: its columns, order key, and the column that tells the newer of two rows (ReplacingMergeTree)."""

    name: str
    columns: tuple[Column, ...]
    order_by: str
    partition_by: str = ""
    version: str = ""
    sharded_by: str = "cityHash64(person_id)"
    sample_by: str = ""


TABLES = (
    Table(
        "events",
        EVENTS,
        order_by="(team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid))",
        partition_by="toYYYYMM(timestamp)",
        sample_by="cityHash64(distinct_id)",
    ),
    Table(
        "person_distinct_id_overrides",
        PERSON_DISTINCT_ID_OVERRIDES,
        order_by="(team_id, distinct_id)",
        version="version",
    ),
    Table("person_distinct_ids", PERSON_DISTINCT_IDS, order_by="(team_id, distinct_id)", version="version"),
    Table("persons", PERSONS, order_by="(team_id, id)", version="version", sharded_by="cityHash64(id)"),
    Table("groups", GROUPS, order_by="(team_id, index, key)", version="version", sharded_by="cityHash64(key)"),
    Table("cohort_people", COHORT_PEOPLE, order_by="(team_id, cohort_id, person_id)", version="version"),
)
