"""What the subcommands of `insights-mcp` do: each module composes the parts for one of them."""
