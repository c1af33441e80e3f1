"""Step 3: keep what a publish is about to replace."""

from __future__ import annotations

import contextlib

from datasete.bus.conditions import changed
from datasete.bus.context import Desk
from datasete.bus.layout import HAND, IMAGE, MASK, further_files, image_key, mask_key, version_key
from datasete.bus.snapshot import Look
from datasete.errors import Conflict, NotFound


def keep(desk: Desk, slot: str, look: Look) -> str:
    """Copy what `look` found into the slot's versions, as long as it is still there.

    A sealed image goes under its own token, where its mask and frames lie already. A hand edit goes into a folder of
    its own, complete, the image last: a folder with an image is a version. Each attempt takes a fresh folder, so that
    two edits never meet in one.

    Returns:
        The folder of a hand edit, or "" when there was none.

    Raises:
        Conflict: something changed since the look.
    """
    if look.image is None:
        return _keep_hand(desk, slot, look) if look.mask_edited else ""
    if look.sealed:
        _keep_sealed(desk, slot, look)
    if look.sealed and not look.mask_by_hand:
        return ""
    return _keep_hand(desk, slot, look)


def keep_committed(desk: Desk, slot: str, token: str, version: str) -> None:
    """Step 6: copy a fresh image, at `version`, to its own version, so that it outlives a later hand edit.

    Only where a copy is cheap; and not when the image was replaced, edited or deleted in the meantime.
    """
    target = version_key(slot, token, IMAGE)
    if version and desk.store.capabilities.server_copy and not desk.store.exists(target):
        with contextlib.suppress(Conflict, NotFound):
            desk.store.copy(image_key(slot), target, version)


def _keep_sealed(desk: Desk, slot: str, look: Look) -> None:
    target = version_key(slot, look.token, IMAGE)
    if look.image and not desk.store.exists(target):
        _copied(desk, image_key(slot), target, look.image.version)


def _keep_hand(desk: Desk, slot: str, look: Look) -> str:
    folder = HAND + desk.token("edit")
    if look.mask and (look.mask_by_hand or not look.token):
        _copied(desk, mask_key(slot), version_key(slot, folder, MASK), look.mask.version)
    elif look.token:
        _copy_side(desk, slot, look.token, folder, MASK)
    for file in further_files(look.frames):
        _copy_side(desk, slot, look.token, folder, file)
    if look.image:
        _copied(desk, image_key(slot), version_key(slot, folder, IMAGE), look.image.version)
    return folder


def _copied(desk: Desk, source: str, target: str, version: str) -> None:
    try:
        desk.store.copy(source, target, version)
    except NotFound as gone:
        raise changed(source) from gone


def _copy_side(desk: Desk, slot: str, token: str, folder: str, file: str) -> None:
    source = version_key(slot, token, file)
    with contextlib.suppress(NotFound):  # somebody cleared .versions by hand: keep what is there
        desk.storage.copy(source, version_key(slot, folder, file))
