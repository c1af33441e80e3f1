"""What a pool is: its pictures in order, what makes edits safe, and the view of it that browsers get.

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
"""How many operation ids a manifest keeps, so that a repeated request is applied once."""


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of a pool. Two are equal when they are written the same: 0 and 0.0 are not.

    Attributes:
        image: the picture's file name within the pool; it belongs to this picture for ever.
        mask: the mask's file name, or None.
        label: free text, which training-set formats write as a caption.
        added: when, in Unix seconds; another program's manifest may hold anything here, and it is kept.
        rest: keys that are not ours.
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
        """The entry as one line of JSON. Kept, because an edit writes thousands of pictures and changes one."""
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
        index: where it was.
        removed: when it was removed, in Unix seconds.
        operation: which removal it was part of; they are undone together.
        heir: when it was the active picture, the one that became active in its place ("" for none); else None.
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
        active: index of the active picture; as stored, so possibly out of range. See `active_index`.
        next_seq: the number of the next picture's name. It only grows.
        revision: grows with every edit of ours.
        operations: ids of the latest edits, oldest first.
        trash: removed pictures, oldest removal first.
        rest: keys that are not ours.
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
        """The active index brought into range; 0 for an empty pool."""
        return max(0, min(self.active, len(self.pictures) - 1))

    @property
    def active_image(self) -> str:
        """The active picture's name; "" for an empty pool."""
        return self.pictures[self.active_index].image if self.pictures else ""

    @cached_property
    def files(self) -> frozenset[str]:
        """The names of all files in use, those of removed pictures included. Kept: every thumbnail asks for them."""
        kept = [*self.pictures, *(removed.picture for removed in self.trash)]
        return frozenset(name for picture in kept for name in picture.files)

    @cached_property
    def fingerprint(self) -> str:
        """A name of these pictures in this order, with all that is said of them: other content has another one."""
        return hashlib.blake2b(b"\n".join([picture.line for picture in self.pictures]), digest_size=16).hexdigest()

    def find(self, image: str) -> int | None:
        """Where a picture is; None when it is not in the pool."""
        return next((index for index, picture in enumerate(self.pictures) if picture.image == image), None)

    def index_of(self, image: str) -> int:
        """Where a picture is.

        Raises:
            NotFound: it is not in the pool (any more).
        """
        index = self.find(image)
        if index is None:
            raise NotFound(
                f"The picture “{image[:80]}” is not in this pool any more.",
                hint="Nothing was changed. Somebody may have removed it; refresh the pool.",
            )
        return index

    def choose(self, index: int) -> int | None:
        """The index a run uses: −1 is the active picture, anything else is brought into range; None when empty."""
        if not self.pictures:
            return None
        return self.active_index if index < 0 else min(index, len(self.pictures) - 1)

    def activate(self, image: str) -> Manifest:
        """The manifest with this picture active, wherever it is; "" or a missing one leaves the index in range."""
        index = self.find(image)
        return replace(self, active=self.active_index if index is None else index)

    def committed(self, operation: str) -> Manifest:
        """The manifest as it is written after an edit."""
        known = (*self.operations, operation)[-MAX_OPERATIONS:]
        return replace(self, revision=self.revision + 1, operations=known)

    def without_trash(self, images: Collection[str]) -> Manifest:
        """The manifest after these removed pictures have left the trash."""
        return replace(self, trash=tuple(removed for removed in self.trash if removed.picture.image not in images))


def dump(value: object) -> bytes:
    """JSON that people can read; escaped where it could not be stored as UTF-8 otherwise (a lone surrogate)."""
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
