"""A real OpenAI-compatible server on loopback, for tests: scripted answers, every request recorded.

    with serve_model([answer('{"name": ...}'), status(500)]) as server:
        ModelNamer("sk-test", server.base_url, "test-model")
    server.requests[0].body["messages"]

Answers are used up in order; the last one is repeated. `silence()` never answers until the server is closed.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What the server sends: a status and a body, or nothing at all."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    is_silent: bool = False


@dataclass(frozen=True)
class Request:
    """What the server was sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """All message texts, in order."""
        return "\n".join(message["content"] for message in self.body["messages"])

    @property
    def has_schema(self) -> bool:
        """Whether a JSON-schema answer was asked for."""
        return "response_format" in self.body


Script = Reply | Callable[[Request], Reply]


@dataclass
class ModelServer:
    """A running server: where it is, and what it was sent so far."""

    base_url: str
    requests: list[Request] = field(default_factory=list)


def answer(content: str | None, *, refusal: str | None = None, finish_reason: str = "stop") -> Reply:
    """A chat completion with this content."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    return _json(
        200,
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "test-model",
            "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": None}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        },
    )


def named(name: str, description: str = "Shows what it says.") -> Reply:
    """A chat completion that is a good answer."""
    return answer(json.dumps({"name": name, "description": description}))


def status(code: int, message: str = "no") -> Reply:
    """An error as OpenAI writes them."""
    return _json(code, {"error": {"message": message, "type": "error", "param": None, "code": None}})


def raw(body: str, content_type: str = "application/json") -> Reply:
    """Status 200 with any body."""
    return Reply(200, body.encode(), content_type)


def silence() -> Reply:
    """No answer at all, until the server is closed."""
    return Reply(is_silent=True)


def only_plain_json(reply: Reply) -> Callable[[Request], Reply]:
    """A server that does not know `response_format`."""
    return lambda request: status(400, "unknown field response_format") if request.has_schema else reply


@contextmanager
def serve_model(script: Sequence[Script]) -> Iterator[ModelServer]:
    """Run the server for the block, on a free port of loopback."""
    closing = threading.Event()
    lock = threading.Lock()
    remaining = list(script)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = json.loads(self.rfile.read(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, body)
            with lock:
                server.requests.append(request)
                scripted = remaining.pop(0) if len(remaining) > 1 else remaining[0]
            reply = scripted if isinstance(scripted, Reply) else scripted(request)
            if reply.is_silent:
                closing.wait(10)
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Keep quiet."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = ModelServer(f"http://127.0.0.1:{httpd.server_address[1]}/v1")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        closing.set()
        httpd.shutdown()
        httpd.server_close()
        thread.join(5)


def _json(code: int, body: object) -> Reply:
    return Reply(code, json.dumps(body).encode())
