"""A pool's slots as lines of JSON, in blocks that are kept: an edit of one of many pictures writes one block anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from datasete.pools.manifest import Slot

SLOTS: Final = 256
BETWEEN: Final = b",\n"


@dataclass(frozen=True)
class Block:
    """Some neighbours and their lines."""

    slots: tuple[Slot, ...]
    lines: bytes


def blocks_of(slots: tuple[Slot, ...], known: Iterable[Block] = ()) -> tuple[Block, ...]:
    """The slots in blocks; those of `known` that hold equal slots in the same place are taken over."""
    kept = iter(known)
    parts = (slots[start : start + SLOTS] for start in range(0, len(slots), SLOTS))
    return tuple([_block(part, next(kept, None)) for part in parts])


def _block(slots: tuple[Slot, ...], known: Block | None) -> Block:
    if known and known.slots == slots:  # at the price of looking whether they are the same objects, which they are
        return known
    return Block(slots, BETWEEN.join([slot.line for slot in slots]))
