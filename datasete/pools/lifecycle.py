"""Whole pools: made under an id that never was, or not at all, and removed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Final

from datasete.errors import DataseteError, StoreUnavailable
from datasete.ids import new_id
from datasete.pools.layout import MANIFEST, PENDING, pool_key
from datasete.storage import Storage

AT_ONCE: Final = 500


@contextmanager
def fresh_pool(storage: Storage, purpose: str, clock: Callable[[], float] = time.time) -> Iterator[str]:
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
        raise  # perhaps it was the answer to the commit that got lost: the sweep will know
    except BaseException:
        with suppress(DataseteError):  # the mark stays, and the sweep goes on
            remove_pool(storage, pool_id)
        raise
    with suppress(DataseteError):  # committed already; the sweep removes the mark
        storage.delete(mark)


def remove_pool(storage: Storage, pool_id: str) -> None:
    """Remove a pool's files: its manifest first, the mark of a pool in the making last."""
    storage.delete(pool_key(pool_id, MANIFEST))
    mark = pool_key(pool_id, PENDING)
    keys = (entry.key for entry in storage.entries(f"{pool_id}/") if entry.key != mark)
    while some := list(islice(keys, AT_ONCE)):
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
