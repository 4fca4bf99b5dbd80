"""The one door to httpx: network, Unix socket, test transports."""

import httpx

from insights_mcp.client.endpoint import Locate

AsyncTransport = httpx.AsyncBaseTransport


def local_transport(locate: Locate) -> AsyncTransport:
    """Return a transport to the local backend, which `locate` finds and starts."""
    raise NotImplementedError
