"""The MCP face: tools, prompts, resources, the stdio entry, and the gate from our errors to tool errors."""
