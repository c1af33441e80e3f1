"""Taking a slot off the bus: deleting it for good, or removing it with its history kept for a while.

Both end a slot by deleting its image. A deletion then deletes everything else. A removal archives the slot first, so
that it can be undone. Nothing would ever prune the versions of a slot that does not exist, so a removal leaves a note.
Each removal also looks for notes older than `RESTORABLE_SECONDS`, and deletes the versions they name unless the slot
exists again.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from datasete.bus.context import BusContext
from datasete.bus.history import archive
from datasete.bus.layout import image_key, mask_key, removal_key, removed_slot
from datasete.bus.listing import Folder, folders_of
from datasete.bus.order import forget_order
from datasete.bus.snapshot import SlotSnapshot, take_snapshot
from datasete.errors import Conflict


def delete(context: BusContext, slot: str) -> bool:
    """Delete `slot` with its history; return whether it existed.

    The slot is gone as soon as its image is; the rest is deleted in the background.

    Raises:
        Conflict: others change the slot faster than it can be deleted; nothing was deleted.
    """
    # The versions are listed before the image goes, as in a prune: what is in the list was committed before the
    # deletion. A publish in flight has no copy yet, so its side files stay, and its commit makes a new, complete slot.
    existed = False
    for _ in context.attempts():
        folders = folders_of(context.storage, slot)
        snapshot = take_snapshot(context, slot)
        existed = existed or snapshot.image is not None
        if not snapshot.image or context.conditional.delete_unchanged(image_key(slot), snapshot.image):
            clear = partial(_clear_deleted, context, slot, snapshot, folders)
            context.tasks.defer("Clearing up after a deletion", clear)
            return existed
    raise _too_busy(slot)


def _clear_deleted(context: BusContext, slot: str, snapshot: SlotSnapshot, folders: list[Folder]) -> None:
    """Delete the mask of the snapshot, and the versions except those of publishes in flight."""
    if snapshot.mask:
        context.conditional.delete_unchanged(mask_key(slot), snapshot.mask)
    for folder in folders:
        if folder.committed or not folder.entries:
            folder.remove(context.conditional)
    if snapshot.token:
        _remove_version(context, slot, snapshot.token)


RESTORABLE_SECONDS: Final = 7 * 24 * 3600.0
"""How long a removed slot can be restored."""


def remove(context: BusContext, slot: str) -> str | None:
    """Take `slot` off the bus and keep its history.

    The steps are those of a publish up to the commit, which here is the deletion of the image.

    Returns:
        The version that now holds the slot's content, or None if there was no such slot.

    Raises:
        Conflict: others change the slot faster than it can be removed; nothing was removed.
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
    raise _too_busy(slot)


def forget_removed(context: BusContext) -> int:
    """Delete the versions of slots that were removed long ago; return the number of those slots."""
    # Old by our clock and compared with the newest note, so that a clock that runs ahead deletes nothing.
    notes = list(context.storage.entries(removal_key("")))
    horizon = min(context.clock(), max((note.modified for note in notes), default=0.0)) - RESTORABLE_SECONDS
    return sum(_forget_removed_slot(context, note.key, horizon) for note in notes if note.modified < horizon)


def _archive_with_note(context: BusContext, slot: str, snapshot: SlotSnapshot) -> str:
    """Archive the snapshot and write the note; return the version, or "" if something has changed since."""
    try:
        archived = archive(context, slot, snapshot).folder or snapshot.token
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
    forget_order(context, slot, version)


def _forget_removed_slot(context: BusContext, key: str, horizon: float) -> bool:
    """Delete the versions of the slot whose note is at `key`; return whether it was still removed."""
    note = context.storage.get(key)
    if note is None or note.modified >= horizon:
        return False
    slot = removed_slot(key)
    folders = folders_of(context.storage, slot)
    back = context.conditional.exists(image_key(slot))
    # Read the note again. The slot may have come back and been removed a second time since it was first read; that
    # removal wrote its note before its image went, so an unchanged note means that the list above is of the first.
    again = context.storage.get(key)
    if again is None or again.version != note.version:
        return False
    for folder in folders:
        if (folder.committed or not folder.entries) and not back:
            folder.remove(context.conditional)
    context.conditional.delete_unchanged(key, note)
    return not back


def _too_busy(slot: str) -> Conflict:
    return Conflict(
        f"The slot “{slot}” is being changed faster than it can be deleted.", hint="Nothing was deleted. Try again."
    )
