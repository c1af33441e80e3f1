"""Reading: the rule for readers, the first frame alone, and the visible mask that follows a commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from datasete.bus.context import ATTEMPTS, Desk
from datasete.bus.layout import IMAGE, MASK, MAX_FRAMES, further_files, image_key, is_version, mask_key, version_key
from datasete.bus.models import Cover, Slot
from datasete.bus.snapshot import Look, look_at
from datasete.errors import Conflict, CorruptData
from datasete.imaging.seal import claimed_seal
from datasete.plugin import ABSENT, Blob

PATIENCE = 5
"""How often missing files are looked for again while the image stands still."""


@dataclass(frozen=True)
class Reading:
    """A slot as read, and what the visible mask should be but is not (None when it is fine)."""

    slot: Slot
    stale: bytes | None
    look: Look


def read(desk: Desk, slot: str) -> Reading | None:
    """Read `slot` whole; None when it has no image.

    Raises:
        CorruptData: the image belongs to a publish whose mask or frames are gone, and nobody is changing it.
        Conflict: it changed at every attempt.
    """
    missing = 0
    for attempt in range(ATTEMPTS):
        look = look_at(desk.store, slot)
        if look.image is None:
            return None
        reading = _by_rule(desk, slot, look, certain=missing >= PATIENCE)
        if reading:
            return reading
        missing = missing + 1 if look.same_image_as(look_at(desk.store, slot)) else 0
        desk.pause(attempt)
    raise Conflict(f"The slot “{slot}” is being changed faster than it can be read.", hint="It is unharmed. Try again.")


def _by_rule(desk: Desk, slot: str, look: Look, *, certain: bool) -> Reading | None:
    """What `look` and the side files give, or None to start again."""
    if not look.token:
        return _confirmed(desk, _reading(slot, look, look.mask))
    needed = [*further_files(look.frames)]
    if look.mask_token != look.token and not look.mask_by_hand:
        needed.append(MASK)
    elif not needed:
        plain = _reading(slot, look, look.mask)
        return _confirmed(desk, plain) if look.mask_by_hand else plain
    return _with_side_files(desk, slot, look, needed, certain=certain)


def _with_side_files(desk: Desk, slot: str, look: Look, needed: list[str], *, certain: bool) -> Reading | None:
    side = _side(desk, slot, look.token, needed)
    if len(side) < len(needed):
        return _without(desk, slot, look, needed, certain=certain)
    mask = side.get(MASK, look.mask)
    reading = _reading(slot, look, mask, side)
    if look.mask_by_hand:
        return _confirmed(desk, reading)
    if MASK not in side:
        return reading
    if not look.same_image_as(look_at(desk.store, slot)):
        return None
    return replace(reading, stale=side[MASK].data)


def _without(desk: Desk, slot: str, look: Look, needed: list[str], *, certain: bool) -> Reading | None:
    """The side files are gone: the image was replaced just now, or somebody put it there or cleared the versions."""
    if needed == [MASK] and (not look.sealed or (certain and look.mask is None)):
        return _confirmed(desk, _reading(slot, look, look.mask))
    if certain:
        raise CorruptData(
            f"The slot “{slot}” cannot be read: its picture belongs to a publish whose {_named(needed)} gone.",
            hint="Nothing was changed. Publish to it again, or save its image.png with an editor to use it as it is.",
        )
    return None


def _named(needed: list[str]) -> str:
    return "mask is" if needed == [MASK] else "further frames are"


def _confirmed(desk: Desk, reading: Reading) -> Reading | None:
    """The reading, if a second look shows that neither file has changed."""
    return reading if reading.look.same_as(look_at(desk.store, reading.slot.name)) else None


def _side(desk: Desk, slot: str, token: str, files: list[str]) -> dict[str, Blob]:
    keys = {version_key(slot, token, file): file for file in files}
    return {keys[key]: blob for key, blob in desk.storage.read(*keys).items()}


def _reading(slot: str, look: Look, mask: Blob | None, side: Mapping[str, Blob] | None = None) -> Reading:
    assert look.image is not None
    files = [file for file in further_files(look.frames) if side and file in side]
    further = [side[file].data for file in files] if side else []
    images = (look.image.data, *further[: len(further) // 2])
    masks = (mask.data, *further[len(further) // 2 :]) if mask else ()
    return Reading(Slot(slot, images, masks, look.image.modified, look.token), None, look)


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


def project(desk: Desk, slot: str, token: str, mask: bytes, seen: Blob | None) -> None:
    """Replace ``mask.png`` by `token`'s mask, as long as it is the one that was `seen` before `token`'s commit.

    A hand edit made since stays; one that `token` superseded is in the history, and goes. Another publish's mask is
    replaced as long as the image is still `token`'s.
    """
    if not _replaced(desk, slot, mask, seen):
        project_again(desk, slot, token, mask)


def project_again(desk: Desk, slot: str, token: str, mask: bytes) -> None:
    """The same when others may have published since the commit: look first.

    The mask is read before the image. In the other order it could be a later publish's, which must not be replaced.
    """
    for attempt in range(ATTEMPTS):
        seen = desk.storage.get(mask_key(slot))
        look = Look(desk.storage.get(image_key(slot)), seen)
        if look.token != token or look.mask_by_hand or look.mask_token == token:
            return
        if _replaced(desk, slot, mask, seen):
            return
        desk.pause(attempt)


def _replaced(desk: Desk, slot: str, mask: bytes, seen: Blob | None) -> bool:
    try:
        desk.store.write(mask_key(slot), mask, seen.version if seen else ABSENT)
    except Conflict:
        return False
    return True
