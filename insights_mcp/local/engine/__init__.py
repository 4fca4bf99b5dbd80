"""The column store: ClickHouse, embedded (chDB) or as a server, behind one small interface."""
