"""The service that edits, copies and deletes pools. It deals in encoded bytes; nodes turn them into tensors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from datasete.config import LimitSettings
from datasete.errors import DataseteError, InvalidInput, NotFound
from datasete.plugin import ABSENT
from datasete.pools import commands, lifecycle
from datasete.pools.adding import Addition
from datasete.pools.admission import Refused, Upload, validate_mask
from datasete.pools.codec import encode
from datasete.pools.editing import Versions, operation_id, pool_step
from datasete.pools.layout import check_pool_id, later_mask_name, pool_key
from datasete.pools.lifecycle import copy_files, create_pool, remove_pool
from datasete.pools.manifest import Manifest, Picture
from datasete.pools.reading import Reader, incomplete_picture, read_files
from datasete.pools.rebuild import rebuild
from datasete.storage import Storage


class Pools(Reader):
    """All pools of a space. Safe to use from several threads, and from several processes and machines at once.

    Every edit takes an `operation`: an id that the caller generates. Repeating an id changes nothing and returns the
    same answer, so a request whose answer was lost can safely be sent again.

    Args:
        storage: of the space.
        limits: for pictures.
        changed: called with a pool's id and revision after each edit.
        clock: Unix seconds.
        collect_every: seconds between two collections of a pool's unused files by this process; None to disable them.
    """

    def __init__(
        self,
        storage: Storage,
        limits: LimitSettings | None = None,
        *,
        changed: Callable[[str, int], object] = lambda _pool, _revision: None,
        clock: Callable[[], float] = time.time,
        collect_every: float | None = None,
    ) -> None:
        super().__init__(storage, limits)
        self.versions = Versions()
        self._changed = changed
        self._clock = clock
        self.collector = None if collect_every is None else lifecycle.GarbageCollector(self.collect, collect_every)

    # -- editing -------------------------------------------------------------------------------------------------------

    def edit(self, pool_id: str, command: commands.Command, operation: str | None = None) -> Manifest:
        """Apply a command to the newest manifest, and again whenever another writer was faster.

        Raises:
            Conflict: other writers were faster every time; nothing was changed.
            CorruptData: the manifest cannot be read; nothing was changed.
            StoreError: the edit may have been stored or not; repeating it with the same operation is safe.
        """
        pool_id, operation = check_pool_id(pool_id), operation_id(operation)
        step = pool_step(self._manifests, pool_id, command, operation, self._clock() - lifecycle.TRASH_SECONDS)
        try:
            blob = self.storage.update(pool_key(pool_id), step)
        except NotFound:
            # `update` raises without a manifest when the edit writes none. An edit without effect may do so.
            if not step.unchanged:
                raise
            return step.result
        self._manifests.remember(pool_id, blob.version, step.result)
        if not step.unchanged:
            self._changed(pool_id, step.result.revision)
        return step.result

    def addition(self, pool_id: str, operation: str | None = None) -> Addition:
        """Start adding pictures: stage one after the other, then commit. Use it in a ``with`` block."""
        return self._addition(pool_id, operation, 0)

    def add(
        self, pool_id: str, uploads: Iterable[Upload], operation: str | None = None
    ) -> tuple[Manifest, list[Refused]]:
        """Add the valid pictures with one write of the manifest; return the pool, and which were refused and why."""
        refused = []
        with self.addition(pool_id, operation) as addition:
            for upload in uploads:
                try:
                    addition.stage(upload)
                except InvalidInput as error:
                    refused.append(Refused(upload.filename, error))
            return addition.commit(), refused

    def remove(self, pool_id: str, images: Sequence[str], operation: str | None = None) -> Manifest:
        """Move pictures to the trash, all or none. `undo` brings them back together, for a week."""
        operation = operation_id(operation)
        manifest = self.edit(pool_id, commands.remove(images, operation, self._clock()), operation)
        self._schedule_collection(pool_id)
        return manifest

    def undo(self, pool_id: str, operation: str | None = None, removal: str | None = None) -> Manifest:
        """Undo the removal with the operation id `removal`; by default the latest one.

        Raises:
            NotFound: no such removal exists, or it was already undone.
        """
        return self.edit(pool_id, commands.restore(removal), operation)

    def set_mask(self, pool_id: str, image: str, mask: bytes | None, operation: str | None = None) -> Manifest:
        """Set a picture's mask from an encoded picture (white is painted), or clear it.

        Raises:
            InvalidInput: the mask cannot be used; the picture keeps the one it had.
        """
        manifest = self.manifest(pool_id)
        manifest.index_of(image)
        if operation in manifest.operations:
            return manifest
        name = None
        if mask is not None:
            # A new name for each mask: browsers and workflows cache by name, and must never show an old mask as new.
            name = later_mask_name(image)
            self.storage.write(pool_key(pool_id, name), validate_mask(mask, self.limits))
        try:
            manifest = self.edit(pool_id, commands.set_mask(image, name), operation)
        except NotFound:
            self._discard(pool_id, name)
            raise
        self._schedule_collection(pool_id)
        return manifest

    # -- whole pools ---------------------------------------------------------------------------------------------------

    def detach(self, pool_id: str) -> str:
        """Copy a pool to a new, private one; return the new id."""
        with create_pool(self.storage, "pool", self._clock) as copy:
            self.copy_into(pool_id, copy)
        return copy

    def copy_into(self, pool_id: str, target: str) -> Manifest:
        """Copy a pool's pictures into one that has no manifest yet.

        Raises:
            Conflict: the target exists.
            CorruptData: a file of the source is missing.
        """
        manifest = copy_files(self.storage, self.manifest(pool_id), pool_id, target)
        # The manifest comes last and is the commit: until it is there, the copy does not exist for any reader.
        return self.install(target, manifest)

    def append(self, source: str, target: str, operation: str | None = None) -> Manifest:
        """Append a pool's pictures to another's, under new names; an empty target also gets the active picture.

        Raises:
            InvalidInput: both are the same pool.
            CorruptData: a file of the source is missing; nothing was added.
        """
        if check_pool_id(source) == check_pool_id(target):
            raise InvalidInput("A pool cannot be copied into itself.", hint="Nothing was changed. Choose another pool.")
        pictures = self.manifest(source).pictures
        active = self.manifest(source).active_index
        with self._addition(target, operation, active) as addition:
            for picture in pictures:
                files = read_files(self.storage, source, picture)
                if files is None:
                    raise incomplete_picture(picture, source)
                addition.copy_in(picture, *files)
            return addition.commit()

    def install(self, pool_id: str, manifest: Manifest) -> Manifest:
        """Write the first manifest of a pool whose files are already stored."""
        first = replace(manifest, revision=1)
        self.storage.write(pool_key(check_pool_id(pool_id)), encode(first), ABSENT)
        self._changed(pool_id, first.revision)
        return first

    def delete(self, pool_id: str) -> None:
        """Delete a pool with all its files. This cannot be undone."""
        remove_pool(self.storage, check_pool_id(pool_id))
        self._changed(pool_id, 0)

    def rebuild(self, pool_id: str) -> Manifest:
        """Rebuild a lost or unreadable manifest from the files; the old one is kept beside it.

        Raises:
            InvalidInput: the manifest can be read.
            NotFound: no such pool exists.
        """
        manifest = rebuild(self.storage, check_pool_id(pool_id), self._clock)
        self._changed(pool_id, manifest.revision)
        return manifest

    def collect(self, pool_id: str) -> int:
        """Delete the files that no picture has used for a day; return how many."""
        return lifecycle.collect(self.storage, check_pool_id(pool_id), self._clock())

    def close(self) -> None:
        """Finish the collections that are under way."""
        if self.collector:
            self.collector.close()

    def _addition(self, pool_id: str, operation: str | None, active: int) -> Addition:
        pool_id, operation = check_pool_id(pool_id), operation_id(operation)
        manifest = self.manifest(pool_id)

        def commit(pictures: list[Picture], next_seq: int) -> Manifest:
            return self.edit(pool_id, commands.add(tuple(pictures), next_seq, active), operation)

        repeated = operation in manifest.operations
        return Addition(self.storage, pool_id, manifest, commit, self.limits, repeated=repeated, clock=self._clock)

    def _schedule_collection(self, pool_id: str) -> None:
        if self.collector:
            self.collector.schedule(pool_id)

    def _discard(self, pool_id: str, name: str | None) -> None:
        if name:
            with suppress(DataseteError):
                self.storage.delete(pool_key(pool_id, name))
