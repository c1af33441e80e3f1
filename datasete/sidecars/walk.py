"""Walks the files of a local folder: deep trees, links in a circle and what cannot be read stop none of the others."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from typing import Final

from datasete.sidecars.kinds import is_litter_file, is_litter_folder

UNLIMITED: Final = -1

_LEFT_OUT: Final = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG, errno.ENOENT, errno.ENOTDIR})
"""Errors that say something of one file or folder; others say that the whole disk is in trouble."""


def walk(
    root: str,
    depth: int = UNLIMITED,
    matches: Callable[[str], bool] = lambda path: True,  # noqa: ARG005 - all do
    leave_out: Callable[[str], object] = lambda path: None,  # noqa: ARG005 - who does not ask is not answered
) -> Iterator[str]:
    """Yield the files below `root` that match, as paths below it with ``/`` between parts, in no certain order.

    Litter is neither yielded nor left out. Links to files are files; links to folders are not followed, as they may
    lead in a circle.

    Args:
        root: the folder. It is walked whatever its name is.
        depth: how many levels of folders below it count; −1 for all.
        matches: which paths are wanted.
        leave_out: called with the path of each wanted thing that cannot be read, and of each such folder, with a slash
            at its end.

    Raises:
        OSError: the root cannot be read, or the disk is in trouble.
    """
    waiting = [("", depth)]
    while waiting:
        prefix, levels = waiting.pop()
        folders = []
        try:
            entries = _entries(os.path.join(root, prefix))  # noqa: PTH118 - a name may hold bytes, not text
        except OSError as error:
            if not prefix or error.errno not in _LEFT_OUT:
                raise
            leave_out(prefix)
            continue
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if levels and not is_litter_folder(entry.name):
                    folders.append((f"{path}/", levels - 1))
            elif matches(path) and not is_litter_file(entry.name):
                if _is_file(entry):
                    yield path
                else:
                    leave_out(path)
        waiting += reversed(folders)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself, or to what may not be seen
        return False
