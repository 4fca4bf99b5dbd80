"""An owner process with a small application, run as a command by the tests: `python owner.py DIR [options]`."""

import argparse
import sys
import time
from pathlib import Path

from insights_mcp.errors import ExtraMissing, InsightsError
from insights_mcp.local.gate import App, Receive, Scope, Send
from insights_mcp.local.process import Served, TcpAddress, serve


def make_app(key: str) -> App:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        import anyio

        if scope["path"] == "/slow":
            await anyio.sleep(1.0)
        if scope["path"] == "/endless":
            await anyio.sleep_forever()
        raw = key.encode()
        length = (b"content-length", str(len(raw)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": raw})

    return answer


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--idle", type=float, default=30.0)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--has-key", action="store_true")
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("--broken", action="store_true")
    parser.add_argument("--start-seconds", type=float, default=0.0)
    options = parser.parse_args()

    def make(key: str) -> Served:
        time.sleep(options.start_seconds)  # an engine that opens slowly
        if options.missing:
            raise ExtraMissing("local", "The local backend")
        if options.broken:
            raise RuntimeError("the store is broken")
        return Served(make_app(key))

    tcp = TcpAddress(options.host, options.port, options.has_key) if options.host else None
    try:
        serve(make, data_dir=options.data_dir, idle_seconds=options.idle, tcp=tcp, version=options.version)
    except InsightsError as error:
        sys.stderr.write(f"insights-mcp: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
