"""Edits of a pool as pure functions from manifest to manifest. The service applies them to the newest one.

They address pictures by name wherever they can, because positions change under concurrent edits. A command that
changes nothing returns the object it was given, which tells the service not to write. Each keeps the active picture
active.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from datasete.errors import Conflict, InvalidInput, NotFound
from datasete.pools.manifest import Manifest, Picture, Removed

Command: TypeAlias = Callable[[Manifest], Manifest]

MAX_LABEL_CHARACTERS: Final = 10_000
INDEX_FROM_IMAGES: Final = 8
"""From this many on, building an index of all names is faster than searching for each."""


def add(pictures: Sequence[Picture], next_seq: int, first_active: int = 0) -> Command:
    """Append pictures whose files are already stored; `next_seq` follows the last number they use.

    In an empty pool, the picture at `first_active` becomes the active one.
    """

    def command(manifest: Manifest) -> Manifest:
        if not pictures:
            return manifest
        active = manifest.active_index if manifest.pictures else first_active
        return replace(
            manifest,
            pictures=(*manifest.pictures, *pictures),
            active=active,
            next_seq=max(manifest.next_seq, next_seq),
        )

    return command


def remove(images: Sequence[str], operation: str, now: float) -> Command:
    """Move pictures to the trash, as one removal that `restore` undoes. If one is missing, nothing happens."""

    def command(manifest: Manifest) -> Manifest:
        doomed = set(_indexes(manifest, images))
        if not doomed:
            return manifest
        kept = [picture for index, picture in enumerate(manifest.pictures) if index not in doomed]
        before = sum(1 for index in doomed if index < manifest.active_index)
        left = replace(manifest, pictures=tuple(kept), active=manifest.active_index - before)
        left = replace(left, active=left.active_index)
        heir = left.active_image
        trash = [
            Removed(manifest.pictures[index], index, now, operation, heir if index == manifest.active_index else None)
            for index in sorted(doomed)
        ]
        return replace(left, trash=(*manifest.trash, *trash))

    return command


def restore(operation: str | None = None) -> Command:
    """Undo a removal, by its operation id or else the latest. Its pictures return to their positions, as far as those
    still exist.
    """

    def command(manifest: Manifest) -> Manifest:
        wanted = operation or (manifest.trash[-1].operation if manifest.trash else None)
        back = [removed for removed in manifest.trash if removed.operation == wanted]
        if not back:
            raise NotFound("This pool has no removal to undo.", hint="Nothing was changed. Refresh the pool.")
        pictures = list(manifest.pictures)
        for removed in sorted(back, key=lambda removed: removed.index):
            pictures.insert(removed.index, removed.picture)
        active = manifest.active_image
        # The active picture comes back as active, unless somebody has activated another one since: the heir still being
        # active is the evidence that nobody has.
        active = next((removed.picture.image for removed in back if removed.heir == active), active)
        left = manifest.without_trash({removed.picture.image for removed in back})
        return replace(left, pictures=tuple(pictures)).activate(active)

    return command


def reorder(order: Sequence[int]) -> Command:
    """Put the pictures into a new order: `order[i]` is the current index of the picture that moves to index i.

    Raises (when applied):
        InvalidInput: the order is not a permutation of indices.
        Conflict: it is for another number of pictures.
    """
    if sorted(order) != list(range(len(order))):
        raise InvalidInput("An order names each index exactly once.", hint="Nothing was changed. Refresh the pool.")

    def command(manifest: Manifest) -> Manifest:
        if len(order) != len(manifest.pictures):
            raise Conflict(
                f"The order is for {len(order)} pictures, and the pool has {len(manifest.pictures)} now.",
                hint="Nothing was changed. Somebody added or removed pictures; refresh the pool.",
            )
        return _arranged(manifest, [manifest.pictures[index] for index in order])

    return command


def arrange(images: Sequence[str]) -> Command:
    """Put the named pictures into this order; pictures that were added in the meantime follow them."""

    def command(manifest: Manifest) -> Manifest:
        if len(set(images)) != len(images):
            raise InvalidInput("An order names each picture once.", hint="Nothing was changed. Refresh the pool.")
        named = [manifest.pictures[index] for index in _indexes(manifest, images)]
        chosen = set(images)
        return _arranged(manifest, [*named, *(picture for picture in manifest.pictures if picture.image not in chosen)])

    return command


def move(images: Sequence[str], before: str | None) -> Command:
    """Move pictures, in the order given, in front of `before`, or to the end when that is None."""

    def command(manifest: Manifest) -> Manifest:
        chosen = dict.fromkeys(images)
        moving = [manifest.pictures[index] for index in _indexes(manifest, chosen)]
        index = len(manifest.pictures) if before is None else manifest.index_of(before)
        front = [picture for picture in manifest.pictures[:index] if picture.image not in chosen]
        back = [picture for picture in manifest.pictures[index:] if picture.image not in chosen]
        return _arranged(manifest, [*front, *moving, *back])

    return command


def label(image: str, text: object) -> Command:
    """Set a picture's label.

    Raises:
        InvalidInput: it is not text, or longer than 10,000 characters.
    """
    checked = check_label(text)
    return _changed(image, lambda picture: replace(picture, label=checked))


def set_mask(image: str, mask: str | None) -> Command:
    """Give a picture the mask in this file, which is already stored; None removes its mask."""
    return _changed(image, lambda picture: replace(picture, mask=mask))


def activate(image: str) -> Command:
    """Make a picture the active one."""

    def command(manifest: Manifest) -> Manifest:
        index = manifest.index_of(image)
        return manifest if manifest.active == index else replace(manifest, active=index)

    return command


def expire(before: float) -> Command:
    """Drop pictures from the trash that were removed before this time."""

    def command(manifest: Manifest) -> Manifest:
        gone = {removed.picture.image for removed in manifest.trash if removed.removed < before}
        return manifest.without_trash(gone) if gone else manifest

    return command


def check_label(text: object) -> str:
    """Return a label if it can be stored.

    Raises:
        InvalidInput: it is not text, too long, or has characters that cannot be stored.
    """
    if not isinstance(text, str):
        raise InvalidInput("A label is text.", hint="Nothing was changed. Send a string.")
    if len(text) > MAX_LABEL_CHARACTERS:
        raise InvalidInput(
            f"A label has at most {MAX_LABEL_CHARACTERS:,} characters.", hint="Nothing was changed. Shorten it."
        )
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput(
            "A label cannot hold null characters or broken text.", hint="Nothing was changed. Remove them from it."
        )
    return text


def _indexes(manifest: Manifest, images: Collection[str]) -> list[int]:
    if len(images) < INDEX_FROM_IMAGES:
        return [manifest.index_of(image) for image in images]
    indexes = {picture.image: index for index, picture in enumerate(manifest.pictures)}
    # `index_of` raises the error for a name that is missing.
    return [indexes[image] if image in indexes else manifest.index_of(image) for image in images]


def _changed(image: str, change: Callable[[Picture], Picture]) -> Command:
    def command(manifest: Manifest) -> Manifest:
        index = manifest.index_of(image)
        pictures = list(manifest.pictures)
        pictures[index] = change(pictures[index])
        if pictures[index] == manifest.pictures[index]:
            return manifest
        return replace(manifest, pictures=tuple(pictures))

    return command


def _arranged(manifest: Manifest, pictures: list[Picture]) -> Manifest:
    if tuple(pictures) == manifest.pictures:
        return manifest
    return replace(manifest, pictures=tuple(pictures)).activate(manifest.active_image)
