"""Deletion: the image first, for that is what makes a slot; then what belonged to it."""

from __future__ import annotations

from functools import partial

from datasete.bus.context import ATTEMPTS, Desk
from datasete.bus.folders import Folder, folders_of
from datasete.bus.layout import image_key, mask_key
from datasete.bus.snapshot import Look, look_at
from datasete.errors import Conflict


def delete(desk: Desk, slot: str) -> bool:
    """Delete `slot` with its history; return whether there was one.

    It is gone when its image is; the rest follows behind the caller's back. Versions of publishes in flight stay: what
    commits behind the deletion is a new slot, and whole.
    """
    existed = False
    for attempt in range(ATTEMPTS):
        folders = folders_of(desk.storage, slot)
        look = look_at(desk.store, slot)
        existed = existed or look.image is not None
        if not look.image or desk.store.delete(image_key(slot), versions={image_key(slot): look.image.version}):
            desk.errands.later("Clearing up after a deletion", partial(_clear, desk, slot, look, folders))
            return existed
        desk.pause(attempt)
    raise Conflict(f"The slot “{slot}” is being changed faster than it can be deleted.", hint="Nothing was deleted.")


def _clear(desk: Desk, slot: str, look: Look, folders: list[Folder]) -> None:
    """Remove the mask that was looked at, and the versions that are no publish in flight."""
    if look.mask:
        desk.store.delete(mask_key(slot), versions={mask_key(slot): look.mask.version})
    for folder in folders:
        if folder.committed:
            folder.remove(desk.store)
    for folder in folders_of(desk.storage, slot, look.token) if look.token else []:
        folder.remove(desk.store)
