"""One truth in several places: version, environment table and tool table agree in code, README and server.json."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from insights_mcp import __version__
from insights_mcp.prompts import load_prompt
from insights_mcp.server.tools import TOOLS
from insights_mcp.settings import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVER = json.loads((ROOT / "server.json").read_text(encoding="utf-8"))


def table_rows(heading: str) -> list[list[str]]:
    """Return the cells of the Markdown table under a heading, without its two head lines."""
    section = README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip().strip("|").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row] for row in rows[2:]]


def test_version_is_the_same_in_code_and_server_json() -> None:
    assert SERVER["version"] == __version__
    assert SERVER["packages"][0]["version"] == __version__


def test_readme_proves_ownership_to_the_registry() -> None:
    assert f"mcp-name: {SERVER['name']}" in README


def test_server_json_lists_the_settings_the_code_reads() -> None:
    expected = [
        {
            "name": variable.name,
            "description": variable.description,
            "isRequired": False,
            "isSecret": variable.is_secret,
            **({"default": variable.default} if variable.default else {}),
        }
        for variable in VARIABLES
    ]
    assert SERVER["packages"][0]["environmentVariables"] == expected


def test_readme_lists_the_settings_the_code_reads() -> None:
    expected = [[variable.name, variable.description, variable.default or ""] for variable in VARIABLES]
    assert table_rows("Settings") == expected


def test_readme_names_every_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for extra in project["optional-dependencies"]:
        assert f"insights-mcp[{extra}]" in README


@pytest.mark.parametrize(
    ("field", "limit"),
    [("name", 200), ("description", 100), ("title", 100)],
)
def test_server_json_text_fits_the_registry_schema(field: str, limit: int) -> None:
    assert 0 < len(SERVER[field]) <= limit


def test_server_name_has_the_registry_form() -> None:
    assert re.fullmatch(r"[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+", SERVER["name"])


def test_readme_lists_the_tools_there_are() -> None:
    expected = [[tool.name, first_sentence(load_prompt(f"tools/{tool.name}"))] for tool in TOOLS]
    assert table_rows("Tools") == expected


def first_sentence(text: str) -> str:
    return re.split(r"(?<=[.])\s|\n|: (?=\{)", text)[0].rstrip(".") + "."
