"""The local backend: PostHog's insights REST API over real events on this machine. It knows nothing of MCP."""
