"""Taking a slot off the bus: for good, or with its history kept for a while.

Both end a slot by deleting its image. A deletion then clears what belonged to it. A removal archives the slot first, so
that it can be undone. Versions of a slot that does not exist would never be pruned, so a removal leaves a note beside
them, and each removal looks for notes that are older than `KEPT`: what they name goes for good, unless the slot exists
again.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from datasete.bus.context import ATTEMPTS, Desk
from datasete.bus.history import keep
from datasete.bus.layout import image_key, mask_key, removal_key, removed_slot
from datasete.bus.listing import Folder, folders_of
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
            desk.errands.later("Clearing up after a deletion", partial(_clear_deleted, desk, slot, look, folders))
            return existed
        desk.pause(attempt)
    raise Conflict(f"The slot “{slot}” is being changed faster than it can be deleted.", hint="Nothing was deleted.")


def _clear_deleted(desk: Desk, slot: str, look: Look, folders: list[Folder]) -> None:
    """Remove the mask that was looked at, and the versions that are no publish in flight."""
    if look.mask:
        desk.store.delete(mask_key(slot), versions={mask_key(slot): look.mask.version})
    for folder in folders:
        if folder.committed:
            folder.remove(desk.store)
    for folder in folders_of(desk.storage, slot, look.token) if look.token else []:
        folder.remove(desk.store)


KEPT: Final = 7 * 24 * 3600.0
"""Seconds for which a removed slot can be restored."""


def remove(desk: Desk, slot: str) -> str | None:
    """Take `slot` off the bus; return the version that holds what it held, or None when there was no such slot.

    The steps are a publish's up to the commit, which here is the deletion of the image: what was looked at is kept, on
    the condition that it is still there, and deleted on the same condition.

    Raises:
        Conflict: others change it faster than it can be removed; nothing was removed.
    """
    for attempt in range(ATTEMPTS):
        look = look_at(desk.store, slot).light()
        if look.image is None:
            return None
        kept = _kept(desk, slot, look)
        if kept and desk.store.delete(image_key(slot), versions={image_key(slot): look.image.version}):
            desk.errands.later("Clearing up after a removal", partial(_clear_removed, desk, slot, look))
            return kept
        if kept and kept != look.token:
            desk.errands.later("Removing a spare copy", partial(_drop, desk, slot, kept))
        desk.pause(attempt)
    raise Conflict(f"The slot “{slot}” is being changed faster than it can be deleted.", hint="Nothing was deleted.")


def forget_removed(desk: Desk) -> int:
    """Delete the versions of slots that were removed long ago; return how many slots that were.

    "Long ago" by our clock and beside the newest note, so that a machine whose clock is wrong takes nothing.
    """
    notes = list(desk.storage.entries(removal_key("")))
    horizon = min(desk.clock(), max((note.modified for note in notes), default=0.0)) - KEPT
    return sum(_forget(desk, note.key, horizon) for note in notes if note.modified < horizon)


def _kept(desk: Desk, slot: str, look: Look) -> str:
    """The version that now holds what was looked at, with the note beside it; empty when something changed."""
    try:
        kept = keep(desk, slot, look) or look.token
    except Conflict:
        return ""
    desk.storage.write(removal_key(slot), kept.encode())
    return kept


def _clear_removed(desk: Desk, slot: str, look: Look) -> None:
    if look.mask:
        desk.store.delete(mask_key(slot), versions={mask_key(slot): look.mask.version})
    forget_removed(desk)


def _drop(desk: Desk, slot: str, version: str) -> None:
    for folder in folders_of(desk.storage, slot, version):
        folder.remove(desk.store)


def _forget(desk: Desk, key: str, horizon: float) -> bool:
    """List, then look, then read the note again: a later removal writes its own before its image goes."""
    note = desk.storage.get(key)
    if note is None or note.modified >= horizon:
        return False
    slot = removed_slot(key)
    folders = folders_of(desk.storage, slot)
    back = desk.store.exists(image_key(slot))
    again = desk.storage.get(key)
    if again is None or again.version != note.version:
        return False
    for folder in folders:
        if folder.committed and not back:
            folder.remove(desk.store)
    desk.store.delete(key, versions={key: note.version})
    return not back
