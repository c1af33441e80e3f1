"""What a pool consists of: its pictures in order, what makes edits safe, and the view that browsers get.

`codec` reads and writes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from datasete.errors import NotFound

MAX_OPERATIONS: Final = 128
"""How many operation ids a manifest keeps, so that a repeated request is applied only once."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of a pool. Two are equal when they are written the same, so 0 and 0.0 differ.

    Attributes:
        image: the picture's file name within the pool, which is never reused for another picture.
        mask: the mask's file name, or None.
        label: free text, which training-set formats write as a caption.
        added: when, in Unix seconds. Another program may have written anything here; it is preserved.
        rest: keys of other programs, which every edit preserves.
    """

    image: str
    mask: str | None = None
    label: str = ""
    added: object = 0
    rest: Mapping[str, object] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Picture) and self.line == other.line)

    def __hash__(self) -> int:
        return hash(self.line)

    @property
    def entry(self) -> dict[str, object]:
        """The picture as the manifest holds it."""
        return {"image": self.image, "mask": self.mask, "label": self.label, "added": self.added, **self.rest}

    @cached_property
    def line(self) -> bytes:
        """The entry as one line of JSON. Cached, because an edit writes thousands of pictures and changes one."""
        return dump(self.entry)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files."""
        return (self.image, self.mask) if self.mask else (self.image,)


@dataclass(frozen=True)
class Removed:
    """A picture in the trash.

    Attributes:
        picture: the one that was removed.
        index: its position at the time.
        removed: when it was removed, in Unix seconds.
        operation: the removal that it was part of. Its pictures are undone together.
        heir: if it was the active picture, the one that became active instead ("" for none); else None.
    """

    picture: Picture
    index: int
    removed: float
    operation: str
    heir: str | None = None

    @cached_property
    def line(self) -> bytes:
        """The entry as one line of JSON."""
        rest = {"index": self.index, "removed": self.removed, "operation": self.operation, "heir": self.heir}
        return b'{"slot":%b,%b' % (self.picture.line, dump(rest)[1:])


@dataclass(frozen=True)
class Manifest:
    """A pool.

    Attributes:
        pictures: in order.
        active: the index of the active picture as stored, which may be out of range. See `active_index`.
        next_seq: the number of the next picture's name. It only grows.
        revision: grows with each of our edits.
        operations: ids of the latest edits, oldest first.
        trash: removed pictures, oldest removal first.
        rest: keys of other programs, which every edit preserves.
    """

    pictures: tuple[Picture, ...] = ()
    active: int = 0
    next_seq: int = 1
    revision: int = 0
    operations: tuple[str, ...] = ()
    trash: tuple[Removed, ...] = ()
    rest: Mapping[str, object] = field(default_factory=dict)

    @property
    def active_index(self) -> int:
        """The active index, clamped; 0 for an empty pool."""
        return max(0, min(self.active, len(self.pictures) - 1))

    @property
    def active_image(self) -> str:
        """The active picture's name; "" for an empty pool."""
        return self.pictures[self.active_index].image if self.pictures else ""

    @cached_property
    def files(self) -> frozenset[str]:
        """The names of all files in use, including the trash. Cached, because every thumbnail request needs them."""
        kept = [*self.pictures, *(removed.picture for removed in self.trash)]
        return frozenset(name for picture in kept for name in picture.files)

    @cached_property
    def fingerprint(self) -> str:
        """A name for exactly these pictures, masks, labels and their order. Any other content has another name."""
        return hashlib.blake2b(b"\n".join([picture.line for picture in self.pictures]), digest_size=16).hexdigest()

    def find(self, image: str) -> int | None:
        """A picture's index; None if it is not in the pool."""
        return next((index for index, picture in enumerate(self.pictures) if picture.image == image), None)

    def index_of(self, image: str) -> int:
        """A picture's index.

        Raises:
            NotFound: it is not in the pool, or no longer.
        """
        index = self.find(image)
        if index is None:
            raise NotFound(
                f"The picture “{image[:80]}” is not in this pool any more.",
                hint="Nothing was changed. Somebody may have removed it; refresh the pool.",
            )
        return index

    def choose(self, index: int) -> int | None:
        """The index for a run: −1 is the active picture, any other is clamped; None if the pool is empty."""
        if not self.pictures:
            return None
        return self.active_index if index < 0 else min(index, len(self.pictures) - 1)

    def activate(self, image: str) -> Manifest:
        """The manifest with this picture active; "" or a missing picture only brings the index into range."""
        index = self.find(image)
        return replace(self, active=self.active_index if index is None else index)

    def committed(self, operation: str) -> Manifest:
        """The manifest as it is written after an edit."""
        known = (*self.operations, operation)[-MAX_OPERATIONS:]
        return replace(self, revision=self.revision + 1, operations=known)

    def without_trash(self, images: Collection[str]) -> Manifest:
        """The manifest without these pictures in its trash."""
        return replace(self, trash=tuple(removed for removed in self.trash if removed.picture.image not in images))


def dump(value: object) -> bytes:
    """JSON that people can read; escaped only where UTF-8 cannot hold it, such as a lone surrogate."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def view(manifest: Manifest, offset: int = 0, limit: int | None = None) -> dict[str, object]:
    """The manifest with at most `limit` pictures from `offset` on; `count` says how many there are.

    `removed` is how many pictures an undo would bring back.
    """
    end = None if limit is None else offset + limit
    latest = manifest.trash[-1].operation if manifest.trash else None
    return {
        "active": manifest.active_index,
        "slots": [picture.entry for picture in manifest.pictures[offset:end]],
        "next_seq": manifest.next_seq,
        "revision": manifest.revision,
        "count": len(manifest.pictures),
        "offset": offset,
        "removed": sum(1 for removed in manifest.trash if removed.operation == latest),
    }
