"""A ClickHouse server or cluster as the engine, over HTTP: `INSIGHTS_CLICKHOUSE_URL`.

    http(s)://user:password@host:port/database?cluster=name

Everything but the way in is what the embedded engine does. A server should give us a user of its own; the tables are
made at the first opening, replicated and sharded when a cluster is named (facts/engine.md 9).
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

import pyarrow as pa

from insights_mcp.local.engine.base import EngineUnavailable
from insights_mcp.local.engine.connected import ConnectedEngine, explain_ast, make_tables, translated
from insights_mcp.local.engine.ddl import DATABASE, cluster_ddl, quote_name, server_ddl
from insights_mcp.local.engine.sessions import Key, Session
from insights_mcp.local.engine.settings import WRITING, SettingValue

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_PORTS = {"http": 8123, "https": 8443}
_CONNECT_SECONDS = 10
# Longer than any query may run, so that the server's own limit speaks first.
_ANSWER_SECONDS = 900


@dataclass(frozen=True)
class ServerAddress:
    """A ClickHouse URL, taken apart. The password never shows in repr."""

    secure: bool
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    cluster: str | None

    @classmethod
    def parse(cls, url: str) -> "ServerAddress":
        """Return the parts of a URL that the settings have checked."""
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        return cls(
            secure=parts.scheme == "https",
            host=parts.hostname or "localhost",
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            database=parts.path.strip("/") or DATABASE,
            cluster=query.get("cluster", [None])[-1],
        )


class ServerEngine(ConnectedEngine):
    """A server, or a cluster behind one of its servers."""

    def __init__(self, url: str) -> None:
        self._address = ServerAddress.parse(url)
        super().__init__(self._address.database)
        cluster = self._address.cluster
        with translated():
            client = self._connect({}, database=None)
            self._is_limited = int(str(client.command("SELECT getSetting('readonly')"))) != 0
            statements = cluster_ddl(cluster, self.database) if cluster else server_ddl(self.database)
            make_tables(client, statements, self.database, cluster)
            client.close()

    def _connect(self, settings: Mapping[str, SettingValue], *, database: str | None, retries: int = 0) -> "Client":
        from clickhouse_connect import get_client

        address = self._address
        client = get_client(
            interface="https" if address.secure else "http",
            host=address.host,
            port=address.port,
            username=address.user,
            password=address.password,
            database=database,
            settings=dict(settings),
            tz_mode="aware",
            query_retries=retries,
            connect_timeout=_CONNECT_SECONDS,
            send_receive_timeout=_ANSWER_SECONDS,
            # Requests of one session wait for one another on the server.
            autogenerate_session_id=False,
        )
        client.server_tz = UTC  # as the sessions have it, whatever the server's own zone
        return client

    def _open_reader(self, key: Key) -> Session:
        settings: dict[str, SettingValue] = dict(key)
        if self._address.cluster:
            # Persons are on another shard than events whose person was merged later.
            settings["distributed_product_mode"] = "global"
        if not self._is_limited:
            settings["readonly"] = 1
        # A stream that its reader gives up ends on the server too.
        settings["cancel_http_readonly_queries_on_client_close"] = 1
        return Session(self._connect(settings, database=self.database, retries=2), key, "")

    def _open_writer(self, key: Key) -> Session:
        settings: dict[str, SettingValue] = {**(dict(key) or WRITING), "distributed_foreground_insert": 1}
        return Session(self._connect(settings, database=self.database), key, "")

    def _query_settings(self, session: Session) -> dict[str, str]:
        session.label = str(uuid.uuid4())
        return {"query_id": session.label}

    def _insert_settings(self) -> dict[str, str]:
        # The library sends an insert again when the server closed the connection, though it may have happened.
        return {"insert_deduplicate": "1", "insert_deduplication_token": str(uuid.uuid4())}

    def _condition(self, session: Session) -> str:
        return f"query_id = '{session.label}'"

    def _processes(self) -> str:
        cluster = self._address.cluster
        return f"clusterAllReplicas({quote_name(cluster)}, system.processes)" if cluster else "system.processes"

    def _on_cluster(self) -> str:
        return f" ON CLUSTER {quote_name(self._address.cluster)}" if self._address.cluster else ""

    def _check(self, session: Session, sql: str, params: Mapping[str, object] | None) -> None:
        # The server itself takes only one statement a request, so EXPLAIN cannot run a second one.
        self._guard.check(sql, lambda: explain_ast(session, sql, params))

    def _batches(self, session: Session, sql: str, params: dict[str, object]) -> Iterator[pa.RecordBatch]:
        from urllib3.exceptions import HTTPError

        settings = self._query_settings(session)
        try:
            yield from self._stream(session, sql, params, settings)
        except (HTTPError, pa.ArrowException) as error:
            # The server failed midway. What it said stands in the middle of the data, and is lost.
            raise EngineUnavailable("The answer broke off.") from error

    @staticmethod
    def _stream(
        session: Session, sql: str, params: dict[str, object], settings: dict[str, str]
    ) -> Iterator[pa.RecordBatch]:
        with session.client.query_arrow_stream(sql, parameters=params, settings=settings) as tables:
            for table in tables:
                yield from pa.table(table).to_batches() if isinstance(table, pa.Table) else (table,)
