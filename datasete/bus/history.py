"""The history of a slot: archiving what a publish replaces, listing and loading versions, and pruning old ones."""

from __future__ import annotations

import contextlib
from typing import NamedTuple

from datasete.bus import layout
from datasete.bus.context import ABANDONED_AFTER_SECONDS, BusContext, conflict_on
from datasete.bus.listing import Folder, folders_of, newest_first
from datasete.bus.models import Slot, Version
from datasete.bus.order import Order, after, note_order, read_order
from datasete.bus.snapshot import SlotSnapshot, take_snapshot
from datasete.errors import Conflict, NotFound, UnreadableImage
from datasete.imaging.image_header import read_header
from datasete.plugin import Blob


class Archived(NamedTuple):
    """What `archive` did: the folder of the hand edit, if there was one, and the highest number in the history."""

    folder: str
    number: int


def archive(context: BusContext, slot: str, snapshot: SlotSnapshot, order: Order | None = None) -> Archived:
    """Copy what `snapshot` shows into the slot's versions, on the condition that it is still there.

    A sealed image goes to its own token, where its mask and frames are already. A hand edit gets a folder of its own.
    `order` may have been read before the snapshot; without it, it is read now.

    Raises:
        Conflict: something has changed since the snapshot.
    """
    # Archiving comes before the commit. The other way round, a crash in between would lose what was replaced.
    if snapshot.sealed:
        number = _archive_sealed(context, slot, snapshot, order or read_order(context, slot))
        return _archive_hand_edit(context, slot, snapshot, number) if snapshot.mask_by_hand else Archived("", number)
    # Read after the snapshot, because an edit may have been opened long before it was saved over a later publish.
    number = max(read_order(context, slot).latest, snapshot.number)
    if snapshot.image is None and not snapshot.mask_edited:
        return Archived("", number)
    return _archive_hand_edit(context, slot, snapshot, max(number, 1))


def archive_committed(context: BusContext, slot: str, token: str, number: int, version: str) -> None:
    """Copy a newly committed image to its own version, so that the original outlives a later hand edit.

    This is done only where a copy is cheap. It is skipped if the image, at `version`, has been replaced, edited or
    deleted in the meantime.
    """
    target = layout.version_key(slot, token, layout.IMAGE)
    if version and context.conditional.capabilities.server_copy and not context.conditional.exists(target):
        note_order(context, slot, number, token)
        with contextlib.suppress(Conflict, NotFound):
            context.conditional.copy(layout.image_key(slot), target, version)


def _archive_sealed(context: BusContext, slot: str, snapshot: SlotSnapshot, order: Order) -> int:
    """Note the number of a sealed image, which this returns, and copy it."""
    assert snapshot.image is not None
    source, target = layout.image_key(slot), layout.version_key(slot, snapshot.token, layout.IMAGE)
    number = order.number_of(snapshot)
    if not number:
        # Nobody knows its number, so it gets the next one. The copy comes after the list and succeeds only while the
        # image is still the current one: the list was complete.
        order = read_order(context, slot)
        number = order.number_of(snapshot) or after(order.latest)
        _copy_unchanged(context, source, target, snapshot.image.version)
    # The note comes before the copy: a version must not be without its number if this ends here.
    if order.numbers.get(snapshot.token) != number:
        note_order(context, slot, number, snapshot.token)
    if not context.conditional.exists(target):
        _copy_unchanged(context, source, target, snapshot.image.version)
    return number


def _archive_hand_edit(context: BusContext, slot: str, snapshot: SlotSnapshot, number: int) -> Archived:
    # Each attempt takes a new folder, so that two edits never meet in one. The image is copied last, because a folder
    # with an image counts as a version, and a crash must not leave an incomplete one.
    folder = layout.HAND + context.token("edit")
    if snapshot.mask and (snapshot.mask_by_hand or not snapshot.token):
        _copy_unchanged(
            context, layout.mask_key(slot), layout.version_key(slot, folder, layout.MASK), snapshot.mask.version
        )
    elif snapshot.token:
        _copy_side_file(context, slot, snapshot.token, folder, layout.MASK)
    for file in layout.further_files(snapshot.frames):
        _copy_side_file(context, slot, snapshot.token, folder, file)
    note_order(context, slot, number, folder)
    if snapshot.image:
        _copy_unchanged(
            context, layout.image_key(slot), layout.version_key(slot, folder, layout.IMAGE), snapshot.image.version
        )
    return Archived(folder, number)


def _copy_unchanged(context: BusContext, source: str, target: str, version: str) -> None:
    try:
        context.conditional.copy(source, target, version)
    except NotFound as gone:
        raise conflict_on(source) from gone


def _copy_side_file(context: BusContext, slot: str, token: str, folder: str, file: str) -> None:
    source = layout.version_key(slot, token, file)
    with contextlib.suppress(NotFound):  # .versions may have been cleared by hand: archive what is left
        context.storage.copy(source, layout.version_key(slot, folder, file))


def history(context: BusContext, slot: str) -> list[Version] | None:
    """List the versions of `slot`, newest first; None if it has neither an image nor a version.

    The visible publish is left out. If it was edited by hand, it is listed, so that the original can be restored.
    """
    folders = newest_first(folders_of(context.storage, slot))
    masks = [layout.version_key(slot, folder.version, layout.MASK) for folder in folders]
    found = context.storage.read(layout.image_key(slot), layout.mask_key(slot), *masks)
    snapshot = SlotSnapshot(found.get(layout.image_key(slot)), found.get(layout.mask_key(slot)))
    if snapshot.image is None and not folders:
        return None
    current = snapshot.token if snapshot.sealed and not snapshot.mask_by_hand else ""
    shown = [folder for folder in folders if folder.version != current]
    return [
        _version(context, slot, folder, found.get(layout.version_key(slot, folder.version, layout.MASK)))
        for folder in shown
    ]


def load_version(context: BusContext, slot: str, version: str) -> Slot:
    """Load a version; it has no masks if one of them is missing.

    Raises:
        NotFound: no such version exists, or it was pruned during the call.
    """
    folder = next(iter(folders_of(context.storage, slot, version)), None) if layout.is_version(version) else None
    if folder is None or not folder.committed:
        raise NotFound(f"The slot “{slot}” has no version “{version[:40]}”.", hint="It may have been pruned.")
    images = [layout.version_key(slot, version, layout.frame_file(number)) for number in range(1, folder.frames + 1)]
    masks = [layout.version_key(slot, version, layout.mask_file(number)) for number in range(1, folder.frames + 1)]
    found = context.storage.read(*images, *masks)
    # The image is the first file of a version to be deleted. If it is still there now, the reads above were complete.
    if not all(key in found for key in images) or not context.conditional.exists(images[0]):
        raise NotFound(f"The version “{version}” of the slot “{slot}” was pruned just now.", hint="Choose another.")
    have = [found[key].data for key in masks if key in found]
    return Slot(
        slot,
        tuple(found[key].data for key in images),
        tuple(have if len(have) == len(masks) else have[:0]),
        layout.created_at(version),
        version,
    )


def _version(context: BusContext, slot: str, folder: Folder, mask: Blob | None) -> Version:
    width, height = _size(mask or context.storage.get(layout.version_key(slot, folder.version, layout.IMAGE)))
    name = folder.version
    return Version(
        name,
        layout.created_at(name),
        folder.frames,
        width,
        height,
        layout.origin_of(name),
        folder.entries[layout.IMAGE].size,
    )


def _size(blob: Blob | None) -> tuple[int, int]:
    """Read width and height from the header of an image, or of its mask, which is smaller; 0 × 0 if that fails."""
    try:
        header = read_header(blob.data) if blob else None
    except UnreadableImage:
        header = None
    return (header.width, header.height) if header else (0, 0)


def prune(context: BusContext, slot: str) -> int:
    """Delete versions beyond the history, and abandoned ones; return how many were deleted."""
    # List first, then take the snapshot. A version in the list that is not current in the snapshot was replaced, and
    # never becomes current again. In the other order, a publish in between could commit a version of the list.
    folders = folders_of(context.storage, slot)
    left = _abandoned(folders, context.clock())
    if len(_publishes(folders)) <= context.history and not left:
        return 0
    snapshot = take_snapshot(context, slot)
    if not snapshot.sealed:  # an edited image may need the mask and frames of any version
        return 0
    others = [folder for folder in folders if folder.version != snapshot.token]
    expendable = _beyond_history(others, context.history) + [folder for folder in left if folder in others]
    for folder in expendable:
        folder.remove(context.conditional)
    return len(expendable)


def _publishes(folders: list[Folder]) -> list[Folder]:
    return [folder for folder in newest_first(folders) if not folder.by_hand]


def _beyond_history(folders: list[Folder], history: int) -> list[Folder]:
    """The committed folders beyond the newest `history` publishes."""
    # Only publishes count. A hand edit stays or goes with the publishes around it: one that was archived for a commit
    # that was then refused must not push a real version out.
    further = _publishes(folders)[history:]
    if not further:
        return []
    order = newest_first(folders)
    return order[order.index(further[0]) :]


def _abandoned(folders: list[Folder], now: float) -> list[Folder]:
    """The folders that were never committed and have not been written to for a long time."""
    # Old by our clock and compared with the newest file of the slot. Without the second, a machine whose clock runs
    # ahead would delete the side files of a publish in flight.
    newest = max((folder.touched for folder in folders), default=0.0)
    horizon = min(now, newest) - ABANDONED_AFTER_SECONDS
    return [folder for folder in folders if not folder.committed and folder.touched < horizon]
