"""Adding pictures: each file gets a name that was never used; one write of the manifest makes all of them appear."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Final

from datasete.config import LimitSettings
from datasete.errors import Conflict, DataseteError, StoreUnavailable
from datasete.plugin import ABSENT
from datasete.pools.admission import Upload, validate_mask, validate_upload
from datasete.pools.commands import check_label
from datasete.pools.layout import first_mask_name, image_name, later_mask_name, number_of, pool_key
from datasete.pools.manifest import Manifest, Picture
from datasete.storage import Storage

MAX_NAME_ATTEMPTS: Final = 200
MAX_LOST_ANSWERS: Final = 5
MAX_ADDITION_SECONDS: Final = 6 * 3600.0
"""Longest time from the first picture to the commit.

Far below `lifecycle.GRACE_SECONDS`: an older file that no manifest names yet would be collected as unused.
"""


class Addition:
    """One addition to a pool, which may take long. Leaving it without `commit` deletes what it stored.

    Args:
        storage: of the pools.
        pool_id: checked.
        manifest: the pool when the addition started.
        repeated: whether the operation was already applied; then nothing is stored.
        commit: appends pictures; gets them and the number after their last one.
        limits: for pictures.
        clock: Unix seconds.
    """

    def __init__(
        self,
        storage: Storage,
        pool_id: str,
        manifest: Manifest,
        commit: Callable[[list[Picture], int], Manifest],
        limits: LimitSettings,
        *,
        repeated: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.repeated = repeated
        self.pictures: list[Picture] = []
        self._storage = storage
        self._pool_id = pool_id
        self._number = manifest.next_seq
        self._commit = commit
        self._limits = limits
        self._clock = clock
        self._started = clock()
        self._stored: list[str] = []
        self._finished = False

    def __enter__(self) -> Addition:  # noqa: PYI034 - `Self` is newer than our oldest Python
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            self.discard()

    def stage(self, upload: Upload) -> Picture:
        """Check one picture and store its files. `commit` makes it part of the pool.

        Raises:
            InvalidInput: it cannot be used; what was staged before is unharmed, and more pictures may follow.
            StoreError: it could not be stored.
        """
        checked = validate_upload(upload.data, self._limits)
        label = check_label(upload.label)
        mask = None if upload.mask is None else validate_mask(upload.mask, self._limits)
        if self.repeated:  # the first attempt stored the files already; only the count of pictures must be right
            self.pictures.append(Picture("", None, label))
            return self.pictures[-1]
        image = self._store_image(checked.data, checked.suffix)
        picture = Picture(image, self._store_mask(image, mask), label, round(self._clock(), 3))
        self.pictures.append(picture)
        return picture

    def label(self, position: int, text: str) -> None:
        """Label the picture that was staged at a position.

        Raises:
            InvalidInput: the label cannot be stored; the picture keeps what it had.
        """
        self.pictures[position] = replace(self.pictures[position], label=check_label(text))

    def mask(self, position: int, data: bytes) -> None:
        """Store a mask for the picture that was staged at a position.

        Raises:
            InvalidInput: the mask cannot be used; the picture keeps what it had.
        """
        picture = self.pictures[position]
        self.pictures[position] = replace(
            picture, mask=self._store_mask(picture.image, validate_mask(data, self._limits))
        )

    def copy_in(self, picture: Picture, image: bytes, mask: bytes | None) -> None:
        """Store the files of another pool's picture unchanged, under names of this pool."""
        if self.repeated:
            return
        name = self._store_image(image, picture.image.rpartition(".")[2])
        self.pictures.append(replace(picture, image=name, mask=self._store_mask(name, mask)))

    def commit(self) -> Manifest:
        """Append the staged pictures to the pool; return the pool.

        Raises:
            StoreError: nothing was added.
        """
        if self._clock() - self._started > MAX_ADDITION_SECONDS:
            raise Conflict("Adding these pictures took too long.", hint="None was added. Add fewer at once.")
        manifest = self._commit(self.pictures, self._number)
        self._finished = True
        return manifest

    def discard(self) -> None:
        """Delete what was staged."""
        self._finished = True
        if self._stored:
            with suppress(DataseteError):  # what remains is not part of the pool, and is collected later
                self._storage.delete(*[pool_key(self._pool_id, name) for name in self._stored])

    def _store_image(self, data: bytes, suffix: str) -> str:
        lost = 0
        for attempt in range(MAX_NAME_ATTEMPTS):
            name = image_name(self._number, suffix)
            self._number += 1
            try:
                return self._store(name, data)
            except Conflict:
                # The first taken name is another writer's. A second one suggests that a crash left many files, and
                # listing them once is cheaper than trying each of their names.
                if attempt:
                    self._number = max(self._number, self._next_free_number())
            except StoreUnavailable:
                # The file may have been written or not, and a second attempt could not tell it from another writer's.
                # So this name is given up.
                lost += 1
                if lost == MAX_LOST_ANSWERS:
                    raise
        raise Conflict(
            f"Other writers add to “{self._pool_id}” faster than this one.", hint="Nothing was added. Try again."
        )

    def _store_mask(self, image: str, mask: bytes | None) -> str | None:
        if mask is None or self.repeated:
            return None
        try:
            return self._store(first_mask_name(image), mask)
        except Conflict:  # it belongs to a picture with the same number and another suffix
            return self._store(later_mask_name(image), mask)

    def _store(self, name: str, data: bytes) -> str:
        self._storage.write(pool_key(self._pool_id, name), data, ABSENT)
        self._stored.append(name)
        return name

    def _next_free_number(self) -> int:
        prefix = pool_key(self._pool_id, "img_")
        names = (entry.key.rpartition("/")[2] for entry in self._storage.entries(prefix))
        return 1 + max((number_of(name) or 0 for name in names), default=0)
