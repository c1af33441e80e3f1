"""Makes the profile “samples” of the workbench's photographs, which the example of pools shows."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from datasete.application import Application
from datasete.pools import Upload
from datasete.profiles.registry import KEY

SAMPLES: Final = "8d0b6a4e-5f0c-5b7e-9a1d-2c3f4e5a6b7c"
"""Its id, which the example workflow refers to."""

NAME: Final = "samples"
PHOTOGRAPHS: Final = Path(__file__).resolve().parent / "photographs"

_LABELS: Final = {
    "astronaut.jpg": "portrait of an astronaut, orange suit, flag and shuttle behind her",
    "chelsea.png": "close-up of a tabby cat looking at the camera",
    "coffee.jpg": "a cup of espresso with a spoon on a wooden table",
    "rocket.jpg": "a rocket takes off at dusk",
    "camera.png": "black and white photograph of a man with a camera on a tripod",
}
_FACE: Final = ("astronaut.jpg", (166, 30, 286, 190))
"""One of them has a mask, over the face: left, top, right and bottom in pixels."""


def make_samples(application: Application) -> None:
    """Make the profile, in the default space that has no list of profiles yet. What is there is left alone.

    Raises:
        StoreError: the space cannot be written to.
    """
    pools = application.pools
    # Never into a store that was configured on purpose, and never where a list exists: the samples may have been
    # deleted on purpose.
    if application.settings.pools.url or pools.storage.get(KEY) is not None:
        return
    if not pools.exists(SAMPLES):
        pools.add(SAMPLES, [_upload(name, label) for name, label in _LABELS.items()])
    application.profiles.register(SAMPLES, NAME)


def _upload(name: str, label: str) -> Upload:
    data = (PHOTOGRAPHS / name).read_bytes()
    return Upload(data, name, label, _mask(data) if name == _FACE[0] else None)


def _mask(photograph: bytes) -> bytes:
    mask = Image.new("L", Image.open(io.BytesIO(photograph)).size)
    ImageDraw.Draw(mask).ellipse(_FACE[1], fill=255)
    file = io.BytesIO()
    mask.save(file, "PNG")
    return file.getvalue()
