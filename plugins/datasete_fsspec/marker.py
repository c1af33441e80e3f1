"""The marker of a space: a file in its folder with an id of its own.

A program that has seen the marker misses it when the disk is unmounted under it. Without that, the bare mount point
would be an empty space: lists would be empty, and writes would go to the wrong disk. A new space is empty, too, so it
is not refused: it gets its marker at the first write, and one from before there were markers when it is first used.
"""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from typing import Final

from datasete.plugin import StoreError
from datasete_fsspec.errnos import MISSING
from datasete_fsspec.files import make_folder, sync_folder
from datasete_fsspec.keys import LOCKS

NAME: Final = "space"
ID_CHARACTERS: Final = 32


class Marker:
    """What one program knows of the marker of the space at `root`."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._path = os.path.join(root, LOCKS, NAME)
        self._known = ""

    @property
    def known(self) -> str:
        """The id that was seen; "" if none was. To be asked before looking for the folder: see `check`."""
        return self._known

    def check(self, known: str, *, exists: bool) -> None:
        """Remember the marker, or compare it.

        Args:
            known: what was known before anybody looked for the folder: another thread may make it right now.
            exists: whether the folder does.

        Raises:
            StoreError: it is not the one that was there before.
        """
        found = self._read() if exists else ""
        if known and found != known:
            raise self._missing(found)
        if found:
            self._known = found
        elif exists and self._has_content():
            self._make()

    def make(self) -> None:
        """Make the marker, unless there is one; a space that nothing can be written to has none."""
        if not self._known:
            self._make()

    def _make(self) -> None:
        with suppress(OSError):
            make_folder(os.path.dirname(self._path))
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(self._path, flags, 0o666)
            try:
                os.write(descriptor, uuid.uuid4().hex.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            sync_folder(os.path.dirname(self._path))
        # also when another program was faster
        self._known = self._read()

    def _read(self) -> str:
        """The id; "" if there is none, or another program is writing it now."""
        try:
            with open(self._path, "rb") as file:
                found = file.read(ID_CHARACTERS).decode("ascii", "replace")
        except OSError as error:
            if error.errno in MISSING:
                return ""
            raise
        return found if len(found) == ID_CHARACTERS else ""

    def _has_content(self) -> bool:
        with suppress(OSError), os.scandir(self._root) as entries:
            return any(entry.name != LOCKS for entry in entries)
        return False

    def _missing(self, found: str) -> StoreError:
        what = "holds another space now" if found else "is not there any more, or empty"
        return StoreError(
            f"The folder {self._root} {what}: its disk may have been unmounted.",
            hint="Nothing was read or written. Mount it again. If you cleared it yourself, restart the program.",
        )
