"""Shared by all checks: the back doors, keys that are hard to handle, and helpers."""

from __future__ import annotations

from typing import Final

from datasete.plugin import Entry, Store

EDGE_KEYS: Final = (
    "a",
    "image.png",
    "portrait/image.png",
    "a/b/c/d/e/f/g.txt",
    ".versions/portrait/0f3c/mask.png",
    "With Spaces/and (parentheses).png",
    "per%20cent/100%.txt",
    "plus+and&amp;=#hash.txt",
    "quote'and!bang~tilde$dollar@at.txt",
    "comma,semi;[brackets]{braces}.txt",
    "Ünïcödé/größe.png",
    "日本語/画像.png",
    "emoji/🖼.png",
    "עברית/קובץ.txt",
    "no-extension",
    "two..dots/x..y",
    "x" * 120 + "/" + "y" * 120,
    "0",
    "-dash/-first",
    "_under/__score__",
)
"""Allowed keys that simple implementations fail on."""

ORDERED_KEYS: Final = (
    "!bang",
    "-dash",
    ".hidden/x",
    "10",
    "2",
    "A1",
    "Z/z",
    "a-b/x",
    "a.txt",
    "a/b",
    "a/b-c",
    "a0",
    "aa/1",
    "b",
    "ba/x/y",
    "ba0",
    "é",
    "日",
    "\U0001f5bc",
)
"""Keys in code point order; sorting by folder, by case or by UTF-16 units gives another order."""


class Suite:
    """The base of all checks; `StorageConformance` documents what to override."""

    def raw_read(self, store: Store, key: str) -> bytes | None:
        """See `StorageConformance.raw_read`."""
        raise NotImplementedError

    def raw_write(self, store: Store, key: str, data: bytes) -> None:
        """See `StorageConformance.raw_write`."""
        raise NotImplementedError


def everything(store: Store, prefix: str = "", limit: int = 1000) -> list[Entry]:
    """All entries of a listing, page by page; fails when paging does not advance."""
    entries: list[Entry] = []
    after: str | None = ""
    while after is not None:
        listing = store.list(prefix, after, limit)
        assert len(listing.entries) <= limit, "a page is longer than its limit"
        assert all(entry.key > after for entry in listing.entries), "a page repeats what came before `after`"
        entries.extend(listing.entries)
        assert listing.next is None or listing.next > after, "`next` does not advance"
        after = listing.next
    return entries


def keys(store: Store, prefix: str = "", limit: int = 1000) -> list[str]:
    """All keys of a listing."""
    return [entry.key for entry in everything(store, prefix, limit)]


def fill(store: Store, *names: str) -> None:
    """Write keys, each with its own name as content."""
    for name in names:
        store.write(name, name.encode())


def data_of(store: Store, key: str) -> bytes | None:
    """The bytes under one key, read through the store."""
    blob = store.read([key]).get(key)
    return None if blob is None else blob.data


def version_of(store: Store, key: str) -> str:
    """The version of a key that exists."""
    return store.read([key])[key].version
