"""From settings to the language model that names insights, if one is set up."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from insights_mcp.naming import ModelNamer
    from insights_mcp.settings import Settings


def make_model(settings: "Settings") -> "ModelNamer | None":
    """Return the model. A base URL without a key will do: local servers often want none."""
    if settings.openai_api_key is None and settings.openai_base_url is None:
        return None
    from insights_mcp.naming import ModelNamer

    return ModelNamer(settings.openai_api_key, settings.openai_base_url, settings.model)
