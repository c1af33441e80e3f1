"""Folders of a store that stay the ones that were checked, whatever another program puts in their place meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from datasete_fsspec import files

_DESCRIPTORS: Final = "/proc/self/fd"
_NOT_A_FOLDER: Final = frozenset({errno.ELOOP, errno.ENOTDIR})


def _has_descriptor_paths() -> bool:
    """Whether a path may lead through an open folder, as it does on Linux."""
    if not hasattr(os, "O_PATH"):
        return False
    try:
        descriptor = os.open("/", os.O_PATH)
        try:
            return os.path.samestat(os.stat(f"{_DESCRIPTORS}/{descriptor}/."), os.stat("/"))
        finally:
            os.close(descriptor)
    except OSError:
        return False


_BY_DESCRIPTOR: Final = _has_descriptor_paths()


@contextmanager
def pinned(root: str, parts: Sequence[str], *, make: bool = False) -> Iterator[str]:
    """A path of the folder `parts` below `root`, good until the end of the block.

    A link in the place of a part is refused. Where the system has paths through open folders, the path leads into the
    folder that was opened, even when another one, or a link, has taken its name since. Elsewhere it is the plain path.

    Args:
        root: the store's folder; it may be a link itself.
        parts: names of folders.
        make: make what is missing, durably.

    Raises:
        StoreDenied: a part is a link.
        FileNotFoundError: the folder does not exist.
        NotADirectoryError: a part is a file.
    """
    if make and not os.path.isdir(root):
        files.make_folder(root)
    if not _BY_DESCRIPTOR:
        yield _checked(root, parts, make=make)
        return
    descriptor = os.open(root, os.O_PATH | os.O_DIRECTORY)
    try:
        for part in parts:
            child = _opened(descriptor, part, make=make)
            os.close(descriptor)
            descriptor = child
        yield f"{_DESCRIPTORS}/{descriptor}"
    finally:
        os.close(descriptor)


def _opened(folder: int, part: str, *, make: bool) -> int:
    flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW
    try:
        return os.open(part, flags, dir_fd=folder)
    except FileNotFoundError:
        if not make:
            raise
    except OSError as error:
        if error.errno in _NOT_A_FOLDER:
            _refuse_link(part, folder)
        raise
    with suppress(FileExistsError):
        os.mkdir(part, dir_fd=folder)
        files.sync_folder(f"{_DESCRIPTORS}/{folder}")
    return os.open(part, flags, dir_fd=folder)


def _refuse_link(part: str, folder: int) -> None:
    with suppress(FileNotFoundError):
        if stat.S_ISLNK(os.lstat(part, dir_fd=folder).st_mode):
            raise files.refused_link(part)


def _checked(root: str, parts: Sequence[str], *, make: bool) -> str:
    path = root
    for part in parts:
        path = os.path.join(path, part)
        try:
            status = os.lstat(path)
        except FileNotFoundError:
            if not make:
                raise
            break
        if files.is_link(status):
            raise files.refused_link(path)
    path = os.path.join(root, *parts)
    if make:
        files.make_folder(path)
    return path
