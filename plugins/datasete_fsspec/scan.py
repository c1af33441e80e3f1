"""Scans a folder of the local disk, and removes what crashed writers left in it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from functools import partial
from typing import Final

from datasete.plugin import Entry
from datasete_fsspec.files import is_link, version_of
from datasete_fsspec.keys import Sound, is_sound, is_temporary
from datasete_fsspec.walk import Found

WINDOWS: Final = os.name == "nt"

_entry: Final = partial(tuple.__new__, Entry)
_found: Final = partial(tuple.__new__, Found)
"""Both skip the constructor that a named tuple generates: a long listing makes one for each file and folder."""


def scan(root: str, abandoned_seconds: float, folder: str, sound: Sound = is_sound) -> Found:
    """The regular files and folders in ``root/folder``, without links; nothing in a folder that is missing.

    Args:
        root: the space's folder.
        abandoned_seconds: age from which temporary files are removed.
        folder: relative to the root; "" is the root.
        sound: which names are parts of keys.
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
            if not sound(name):
                _sweep(item, abandoned_seconds)
            elif item.is_file(follow_symlinks=False):
                files[name] = item
            elif item.is_dir(follow_symlinks=False) and not (WINDOWS and getattr(item, "is_junction", bool)()):
                folders.append(name)
    return _found((folders, files))


def describe(key: str, item: os.DirEntry[str]) -> Entry | None:
    """The entry of a file that a scan found; None when it is gone."""
    try:
        # on Windows an item's own status has no inode, and the version needs one
        status = os.lstat(item.path) if WINDOWS else item.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return _entry((key, status.st_size, status.st_mtime_ns / 1e9, version_of(status)))


def sketch(name: str, key: str, item: os.DirEntry[str]) -> Entry | None:
    """As `describe`, but without a look at files that are not called `name`: their entries have the key alone."""
    return describe(key, item) if item.name == name else _entry((key, 0, 0.0, ""))


def _sweep(item: os.DirEntry[str], abandoned_seconds: float) -> None:
    if not is_temporary(item.name):
        return
    with suppress(OSError):
        status = os.lstat(item.path)
        # a copied or restored file has an old time of its own, so the time of its arrival counts as well
        if not is_link(status) and time.time() - max(status.st_mtime, status.st_ctime) > abandoned_seconds:
            os.unlink(item.path)
