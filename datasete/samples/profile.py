"""Makes the profile “samples” of the photographs, which the example of pools shows."""

from __future__ import annotations

import io
import uuid
from typing import Final

from datasete.application import Application
from datasete.pools import Upload
from datasete.profiles.registry import KEY, Profile
from datasete.samples.files import PHOTOGRAPHS

SAMPLES: Final = "8d0b6a4e-5f0c-5b7e-9a1d-2c3f4e5a6b7c"
"""Its id, which the example workflow refers to."""

NAME: Final = "samples"

_LABELS: Final = {
    "astronaut.jpg": "portrait of an astronaut, orange suit, flag and shuttle behind her",
    "chelsea.png": "close-up of a tabby cat looking at the camera",
    "coffee.jpg": "a cup of espresso with a spoon on a wooden table",
    "rocket.jpg": "a rocket takes off at dusk",
    "camera.png": "black and white photograph of a man with a camera on a tripod",
}
_FACE: Final = ("astronaut.jpg", (166, 30, 286, 190))
"""One of them has a mask, over the face: left, top, right and bottom in pixels."""

_OPERATION: Final = str(uuid.uuid5(uuid.UUID(SAMPLES), "add"))


def make_samples(application: Application) -> None:
    """Make the profile at a first start: in the default space that has no list of profiles yet.

    Raises:
        StoreError: the space cannot be written to.
    """
    # Never into a store that was configured on purpose, and never where a list exists: the samples may have been
    # deleted on purpose. `make_profile` is for a person who opens the example.
    if not application.settings.pools.url and application.pools.storage.get(KEY) is None:
        make_profile(application)


def make_profile(application: Application) -> Profile:
    """Return the profile, and make it if it is missing. What a person made of it is left alone.

    Raises:
        StoreError: the space cannot be written to.
    """
    profile = application.profiles.registry().find(SAMPLES)
    if profile is not None:
        return profile
    pools = application.pools
    if not pools.exists(SAMPLES):
        # Two tabs that open the example at once ask twice: an operation takes effect once.
        pools.add(SAMPLES, [_upload(name, label) for name, label in _LABELS.items()], _OPERATION)
    return application.profiles.register(SAMPLES, NAME)


def _upload(name: str, label: str) -> Upload:
    data = (PHOTOGRAPHS / name).read_bytes()
    return Upload(data, name, label, _mask(data) if name == _FACE[0] else None)


def _mask(photograph: bytes) -> bytes:
    from PIL import Image, ImageDraw

    mask = Image.new("L", Image.open(io.BytesIO(photograph)).size)
    ImageDraw.Draw(mask).ellipse(_FACE[1], fill=255)
    file = io.BytesIO()
    mask.save(file, "PNG")
    return file.getvalue()
