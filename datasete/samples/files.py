"""Puts the photographs where the example workflows look for them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from datasete.errors import StoreError
from datasete.system.moving import replacing

PHOTOGRAPHS: Final = Path(__file__).resolve().parent / "photographs"

FOLDER: Final = "datasete-samples"
"""Below the input folder. One of our own, so that a person's file of the same name is neither shown nor replaced."""

BESIDE: Final = {f"datasete-{name}": name for name in ("astronaut.jpg", "chelsea.png", "coffee.jpg")}
"""Those that LoadImage shows, by their names in the input folder itself: ComfyUI lists no folder below it."""

_PICTURES: Final = (".jpg", ".png")


def place_photographs(input_folder: Path) -> Path:
    """Copy the photographs that are missing, and return the folder of all.

    All of them go into `FOLDER` below `input_folder`, those of `BESIDE` into `input_folder` as well. A file that
    exists stays as it is.

    Raises:
        StoreError: they cannot be written there.
    """
    folder = input_folder / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sources = {folder / path.name: path for path in PHOTOGRAPHS.iterdir() if path.suffix in _PICTURES}
        sources |= {input_folder / name: PHOTOGRAPHS / original for name, original in BESIDE.items()}
        for target, source in sources.items():
            if not target.exists():
                with replacing(target) as beside:  # a run may read the folder meanwhile
                    shutil.copyfile(source, beside)
    except OSError as error:
        raise StoreError(
            f"The sample photographs cannot be written to {input_folder}: {error.strerror or error}.",
            hint="Nothing else was changed. Make the folder writable, then open the example again.",
        ) from error
    return folder
