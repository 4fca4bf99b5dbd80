"""Stop the local backend of a data directory that the browser tests made."""

import sys
from pathlib import Path

import anyio

from insights_mcp.commands.connect import stop_backend

anyio.run(stop_backend, Path(sys.argv[1]))
