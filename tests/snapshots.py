"""Texts held in files: `UPDATE_SNAPSHOTS=1 pytest ...` writes them, and the diff is reviewed as product copy."""

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "snapshots"


def assert_snapshot(name: str, text: str) -> None:
    path = FOLDER / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert path.exists(), f"{name} has no snapshot yet: run with UPDATE_SNAPSHOTS=1 and read it"
    assert text + "\n" == path.read_text(encoding="utf-8")
