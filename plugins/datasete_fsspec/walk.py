"""Lists a tree of folders in the order of its keys, and scans only the folders that a page needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, Final, NamedTuple, TypeAlias, cast

from datasete.plugin import Entry
from datasete_fsspec.keys import LOCKS, Sound, check_prefix, is_listed, is_sound, may_hold

FOLDERS_AHEAD: Final = 8
"""How many folders are scanned ahead where each scan is a round trip."""

SORT_AT_ONCE: Final = 1000
"""The most folders that are sorted before the first of them is scanned."""

FIRST_KEYS: Final = 50
"""How many of more folders are picked out and scanned first; most pages end there."""


class Found(NamedTuple):
    """What a scan finds in a folder: names that can be parts of keys, and the data for each file's entry.

    A plain tuple, because a long listing makes one for each folder.
    """

    folders: list[str]
    files: dict[str, Any]


Scan: TypeAlias = Callable[[str], Found]
"""Scans one folder, named relative to the root without a trailing slash; "" is the root."""

Describe: TypeAlias = "Callable[[str, Any], Entry | None]"
"""Makes the entry of a key from what the scan found; None when it is gone."""


Step: TypeAlias = "Entry | Iterator[Step]"


def walk(
    scan: Scan,
    describe: Describe,
    prefix: str,
    after: str,
    pool: Executor | None = None,
    without: str = "",
    sound: Sound = is_sound,
) -> Iterator[Entry]:
    """The entries of all files in a tree, in key order.

    Args:
        scan: lists one folder; it finds nothing in one that is missing.
        describe: called only for what is listed.
        prefix: what keys start with.
        after: what keys sort behind.
        pool: where folders are scanned ahead, if at all.
        without: a folder that is left out; "" for none.
        sound: which names are parts of keys.
    """
    folder = check_prefix(prefix, sound)
    tree = _Walk(scan, describe, prefix, after, pool, f"{without}/")
    return _flattened(tree.inside(f"{folder}/" if folder else "", scan(folder)))


def _flattened(steps: Iterator[Step]) -> Iterator[Entry]:
    # not by recursion: a tree may be deeper than Python's stack
    stack = [steps]
    while stack:
        for step in stack[-1]:
            if type(step) is Entry:
                yield step
            else:
                stack.append(cast("Iterator[Step]", step))
                break
        else:
            stack.pop()


@dataclass(frozen=True)
class _Walk:
    scan: Scan
    describe: Describe
    prefix: str
    after: str
    pool: Executor | None
    without: str

    def inside(self, base: str, found: Found) -> Iterator[Step]:
        """The entries below `base`, which ends in a slash unless it is the root; for a folder in it, its own steps."""
        describe, prefix, after, files = self.describe, self.prefix, self.after, deque(sorted(found.files))
        for folder, inner in self._scanned(in_order(self._wanted(base, found.folders))):
            while files and base + files[0] < folder:
                yield from self._listed(base, files.popleft(), found)
            deeper, items = inner
            if deeper or folder <= after or not folder.startswith(prefix):
                yield self.inside(folder, inner)
            else:  # a folder of files only, all of them listed: nearly all of a long listing, so without any checks
                for name in sorted(items):
                    if entry := describe(folder + name, items[name]):
                        yield entry
        for name in files:
            yield from self._listed(base, name, found)

    def _listed(self, base: str, name: str, found: Found) -> Iterator[Entry]:
        key = base + name
        if is_listed(key, self.prefix, self.after) and (entry := self.describe(key, found.files[name])):
            yield entry

    def _wanted(self, base: str, names: Iterable[str]) -> list[str]:
        # a folder counts with its slash, because that is what its keys begin with
        prefix, after = self.prefix, self.after
        keys = [f"{base}{name}/" for name in names if base or name[0] != "." or name.casefold() != LOCKS]
        if self.without in keys:
            keys.remove(self.without)
        if prefix:
            return [key for key in keys if may_hold(key, prefix, after)]
        return [key for key in keys if key > after or after.startswith(key)] if after else keys

    def _scanned(self, folders: Iterator[str]) -> Iterator[tuple[str, Found]]:
        if self.pool is None:
            for folder in folders:
                yield folder, self.scan(folder[:-1])
            return
        waiting: deque[tuple[str, Future[Found]]] = deque()
        for folder in folders:
            waiting.append((folder, self.pool.submit(self.scan, folder[:-1])))
            if len(waiting) > FOLDERS_AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        yield from ((folder, future.result()) for folder, future in waiting)


def in_order(keys: list[str]) -> Iterator[str]:
    """`keys` in order; of many, the first few come before the rest is sorted."""
    if len(keys) > SORT_AT_ONCE:
        first = nsmallest(FIRST_KEYS, keys)
        yield from first
        keys = [key for key in keys if key > first[-1]]
    yield from sorted(keys)
