"""Reading a slot, reading its first frame alone, and bringing the visible mask up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from datasete.bus.context import BusContext
from datasete.bus.layout import IMAGE, MASK, MAX_FRAMES, further_files, image_key, is_version, mask_key, version_key
from datasete.bus.models import FirstFrame, Slot
from datasete.bus.snapshot import SlotSnapshot, take_snapshot
from datasete.errors import Conflict, CorruptData
from datasete.imaging.seal import claimed_seal
from datasete.plugin import ABSENT, Blob

MISSING_FILE_RETRIES = 5
"""How often to look for missing side files again while the image does not change."""


@dataclass(frozen=True)
class Reading:
    """A slot as read; `mask_to_show` is what the visible mask should be, None if it is already."""

    slot: Slot
    mask_to_show: bytes | None
    snapshot: SlotSnapshot


def read(context: BusContext, slot: str) -> Reading | None:
    """Read `slot`; None if it has no image.

    Raises:
        CorruptData: the image's publish has lost its mask or frames, and no writer is replacing it.
        Conflict: the slot changed during every attempt.
    """
    missing = 0
    for _ in context.attempts():
        snapshot = take_snapshot(context, slot)
        if snapshot.image is None:
            return None
        reading = _apply_rule(context, slot, snapshot, settled=missing >= MISSING_FILE_RETRIES)
        if reading:
            return reading
        missing = missing + 1 if snapshot.same_image_as(take_snapshot(context, slot)) else 0
    raise Conflict(f"The slot “{slot}” is being changed faster than it can be read.", hint="It is unharmed. Try again.")


def _apply_rule(context: BusContext, slot: str, snapshot: SlotSnapshot, *, settled: bool) -> Reading | None:
    """Apply the readers' rule (docs/publication.md) to a snapshot; None means to start again."""
    if not snapshot.token:  # put there by hand: it belongs with whatever mask is beside it
        return _confirm(context, _reading(slot, snapshot, snapshot.mask))
    needed = [*further_files(snapshot.frames)]
    if snapshot.mask_token != snapshot.token and not snapshot.mask_by_hand:
        needed.append(MASK)
    elif not needed:
        plain = _reading(slot, snapshot, snapshot.mask)
        return _confirm(context, plain) if snapshot.mask_by_hand else plain
    return _with_side_files(context, slot, snapshot, needed, settled=settled)


def _with_side_files(
    context: BusContext, slot: str, snapshot: SlotSnapshot, needed: list[str], *, settled: bool
) -> Reading | None:
    side = _read_side_files(context, slot, snapshot.token, needed)
    if len(side) < len(needed):
        return _without_side_files(context, slot, snapshot, needed, settled=settled)
    mask = side.get(MASK, snapshot.mask)
    reading = _reading(slot, snapshot, mask, side)
    if snapshot.mask_by_hand:
        return _confirm(context, reading)
    if MASK not in side:
        return reading
    # If the image changed while the side file was read, this is no longer the mask to show beside it.
    if not snapshot.same_image_as(take_snapshot(context, slot)):
        return None
    return replace(reading, mask_to_show=side[MASK].data)


def _without_side_files(
    context: BusContext, slot: str, snapshot: SlotSnapshot, needed: list[str], *, settled: bool
) -> Reading | None:
    """Decide without the side files: None while the image may have just been replaced, which is the usual reason.

    Otherwise the image was put there by hand, or the versions were cleared. A mask is never guessed.
    """
    if needed == [MASK] and (not snapshot.sealed or (settled and snapshot.mask is None)):
        return _confirm(context, _reading(slot, snapshot, snapshot.mask))
    if settled:
        raise CorruptData(
            f"The slot “{slot}” cannot be read: its picture belongs to a publish whose {_named(needed)} gone.",
            hint="Nothing was changed. Publish to it again, or save its image.png with an editor to use it as it is.",
        )
    return None


def _named(needed: list[str]) -> str:
    return "mask is" if needed == [MASK] else "further frames are"


def _confirm(context: BusContext, reading: Reading) -> Reading | None:
    """Return the reading if a second snapshot shows that neither file has changed; a hand edit has no other proof."""
    return reading if reading.snapshot.same_as(take_snapshot(context, reading.slot.name)) else None


def _read_side_files(context: BusContext, slot: str, token: str, files: list[str]) -> dict[str, Blob]:
    keys = {version_key(slot, token, file): file for file in files}
    return {keys[key]: blob for key, blob in context.storage.read(*keys).items()}


def _reading(slot: str, snapshot: SlotSnapshot, mask: Blob | None, side: Mapping[str, Blob] | None = None) -> Reading:
    assert snapshot.image is not None
    files = [file for file in further_files(snapshot.frames) if side and file in side]
    further = [side[file].data for file in files] if side else []
    images = (snapshot.image.data, *further[: len(further) // 2])
    masks = (mask.data, *further[len(further) // 2 :]) if mask else ()
    return Reading(Slot(slot, images, masks, snapshot.image.modified, snapshot.token), None, snapshot)


def first_frame(context: BusContext, slot: str, version: str = "") -> FirstFrame | None:
    """Read the first frame of `slot`, or of a version, from one file; None if no such picture exists."""
    if version and not is_version(version):
        return None
    blob = context.storage.get(version_key(slot, version, IMAGE) if version else image_key(slot))
    if blob is None:
        return None
    seal = claimed_seal(blob.data)
    frames = seal.frames if seal and 1 <= seal.frames <= MAX_FRAMES else 1
    return FirstFrame(slot, blob.data, frames, blob.modified, blob.version)


def refresh_visible_mask(context: BusContext, slot: str, token: str, mask: bytes, expected: Blob | None) -> None:
    """Step 5: replace ``mask.png`` by `token`'s mask, on the condition that it is still the `expected` one.

    If it has changed, see what is there now: a hand edit made after the commit stays, and another publish's mask is
    replaced only while the image is `token`'s.
    """
    if not _try_to_replace_mask(context, slot, mask, expected):
        reconcile_visible_mask(context, slot, token, mask)


def reconcile_visible_mask(context: BusContext, slot: str, token: str, mask: bytes) -> None:
    """The same if others may have published since the commit: read what is there before replacing it."""
    for _ in context.attempts():
        # The mask is read before the image. In the other order the mask could be of a publish that came after the image
        # was read, and `token`'s mask would replace the newer one.
        expected = context.storage.get(mask_key(slot))
        snapshot = SlotSnapshot(context.storage.get(image_key(slot)), expected)
        if snapshot.token != token or snapshot.mask_by_hand or snapshot.mask_token == token:
            return
        if _try_to_replace_mask(context, slot, mask, expected):
            return


def _try_to_replace_mask(context: BusContext, slot: str, mask: bytes, expected: Blob | None) -> bool:
    try:
        context.conditional.write(mask_key(slot), mask, expected.version if expected else ABSENT)
    except Conflict:
        return False
    return True
