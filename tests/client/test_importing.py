"""What importing the client costs and needs."""

import subprocess
import sys

import pytest

UNIX_ONLY = ("fcntl", "grp", "pwd", "resource", "termios", "pty", "syslog")


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_making_a_client_loads_no_http_library() -> None:
    program = (
        "import sys; from insights_mcp.client import PostHogClient; "
        "PostHogClient('https://us.posthog.com', 'phx_1'); print('httpx' in sys.modules, 'httpcore' in sys.modules)"
    )

    assert run(program) == "False False"


@pytest.mark.parametrize("module", ["insights_mcp.client", "insights_mcp.client.transport"])
def test_client_needs_no_module_that_windows_lacks(module: str) -> None:
    # What the standard library itself took along before does not count; a new import of these would fail.
    blocked = f"sys.modules.update(dict.fromkeys({UNIX_ONLY!r}))"

    assert run(f"import sys, asyncio, pathlib, subprocess; {blocked}; import {module}; print('loaded')") == "loaded"
