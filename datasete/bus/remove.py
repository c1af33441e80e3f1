"""Taking a slot off the bus: for good, or with its history kept for a while.

Both end a slot by deleting its image. A deletion then clears what belonged to it. A removal archives the slot first, so
that it can be undone. Versions of a slot that does not exist would never be pruned, so a removal leaves a note beside
them, and each removal looks for notes that are older than `RESTORABLE_SECONDS`: what they name goes for good, unless
the slot exists again.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from datasete.bus.context import BusContext
from datasete.bus.history import archive
from datasete.bus.layout import image_key, mask_key, removal_key, removed_slot
from datasete.bus.listing import Folder, folders_of
from datasete.bus.snapshot import SlotSnapshot, take_snapshot
from datasete.errors import Conflict


def delete(context: BusContext, slot: str) -> bool:
    """Delete `slot` with its history; return whether there was one.

    It is gone when its image is; the rest follows behind the caller's back. Versions of publishes in flight stay: what
    commits behind the deletion is a new slot, and whole.
    """
    existed = False
    for _ in context.attempts():
        folders = folders_of(context.storage, slot)
        snapshot = take_snapshot(context, slot)
        existed = existed or snapshot.image is not None
        if not snapshot.image or context.conditional.delete_unchanged(image_key(slot), snapshot.image):
            clear = partial(_clear_deleted, context, slot, snapshot, folders)
            context.tasks.defer("Clearing up after a deletion", clear)
            return existed
    raise Conflict(f"The slot “{slot}” is being changed faster than it can be deleted.", hint="Nothing was deleted.")


def _clear_deleted(context: BusContext, slot: str, snapshot: SlotSnapshot, folders: list[Folder]) -> None:
    """Remove the mask that was looked at, and the versions that are no publish in flight."""
    if snapshot.mask:
        context.conditional.delete_unchanged(mask_key(slot), snapshot.mask)
    for folder in folders:
        if folder.committed:
            folder.remove(context.conditional)
    for folder in folders_of(context.storage, slot, snapshot.token) if snapshot.token else []:
        folder.remove(context.conditional)


RESTORABLE_SECONDS: Final = 7 * 24 * 3600.0
"""Seconds for which a removed slot can be restored."""


def remove(context: BusContext, slot: str) -> str | None:
    """Take `slot` off the bus; return the version that holds what it held, or None when there was no such slot.

    The steps are a publish's up to the commit, which here is the deletion of the image: what was looked at is kept, on
    the condition that it is still there, and deleted on the same condition.

    Raises:
        Conflict: others change it faster than it can be removed; nothing was removed.
    """
    for _ in context.attempts():
        snapshot = take_snapshot(context, slot).without_image_bytes()
        if snapshot.image is None:
            return None
        archived = _archive_with_note(context, slot, snapshot)
        if archived and context.conditional.delete_unchanged(image_key(slot), snapshot.image):
            context.tasks.defer("Clearing up after a removal", partial(_clear_removed, context, slot, snapshot))
            return archived
        if archived and archived != snapshot.token:
            context.tasks.defer("Removing a spare copy", partial(_remove_version, context, slot, archived))
    raise Conflict(f"The slot “{slot}” is being changed faster than it can be deleted.", hint="Nothing was deleted.")


def forget_removed(context: BusContext) -> int:
    """Delete the versions of slots that were removed long ago; return how many slots that were.

    "Long ago" by our clock and beside the newest note, so that a machine whose clock is wrong takes nothing.
    """
    notes = list(context.storage.entries(removal_key("")))
    horizon = min(context.clock(), max((note.modified for note in notes), default=0.0)) - RESTORABLE_SECONDS
    return sum(_forget_removed_slot(context, note.key, horizon) for note in notes if note.modified < horizon)


def _archive_with_note(context: BusContext, slot: str, snapshot: SlotSnapshot) -> str:
    """The version that now holds what was looked at, with the note beside it; empty when something changed."""
    try:
        archived = archive(context, slot, snapshot) or snapshot.token
    except Conflict:
        return ""
    context.storage.write(removal_key(slot), archived.encode())
    return archived


def _clear_removed(context: BusContext, slot: str, snapshot: SlotSnapshot) -> None:
    if snapshot.mask:
        context.conditional.delete_unchanged(mask_key(slot), snapshot.mask)
    forget_removed(context)


def _remove_version(context: BusContext, slot: str, version: str) -> None:
    for folder in folders_of(context.storage, slot, version):
        folder.remove(context.conditional)


def _forget_removed_slot(context: BusContext, key: str, horizon: float) -> bool:
    """List, then look, then read the note again: a later removal writes its own before its image goes."""
    note = context.storage.get(key)
    if note is None or note.modified >= horizon:
        return False
    slot = removed_slot(key)
    folders = folders_of(context.storage, slot)
    back = context.conditional.exists(image_key(slot))
    again = context.storage.get(key)
    if again is None or again.version != note.version:
        return False
    for folder in folders:
        if folder.committed and not back:
            folder.remove(context.conditional)
    context.conditional.delete_unchanged(key, note)
    return not back
