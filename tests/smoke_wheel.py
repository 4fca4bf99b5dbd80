"""Build the wheel, install it alone in an empty environment, and use it as a new user would: MCP over stdio.

The plain install holds no engine: against PostHog it needs none, and for local use it must say what to install.
"""

import json
import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = sorted(path.relative_to(ROOT / "prompts").as_posix() for path in (ROOT / "prompts").rglob("*.md"))


def run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], check=True, text=True, capture_output=True, **options)  # type: ignore[call-overload,no-any-return]


def build_wheel(folder: Path) -> Path:
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


def check_contents(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    missing = [name for name in PROMPTS if f"insights_mcp/_prompts/{name}" not in names]
    assert not missing, f"prompts missing from the wheel: {missing}"
    assert "insights_mcp/py.typed" in names
    parts = [path.relative_to(ROOT).as_posix() for path in (ROOT / "insights_mcp/server/views/page").iterdir()]
    assert not set(parts) - names, f"parts of the view missing from the wheel: {set(parts) - names}"
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "prompts/"))]


def install(wheel: Path, folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    run(folder / "bin" / "pip", "install", "--quiet", wheel)
    return folder / "bin"


def talk(command: Path, environ: dict[str, str], *messages: dict[str, object]) -> list[dict[str, object]]:
    """Send the messages one by one and return the answers to those that have an id."""
    process = subprocess.Popen([command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ)
    assert process.stdin is not None
    assert process.stdout is not None
    answers = []
    for message in messages:
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        process.stdin.flush()
        if "id" in message:
            answers.append(json.loads(process.stdout.readline()))
    process.stdin.close()
    assert process.wait(20) == 0, "the server must end cleanly when its input ends"
    assert process.stdout.read() == ""
    return answers


def check_server(binaries: Path, home: Path) -> None:
    environ = {"HOME": str(home), "PATH": os.defpath}
    greeting, tools, refused = talk(
        binaries / "insights-mcp",
        environ,
        {
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "smoke", "version": "1"},
            },
        },
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
        {"id": 3, "method": "tools/call", "params": {"name": "insights-list", "arguments": {}}},
    )
    assert greeting["result"]["serverInfo"]["name"] == "insights-mcp", greeting  # type: ignore[index]
    names = [tool["name"] for tool in tools["result"]["tools"]]  # type: ignore[index]
    assert "insight-create" in names, names
    result = refused["result"]
    assert result["isError"] is True, result  # type: ignore[index]
    text = result["content"][0]["text"]  # type: ignore[index]
    assert "insights-mcp[local]" in text, text
    print(f"plain install: {len(names)} tools; local asks for its extra: {text}")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        wheel = build_wheel(place / "dist")
        check_contents(wheel)
        binaries = install(wheel, place / "venv")
        version = run(binaries / "insights-mcp", "--version").stdout.split()[1]
        assert f"-{version}-" in wheel.name
        check_server(binaries, place)
        print(f"{wheel.name}: {wheel.stat().st_size:,} bytes, {len(PROMPTS)} prompts, installs and answers")


if __name__ == "__main__":
    main()
