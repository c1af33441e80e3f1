"""The first picture of a slot alone, for whoever only wants to show it small."""

from __future__ import annotations

from datasete.bus.context import Desk
from datasete.bus.layout import IMAGE, MAX_FRAMES, image_key, is_version, version_key
from datasete.bus.models import Cover
from datasete.imaging.seal import claimed_seal


def cover(desk: Desk, slot: str, version: str = "") -> Cover | None:
    """What `slot`, or a version of it, shows first; None when there is no such picture. One read of one file."""
    if version and not is_version(version):
        return None
    blob = desk.storage.get(version_key(slot, version, IMAGE) if version else image_key(slot))
    if blob is None:
        return None
    seal = claimed_seal(blob.data)
    frames = seal.frames if seal and 1 <= seal.frames <= MAX_FRAMES else 1
    return Cover(slot, blob.data, frames, blob.modified, blob.version)
