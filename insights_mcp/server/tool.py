"""What a tool is: a name, checked arguments, an async function that answers with text, and honest hints."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from mcp_types import Tool as ListedTool
from mcp_types import ToolAnnotations

from insights_mcp.client import PostHogClient
from insights_mcp.errors import InputError, InsightsError
from insights_mcp.prompts import load_prompt
from insights_mcp.server.answers import Answer
from insights_mcp.server.arguments import Arguments, published_schema, read_arguments
from insights_mcp.server.confirming import NobodyThere, Person
from insights_mcp.server.discovery.catalogue import Catalogue
from insights_mcp.server.journal import Entry, Journal, Step
from insights_mcp.server.scopes import find_scope
from insights_mcp.server.vocabulary import Vocabulary

if TYPE_CHECKING:
    from insights_mcp.naming import Namer

A = TypeVar("A", bound=Arguments)
Report = Callable[[float, float | None, str | None], Awaitable[None]]


class ReadOnly(InputError):
    """A write was asked for in read-only mode."""

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"{tool} would change something, and this server is read-only.",
            advice="Only whoever runs it can change that (INSIGHTS_MCP_READ_ONLY).",
        )


@dataclass(frozen=True)
class Services:
    """What lives as long as the session: one client, the naming model if there is one, what is known of the project."""

    api: PostHogClient
    model: "Namer | None"
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    catalogue: Catalogue = field(default_factory=Catalogue)
    journal: Journal = field(default_factory=Journal)


@dataclass(frozen=True)
class Call:
    """What one call of a tool may use. `report_progress` does nothing unless the caller asked for progress.

    `notes` are told at the end of the answer: what was mended in the call; after them `handles`, to undo it.
    `shows_views` tells whether the caller can show a result in a view; `person` can be asked before something that
    others use is deleted.
    """

    services: Services
    report_progress: Report
    shows_views: bool = False
    notes: list[str] = field(default_factory=list)
    handles: list[str] = field(default_factory=list)
    person: Person = field(default_factory=NobodyThere)

    @property
    def api(self) -> PostHogClient:
        """Return the client."""
        return self.services.api

    async def record(self, tool: str, title: str, steps: Sequence[Step]) -> None:
        """Write down what a finished write changed; the answer will end with its undo handle.

        A write that is done must not turn into an error: without a journal there is just no handle.
        """
        try:
            scope, at = await find_scope(self.api), self.api.our_now()
            handle = await self.services.journal.record(scope, tool, title, steps, at)
        except InsightsError as error:
            self.notes.append(f"No undo handle: {error.message}")
        else:
            self.handles.append(f"Undo: {handle}.")

    async def begin(self, tool: str, title: str) -> str:
        """Write down that a write of several requests begins, and return its handle."""
        return await self.services.journal.begin(await find_scope(self.api), tool, title, self.api.our_now())

    async def add_intent(self, handle: str, intent: Mapping[str, object]) -> None:
        """Write down what a begun write is about to make."""
        await self.services.journal.add_intent(await find_scope(self.api), handle, intent)

    async def add_step(self, handle: str, step: Step) -> None:
        """Write down what a begun write has done."""
        await self.services.journal.add_step(await find_scope(self.api), handle, step)

    async def entries(self) -> list[Entry]:
        """Return the writes to this project that the journal knows, oldest first."""
        return await self.services.journal.entries(await find_scope(self.api))

    async def set_state(self, handle: str, state: str) -> None:
        """Write down that a write is done, or undone."""
        await self.services.journal.set_state(await find_scope(self.api), handle, state)

    @property
    def vocabulary(self) -> Vocabulary:
        """Return the events that are known by name."""
        return self.services.vocabulary

    @property
    def catalogue(self) -> Catalogue:
        """Return what there is to ask about, ranked by use."""
        return self.services.catalogue


@dataclass(frozen=True)
class Hints:
    """The safety hints of a tool. All may meet text that strangers wrote, so all are open to the world."""

    read_only: bool = False
    destructive: bool = False
    idempotent: bool = False


READS = Hints(read_only=True, idempotent=True)
ADDS = Hints()
CHANGES = Hints(destructive=True, idempotent=True)


@dataclass(frozen=True)
class Tool(Generic[A]):
    """One tool. `aliases` are answered but not listed; each maps to arguments that it stands for.

    `writes` tells for given arguments whether the call changes anything; None means that it depends on the hints alone.
    """

    name: str
    title: str
    arguments: type[A]
    run: Callable[[A, Call], Awaitable[str | Answer]]
    hints: Hints = READS
    aliases: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    writes: Callable[[A], bool] | None = None

    def listed(self) -> ListedTool:
        """Return the tool as tools/list shows it."""
        return ListedTool(
            name=self.name,
            description=load_prompt(f"tools/{self.name}"),
            input_schema=published_schema(self.arguments),
            annotations=ToolAnnotations(
                title=self.title,
                read_only_hint=self.hints.read_only,
                destructive_hint=self.hints.destructive,
                # Of a tool that only reads, the protocol gives this hint no meaning.
                idempotent_hint=None if self.hints.read_only else self.hints.idempotent,
                open_world_hint=True,
            ),
        )

    async def answer(self, given: Mapping[str, object], call: Call, *, read_only: bool) -> Answer:
        """Check the arguments, refuse a write in read-only mode, run.

        Raises InputError about the arguments, and what the tool raises.
        """
        arguments = read_arguments(self.arguments, given, self.name, notes=call.notes)
        if read_only and self.is_write(arguments):
            raise ReadOnly(self.name)
        told = await self.run(arguments, call)
        answer = Answer(told) if isinstance(told, str) else told
        return replace(answer, text="\n".join([answer.text, *dict.fromkeys(call.notes), *call.handles]))

    def is_write(self, arguments: A) -> bool:
        """Return whether a call with these arguments changes anything."""
        return not self.hints.read_only if self.writes is None else self.writes(arguments)

    @property
    def is_always_write(self) -> bool:
        """Return whether every call changes something, so that read-only mode hides the tool."""
        return not self.hints.read_only and self.writes is None
