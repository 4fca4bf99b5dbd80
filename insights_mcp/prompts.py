"""Text the model reads, kept as Markdown files in `prompts/`.

The folder sits at the top of a checkout and inside the package of an installed wheel.
"""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_FOLDERS = (_PACKAGE / "_prompts", _PACKAGE.parent / "prompts")


@cache
def load_prompt(name: str) -> str:
    """Return the text of `prompts/<name>.md` without surrounding white space.

    Raises FileNotFoundError when there is no such file: a packaging mistake, never a user's.
    """
    for folder in _FOLDERS:
        path = folder / f"{name}.md"
        if path.is_file():
            return path.read_text(encoding="utf-8").strip()
    raise FileNotFoundError(f"no prompt named {name} in {' or '.join(str(folder) for folder in _FOLDERS)}")


def list_prompts(folder: str) -> tuple[str, ...]:
    """Return the names in a folder of `prompts/`, in order: `list_prompts("tools")` are the tools there are."""
    for place in _FOLDERS:
        if (place / folder).is_dir():
            return tuple(sorted(path.stem for path in (place / folder).glob("*.md")))
    return ()
