"""The SQL of a handful of queries, to be read by people when it changes. Its answers are tested elsewhere."""

from dataclasses import replace

from tests.hogql.asking import CONTEXT, sql_of

BERLIN = replace(CONTEXT, timezone="Europe/Berlin")


def text_of(column: str, key: int) -> str:
    """Return how the text of a property is read."""
    name = f"{{hogql_val_{key}:String}}"
    return (
        f"if(position({column}, '\\\\') > 0, replaceRegexpAll(nullIf(nullIf(JSONExtractRaw({column}, {name}), ''),"
        f" 'null'), '^\"|\"$', ''), JSONExtract({column}, {name}, 'Nullable(String)'))"
    )


def test_a_count_by_day_compares_bare_columns() -> None:
    query = (
        "select toDate(timestamp) as day, count() from events where event = '$pageview'"
        " and timestamp >= '2024-03-01' group by day order by day"
    )
    assert sql_of(query, BERLIN) == (
        "SELECT toDate(toTimeZone(events.timestamp, 'Europe/Berlin')) AS day, count() FROM events"
        " WHERE and(events.team_id = 1, equals(events.event, {hogql_val_0:String}),"
        " greaterOrEquals(events.timestamp, toDateTime64({hogql_val_2:String}, 6, 'Europe/Berlin')))"
        " GROUP BY day ORDER BY day ASC"
    )


def test_a_hot_property_is_a_column_and_a_cold_one_is_read_from_json() -> None:
    query = "select properties.$browser as b, count() from events where b = 'Chrome' and properties.plan in ('a', 'b')"
    assert sql_of(f"{query} group by b") == (
        "SELECT events.`mat_$browser` AS b, count() FROM events WHERE and(events.team_id = 1,"
        " ifNull(equals(events.`mat_$browser`, {hogql_val_0:String}), 0),"
        f" in({text_of('events.properties', 1)}, {{hogql_val_2:Array(String)}})) GROUP BY b"
    )


def test_a_person_is_joined_with_what_is_used() -> None:
    column = "events__person.properties"
    assert sql_of("select person.properties.email, event from events limit 5") == (
        "SELECT events__person.properties___email, events.event FROM events LEFT ANY JOIN"
        " (SELECT events__person.id AS id,"
        f" {text_of(column, 0)} AS properties___email FROM persons AS events__person FINAL"
        " WHERE events__person.team_id = 1 AND events__person.is_deleted = 0) AS events__person"
        " ON events.person_id = events__person.id WHERE events.team_id = 1 LIMIT 5"
    )


def test_a_person_in_the_condition_only_is_a_list_of_ids() -> None:
    assert sql_of("select count() from events where person.properties.plan = 'pro'") == (
        "SELECT count() FROM events WHERE and(events.team_id = 1, in(events.person_id, (SELECT persons.id FROM persons"
        " FINAL WHERE persons.team_id = 1 AND persons.is_deleted = 0 AND"
        " and(position(persons.properties, {hogql_val_1:String}) > 0,"
        f" ifNull(equals({text_of('persons.properties', 0)}, {{hogql_val_1:String}}), 0)))))"
    )


def test_a_merged_person_is_looked_up_by_distinct_id() -> None:
    assert sql_of("select count(distinct person_id) from events", replace(CONTEXT, has_overrides=True)) == (
        "SELECT count(DISTINCT if(notEmpty(events__override.distinct_id), events__override.person_id,"
        " events.person_id)) FROM events LEFT ANY JOIN"
        " (SELECT events__override.distinct_id AS distinct_id, events__override.person_id AS"
        " person_id FROM person_distinct_id_overrides AS events__override FINAL WHERE events__override.team_id = 1)"
        " AS events__override ON events.distinct_id = events__override.distinct_id WHERE events.team_id = 1"
    )


def test_a_second_table_is_a_guarded_subquery() -> None:
    assert sql_of("select p.id, e.event from persons p join events e on e.person_id = p.id") == (
        "SELECT p.id, e.event FROM persons AS p FINAL JOIN (SELECT e.person_id AS person_id, e.event AS event"
        " FROM events AS e WHERE e.team_id = 1) AS e ON equals(e.person_id, p.id)"
        " WHERE and(p.team_id = 1, p.is_deleted = 0)"
    )
