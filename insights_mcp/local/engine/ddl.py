"""The DDL text, printed from `tables.py`: one template for one engine and for a cluster (facts/engine.md 9)."""

from collections.abc import Collection, Mapping

from insights_mcp.local.engine.tables import TABLES, Column, Table

DATABASE = "insights"


def embedded_ddl(database: str = DATABASE) -> list[str]:
    """Return the statements that create the database and its tables on one engine."""
    return [
        f"CREATE DATABASE IF NOT EXISTS {quote_name(database)}",
        *(_create(table, quote_name(database), table.name, "", _engine(table)) for table in TABLES),
    ]


def server_ddl(database: str = DATABASE) -> list[str]:
    """Return the statements for a single server: an insert that is sent twice with one token happens once."""
    create_database, *tables = embedded_ddl(database)
    return [create_database, *(f"{text}\nSETTINGS non_replicated_deduplication_window = 1000" for text in tables)]


def cluster_ddl(cluster: str, database: str = DATABASE) -> list[str]:
    """Return the statements for a cluster: replicated `<table>_local` per shard, and Distributed tables over them.

    Queries name the same tables as on one engine. The macros {shard} and {replica} come from the server's own
    configuration. Events, persons and their distinct ids are sharded by person, as every insight groups by person.
    """
    on_cluster = f" ON CLUSTER {quote_name(cluster)}"
    statements = [f"CREATE DATABASE IF NOT EXISTS {quote_name(database)}{on_cluster}"]
    for table in TABLES:
        local = f"{table.name}_local"
        statements.append(_create(table, quote_name(database), local, on_cluster, _replicated(table, database)))
        statements.append(
            f"CREATE TABLE IF NOT EXISTS {quote_name(database)}.{quote_name(table.name)}{on_cluster}"
            f" AS {quote_name(database)}.{quote_name(local)}\n"
            f"ENGINE = Distributed({_text(cluster)}, {_text(database)}, {_text(local)}, {table.sharded_by})"
        )
    return statements


def upgrade_ddl(
    existing: Mapping[str, Collection[str]], database: str = DATABASE, cluster: str | None = None
) -> list[str]:
    """Return the statements that add columns which a newer version knows and the tables lack.

    `existing` holds the columns by table. Old rows get a new column's value when they are read.
    """
    on_cluster = f" ON CLUSTER {quote_name(cluster)}" if cluster else ""
    return [
        f"ALTER TABLE {quote_name(database)}.{quote_name(name)}{on_cluster} ADD COLUMN IF NOT EXISTS {_column(column)}"
        for table in TABLES
        for name in ((f"{table.name}_local", table.name) if cluster else (table.name,))
        for column in table.columns
        if column.name not in existing.get(name, ())
    ]


def print_ddl(cluster: str | None = None, database: str = DATABASE) -> str:
    """Return the whole DDL as text for people to read or to feed to a server."""
    statements = cluster_ddl(cluster, database) if cluster else embedded_ddl(database)
    return "".join(f"{statement};\n\n" for statement in statements)


def reader_grants_ddl(reader: str, database: str = DATABASE, cluster: str | None = None) -> list[str]:
    """Return the statements that give a server its read-only user (without a password: the administrator sets it)."""
    on_cluster = f" ON CLUSTER {quote_name(cluster)}" if cluster else ""
    return [
        f"CREATE USER IF NOT EXISTS {quote_name(reader)}{on_cluster} SETTINGS readonly = 2",
        f"GRANT{on_cluster} SELECT ON {quote_name(database)}.* TO {quote_name(reader)}",
    ]


def quote_name(name: str) -> str:
    """Return a name as ClickHouse quotes it."""
    escaped = name.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _create(table: Table, database: str, name: str, on_cluster: str, engine: str) -> str:
    columns = ",\n".join(f"    {_column(column)}" for column in table.columns)
    lines = [
        f"CREATE TABLE IF NOT EXISTS {database}.{quote_name(name)}{on_cluster}",
        f"(\n{columns}\n)",
        f"ENGINE = {engine}",
    ]
    if table.partition_by:
        lines.append(f"PARTITION BY {table.partition_by}")
    lines.append(f"ORDER BY {table.order_by}")
    if table.sample_by:
        lines.append(f"SAMPLE BY {table.sample_by}")
    return "\n".join(lines)


def _column(column: Column) -> str:
    return f"{quote_name(column.name)} {column.type} {column.expression}".rstrip()


def _engine(table: Table) -> str:
    return f"ReplacingMergeTree({quote_name(table.version)})" if table.version else "MergeTree"


def _replicated(table: Table, database: str) -> str:
    path = f"'/clickhouse/tables/{{shard}}/{database}/{table.name}', '{{replica}}'"
    if table.version:
        return f"ReplicatedReplacingMergeTree({path}, {quote_name(table.version)})"
    return f"ReplicatedMergeTree({path})"
