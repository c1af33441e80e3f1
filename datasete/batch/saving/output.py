"""Where a saver may write, and how it writes a file: atomically, and never over another one by mistake."""

from __future__ import annotations

import contextlib
import errno
import os
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from datasete.batch.folder.sources import Location, shown
from datasete.batch.saving.names import checked_file_name
from datasete.errors import Conflict, InvalidInput, StoreDenied, StoreError, StoreFull
from datasete.plugin import ABSENT, ANY
from datasete.storage import DENIED_ERRNOS, FULL_ERRNOS, Storage
from datasete.system.moving import link, move

OVERWRITE: Final = "Overwrite"
SKIP: Final = "Skip"
RENAME: Final = "Rename"

UNFINISHED: Final = ".datasete-unfinished"
"""The folder for files that are being written, inside the one that is saved to: a rename needs the same disk."""

UNFINISHED_SECONDS: Final = 600.0
"""The age at which an unfinished file is abandoned: its writer must have been killed."""

CREATE_ATTEMPTS: Final = 20

_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


class Target(Protocol):
    """A folder to write into."""

    def put(self, name: str, data: bytes, *, replace: bool) -> bool:
        """Write a file atomically; return False when it exists and must not be replaced."""

    def path(self, name: str) -> str:
        """Return where the file is, for people and other nodes."""

    def holds(self, path: str) -> bool:
        """Whether there is a file at `path`, which a target of the same kind gave."""


def open_target(location: Location, storage: Callable[[str], Storage]) -> Target:
    """Open the folder that `find_destination` found; `storage` opens a space."""
    return SpaceTarget(storage(location.space), location) if location.space else DiskTarget(Path(location.path))


@dataclass(frozen=True)
class DiskTarget:
    """A local folder; it is created when the first file is written."""

    folder: Path

    def path(self, name: str) -> str:
        """Return the full path."""
        return str(self.folder / name)

    def holds(self, path: str) -> bool:
        """Whether there is a file or a link, even one that leads nowhere."""
        return os.path.lexists(path)

    def put(self, name: str, data: bytes, *, replace: bool) -> bool:
        """Write to an unfinished file, flush it to disk, and move it into place.

        Raises:
            StoreError: full, read-only, or a name that the disk does not take; what was there is unchanged.
        """
        final = self.folder / name
        # Asked first, so that a picture that is skipped is not written for nothing; `_moved_if_free` decides.
        if not replace and os.path.lexists(final):
            return False
        with _explained(final), self._written(data) as temporary:
            if replace:
                move(temporary, final)
                return True
            return _moved_if_free(temporary, final)

    @contextlib.contextmanager
    def _written(self, data: bytes) -> Iterator[Path]:
        workspace = self.folder / UNFINISHED
        temporary = workspace / uuid.uuid4().hex
        try:
            with _created(temporary) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)
            _tidy(workspace)


@dataclass(frozen=True)
class SpaceTarget:
    """A folder in a configured space."""

    storage: Storage
    location: Location

    def path(self, name: str) -> str:
        """Return the space, a colon and the key."""
        return f"{self.location.space}:{self._key(name)}"

    def holds(self, path: str) -> bool:
        """Whether the store has the key."""
        key = path.removeprefix(f"{self.location.space}:")
        return any(entry.key == key for entry in self.storage.page(key, limit=1).entries)

    def put(self, name: str, data: bytes, *, replace: bool) -> bool:
        """Write once; the store is atomic."""
        try:
            self.storage.write(self._key(name), data, ANY if replace else ABSENT)
        except Conflict:
            return False
        return True

    def _key(self, name: str) -> str:
        key = f"{self.location.path}/{name}" if self.location.path else name
        # A name from a Mac has its accents apart. In a store both spellings would be two files.
        return unicodedata.normalize("NFC", key)


def check_mode(mode: str) -> None:
    """Check an overwrite mode.

    Raises:
        InvalidInput: there is none of that name.
    """
    if mode not in (OVERWRITE, SKIP, RENAME):
        raise InvalidInput(
            f"There is no overwrite mode “{shown(mode)}”.",
            hint=f"Nothing was written. Choose from {OVERWRITE}, {SKIP}, {RENAME}.",
        )


def save(
    target: Target, stem: str, suffix: str, data: bytes, mode: str, free_stems: Iterator[str] | None = None
) -> tuple[str, bool]:
    """Write ``stem + suffix`` as `mode` says.

    Args:
        target: the folder.
        stem: the name without its ending.
        suffix: the ending with its dot.
        data: what to write.
        mode: ``Overwrite``, ``Skip`` or ``Rename``.
        free_stems: the stems to try for ``Rename``; without them, `stem`, ``stem_1`` and so on.

    Returns:
        The name of the file (``stem_1…`` and so on when it was renamed), and whether it was written.

    Raises:
        InvalidInput: an unknown mode, or a name that leads elsewhere.
        StoreError: it could not be written.
    """
    name = checked_file_name(stem + suffix)
    check_mode(mode)
    if mode == OVERWRITE:
        return name, target.put(name, data, replace=True)
    if mode == SKIP:
        return name, target.put(name, data, replace=False)
    # Each name is tried by writing it. Looking for a free one first would race with other writers.
    stems = free_stems or (stem if number == 0 else f"{stem}_{number}" for number in count())
    names = (f"{each}{suffix}" for each in stems)
    return next(each for each in names if target.put(each, data, replace=False)), True


def _created(path: Path) -> BinaryIO:
    """Open a new file in a folder that another saver may remove at any moment, when it has finished its own."""
    for _ in range(CREATE_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError, FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")


def _tidy(workspace: Path) -> None:
    """Remove what killed savers left behind, and the folder when no other saver uses it."""
    with contextlib.suppress(OSError):
        for path in list(workspace.iterdir()):
            if time.time() - path.stat().st_mtime > UNFINISHED_SECONDS:
                path.unlink(missing_ok=True)
        workspace.rmdir()  # fails, as it should, while there is something in it


def _moved_if_free(temporary: Path, final: Path) -> bool:
    # A link fails when the name is taken, in one step. A rename would replace what another writer put there just now.
    try:
        link(temporary, final)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _moved_without_links(temporary, final)
    return True


def _moved_without_links(temporary: Path, final: Path) -> bool:
    # FAT and some shares have no links. An empty file takes the name first, so that no other writer gets it.
    try:
        final.open("xb").close()
    except FileExistsError:
        return False
    move(temporary, final)
    return True


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        kept = "What was there before is unchanged."
        if error.errno in FULL_ERRNOS:
            raise StoreFull(
                f"There is no space left for “{shown(path.name)}”.", hint=f"{kept} Free some space."
            ) from error
        if error.errno in DENIED_ERRNOS:
            raise StoreDenied(
                f"“{shown(str(path))}” cannot be written: {reason}.", hint=f"{kept} Check the folder's permissions."
            ) from error
        raise StoreError(f"“{shown(str(path))}” could not be written: {reason}.", hint=f"{kept} Try again.") from error
