"""The history of a slot: archiving what a publish replaces, listing and loading versions, and pruning them.

Pruning counts publishes. Hand edits ride along with the publishes around them: a hand edit that was archived for a
commit that was then refused must not push a real version out.
"""

from __future__ import annotations

import contextlib

from datasete.bus.context import ABANDONED_AFTER_SECONDS, BusContext, conflict_on
from datasete.bus.layout import (
    HAND,
    IMAGE,
    MASK,
    created_at,
    frame_file,
    further_files,
    image_key,
    is_version,
    mask_file,
    mask_key,
    origin_of,
    version_key,
)
from datasete.bus.listing import Folder, folders_of, newest_first
from datasete.bus.models import Slot, Version
from datasete.bus.snapshot import SlotSnapshot, take_snapshot
from datasete.errors import Conflict, NotFound, UnreadableImage
from datasete.imaging.image_header import read_header
from datasete.plugin import Blob


def archive(context: BusContext, slot: str, snapshot: SlotSnapshot) -> str:
    """Copy what `snapshot` found into the slot's versions, as long as it is still there.

    A sealed image goes under its own token, where its mask and frames lie already. A hand edit goes into a folder of
    its own, complete, the image last: a folder with an image is a version. Each attempt takes a fresh folder, so that
    two edits never meet in one.

    Returns:
        The folder of a hand edit, or "" when there was none.

    Raises:
        Conflict: something changed since the look.
    """
    if snapshot.image is None:
        return _archive_hand_edit(context, slot, snapshot) if snapshot.mask_edited else ""
    if snapshot.sealed:
        _archive_sealed(context, slot, snapshot)
    if snapshot.sealed and not snapshot.mask_by_hand:
        return ""
    return _archive_hand_edit(context, slot, snapshot)


def archive_committed(context: BusContext, slot: str, token: str, version: str) -> None:
    """Step 6: copy a fresh image, at `version`, to its own version, so that it outlives a later hand edit.

    Only where a copy is cheap; and not when the image was replaced, edited or deleted in the meantime.
    """
    target = version_key(slot, token, IMAGE)
    if version and context.conditional.capabilities.server_copy and not context.conditional.exists(target):
        with contextlib.suppress(Conflict, NotFound):
            context.conditional.copy(image_key(slot), target, version)


def _archive_sealed(context: BusContext, slot: str, snapshot: SlotSnapshot) -> None:
    target = version_key(slot, snapshot.token, IMAGE)
    if snapshot.image and not context.conditional.exists(target):
        _copy_unchanged(context, image_key(slot), target, snapshot.image.version)


def _archive_hand_edit(context: BusContext, slot: str, snapshot: SlotSnapshot) -> str:
    folder = HAND + context.token("edit")
    if snapshot.mask and (snapshot.mask_by_hand or not snapshot.token):
        _copy_unchanged(context, mask_key(slot), version_key(slot, folder, MASK), snapshot.mask.version)
    elif snapshot.token:
        _copy_side_file(context, slot, snapshot.token, folder, MASK)
    for file in further_files(snapshot.frames):
        _copy_side_file(context, slot, snapshot.token, folder, file)
    if snapshot.image:
        _copy_unchanged(context, image_key(slot), version_key(slot, folder, IMAGE), snapshot.image.version)
    return folder


def _copy_unchanged(context: BusContext, source: str, target: str, version: str) -> None:
    try:
        context.conditional.copy(source, target, version)
    except NotFound as gone:
        raise conflict_on(source) from gone


def _copy_side_file(context: BusContext, slot: str, token: str, folder: str, file: str) -> None:
    source = version_key(slot, token, file)
    with contextlib.suppress(NotFound):  # somebody cleared .versions by hand: keep what is there
        context.storage.copy(source, version_key(slot, folder, file))


def history(context: BusContext, slot: str) -> list[Version] | None:
    """The versions of `slot`, newest first; None when there is neither an image nor a version.

    What is visible, unedited, is no version; the publish behind a hand edit is one.
    """
    folders = newest_first(folders_of(context.storage, slot))
    masks = [version_key(slot, folder.version, MASK) for folder in folders]
    found = context.storage.read(image_key(slot), mask_key(slot), *masks)
    snapshot = SlotSnapshot(found.get(image_key(slot)), found.get(mask_key(slot)))
    if snapshot.image is None and not folders:
        return None
    current = snapshot.token if snapshot.sealed and not snapshot.mask_by_hand else ""
    shown = [folder for folder in folders if folder.version != current]
    return [_version(context, slot, folder, found.get(version_key(slot, folder.version, MASK))) for folder in shown]


def load_version(context: BusContext, slot: str, version: str) -> Slot:
    """What a version holds; masks are missing where nobody has one.

    Raises:
        NotFound: there is no such version.
    """
    folder = next(iter(folders_of(context.storage, slot, version)), None) if is_version(version) else None
    if folder is None or not folder.committed:
        raise NotFound(f"The slot “{slot}” has no version “{version[:40]}”.", hint="It may have been pruned.")
    images = [version_key(slot, version, frame_file(number)) for number in range(1, folder.frames + 1)]
    masks = [version_key(slot, version, mask_file(number)) for number in range(1, folder.frames + 1)]
    found = context.storage.read(*images, *masks)
    # a version's image is the first of its files to go: while it is there, everything else was
    if not all(key in found for key in images) or not context.conditional.exists(images[0]):
        raise NotFound(f"The version “{version}” of the slot “{slot}” was pruned just now.", hint="Choose another.")
    have = [found[key].data for key in masks if key in found]
    return Slot(
        slot,
        tuple(found[key].data for key in images),
        tuple(have if len(have) == len(masks) else have[:0]),
        created_at(version),
        version,
    )


def _version(context: BusContext, slot: str, folder: Folder, mask: Blob | None) -> Version:
    width, height = _size(mask or context.storage.get(version_key(slot, folder.version, IMAGE)))
    name = folder.version
    return Version(name, created_at(name), folder.frames, width, height, origin_of(name), folder.entries[IMAGE].size)


def _size(blob: Blob | None) -> tuple[int, int]:
    """Width and height from a header; a mask is read rather than its image, because it is small."""
    try:
        header = read_header(blob.data) if blob else None
    except UnreadableImage:
        header = None
    return (header.width, header.height) if header else (0, 0)


def prune(context: BusContext, slot: str) -> int:
    """Delete what may go; return how many versions went.

    The listing comes before the look: a version that is not current at the look, and was committed before it, never
    becomes current again. Nothing goes while the image is not sealed, because a hand edit may lean on any version.
    """
    folders = folders_of(context.storage, slot)
    left = _abandoned(folders, context.clock())
    if len(_publishes(folders)) <= context.history and not left:
        return 0
    snapshot = take_snapshot(context, slot)
    if not snapshot.sealed:
        return 0
    others = [folder for folder in folders if folder.version != snapshot.token]
    expendable = _beyond_history(others, context.history) + [folder for folder in left if folder in others]
    for folder in expendable:
        folder.remove(context.conditional)
    return len(expendable)


def _publishes(folders: list[Folder]) -> list[Folder]:
    return [folder for folder in newest_first(folders) if not folder.by_hand]


def _beyond_history(folders: list[Folder], history: int) -> list[Folder]:
    """The committed folders behind the newest `history` publishes."""
    further = _publishes(folders)[history:]
    if not further:
        return []
    order = newest_first(folders)
    return order[order.index(further[0]) :]


def _abandoned(folders: list[Folder], now: float) -> list[Folder]:
    """What was never committed, and was last written to long ago: by our clock, and beside what was written since.

    The second keeps a machine whose clock is wrong from taking a publish in flight for an old one.
    """
    newest = max((folder.touched for folder in folders), default=0.0)
    horizon = min(now, newest) - ABANDONED_AFTER_SECONDS
    return [folder for folder in folders if not folder.committed and folder.touched < horizon]
