"""Puts the photographs where the example workflows look for them."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from datasete.errors import StoreError

PHOTOGRAPHS: Final = Path(__file__).resolve().parent / "photographs"

FOLDER: Final = "datasete-samples"
"""Below the input folder. One of our own, so that a person's file of the same name is neither shown nor replaced."""

_PICTURES: Final = (".jpg", ".png")


def place_photographs(input_folder: Path) -> Path:
    """Copy the photographs that are missing into `FOLDER` below `input_folder`, and return that folder.

    Raises:
        StoreError: they cannot be written there.
    """
    folder = input_folder / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for photograph in sorted(PHOTOGRAPHS.iterdir()):
            target = folder / photograph.name
            if photograph.suffix in _PICTURES and not target.exists():
                _copy(photograph, target)
    except OSError as error:
        raise StoreError(
            f"The sample photographs cannot be written to {folder}: {error.strerror or error}.",
            hint="Nothing else was changed. Make the folder writable, then open the example again.",
        ) from error
    return folder


def _copy(source: Path, target: Path) -> None:
    """Copy through a temporary file, so that a run which reads the folder meanwhile never sees half a photograph."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    os.close(descriptor)
    try:
        shutil.copyfile(source, name)
        Path(name).chmod(0o644)  # mkstemp's own mode would keep others on a shared machine from reading it
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
