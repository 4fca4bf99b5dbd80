"""A stand-in for a ClickHouse server: its HTTP interface over the embedded engine, on loopback, for tests.

It is no part of the product: what other programs ask locally is the REST API, and raw SQL over HTTP would be one more
door to guard. Here it proves the server engine's whole way over HTTP: authentication, settings and limits of each
request, bound parameters, inserts, error codes, cancelling, progress, many requests at once.
"""

import base64
import contextlib
import io
import re
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from insights_mcp.local.engine.chdb import EmbeddedEngine

if TYPE_CHECKING:
    from collections.abc import Buffer
    from io import BufferedIOBase

    from chdb.state.sqlitelike import StreamingResult

USER, PASSWORD = "insights", "pass/word:with@signs"
# What belongs to the transport; every other parameter of a request is a setting, as on the server.
_TRANSPORT = {
    "query",
    "database",
    "query_id",
    "session_id",
    "default_format",
    "compress",
    "decompress",
    "buffer_size",
    "wait_end_of_query",
    "client_protocol_version",
    "send_progress_in_http_headers",
    "http_headers_progress_interval_ms",
    "enable_http_compression",
}
_INSERT = re.compile(rb"\s*INSERT\s+INTO\s+.*?\bFORMAT\s+(\w+)[ \t]*\n?", re.IGNORECASE | re.DOTALL)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_CODE = re.compile(r"Code: (\d+)")


class ClickHouseStandIn:
    """The running server. `requests` counts what it was asked."""

    def __init__(self, engine: EmbeddedEngine) -> None:
        directory = engine._directory  # the very engine of the tests: a process has but one
        self.connection_string = f"{directory.store}?config-file={directory.config}"
        self.requests = 0
        stand_in = self

        class Handler(_Handler):
            server_state = stand_in

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> "ClickHouseStandIn":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Chunked(io.RawIOBase):
    """Writes what it gets as HTTP chunks."""

    def __init__(self, out: "BufferedIOBase") -> None:
        super().__init__()
        self._out = out

    def writable(self) -> bool:
        return True

    def write(self, data: "Buffer") -> int:
        raw = bytes(data)
        if raw:
            self._out.write(b"%x\r\n%b\r\n" % (len(raw), raw))
        return len(raw)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_state: ClickHouseStandIn

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Say nothing on stderr."""

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        self.server_state.requests += 1
        body = self._read_body()
        if not self._is_known():
            self._fail("Code: 516. DB::Exception: insights: Authentication failed. (AUTHENTICATION_FAILED)", 403)
            return
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        try:
            answer = self._run(parameters, body)
        except RuntimeError as error:  # chDB's own
            text = str(error)
            self._fail(text[text.find("Code: ") :] if "Code: " in text else text, 500)
            return
        if answer is None:
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        if answer:
            self.send_header("X-ClickHouse-Format", parameters.get("default_format", "Native"))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        else:
            raw = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        encoding = self.headers.get("Content-Encoding")
        if encoding:
            from clickhouse_connect.driver._backend.chdb_backend import _decompress

            return _decompress(raw, encoding)
        return raw

    def _is_known(self) -> bool:
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return self.headers.get("Authorization") == f"Basic {expected}"

    def _fail(self, text: str, status: int) -> None:
        raw = text.encode()
        code = _CODE.search(text)
        self.send_response(status)
        self.send_header("X-ClickHouse-Exception-Code", code.group(1) if code else "1000")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _run(self, parameters: dict[str, str], body: bytes) -> bytes | None:
        raw = parameters.get("query", "").encode()
        raw = raw + b"\n" + body if raw else body
        bound = {name[6:]: value for name, value in parameters.items() if name.startswith("param_")}
        settings = {
            name: value
            for name, value in parameters.items()
            if name not in _TRANSPORT and not name.startswith("param_")
        }
        with self._session(settings, parameters.get("database"), parameters.get("query_id", "")) as connection:
            insert = _INSERT.match(raw)
            if insert:
                return self._insert(connection, raw, insert)
            sql = raw.decode()
            if connection._conn.classify_query(sql)["statement_count"] > 1:
                raise RuntimeError(
                    "Code: 62. DB::Exception: Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)"
                )
            # The embedded engine knows no query ids; each session's log_comment stands in for them.
            sql = sql.replace("query_id = '", "Settings['log_comment'] = '")
            found = _FORMAT.search(sql)
            if found and found.group(1) == "ArrowStream":
                self._stream(connection.send_query(sql, "ArrowStream", bound))
                return None
            result = connection.query(
                sql, found.group(1) if found else parameters.get("default_format", "TabSeparated"), bound
            )
            return result.bytes() or b""

    def _stream(self, chunks: "StreamingResult") -> None:
        """Send Arrow batches as they come. chDB's chunks are whole streams; the server's are one."""
        import pyarrow as pa

        first = pa.ipc.open_stream(next(chunks).bytes()).read_all()
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        sink = _Chunked(self.wfile)
        try:
            writer = pa.ipc.new_stream(sink, first.schema)
            writer.write_table(first)
            for chunk in chunks:
                writer.write_table(pa.ipc.open_stream(chunk.bytes()).read_all())
            writer.close()  # not when it failed: that would look like a whole answer
            self.wfile.write(b"0\r\n\r\n")
        except (OSError, RuntimeError):  # the reader left, or the query failed midway: the answer breaks off
            self.close_connection = True
        finally:
            chunks.close()

    @contextlib.contextmanager
    def _session(self, settings: dict[str, str], database: str | None, query_id: str) -> "Iterator[object]":
        import chdb

        connection = chdb.connect(self.server_state.connection_string)
        try:
            if database:
                connection.query(f"USE `{database}`", "TSV")
            readonly = settings.pop("readonly", None)
            for name, value in {**settings, "log_comment": query_id}.items():
                connection.query(f"SET {name} = '{value}'", "TSV")
            if readonly:
                connection.query("SET ROLE NONE", "TSV")
                connection.query(f"SET readonly = {int(readonly)}", "TSV")
            yield connection
        finally:
            connection.close()

    def _insert(self, connection: object, raw: bytes, head: "re.Match[bytes]") -> bytes:
        statement = head.group(0).decode()
        at = statement.upper().rindex("FORMAT")
        with tempfile.NamedTemporaryFile(suffix=".data") as file:
            file.write(raw[head.end() :])
            file.flush()
            place = str(Path(file.name))
            connection.query(f"{statement[:at]} FROM INFILE '{place}' {statement[at:]}", "TSV")
        return b""
