"""A stdio server over an API that nobody answers for: what the wire tests start as a process of its own."""

import sys

from insights_mcp.server.handshake import open_session


def main() -> None:
    opening = open_session()
    if opening is None:
        return
    print("this must never reach the client")  # noqa: T201  # that is what is tested
    from insights_mcp.client import PostHogClient
    from insights_mcp.server.build import build_server
    from insights_mcp.server.stdio import leave, serve

    leave(serve(opening, lambda: build_server(lambda: PostHogClient("http://127.0.0.1:9", "phx_nobody"))))


if __name__ == "__main__":
    sys.exit(main())
