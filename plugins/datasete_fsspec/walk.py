"""Listing a tree of folders in the order of its keys, without scanning what a page does not need."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Final, TypeAlias

from datasete.plugin import Entry
from datasete_fsspec.keys import LOCKS, check_prefix, is_listed, is_sound, may_hold

AHEAD: Final = 8
"""How many folders are scanned ahead where scanning takes a round trip."""


@dataclass(frozen=True)
class Found:
    """What a scan finds in a folder: a name, whether it is a folder, and how to tell the rest about a file."""

    name: str
    folder: bool
    entry: Callable[[str], Entry | None]


Scan: TypeAlias = Callable[[str], Iterable[Found]]
"""Scans one folder, named relative to the root without a trailing slash; "" is the root."""


def walk(scan: Scan, prefix: str, after: str, pool: Executor | None = None) -> Iterator[Entry]:
    """The files of a tree as entries in key order; names that cannot be keys are left out.

    Args:
        scan: lists one folder; it gives nothing for one that is missing.
        prefix: what keys start with.
        after: what keys sort behind.
        pool: where folders are scanned ahead, if at all.
    """
    folder = check_prefix(prefix)
    base = f"{folder}/" if folder else ""
    return _inside(scan, scan(folder), (base, prefix, after), pool)


def _inside(scan: Scan, found: Iterable[Found], where: tuple[str, str, str], pool: Executor | None) -> Iterator[Entry]:
    base, prefix, after = where
    items = sorted(_named(found, base), key=lambda pair: pair[0])
    folders = [key for key, item in items if item.folder and may_hold(key, prefix, after)]
    contents = _scanned(scan, folders, pool)
    for key, item in items:
        if item.folder and may_hold(key, prefix, after):
            yield from _inside(scan, next(contents), (key, prefix, after), pool)
        elif not item.folder and is_listed(key, prefix, after) and (entry := item.entry(key)):
            yield entry


def _named(found: Iterable[Found], base: str) -> Iterator[tuple[str, Found]]:
    # a folder counts with its slash, because that is what its keys begin with
    for item in found:
        if is_sound(item.name) and (base or item.name.casefold() != LOCKS):
            yield f"{base}{item.name}/" if item.folder else f"{base}{item.name}", item


def _scanned(scan: Scan, folders: Sequence[str], pool: Executor | None) -> Iterator[Iterable[Found]]:
    if pool is None:
        yield from (scan(folder[:-1]) for folder in folders)
        return
    waiting: deque[Future[list[Found]]] = deque()
    for folder in folders:
        waiting.append(pool.submit(lambda name: list(scan(name)), folder[:-1]))
        if len(waiting) > AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
