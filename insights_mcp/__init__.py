"""PostHog insights for LLM agents over MCP, with a local backend that needs no account."""

__version__ = "0.1.0"
