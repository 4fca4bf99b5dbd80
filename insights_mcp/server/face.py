"""`InsightsServer`: the SDK's server with our tools, prompts and resources in place of its registries.

Only public methods of the SDK are overridden. Its own registry would derive schemas and argument errors that cost
tokens and say little (facts/mcp.md 1.3, 1.5).
"""

import base64
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.apps import client_supports_apps
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError, UnexpectedToolError
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from mcp_types import (
    INVALID_PARAMS,
    CallToolResult,
    Completion,
    CompletionArgument,
    GetPromptResult,
    ImageContent,
    InputRequiredResult,
    ListResourcesResult,
    PaginatedRequestParams,
    PromptReference,
    Resource,
    ResourceTemplate,
    ResourceTemplateReference,
    TextContent,
)
from mcp_types import Prompt as ListedPrompt
from mcp_types import Tool as ListedTool
from pydantic import AnyUrl

from insights_mcp.client import PostHogClient
from insights_mcp.errors import InputError, InsightsError, NotFound
from insights_mcp.prompts import load_prompt
from insights_mcp.render.marking import quote
from insights_mcp.schema.text import nearest
from insights_mcp.server import resources
from insights_mcp.server.answers import Answer
from insights_mcp.server.boards.leftovers import clean_up
from insights_mcp.server.completion import complete
from insights_mcp.server.confirming import PATIENCE_SECONDS, InputNeeded, McpPerson
from insights_mcp.server.gate import tell_error
from insights_mcp.server.handshake import DISCOVER_TTL_MS, NAME, TITLE
from insights_mcp.server.journal import Journal
from insights_mcp.server.tool import Call, Services, Tool
from insights_mcp.server.views.extension import URI, ViewExtension, list_views, read_view
from insights_mcp.server.workflows import Workflow

if TYPE_CHECKING:
    from insights_mcp.naming import Namer

logger = logging.getLogger(__name__)

OpenClient = Callable[[], AbstractAsyncContextManager[PostHogClient]]

# What is fixed while the process lives may be kept by the client for an hour.
_FIXED: tuple[CacheableMethod, ...] = (
    "server/discover",
    "tools/list",
    "prompts/list",
    "resources/templates/list",
)


class InsightsServer(MCPServer[Services]):
    """The MCP server. `tools` are those that are listed and answered, in this order."""

    def __init__(
        self,
        open_client: OpenClient,
        *,
        tools: Sequence[Tool[Any]],
        workflows: Sequence[Workflow],
        model: "Namer | None",
        read_only: bool,
        journal: Journal,
        version: str,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._aliases = {alias: (tool, preset) for tool in tools for alias, preset in tool.aliases.items()}
        self._workflows = {workflow.name: workflow for workflow in workflows}
        self._read_only = read_only
        self._patience = patience
        self._listed_tools: list[ListedTool] | None = None

        self._services: Services | None = None
        self._is_tidy = False

        @asynccontextmanager
        async def lifespan(_: MCPServer[Services]) -> AsyncIterator[Services]:
            async with open_client() as api:
                before, self._services = self._services, Services(api, model, journal=journal)
                try:
                    yield self._services
                finally:
                    self._services = before

        with _no_rich_logging():
            super().__init__(
                NAME,
                title=TITLE,
                version=version,
                instructions=load_prompt("server"),
                lifespan=lifespan,
                log_level="WARNING",
                subscriptions=False,
                extensions=[ViewExtension()],
                middleware=[list_views],
                cache_hints={method: CacheHint(DISCOVER_TTL_MS, "public") for method in _FIXED},
            )
        # The SDK's own lists have one page (facts/mcp.md 1.8).
        self._lowlevel_server.add_request_handler("resources/list", PaginatedRequestParams, self._page_resources)
        self.completion()(self._complete)  # type: ignore[no-untyped-call]  # the SDK's decorator has no types

    async def run_streams(
        self,
        inbound: MemoryObjectReceiveStream[SessionMessage | Exception],
        outbound: MemoryObjectSendStream[SessionMessage],
    ) -> None:
        """Serve one session over a pair of streams, until the first ends."""
        lowlevel = self._lowlevel_server  # the SDK has no public way yet to serve over streams of one's own
        await lowlevel.run(inbound, outbound, lowlevel.create_initialization_options())

    async def list_tools(self) -> list[ListedTool]:
        """Return the listed tools; the same every time and in the same order."""
        if self._listed_tools is None:
            self._listed_tools = [tool.listed() for tool in self._tools.values()]
        return self._listed_tools

    async def call_tool(
        self, name: str, arguments: Mapping[str, Any], context: Context[Services, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Run a tool, listed or alias. A question to the person is a result, too; the call comes again with the answer.

        Raises ToolError with a text for the model; a crash becomes UnexpectedToolError, whose text says nothing of it.
        """
        if context is None:
            raise ToolError("A tool is called within a session only.")
        try:
            tool, preset = self._find(name)
            services, shows_views = context.request_context.lifespan_context, client_supports_apps(context)
            person = McpPerson(context, self._patience)
            call = Call(services, context.report_progress, shows_views, person=person)
            await self._tidy_up(call)
            answer = await tool.answer({**preset, **arguments}, call, read_only=self._read_only)
        except InputNeeded as question:
            return question.result
        except InsightsError as error:
            raise ToolError(tell_error(error)) from error
        except Exception as crash:
            raise UnexpectedToolError(
                f"{name} failed in a way that nobody foresaw; the server's log has the details. "
                "Trying once more does no harm if it only reads."
            ) from crash
        return _result_of(answer)

    async def list_prompts(self) -> list[ListedPrompt]:
        """Return the workflow prompts."""
        return [workflow.listed() for workflow in self._workflows.values()]

    async def get_prompt(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        context: Context[Services, Any] | None = None,  # noqa: ARG002  # the SDK passes it
    ) -> GetPromptResult:
        """Return a workflow prompt filled in.

        Raises MCPError (invalid params) for an unknown prompt or a missing argument.
        """
        try:
            if (workflow := self._workflows.get(name)) is None:
                raise _unknown("prompt", name, self._workflows)
            return workflow.fill(arguments or {})
        except InsightsError as error:
            raise MCPError(INVALID_PARAMS, tell_error(error)) from error

    async def list_resources(self) -> list[Resource]:
        """Return the latest insights and dashboards as resources; none when they cannot be had now.

        Clients list resources as soon as they connect, before anybody asked for anything: a wrong key or no network is
        told by the first tool call, not by a red server.
        """
        return list((await self._list_page(None)).resources)

    async def _page_resources(self, _: object, params: PaginatedRequestParams | None) -> ListResourcesResult:
        """Return one page of the resources.

        Raises MCPError (invalid params) for a cursor that is none of ours.
        """
        page = await self._list_page(params.cursor if params is not None else None)
        return ListResourcesResult(resources=list(page.resources), next_cursor=page.next_cursor)

    async def _list_page(self, cursor: str | None) -> resources.ResourcePage:
        try:
            return await resources.list_resources(self._open_services().api, cursor)
        except InputError as error:
            raise MCPError(INVALID_PARAMS, tell_error(error)) from error
        except InsightsError as error:
            logger.warning("no resources listed: %s", tell_error(error))
            return resources.ResourcePage(())

    async def list_resource_templates(self) -> list[ResourceTemplate]:
        """Return the templates of the addresses of insights and dashboards."""
        return list(resources.TEMPLATES)

    async def read_resource(
        self,
        uri: AnyUrl | str,
        context: Context[Services, Any] | None = None,  # noqa: ARG002  # the SDK passes it
    ) -> Iterable[ReadResourceContents]:
        """Return an insight as text, or the page that draws results.

        Raises ResourceNotFoundError for an address that is no insight's, ResourceError for what went wrong.
        """
        if str(uri) == URI:
            return [read_view()]
        try:
            text = await resources.read_resource(self._open_services().api, str(uri))
        except NotFound as error:
            raise ResourceNotFoundError(tell_error(error)) from error
        except InsightsError as error:
            raise ResourceError(tell_error(error)) from error
        return [ReadResourceContents(content=text, mime_type=resources.MIME_TYPE)]

    async def _complete(
        self,
        reference: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        _: object,
    ) -> Completion | None:
        """Suggest values for the argument that is being typed; nothing when they cannot be had now."""
        try:
            values = await complete(self._open_services().api, reference, argument, self._workflows)
            return Completion(values=list(values))
        except InsightsError as error:
            logger.warning("nothing completed: %s", tell_error(error))
            return None

    async def _tidy_up(self, call: Call) -> None:
        """Once after a start, take back what a killed process left half-made, and tell it with the first answer."""
        if self._is_tidy or self._read_only:
            return
        self._is_tidy = True
        try:
            if await call.services.journal.has_begun():
                call.notes.extend(await clean_up(call))
        except InsightsError as error:  # no network, wrong key: the call itself will tell
            self._is_tidy = False
            logger.warning("nothing tidied up: %s", tell_error(error))

    def _open_services(self) -> Services:
        if self._services is None:
            raise InputError("No session is open.")
        return self._services

    def _find(self, name: str) -> tuple[Tool[Any], Mapping[str, object]]:
        if (tool := self._tools.get(name)) is not None:
            return tool, {}
        if (alias := self._aliases.get(name)) is not None:
            return alias
        raise _unknown("tool", name, self._tools)


def _result_of(answer: Answer) -> CallToolResult:
    images = [
        ImageContent(type="image", data=base64.b64encode(image.data).decode(), mime_type=image.mime_type)
        for image in answer.images
    ]
    meta = None if answer.meta is None else dict(answer.meta)
    return CallToolResult(content=[TextContent(type="text", text=answer.text), *images], _meta=meta)


@contextmanager
def _no_rich_logging() -> Iterator[None]:
    """Keep the SDK from importing rich for a log handler that `stdio` has set already: 3 MB and 60 ms."""
    if "rich.console" in sys.modules:
        yield
        return
    sys.modules["rich.console"] = None  # type: ignore[assignment]  # makes the import fail, which the SDK expects
    try:
        yield
    finally:
        del sys.modules["rich.console"]


def _unknown(noun: str, name: str, known: Iterable[str]) -> InputError:
    near = nearest(name, known)
    advice = f"Did you mean {near}?" if near else f"There are: {', '.join(known)}."
    return InputError(f"There is no {noun} {quote(name, 60)}.", advice=advice)
