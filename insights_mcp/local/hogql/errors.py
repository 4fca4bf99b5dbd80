"""What can be wrong with a HogQL text. Each error is the author's to mend and says where."""

from insights_mcp.errors import InputError


class HogQLError(InputError):
    """The base. `start` and `end` are offsets into the text, None where the fault has no place in it.

    `message` is ours and safe to show; names in it were written by the author.
    """

    LIMIT = 400

    def __init__(
        self,
        message: str,
        *,
        start: int | None = None,
        end: int | None = None,
        nearest: str | None = None,
        advice: str | None = None,
    ) -> None:
        shown = message if len(message) <= self.LIMIT else message[: self.LIMIT - 1] + "…"
        super().__init__(shown, advice=f"Perhaps you meant '{nearest}'?" if nearest else advice)
        self.start = start
        self.end = end
        self.nearest = nearest


class HogQLSyntaxError(HogQLError):
    """The text is not HogQL, or longer or deeper than we parse."""


class HogQLResolutionError(HogQLError):
    """A name stands for nothing: no such table, field, cohort or action."""


class HogQLQueryError(HogQLError):
    """The text is HogQL, and what it asks makes no sense: unknown function, wrong number of arguments, left-overs."""


class HogQLNotSupported(HogQLQueryError):
    """HogQL that exists elsewhere and that we do not answer."""
