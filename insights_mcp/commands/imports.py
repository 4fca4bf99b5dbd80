"""From the command line's options to an import."""

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from insights_mcp.commands.backend import with_data_dir
from insights_mcp.commands.connect import locate_backend
from insights_mcp.commands.importing import Columns, run_import

if TYPE_CHECKING:
    from insights_mcp.client.endpoint import Endpoint
    from insights_mcp.settings import Settings


async def import_files(settings: "Settings", options: Namespace) -> int:
    """Import the files of the command line into the local backend. Return the exit code.

    Raises ExtraMissing and BackendFailed when there is no backend to be had.
    """
    data_dir = with_data_dir(settings, options.data_dir).data_dir
    columns = Columns(
        event_column=options.event_column,
        time_column=options.time_column,
        actor_column=options.actor_column,
        uuid_column=options.uuid_column,
        timezone=options.timezone,
    )

    async def locate() -> "Endpoint":
        return await locate_backend(data_dir)

    def write(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    return await run_import(locate, options.files, columns, project_id=options.project_id, write=write)
