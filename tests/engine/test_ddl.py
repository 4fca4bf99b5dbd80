"""The printed DDL, for one engine and for a cluster."""

from insights_mcp.local.engine.ddl import cluster_ddl, embedded_ddl, reader_grants_ddl
from insights_mcp.local.engine.tables import TABLES


def test_one_engine_gets_plain_merge_trees() -> None:
    statements = embedded_ddl("app")
    assert statements[0] == "CREATE DATABASE IF NOT EXISTS `app`"
    assert len(statements) == 1 + len(TABLES)
    assert all("Replicated" not in text and "ON CLUSTER" not in text for text in statements)
    assert any("ENGINE = ReplacingMergeTree(`version`)" in text for text in statements)


def test_cluster_gets_replicated_shards_under_distributed_tables_of_the_same_names() -> None:
    statements = cluster_ddl("main", "app")
    assert len(statements) == 1 + 2 * len(TABLES)
    assert all("ON CLUSTER `main`" in text for text in statements)
    events = next(text for text in statements if "`events_local`" in text and "ReplicatedMergeTree" in text)
    assert "ReplicatedMergeTree('/clickhouse/tables/{shard}/app/events', '{replica}')" in events
    distributed = next(text for text in statements if "`app`.`events` ON CLUSTER" in text)
    assert "AS `app`.`events_local`" in distributed
    assert "Distributed('main', 'app', 'events_local', cityHash64(person_id))" in distributed


def test_reader_of_a_server_may_only_select() -> None:
    statements = reader_grants_ddl("reader", "app")
    assert statements == [
        "CREATE USER IF NOT EXISTS `reader` SETTINGS readonly = 2",
        "GRANT SELECT ON `app`.* TO `reader`",
    ]
