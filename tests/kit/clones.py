"""Copies of this repository under other folder names."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy_pack(folder: Path) -> Path:
    """Copy what runs in ComfyUI's ``custom_nodes`` to `folder`."""
    folder.mkdir(parents=True)
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(ROOT / name, folder)
    for name in ("datasete", "plugins"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder
