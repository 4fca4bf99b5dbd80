"""The workflow prompts: jobs of several calls, written down once (prompts/workflows/*.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from mcp_types import GetPromptResult, PromptArgument, PromptMessage, TextContent
from mcp_types import Prompt as ListedPrompt

from insights_mcp.errors import InputError
from insights_mcp.prompts import load_prompt
from insights_mcp.schema.text import nearest


@dataclass(frozen=True)
class Blank:
    """A blank of a workflow's text. One with a `default` may be left out.

    `noun` says whose ids complete it: insight, funnel or dashboard; `choices` are offered beside them.
    """

    name: str
    description: str
    default: str | None = None
    noun: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """A prompt that leads a model through a job. Its text is `prompts/workflows/<name>.md` with {blanks}."""

    name: str
    title: str
    description: str
    blanks: tuple[Blank, ...]

    def listed(self) -> ListedPrompt:
        """Return the prompt as prompts/list shows it."""
        arguments = [
            PromptArgument(name=blank.name, description=blank.description, required=blank.default is None)
            for blank in self.blanks
        ]
        return ListedPrompt(name=self.name, title=self.title, description=self.description, arguments=arguments)

    def fill(self, given: Mapping[str, object]) -> GetPromptResult:
        """Return the text with its blanks filled in.

        Raises InputError for an unknown or missing argument.
        """
        known = [blank.name for blank in self.blanks]
        for name in given:
            if name not in known:
                near = nearest(name, known)
                raise InputError(
                    f"The prompt {self.name} has no argument {name!r}.",
                    advice=f"Did you mean {near}?" if near else f"It takes: {', '.join(known)}.",
                )
        text = load_prompt(f"workflows/{self.name}")
        for blank in self.blanks:
            text = text.replace("{" + blank.name + "}", self._value(blank, given))
        return GetPromptResult(
            description=self.description,
            messages=[PromptMessage(role="user", content=TextContent(type="text", text=text))],
        )

    def _value(self, blank: Blank, given: Mapping[str, object]) -> str:
        value = str(given.get(blank.name) or "").strip()
        if value or blank.default is not None:
            return value or str(blank.default)
        raise InputError(f"The prompt {self.name} needs {blank.name}: {blank.description}")


_PERIOD = Blank("period", "The time it covers, such as -30d.", default="-30d", choices=("-7d", "-30d", "-90d", "-12m"))
WORKFLOWS = (
    Workflow(
        "build-dashboard",
        "Build a dashboard",
        "Turn a goal into a dashboard of verified insights.",
        (Blank("goal", "What the dashboard should tell, in a sentence."), _PERIOD),
    ),
    Workflow(
        "explain-change",
        "Explain a change in a metric",
        "Find out what is behind a rise or a drop.",
        (
            Blank("insight", "The insight: id, short_id or URL.", noun="insight"),
            Blank("question", "What you noticed, such as 'signups fell last week'.", default="what changed lately"),
        ),
    ),
    Workflow(
        "find-funnel-leak",
        "Find where a funnel leaks",
        "Find the step that loses most people, who they are, and the likeliest reason.",
        (Blank("funnel", "A saved funnel, or its steps such as 'signup, first document'.", noun="funnel"), _PERIOD),
    ),
    Workflow(
        "weekly-review",
        "Review the week",
        "Tell what moved last week, by how much, and why.",
        (
            Blank(
                "dashboard",
                "A dashboard, or what to look at, such as 'activation'.",
                default="the insights that most people look at",
                noun="dashboard",
            ),
        ),
    ),
    Workflow(
        "tidy-insights",
        "Tidy up insights",
        "Name, tag, merge or delete insights that nobody can find or uses.",
        (
            Blank(
                "scope",
                "Which ones, such as 'created by me' or a tag.",
                default="the whole project",
                choices=("created by me", "not viewed for 90 days", "on no dashboard", "without a name"),
            ),
        ),
    ),
)
