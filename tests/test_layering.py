"""The design's import direction and its one door per foreign library, checked over every module."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "insights_mcp"

# A part may import from the parts listed here, from itself, and from the leaves everybody may use.
LEAVES = {"errors", "prompts", "__init__"}
ALLOWED = {
    "errors": set(),
    "prompts": set(),
    "settings": set(),
    "schema": set(),
    "client": {"schema"},
    "naming": {"schema"},
    "render": {"schema"},
    "server": {"schema", "client", "naming", "render"},
    "local": {"schema"},
    "cli": {"settings", "schema", "client", "naming", "render", "server", "local", "commands"},
    "commands": {"settings", "schema", "client", "naming", "render", "server", "local"},
    "__main__": {"cli"},
    "__init__": set(),
}
# library: where its imports may stand
DOORS = {
    "httpx": ("client/transport.py",),
    "openai": ("naming/",),
    "mcp": ("server/", "commands/"),
    "starlette": ("local/app/",),
    "uvicorn": ("local/process.py", "local/listen.py"),
    "sqlite3": ("local/store/",),
    "chdb": ("local/engine/",),
    "_chdb": ("local/engine/",),
    "clickhouse_connect": ("local/engine/",),
    "hogql_parser": ("local/hogql/",),
    "hogql_parser_rs": ("local/hogql/",),
    "vl_convert": ("render/",),
    "rich": ("cli.py", "commands/"),
    "yaml": ("server/files/yaml_text.py",),
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> list[tuple[str, bool]]:
    """Return (dotted module, stands at module level) for every import in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = {id(node) for node in tree.body}
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in top) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the direction"
            names = [node.module or ""]
            if node.module == "insights_mcp":
                names = [f"insights_mcp.{alias.name}" for alias in node.names]
            found += [(name, id(node) in top) for name in names]
    return found


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_what_its_layer_may(path: Path) -> None:
    part = part_of(path)
    for name, _ in imports_of(path):
        if name.startswith("insights_mcp."):
            target = name.split(".")[1]
            assert target == part or target in LEAVES | ALLOWED[part] | {"__version__"}, f"{part} imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_foreign_library_is_imported_through_its_one_door(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    for name, _ in imports_of(path):
        doors = DOORS.get(name.split(".")[0])
        assert doors is None or place.startswith(doors), f"{place} imports {name}; its door is {doors}"


def test_only_settings_reads_the_environment() -> None:
    readers = [
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        if any(word in path.read_text(encoding="utf-8") for word in ("os.environ", "os.getenv"))
    ]
    assert readers == ["settings.py"]


def test_command_line_imports_only_the_standard_library_at_module_level() -> None:
    light = {"insights_mcp", "insights_mcp.errors", "insights_mcp.settings"}
    heavy = [
        name
        for name, at_top in imports_of(PACKAGE / "cli.py")
        if at_top and name not in light and name.split(".")[0] not in STANDARD_LIBRARY
    ]
    assert heavy == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_file_stays_under_five_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


STANDARD_LIBRARY = __import__("sys").stdlib_module_names
