"""Publishing: side files, a snapshot, an archive of what is there, and the one write that counts."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from datasete.bus.context import ATTEMPTS, GRACE, Desk
from datasete.bus.history import keep
from datasete.bus.layout import (
    HAND,
    IMAGE,
    MASK,
    frame_file,
    image_key,
    mask_file,
    version_key,
    versions_prefix,
)
from datasete.bus.listing import find_namesake
from datasete.bus.models import Origin
from datasete.bus.snapshot import Look, look_at
from datasete.errors import Conflict, DataseteError, StoreDenied, StoreError, StoreFull, StoreUnavailable
from datasete.imaging.seal import Seal, read_seal, seal
from datasete.plugin import ABSENT, Blob

LOST_ANSWERS: Final = 4
"""How many commits without an answer are tried before the caller is told."""


@dataclass(frozen=True)
class Content:
    """What is published: encoded frames and one mask for each."""

    images: Sequence[bytes]
    masks: Sequence[bytes]
    origin: Origin = "publish"


@dataclass(frozen=True)
class Commit:
    """A publish that took place.

    Attributes:
        slot: where.
        token: its own.
        version: the store's version of ``image.png``; empty when it is somebody else's already.
        look: what was there before; what is there now when the commit was `found`.
        mask: the sealed mask of frame 1.
        found: whether the answer was lost, and the commit recognized later.
    """

    slot: str
    token: str
    version: str
    look: Look
    mask: bytes
    found: bool = False


def publish(desk: Desk, slot: str, content: Content) -> Commit:
    """Publish to `slot`, or to the one that exists under another spelling of its name.

    Raises:
        Conflict: others publish to the slot faster; the slot is whole, and not changed by this call.
        StoreUnavailable: no answer from the store. If it fell silent at the commit, the slot is old or new, whole.
        StoreError: nothing was published.
    """
    with desk.store.alone(slot):
        work = Publish(desk, slot, content)
        look = look_at(desk.store, slot).light()
        namesake = None if look.image else find_namesake(desk.storage, slot)
        if namesake:
            work.abandon()
            work = Publish(desk, namesake, content)
            look = look_at(desk.store, namesake).light()
        return work.run(look)


class Publish:
    """One call of publish: under one token until an answer is lost, then under another.

    A commit whose answer was lost may still take place, and may since have been replaced and pruned. Going on under a
    fresh token keeps the side files of both apart, so no prune can take those of the one that ends up visible.
    """

    def __init__(self, desk: Desk, slot: str, content: Content) -> None:
        self._desk = desk
        self._slot = slot
        self._content = content
        self._doubtful: list[str] = []
        self._begin()

    def run(self, first: Look) -> Commit:
        """Steps 2 to 4, until the picture is committed; `first` is what was seen last."""
        try:
            return self._attempts(first)
        except StoreUnavailable as error:
            self.abandon()
            raise self._unknown() if self._doubtful else error from None
        except DataseteError:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Remove the side files of a publish that certainly failed; those in doubt are left to the grace."""
        with contextlib.suppress(DataseteError):
            _collect(self._side)
        if self._token not in self._doubtful:
            token = self._token
            self._desk.errands.later("Removing an abandoned publish", lambda: self._remove(token))

    def _attempts(self, first: Look) -> Commit:
        look = first
        for attempt in range(ATTEMPTS):
            commit = self._attempt(look)
            if commit:
                return commit
            self._desk.pause(attempt)
            look = look_at(self._desk.store, self._slot).light()
        raise Conflict(
            f"The slot “{self._slot}” is being changed by others faster than it can be published to.",
            hint="What is there is whole. Try again.",
        )

    def _attempt(self, look: Look) -> Commit | None:
        """One round of steps 2 to 4; None when somebody else was faster or the answer is in doubt."""
        earlier = self._recognize(look)
        if earlier:
            return earlier
        if self._desk.clock() - self._started > GRACE / 2:
            self._begin()
        kept = ""
        try:
            kept = keep(self._desk, self._slot, look)
            return self._commit(look)
        except Conflict:
            self._forget(kept)
            return None
        except _Lost as lost:
            if len(self._doubtful) >= LOST_ANSWERS:
                raise self._unknown() from lost
            self._begin()
            return None

    def _begin(self) -> None:
        """Step 1: a fresh token, and its side files on their way."""
        self._token = self._desk.token(self._content.origin)
        self._started = self._desk.clock()
        self._mask = self._sealed_mask(self._token)
        self._side = [self._desk.errands.start(job) for job in self._side_files()]

    def _sealed_mask(self, token: str) -> bytes:
        return seal(self._content.masks[0], Seal(token, None, len(self._content.images)))

    def _side_files(self) -> list[Callable[[], object]]:
        sealed = Seal(self._token, None, len(self._content.images))

        def writing(file: str, data: bytes) -> Callable[[], object]:
            key = version_key(self._slot, self._token, file)
            return lambda: self._desk.storage.write(key, data if file == MASK else seal(data, sealed))

        masks = [(mask_file(number), mask) for number, mask in enumerate(self._content.masks[1:], 2)]
        frames = [(frame_file(number), image) for number, image in enumerate(self._content.images[1:], 2)]
        return [writing(file, data) for file, data in ((MASK, self._mask), *masks, *frames)]

    def _commit(self, look: Look) -> Commit:
        """Step 4. Every side file is in place before it."""
        _collect(self._side)
        superseded = look.mask_digest if look.mask_edited else None
        image = seal(self._content.images[0], Seal(self._token, superseded, len(self._content.images)))
        when = look.image.version if look.image else ABSENT
        try:
            version = self._desk.store.write(image_key(self._slot), image, when)
        except (Conflict, StoreFull, StoreDenied):
            raise  # certainly nothing was written
        except StoreUnavailable as error:
            self._doubtful.append(self._token)
            raise _Lost from error
        except StoreError:
            self._doubtful.append(self._token)
            raise
        return Commit(self._slot, self._token, version, look, self._mask)

    def _recognize(self, look: Look) -> Commit | None:
        """After a lost answer: whether one of the commits in doubt took place after all."""
        token = next(filter(None, (self._trace(token, look) for token in self._doubtful)), "")
        if not token:
            return None
        version = look.image.version if look.image and look.sealed and look.token == token else ""
        return Commit(self._slot, token, version, look, self._sealed_mask(token), found=True)

    def _trace(self, token: str, look: Look) -> str:
        seen = look.token == token or self._desk.store.exists(version_key(self._slot, token, IMAGE))
        return token if seen or self._in_a_kept_edit(token) else ""

    def _in_a_kept_edit(self, token: str) -> bool:
        """Whether somebody edited this publish by hand and somebody else has replaced that already."""
        prefix = versions_prefix(self._slot) + HAND
        names = [entry.key for entry in self._desk.storage.entries(prefix) if entry.key.endswith("/" + IMAGE)]
        return any(_names(blob, token) for blob in self._desk.storage.read(*names).values()) if names else False

    def _forget(self, kept: str) -> None:
        """Remove the copy of a hand edit that was kept for a commit that was refused: it is still in its place."""
        if kept:
            self._desk.errands.later("Removing a spare copy", lambda: self._remove(kept))

    def _remove(self, folder: str) -> None:
        keys = [entry.key for entry in self._desk.storage.entries(version_key(self._slot, folder, ""))]
        self._desk.store.delete(*keys)

    def _unknown(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"The store gave no answer while “{self._slot}” was being published.",
            hint="The slot holds what it held before, or the new picture, whole. Look at it before trying again.",
        )


class _Lost(Exception):
    """No answer came to the commit: it may have taken place."""


def _collect(side: Sequence[Future[object]]) -> None:
    """Wait for every side file, also when one fails, then raise the first failure."""
    failures = [failure for failure in (future.exception() for future in side) if failure]
    if failures:
        raise failures[0]


def _names(blob: Blob, token: str) -> bool:
    found = read_seal(blob.data).seal
    return found is not None and found.token == token


def blank_mask(width: int, height: int) -> bytes:
    """An 8-bit grey PNG of zeros, `width` × `height` pixels, made row by row."""
    compressor = zlib.compressobj(1)
    row = bytes(width + 1)
    pixels = b"".join([*(compressor.compress(row) for _ in range(height)), compressor.flush()])
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
