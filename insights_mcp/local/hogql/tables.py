"""The tables that HogQL knows, over those of engine/tables.py (facts/queries.md 2, Tables)."""

from collections.abc import Mapping
from functools import cache

from insights_mcp.local.hogql.catalog import Column, Field, Join, Path, PersonId, Table, Virtual
from insights_mcp.local.hogql.channels import INITIAL_CHANNEL_TYPE, INITIAL_REFERRING_DOMAIN_TYPE
from insights_mcp.local.hogql.context import HogQLContext
from insights_mcp.local.hogql.sessions import SESSIONS
from insights_mcp.local.hogql.sqltypes import DATETIME, INT, STRING, STRINGS, UUID, SqlType

GROUP_TYPES = 5
_NULLABLE_TEXT = SqlType("string", nullable=True)


def find_table(name: str) -> Table | None:
    """Return the table of that name. Names are lower case, as the author wrote them otherwise they do not exist."""
    return _tables().get(name)


def table_names() -> list[str]:
    """Return the names that may stand in FROM."""
    return [name for name in _tables() if not name.startswith("_")]


def _column(name: str, type_: SqlType, *, is_hidden: bool = False) -> Column:
    return Column(f"{{p}}`{name}`" if not name.isidentifier() else f"{{p}}{name}", type_, is_hidden)


def _json(entity: str | None) -> Column:
    return Column("{p}properties", SqlType("json", nullable=False, entity=entity))


def _events() -> Table:
    # What PostHog keeps in columns of their own, read from the chain of an $autocapture event here.
    href = 'extract({p}elements_chain, \'(?::|")href="(.*?)"\')'
    texts = 'arrayDistinct(extractAll({p}elements_chain, \'(?::|")text="(.*?)"\'))'
    ids = 'arrayDistinct(extractAll({p}elements_chain, \'(?::|")attr_id="(.*?)"\'))'
    tags = (
        "arrayDistinct(extractAll({p}elements_chain, '(?:^|;)(a|button|form|input|select|textarea|label)(?:[.]|$|:)'))"
    )
    fields: dict[str, Field] = {
        "uuid": _column("uuid", UUID),
        "event": _column("event", STRING),
        "properties": _json("event"),
        "timestamp": _column("timestamp", DATETIME),
        "team_id": _column("team_id", INT, is_hidden=True),
        "distinct_id": _column("distinct_id", STRING),
        "elements_chain": _column("elements_chain", STRING),
        "created_at": _column("created_at", DATETIME),
        "$session_id": _column("$session_id", STRING),
        "$window_id": _column("$window_id", STRING),
        "person_mode": _column("person_mode", STRING),
        **{f"$group_{index}": _column(f"$group_{index}", STRING) for index in range(GROUP_TYPES)},
        "elements_chain_href": Column(href, STRING),
        "elements_chain_texts": Column(texts, STRINGS),
        "elements_chain_ids": Column(ids, STRINGS),
        "elements_chain_elements": Column(tags, STRINGS),
        "person_id": PersonId(),
        "person": Join("persons", left="person_id", right="id"),
        "poe": Path(("person",)),
        "pdi": Virtual({name: Path((name,)) for name in ("person_id", "distinct_id", "person")}),
        "session": Join("sessions", left="$session_id", right="session_id"),
        # the person that the event was written with, and the hot properties: for our own use
        "_person_id": Column("{p}person_id", UUID, is_hidden=True),
        **{f"group_{index}": Join(f"_group_{index}", f"$group_{index}", "key") for index in range(GROUP_TYPES)},
        **{f"goe_{index}": Path((f"group_{index}",)) for index in range(GROUP_TYPES)},
        "_override": Join("_overrides", left="distinct_id", right="distinct_id"),
    }
    return Table("events", "events", fields, _of_team)


def _of_team(context: HogQLContext) -> tuple[str, ...]:
    return (f"{{p}}team_id = {context.team_id:d}",)


def _persons() -> Table:
    fields: dict[str, Field] = {
        "id": _column("id", UUID),
        "created_at": _column("created_at", DATETIME),
        "team_id": _column("team_id", INT, is_hidden=True),
        "properties": _json("person"),
        "is_identified": _column("is_identified", SqlType("int", nullable=False)),
        "$virt_initial_channel_type": Column(INITIAL_CHANNEL_TYPE, _NULLABLE_TEXT, is_hidden=True),
        "$virt_initial_referring_domain_type": Column(INITIAL_REFERRING_DOMAIN_TYPE, _NULLABLE_TEXT, is_hidden=True),
        "pdi": Join("person_distinct_ids", left="id", right="person_id", has_many=True),
    }
    return Table("persons", "persons", fields, lambda context: (*_of_team(context), "{p}is_deleted = 0"), is_final=True)


def _person_distinct_ids() -> Table:
    fields: dict[str, Field] = {
        "distinct_id": _column("distinct_id", STRING),
        "team_id": _column("team_id", INT, is_hidden=True),
        "person_id": _column("person_id", UUID),
        "person": Join("persons", left="person_id", right="id"),
    }
    return Table("person_distinct_ids", "person_distinct_ids", fields, _of_team, is_final=True)


def _overrides() -> Table:
    fields: dict[str, Field] = {
        "distinct_id": _column("distinct_id", STRING),
        "person_id": _column("person_id", UUID),
    }
    return Table("_overrides", "person_distinct_id_overrides", fields, _of_team, is_final=True)


def _raw(name: str, table: Table, *, is_deleted: str = "0") -> Table:
    """Return a table with every version of its rows. What was deleted is gone where no column tells of it."""
    fields: dict[str, Field] = {
        **table.fields,
        "is_deleted": Column(is_deleted, SqlType("int", nullable=False)),
        "version": _column("version", INT),
    }
    return Table(name, table.physical, fields, _of_team)


def _groups(index: int | None = None) -> Table:
    entity = None if index is None else f"group_{index}"
    fields: dict[str, Field] = {
        "index": _column("index", INT),
        "team_id": _column("team_id", INT, is_hidden=True),
        "key": _column("key", STRING),
        "created_at": _column("created_at", DATETIME),
        "updated_at": _column("updated_at", DATETIME),
        "properties": _json(entity),
    }
    only = () if index is None else (f"{{p}}index = {index:d}",)
    name = "groups" if index is None else f"_group_{index}"
    return Table(name, "groups", fields, lambda context: (*_of_team(context), *only), is_final=True)


def _cohort_people(name: str, *, is_static: bool) -> Table:
    fields: dict[str, Field] = {
        "person_id": _column("person_id", UUID),
        "cohort_id": _column("cohort_id", INT),
        "team_id": _column("team_id", INT, is_hidden=True),
        "person": Join("persons", left="person_id", right="id"),
    }

    def guards(context: HogQLContext) -> tuple[str, ...]:
        static = ", ".join(f"{number:d}" for number in context.lookups.static_cohorts())
        among = (f"{{p}}cohort_id IN ({static})" if static else "0") if is_static else ""
        others = f"{{p}}cohort_id NOT IN ({static})" if static and not is_static else ""
        # members are written anew under a higher version whenever a cohort is computed
        newest = (
            "({p}cohort_id, {p}version) IN (SELECT cohort_id, max(version) FROM cohort_people"
            f" WHERE team_id = {context.team_id:d} GROUP BY cohort_id)"
        )
        return tuple(filter(None, (*_of_team(context), among, others, newest)))

    return Table(name, "cohort_people", fields, guards, is_final=True)


@cache
def _tables() -> Mapping[str, Table]:
    tables = (
        _events(),
        _persons(),
        _person_distinct_ids(),
        _groups(),
        SESSIONS,
        _cohort_people("cohort_people", is_static=False),
        _cohort_people("static_cohort_people", is_static=True),
        _overrides(),
        _raw("raw_persons", _persons(), is_deleted="{p}is_deleted"),
        _raw("raw_person_distinct_ids", _person_distinct_ids()),
        _raw("raw_groups", _groups()),
        *(_groups(index) for index in range(GROUP_TYPES)),
    )
    return {table.name: table for table in tables}
