"""The `insights-mcp` command. Imports only the standard library at module level: clients race its start."""


def main() -> None:
    """Run the command line."""
