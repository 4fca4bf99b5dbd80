"""`python -m insights_mcp` is the `insights-mcp` command."""

from insights_mcp.cli import main

if __name__ == "__main__":
    main()
