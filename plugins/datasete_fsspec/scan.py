"""Scanning a folder of the local disk, and clearing away what crashed writers left in it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from functools import partial
from typing import Final

from datasete.plugin import Entry
from datasete_fsspec.files import is_link, version_of
from datasete_fsspec.keys import is_sound, is_temporary
from datasete_fsspec.walk import Found

WINDOWS: Final = os.name == "nt"

_entry: Final = partial(tuple.__new__, Entry)
_found: Final = partial(tuple.__new__, Found)
"""Both without the call of its own that a named tuple puts around: a long listing makes one a file and one a folder."""


def scan(root: str, grace: float, folder: str) -> Found:
    """The regular files and folders in ``root/folder``; links are left out, and nothing is found in a missing one.

    Args:
        root: the space's folder.
        grace: age in seconds from which temporary files are removed.
        folder: relative to the root; "" is the root.
    """
    folders: list[str] = []
    files: dict[str, os.DirEntry[str]] = {}
    try:
        items = os.scandir(f"{root}/{folder}" if folder else root)
    except (FileNotFoundError, NotADirectoryError):
        return Found([], {})
    with items:
        for item in items:
            name = item.name
            if not is_sound(name):
                _sweep(item, grace)
            elif item.is_file(follow_symlinks=False):
                files[name] = item
            elif item.is_dir(follow_symlinks=False) and not (WINDOWS and getattr(item, "is_junction", bool)()):
                folders.append(name)
    return _found((folders, files))


def describe(key: str, item: os.DirEntry[str]) -> Entry | None:
    """The entry of a file that a scan found; None when it is gone, or no file any more."""
    try:
        # on Windows an item's own status has no inode, and the version needs one
        status = os.lstat(item.path) if WINDOWS else item.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return _entry((key, status.st_size, status.st_mtime_ns / 1e9, version_of(status)))


def sketch(name: str, key: str, item: os.DirEntry[str]) -> Entry | None:
    """As `describe`, but a file of another name than `name` is not looked at: its entry has the key alone."""
    return describe(key, item) if item.name == name else _entry((key, 0, 0.0, ""))


def _sweep(item: os.DirEntry[str], grace: float) -> None:
    if not is_temporary(item.name):
        return
    with suppress(OSError):
        status = os.lstat(item.path)
        if not is_link(status) and time.time() - max(status.st_mtime, status.st_ctime) > grace:
            os.unlink(item.path)
