"""Scanning a folder of the local disk, and clearing away what crashed writers left in it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from datasete.plugin import Entry
from datasete_fsspec.files import is_link, version_of
from datasete_fsspec.keys import is_temporary
from datasete_fsspec.walk import Found


def scan(root: str, grace: float, folder: str) -> Iterator[Found]:
    """The regular files and folders in ``root/folder``; links are left out, and nothing is found in a missing one.

    Args:
        root: the space's folder.
        grace: age in seconds from which temporary files are removed.
        folder: relative to the root; "" is the root.
    """
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(os.path.join(root, *folder.split("/"))) as items:
        for item in items:
            if is_temporary(item.name):
                _sweep(item, grace)
            elif not item.is_symlink() and not getattr(item, "is_junction", bool)():
                yield Found(item.name, item.is_dir(follow_symlinks=False), partial(_entry, item))


def _entry(item: os.DirEntry[str], key: str) -> Entry | None:
    try:
        if not item.is_file(follow_symlinks=False):
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
