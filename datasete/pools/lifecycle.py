"""Creating, copying and removing pools as a whole, and collecting what crashes and edits left behind."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import Final

from datasete.errors import DataseteError, NotFound, StoreUnavailable
from datasete.ids import new_id
from datasete.plugin import Blob
from datasete.pools.codec import decode
from datasete.pools.layout import MANIFEST, PENDING, file_name, missing_file, number_of, pool_key
from datasete.pools.manifest import Manifest
from datasete.storage import Storage
from datasete.tasks.workers import Workers

DELETE_BATCH_KEYS: Final = 500


@contextmanager
def create_pool(storage: Storage, purpose: str, clock: Callable[[], float] = time.time) -> Iterator[str]:
    """Yield a new pool's id. Fill the pool inside the block and commit it last; on failure, all its files are removed.

    Meanwhile a mark lies beside the files, so that the remains of a crash can be told from a pool. `purpose` is
    ``pool`` when the manifest is the commit, ``profile`` when an entry of the registry is.
    """
    pool_id = new_id()
    mark = pool_key(pool_id, PENDING)
    storage.write(mark, json.dumps({"purpose": purpose, "started": clock()}).encode())
    try:
        yield pool_id
    except StoreUnavailable:
        # Perhaps only the commit's answer was lost, and the pool exists. Removing its files would lose data, so the
        # mark stays, and `collect_all` decides a day later.
        raise
    except BaseException:
        with suppress(DataseteError):  # the mark stays, and `collect_all` finishes the removal
            remove_pool(storage, pool_id)
        raise
    with suppress(DataseteError):  # the pool is committed; `collect_all` removes the mark
        storage.delete(mark)


def remove_pool(storage: Storage, pool_id: str) -> None:
    """Delete a pool's files: the manifest first, the creation mark last.

    Without a manifest the pool is gone for every reader, and as long as the mark is there, `collect_all` finishes a
    removal that was interrupted.
    """
    storage.delete(pool_key(pool_id, MANIFEST))
    mark = pool_key(pool_id, PENDING)
    keys = (entry.key for entry in storage.entries(f"{pool_id}/") if entry.key != mark)
    while some := list(islice(keys, DELETE_BATCH_KEYS)):
        storage.delete(*some)
    storage.delete(mark)


def pool_ids(storage: Storage) -> Iterator[str]:
    """The ids of all folders in the space, without listing their contents."""
    after: str = ""
    while entries := storage.page(after=after, limit=1).entries:
        folder, separator, _ = entries[0].key.partition("/")
        if separator:
            yield folder
        after = f"{folder}0" if separator else entries[0].key  # "0" is the character after "/"


COPY_THREADS: Final = 8
PROFILE_KEY: Final = "profile"
"""The manifest's key under which a profile's pool notes its name, in case the registry is ever lost."""


def copy_files(storage: Storage, manifest: Manifest, source: str, target: str) -> Manifest:
    """Copy the files of a pool's pictures, without the trash; return the manifest for the copy.

    Raises:
        CorruptData: a file is missing; the copy is incomplete.
        StoreError: the copy is incomplete.
    """
    names = sorted({name for picture in manifest.pictures for name in picture.files})

    def copy(name: str) -> None:
        try:
            storage.copy(pool_key(source, name), pool_key(target, name))
        except NotFound as error:
            raise missing_file(name, source, "Nothing was copied.") from error

    with Workers(COPY_THREADS, "datasete-copy") as threads:
        for _ in threads.map(copy, names):
            pass
    return replace(manifest, revision=0, operations=(), trash=(), rest=without_profile(manifest.rest))


def without_profile(rest: Mapping[str, object]) -> dict[str, object]:
    """A manifest's other keys without the profile's name, which belongs to this pool alone."""
    return {key: value for key, value in rest.items() if key != PROFILE_KEY}


logger = logging.getLogger(__name__)

GRACE_SECONDS: Final = 24 * 3600.0
"""How long a file that no manifest names is left alone: it may belong to an edit whose manifest is not written yet."""

TRASH_SECONDS: Final = 7 * 24 * 3600.0
"""How long a removal can be undone."""

COLLECT_EVERY_SECONDS: Final = 3600.0


def collect(storage: Storage, pool_id: str, now: float, grace: float = GRACE_SECONDS) -> int:
    """Delete a pool's unused files that are older than `grace` seconds; return how many.

    Only files with our naming scheme are ever deleted. A pool whose manifest is missing or unreadable keeps all files.

    Raises:
        CorruptData: the manifest cannot be read.
    """
    # List first, then read the manifest: a file that only a later manifest names is too young to be in this list.
    entries = [entry for entry in storage.entries(f"{pool_id}/") if now - entry.modified > grace]
    blob = storage.get(pool_key(pool_id))
    if blob is None:
        return 0
    used = decode(blob.data, pool_id).files
    names = [file_name(entry.key) for entry in entries]
    unused = [name for name in names if number_of(name) is not None and name not in used]
    return storage.delete(*[pool_key(pool_id, name) for name in unused]) if unused else 0


def collect_all(storage: Storage, profiles: Collection[str], now: float, grace: float = GRACE_SECONDS) -> list[str]:
    """Remove pools whose creation crashed more than `grace` seconds ago; return their ids.

    Args:
        storage: of the pools.
        profiles: the ids in the registry, read before this call.
        now: Unix seconds.
        grace: seconds.
    """
    removed = []
    for pool_id in pool_ids(storage):
        mark = storage.get(pool_key(pool_id, PENDING))
        if mark is None or now - mark.modified < grace:
            continue
        if _was_committed(storage, pool_id, mark, profiles):
            storage.delete(pool_key(pool_id, PENDING))
        else:
            remove_pool(storage, pool_id)
            removed.append(pool_id)
    return removed


def _was_committed(storage: Storage, pool_id: str, mark: Blob, profiles: Collection[str]) -> bool:
    if pool_id in profiles:
        return True
    try:
        purpose = json.loads(mark.data).get("purpose")
    except (ValueError, AttributeError):
        return True  # the mark is not ours: leave the files beside it alone
    return purpose != "profile" and storage.get(pool_key(pool_id)) is not None


class GarbageCollector:
    """Collects pools in a background thread, each at most once in a while, so that no edit waits for it."""

    def __init__(
        self,
        job: Callable[[str], object],
        every: float = COLLECT_EVERY_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._job = job
        self._every = every
        self._clock = clock
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        self._thread: Workers | None = None

    def schedule(self, pool_id: str) -> None:
        """Collect a pool soon, because something was removed from it; do nothing if that was done recently."""
        with self._lock:
            now = self._clock()
            if now - self._last.get(pool_id, -self._every) < self._every:
                return
            self._last[pool_id] = now
            self._thread = self._thread or Workers(1, "datasete-pools")
            self._thread.submit(self._run, pool_id)

    def wait(self) -> bool:
        """Wait for the scheduled collections; False if there never was one."""
        thread = self._thread
        if thread:
            thread.submit(lambda: None).result()  # one thread works in order, so all others are done by then
        return thread is not None

    def close(self) -> None:
        """Finish the collection that is running, and drop those that wait."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread:
            thread.shutdown(wait=True, cancel_futures=True)

    def _run(self, pool_id: str) -> None:
        try:
            self._job(pool_id)
        except DataseteError as error:
            logger.warning("Cleaning up was postponed. %s", error)
        except Exception:
            logger.warning("Cleaning up the pool %s was postponed.", pool_id, exc_info=True)
