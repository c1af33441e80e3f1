"""Pictures of the docs, taken by tests: ``DATASETE_PICTURES=1`` writes what is seen; else it is only looked at."""

from __future__ import annotations

import io
import os
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def shown_in_docs(name: str, shot: bytes) -> None:
    """Keeps a screenshot as a picture of the docs, and makes sure that there is one of its size."""
    if os.environ.get("DATASETE_PICTURES"):
        with Image.open(io.BytesIO(shot)) as picture:
            picture.convert("RGB").save(IMAGES / name, optimize=True)
    with Image.open(IMAGES / name) as kept, Image.open(io.BytesIO(shot)) as now:
        assert kept.size == now.size
