"""Whole pools: created under a new id or not at all, copied, removed, and collected when a crash left them behind."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
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

DELETE_BATCH_KEYS: Final = 500


@contextmanager
def create_pool(storage: Storage, purpose: str, clock: Callable[[], float] = time.time) -> Iterator[str]:
    """A new pool's id, to be filled inside the block and committed as its last step; a failure removes it all.

    A mark lies beside its files meanwhile, so that what a crash leaves behind can be told from a pool. `purpose` is
    ``pool`` when the manifest is the commit, ``profile`` when an entry of the registry is.
    """
    pool_id = new_id()
    mark = pool_key(pool_id, PENDING)
    storage.write(mark, json.dumps({"purpose": purpose, "started": clock()}).encode())
    try:
        yield pool_id
    except StoreUnavailable:
        raise  # perhaps it was the answer to the commit that got lost: `collect_all` will know
    except BaseException:
        with suppress(DataseteError):  # the mark stays, and `collect_all` finishes
            remove_pool(storage, pool_id)
        raise
    with suppress(DataseteError):  # committed already; `collect_all` removes the mark
        storage.delete(mark)


def remove_pool(storage: Storage, pool_id: str) -> None:
    """Remove a pool's files: its manifest first, the mark of a pool in the making last."""
    storage.delete(pool_key(pool_id, MANIFEST))
    mark = pool_key(pool_id, PENDING)
    keys = (entry.key for entry in storage.entries(f"{pool_id}/") if entry.key != mark)
    while some := list(islice(keys, DELETE_BATCH_KEYS)):
        storage.delete(*some)
    storage.delete(mark)


def pool_ids(storage: Storage) -> Iterator[str]:
    """The ids of all folders in the space, without walking through them."""
    after: str = ""
    while entries := storage.page(after=after, limit=1).entries:
        folder, separator, _ = entries[0].key.partition("/")
        if separator:
            yield folder
        after = f"{folder}0" if separator else entries[0].key  # "0" comes right behind "/"


COPY_THREADS: Final = 8
PROFILE_KEY: Final = "profile"
"""A manifest's key under which a profile's pool knows its name, in case the registry is ever lost."""


def copy_files(storage: Storage, manifest: Manifest, source: str, target: str) -> Manifest:
    """Copy the files of a pool's pictures (not of removed ones); return the manifest that the copy shall have.

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

    with ThreadPoolExecutor(COPY_THREADS) as threads:
        for _ in threads.map(copy, names):
            pass
    return replace(manifest, revision=0, operations=(), trash=(), rest=without_profile(manifest.rest))


def without_profile(rest: Mapping[str, object]) -> dict[str, object]:
    """A manifest's other keys without the profile's name, which belongs to this pool alone."""
    return {key: value for key, value in rest.items() if key != PROFILE_KEY}


logger = logging.getLogger(__name__)

GRACE_SECONDS: Final = 24 * 3600.0
"""Seconds for which a file without a picture is left alone: it may be part of an edit in flight."""

TRASH_SECONDS: Final = 7 * 24 * 3600.0
"""Seconds for which a removal can be undone."""

COLLECT_EVERY_SECONDS: Final = 3600.0


def collect(storage: Storage, pool_id: str, now: float, grace: float = GRACE_SECONDS) -> int:
    """Remove a pool's unused files that are older than `grace` seconds; return how many.

    Only names that we make are ever removed. A pool without a manifest, or with one that cannot be read, keeps all.

    Raises:
        CorruptData: the manifest cannot be read.
    """
    # list, then look: a file that a later manifest uses is too young to be in this list's old part
    entries = [entry for entry in storage.entries(f"{pool_id}/") if now - entry.modified > grace]
    blob = storage.get(pool_key(pool_id))
    if blob is None:
        return 0
    used = decode(blob.data, pool_id).files
    names = [file_name(entry.key) for entry in entries]
    unused = [name for name in names if number_of(name) is not None and name not in used]
    return storage.delete(*[pool_key(pool_id, name) for name in unused]) if unused else 0


def collect_all(storage: Storage, profiles: Collection[str], now: float, grace: float = GRACE_SECONDS) -> list[str]:
    """Remove what crashes left of pools in the making, older than `grace` seconds; return their ids.

    Args:
        storage: of the pools.
        profiles: the ids that the registry knows. Read it before calling.
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
        return True  # not a mark of ours: leave what lies beside it alone
    return purpose != "profile" and storage.get(pool_key(pool_id)) is not None


class GarbageCollector:
    """Collects a pool now and then, behind the back of those who edit it."""

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
        self._thread: ThreadPoolExecutor | None = None

    def schedule(self, pool_id: str) -> None:
        """Something was removed from a pool: collect it soon, unless that was done lately."""
        with self._lock:
            now = self._clock()
            if now - self._last.get(pool_id, -self._every) < self._every:
                return
            self._last[pool_id] = now
            self._thread = self._thread or ThreadPoolExecutor(1, "datasete-pools")
            self._thread.submit(self._run, pool_id)

    def close(self) -> None:
        """Finish what was begun."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread:
            thread.shutdown(wait=True, cancel_futures=True)

    def _run(self, pool_id: str) -> None:
        try:
            self._job(pool_id)
        except DataseteError as error:
            logger.warning("Tidying was put off. %s", error)
        except Exception:
            logger.warning("Tidying the pool %s was put off.", pool_id, exc_info=True)
