"""The one door to httpx: network, Unix socket, test transports. Errors leave it as our own, without addresses or keys.

Imported at the first request, not before: httpx takes longer to load than the MCP handshake may take.
"""

import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from urllib.parse import urlsplit

import anyio
import httpx

from insights_mcp.client.endpoint import Endpoint, Locate
from insights_mcp.client.exchange import LostMidway, NeverSent, RawAnswer, RawRequest, TimedOut
from insights_mcp.errors import BackendFailed, UnexpectedAnswer

AsyncTransport = httpx.AsyncBaseTransport

LARGEST_ANSWER = 64 * 1024 * 1024
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0)


class Wire:
    """Sends one request at a time and reads its whole answer. Follows no redirect, keeps no cookie."""

    def __init__(self, base_url: str, transport: AsyncTransport | None, *, connect_seconds: float) -> None:
        self._connect_seconds = connect_seconds
        self._transport = transport
        self._client = httpx.AsyncClient(
            transport=transport,
            limits=LIMITS,
            follow_redirects=False,
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            trust_env=transport is None and not _is_loopback(base_url),
        )

    async def get_ready(self) -> None:
        """Start what must run before anything can be sent; it takes its own time.

        Raises BackendFailed, ExtraMissing.
        """
        if isinstance(self._transport, LocalTransport):
            await self._transport.get_ready()

    async def send(self, request: RawRequest, seconds: float) -> RawAnswer:
        """Send a request and return its answer.

        Raises NeverSent, LostMidway, TimedOut; UnexpectedAnswer when the answer cannot be decoded or is too large.
        """
        with anyio.move_on_after(seconds):
            try:
                return await self._exchange(request, seconds)
            except httpx.HTTPError as error:
                failure = _explain(error)
            # Outside the handler: the chain would carry the request, and with it the key.
            raise failure
        raise TimedOut("No answer within the deadline.")

    async def _exchange(self, request: RawRequest, seconds: float) -> RawAnswer:
        prepared = self._client.build_request(
            request.method,
            request.url,
            params=list(request.params) or None,
            headers=dict(request.headers),
            content=request.content,
            timeout=httpx.Timeout(None, connect=min(self._connect_seconds, seconds), pool=seconds),
        )
        response = await self._client.send(prepared, stream=True)
        try:
            content = await _read_bounded(response)
        finally:
            await response.aclose()
        return RawAnswer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, content)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()


async def _read_bounded(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise UnexpectedAnswer(
                f"The answer is larger than {LARGEST_ANSWER // 2**20} MB and was not read.",
                status=response.status_code,
                advice="Ask for less: a shorter period, fewer rows, a LIMIT.",
            )
    return bytes(content)


def _is_loopback(base_url: str) -> bool:
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _explain(error: httpx.HTTPError) -> Exception:
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return NeverSent("It did not accept a connection in time.")
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return NeverSent(_connect_problem(error))
    if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return NeverSent("The request could not be written.")
    if isinstance(error, httpx.TimeoutException):
        return TimedOut("No answer within the deadline.")
    if isinstance(error, httpx.DecodingError):
        return UnexpectedAnswer("The answer could not be decoded.", status=0)
    return LostMidway("The connection was lost before the answer was whole.")


def _connect_problem(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "Its TLS certificate is not trusted here."
        if isinstance(cause, ssl.SSLError):
            return "The TLS handshake failed."
        if isinstance(cause, socket.gaierror):
            return "Its name could not be resolved."
        if isinstance(cause, ConnectionRefusedError):
            return "It refused the connection."
        cause = cause.__cause__ or cause.__context__
    return "No connection could be made."


class LocalTransport(httpx.AsyncBaseTransport):
    """Speaks to the local backend over its Unix socket, and finds it again when it has gone.

    A failed connect is raised, and the next request looks for the backend anew: nothing was sent, so the caller sends
    it again. A key that the backend no longer takes is looked up anew at once.
    """

    def __init__(self, locate: Locate, connect: Callable[[Endpoint], AsyncTransport]) -> None:
        self._locate = locate
        self._connect = connect
        self._endpoint: Endpoint | None = None
        self._inner: AsyncTransport | None = None
        self._is_gone = False
        self._lock = anyio.Lock()

    async def get_ready(self) -> None:
        """Find the backend, starting it when it does not run."""
        await self._reach()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the backend."""
        endpoint, inner = await self._reach()
        response = await self._send(request, endpoint, inner)
        if response.status_code != 401 and not await _is_bad_key(response):
            return response
        self._lose(endpoint)
        found, inner = await self._reach()
        if found.api_key == endpoint.api_key:
            return response
        # Refused for its key, so nothing was done.
        await response.aclose()
        return await self._send(request, found, inner)

    async def _send(self, request: httpx.Request, endpoint: Endpoint, inner: AsyncTransport) -> httpx.Response:
        request.headers["Authorization"] = f"Bearer {endpoint.api_key}"
        try:
            return await inner.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            self._lose(endpoint)
            raise

    def _lose(self, endpoint: Endpoint) -> None:
        # Only the endpoint in use: another request may have found a new one meanwhile.
        if endpoint is self._endpoint:
            self._is_gone = True

    async def _reach(self) -> tuple[Endpoint, AsyncTransport]:
        """Return the backend to use; when it has gone, ask where it is now, once for all who wait."""
        async with self._lock:
            if self._endpoint is None or self._inner is None or self._is_gone:
                found = _checked(await self._locate())
                if self._inner is None or found != self._endpoint:
                    await self.aclose()
                    self._inner = self._connect(found)
                # A fresh object even when equal, so that a late failure of the old one is told from this one.
                self._endpoint = Endpoint(found.socket_path, found.api_key)
                self._is_gone = False
            return self._endpoint, self._inner

    async def aclose(self) -> None:
        """Close the connections; the backend goes on."""
        if self._inner is not None:
            await self._inner.aclose()


def _checked(endpoint: Endpoint) -> Endpoint:
    """Return the endpoint if its key fits into a header: the HTTP library's own refusal would print it."""
    if re.search(r"[^\x21-\x7e]", endpoint.api_key):
        raise BackendFailed("The local backend gave a key that is none.", advice="Start it again.")
    return endpoint


async def _is_bad_key(response: httpx.Response) -> bool:
    if response.status_code != 403:
        return False
    # Insight endpoints answer 403 to a bad key; the code tells (facts/rest-api.md 2.3).
    return b'"authentication_failed"' in await response.aread()


def _connect_socket(endpoint: Endpoint) -> AsyncTransport:
    return httpx.AsyncHTTPTransport(uds=endpoint.socket_path, limits=LIMITS)


def local_transport(locate: Callable[[], Awaitable[Endpoint]]) -> AsyncTransport:
    """Return a transport to the local backend, which `locate` finds and starts. Its key comes from the endpoint."""
    return LocalTransport(locate, _connect_socket)
