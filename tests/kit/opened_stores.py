"""Stores that a test opens as it goes, and what reaches behind those that keep files."""

import contextlib
from pathlib import Path


@contextlib.contextmanager
def opening(open_store):
    """Yield a function that opens spaces; all of them are closed in the end."""
    stores = []

    def open_space(space):
        stores.append(open_store(space))
        return stores[-1]

    yield open_space
    for store in stores:
        store.close()


class FilesBehindTheStore:
    """The back doors of a conformance suite, for a store with a folder `root` whose files have the keys for names."""

    def raw_read(self, store, key):
        path = Path(store.root) / key
        return path.read_bytes() if path.exists() else None

    def raw_write(self, store, key, data):
        path = Path(store.root) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
