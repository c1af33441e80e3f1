"""The replaced versions of a slot, and what one of them holds."""

from __future__ import annotations

from datasete.bus.context import Desk
from datasete.bus.folders import Folder, folders_of, newest_first
from datasete.bus.layout import (
    IMAGE,
    MASK,
    created_at,
    frame_file,
    image_key,
    is_version,
    mask_file,
    mask_key,
    origin_of,
    version_key,
)
from datasete.bus.models import Slot, Version
from datasete.bus.snapshot import Look
from datasete.errors import NotFound, UnreadableImage
from datasete.imaging.image_header import read_header
from datasete.plugin import Blob


def history(desk: Desk, slot: str) -> list[Version] | None:
    """The versions of `slot`, newest first; None when there is neither an image nor a version.

    What is visible, unedited, is no version; the publish behind a hand edit is one.
    """
    folders = newest_first(folders_of(desk.storage, slot))
    masks = [version_key(slot, folder.version, MASK) for folder in folders]
    found = desk.storage.read(image_key(slot), mask_key(slot), *masks)
    look = Look(found.get(image_key(slot)), found.get(mask_key(slot)))
    if look.image is None and not folders:
        return None
    current = look.token if look.sealed and not look.mask_by_hand else ""
    shown = [folder for folder in folders if folder.version != current]
    return [_version(desk, slot, folder, found.get(version_key(slot, folder.version, MASK))) for folder in shown]


def load_version(desk: Desk, slot: str, version: str) -> Slot:
    """What a version holds; masks are missing where nobody has one.

    Raises:
        NotFound: there is no such version.
    """
    folder = next(iter(folders_of(desk.storage, slot, version)), None) if is_version(version) else None
    if folder is None or not folder.committed:
        raise NotFound(f"The slot “{slot}” has no version “{version[:40]}”.", hint="It may have been pruned.")
    images = [version_key(slot, version, frame_file(number)) for number in range(1, folder.frames + 1)]
    masks = [version_key(slot, version, mask_file(number)) for number in range(1, folder.frames + 1)]
    found = desk.storage.read(*images, *masks)
    # a version's image is the first of its files to go: while it is there, everything else was
    if not all(key in found for key in images) or not desk.store.exists(images[0]):
        raise NotFound(f"The version “{version}” of the slot “{slot}” was pruned just now.", hint="Choose another.")
    have = [found[key].data for key in masks if key in found]
    return Slot(
        slot,
        tuple(found[key].data for key in images),
        tuple(have if len(have) == len(masks) else have[:0]),
        created_at(version),
        version,
    )


def _version(desk: Desk, slot: str, folder: Folder, mask: Blob | None) -> Version:
    width, height = _size(mask or desk.storage.get(version_key(slot, folder.version, IMAGE)))
    name = folder.version
    return Version(name, created_at(name), folder.frames, width, height, origin_of(name), folder.entries[IMAGE].size)


def _size(blob: Blob | None) -> tuple[int, int]:
    """Width and height from a header; a mask is read rather than its image, because it is small."""
    try:
        header = read_header(blob.data) if blob else None
    except UnreadableImage:
        header = None
    return (header.width, header.height) if header else (0, 0)
