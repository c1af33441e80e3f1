"""Listing a folder tree in the order of its keys, without scanning what a page does not need."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

from datasete.plugin import Entry
from datasete_fsspec.files import is_link, version_of
from datasete_fsspec.keys import LOCKS, is_listed, is_sound, is_temporary, may_hold


def walk(root: str, folder: str, prefix: str, after: str, grace: float) -> Iterator[Entry]:
    """The regular files below ``root/folder`` as entries in key order.

    Names that cannot be keys and links are left out; what a crashed writer left behind is removed on the way.

    Args:
        root: the space's folder, which may be missing.
        folder: where to begin, relative to the root: "" or a key without its last part.
        prefix: what keys start with.
        after: what keys sort behind.
        grace: age in seconds from which temporary files are removed.
    """
    base = f"{folder}/" if folder else ""
    for key, item in _in_order(os.path.join(root, *folder.split("/")), base, grace):
        if key.endswith("/"):
            if may_hold(key, prefix, after):
                yield from walk(root, key[:-1], prefix, after, grace)
        elif is_listed(key, prefix, after):
            entry = _entry(key, item)
            if entry is not None:
                yield entry


def _in_order(path: str, base: str, grace: float) -> list[tuple[str, os.DirEntry[str]]]:
    # a folder counts with its slash, because that is what its keys begin with
    found = []
    try:
        with os.scandir(path) as items:
            for item in items:
                if is_sound(item.name) and (base or item.name.casefold() != LOCKS):
                    key = f"{base}{item.name}"
                    found.append((f"{key}/" if item.is_dir(follow_symlinks=False) else key, item))
                elif is_temporary(item.name):
                    _sweep(item, grace)
    except (FileNotFoundError, NotADirectoryError):
        return []  # vanished meanwhile, or nothing was ever written
    found.sort(key=lambda pair: pair[0])
    return found


def _entry(key: str, item: os.DirEntry[str]) -> Entry | None:
    try:
        if item.is_symlink() or not item.is_file(follow_symlinks=False):
            return None
        # not item.stat(): on Windows that has no inode, and the version needs one
        status = os.lstat(item.path)
    except FileNotFoundError:
        return None
    return Entry(key, status.st_size, status.st_mtime_ns / 1e9, version_of(status))


def _sweep(item: os.DirEntry[str], grace: float) -> None:
    with suppress(OSError):
        status = os.lstat(item.path)
        if not is_link(status) and time.time() - max(status.st_mtime, status.st_ctime) > grace:
            os.unlink(item.path)
