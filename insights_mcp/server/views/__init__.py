"""The MCP App view of a result: the page that draws it, who is shown it, and the data it draws."""
