"""Removal, for the explorer: a deletion that keeps what it takes away. Its steps, its program, and their checks.

The note that a removal leaves is not modelled, because it is not read for a week.
"""

from __future__ import annotations

from slot_explorer import Violation
from slot_programs import archive, snapshot
from slot_world import Image, Mask, World, check_archived


def remover(faults=frozenset()):
    """Look, keep, delete the image while it is what was looked at, then the mask likewise; undone by a restore."""
    image, mask, _ = yield from snapshot()
    if image is None:
        return None
    if "removal archives nothing" not in faults and (yield from archive(image, mask, faults)) is None:
        return remover, faults
    if not (yield (take_image, image, "removal unconditional" not in faults)):
        return remover, faults
    yield (take_mask, mask, "removal takes any mask" not in faults)
    return None


def take_image(world: World, seen: Image, conditional: bool):
    """Delete the picture, which must be recoverable."""
    if world.image is None or (conditional and world.image != seen):
        return [(False, world)]
    check_archived(world)
    return [(True, world.change(image=None))]


def take_mask(world: World, seen: Mask | None, conditional: bool):
    """Delete the mask; a publish has its own in the history, an edit must have been kept."""
    mask = world.mask
    if mask is None or (conditional and mask != seen):
        return [(None, world)]
    if not mask.sealed and ("mask", mask.edit) not in world.archived:
        raise Violation(f"the hand-edited {mask} was removed and is not in the history")
    return [(None, world.change(mask=None))]
