"""What a run gets from a pool."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from datasete.errors import CorruptData
from datasete.pools.layout import pool_key
from datasete.pools.manifest import Manifest, Slot
from datasete.storage import Storage


@dataclass(frozen=True)
class Picture:
    """What a run gets from a pool.

    Attributes:
        image: the encoded picture.
        mask: the encoded mask, or None.
        slot: what the manifest says of it.
        index: where it is.
        count: how many pictures the pool has.
    """

    image: bytes
    mask: bytes | None
    slot: Slot
    index: int
    count: int


def find_picture(storage: Storage, pool_id: str, index: int, look: Callable[[str], Manifest]) -> Picture | None:
    """Read the picture at an index with its mask; None from an empty pool.

    Raises:
        CorruptData: a file that the manifest names is missing.
    """
    for retry in (True, False):
        manifest = look(pool_id)
        place = manifest.choose(index)
        if place is None:
            return None
        slot = manifest.slots[place]
        found = storage.read(*[pool_key(pool_id, name) for name in slot.files])
        if len(found) == len(slot.files):
            mask = found[pool_key(pool_id, slot.mask)].data if slot.mask else None
            return Picture(found[pool_key(pool_id, slot.image)].data, mask, slot, place, len(manifest.slots))
        if not retry or look(pool_id) is manifest:  # else it was edited between the two looks
            break
    raise missing_file(slot, pool_id)


def missing_file(slot: Slot, pool_id: str) -> CorruptData:
    """The error for a picture without all of its files."""
    return CorruptData(
        f"A file of the picture “{slot.image}” in the pool “{pool_id}” is missing.",
        hint="The others are unharmed. Remove the picture, or put its file back.",
    )
