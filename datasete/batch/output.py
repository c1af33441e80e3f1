"""Where a saver may write, and how a file gets there: whole or not at all, and never over another's by mistake."""

from __future__ import annotations

import contextlib
import errno
import os
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from datasete.batch.sources import Location, parse_location, shown
from datasete.errors import Conflict, Forbidden, InvalidInput, StoreDenied, StoreError, StoreFull
from datasete.plugin import ABSENT, ANY
from datasete.storage import DENIED_ERRNOS, FULL_ERRNOS, Storage

OVERWRITE: Final = "Overwrite"
SKIP: Final = "Skip"
RENAME: Final = "Rename"

UNFINISHED: Final = ".datasete-unfinished"
"""The folder, in the one that is saved to, of files that are not whole yet."""

UNFINISHED_SECONDS: Final = 600.0
"""Seconds after which an unfinished file to which nothing was added belongs to nobody any more."""

CREATE_ATTEMPTS: Final = 20

_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})


class Target(Protocol):
    """A folder to write into."""

    def put(self, name: str, data: bytes, *, replace: bool) -> bool:
        """Write a file whole; False when it is there already and is not to be replaced."""

    def path(self, name: str) -> str:
        """Where the file is, for people and other nodes."""


def open_target(
    text: str, output: Path, allowed: Sequence[Path], spaces: Sequence[str], storage: Callable[[str], Storage]
) -> Target:
    """The folder that `text` names: empty or relative for one under `output`, or ``name:sub/path`` in a space.

    Raises:
        Forbidden: it is under neither `output` nor one of `allowed`.
        InvalidInput: the name cannot be used.
    """
    location = parse_location(text.strip() or str(output), (output,), spaces)
    if location.recursive:
        raise InvalidInput("An output folder cannot end with “**”.", hint="Nothing was written.")
    if location.space:
        return SpaceTarget(storage(location.space), location)
    roots = [os.path.realpath(root.expanduser()) for root in (output, *allowed)]
    if not any(location.path == root or location.path.startswith(root.rstrip(os.sep) + os.sep) for root in roots):
        raise Forbidden(
            f"The folder “{shown(location.path)}” is outside of the folders that may be written to.",
            hint="Nothing was written. Name one under the output folder, or list its root in paths.allow_write.",
        )
    return DiskTarget(Path(location.path))


@dataclass(frozen=True)
class DiskTarget:
    """A local folder; it is created when the first file is written."""

    folder: Path

    def path(self, name: str) -> str:
        """The whole path."""
        return str(self.folder / name)

    def put(self, name: str, data: bytes, *, replace: bool) -> bool:
        """Write beside the target, to disk, and move into place.

        Raises:
            StoreError: full, read-only, or a name that the disk does not take; what was there is whole.
        """
        final = self.folder / name
        if not replace and os.path.lexists(final):
            return False
        with _explained(final), self._written(data) as temporary:
            if replace:
                temporary.replace(final)
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
        """The space, a colon, the key."""
        return f"{self.location.space}:{self._key(name)}"

    def put(self, name: str, data: bytes, *, replace: bool) -> bool:
        """One atomic write."""
        try:
            self.storage.write(self._key(name), data, ANY if replace else ABSENT)
        except Conflict:
            return False
        return True

    def _key(self, name: str) -> str:
        key = f"{self.location.path}/{name}" if self.location.path else name
        return unicodedata.normalize("NFC", key)


def save(target: Target, stem: str, suffix: str, data: bytes, mode: str) -> tuple[str, bool]:
    """Write ``stem + suffix`` as `mode` says.

    Returns:
        The name that the file has, ``stem_1…`` and so on when it was renamed, and whether it was written.

    Raises:
        InvalidInput: an unknown mode, or a name that leads elsewhere.
        StoreError: it could not be written.
    """
    name = checked_file_name(stem + suffix)
    if mode == OVERWRITE:
        return name, target.put(name, data, replace=True)
    if mode == SKIP:
        return name, target.put(name, data, replace=False)
    if mode != RENAME:
        raise InvalidInput(f"There is no overwrite mode “{shown(mode)}”.", hint="Nothing was written.")
    names = (name if number == 0 else f"{stem}_{number}{suffix}" for number in count())
    return next(each for each in names if target.put(each, data, replace=False)), True


def checked_file_name(name: str) -> str:
    """Return `name` when it is a file's own name, in whatever script.

    Raises:
        InvalidInput: it has a path separator or a zero byte, or is hidden.
    """
    if "/" in name or "\0" in name or os.sep in name or (os.altsep or "/") in name or name.startswith("."):
        raise InvalidInput(
            f"The file name “{shown(name)}” cannot be used: it begins with a dot, or leads to another folder.",
            hint="Nothing was written. Folders belong into output_directory.",
        )
    return name


def _created(path: Path) -> BinaryIO:
    """Open a new file in a folder that another saver, done with its own, may take away at any moment."""
    for _ in range(CREATE_ATTEMPTS):
        with contextlib.suppress(FileNotFoundError, FileExistsError):
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("xb")


def _tidy(workspace: Path) -> None:
    """Remove what savers that were killed have left, and the folder when nobody is at work in it."""
    with contextlib.suppress(OSError):
        for path in list(workspace.iterdir()):
            if time.time() - path.stat().st_mtime > UNFINISHED_SECONDS:
                path.unlink(missing_ok=True)
        workspace.rmdir()  # fails when there is something in it


def _moved_if_free(temporary: Path, final: Path) -> bool:
    try:
        os.link(temporary, final)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _moved_without_links(temporary, final)
    return True


def _moved_without_links(temporary: Path, final: Path) -> bool:
    # FAT and some shares have no links. The name is taken first, so that no other writer gets it.
    try:
        final.open("xb").close()
    except FileExistsError:
        return False
    temporary.replace(final)
    return True


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        whole = "What was there before is whole."
        if error.errno in FULL_ERRNOS:
            raise StoreFull(f"There is no room for “{shown(path.name)}”.", hint=f"{whole} Free some.") from error
        if error.errno in DENIED_ERRNOS:
            raise StoreDenied(
                f"“{shown(str(path))}” may not be written: {reason}.", hint=f"{whole} Check the folder's permissions."
            ) from error
        raise StoreError(f"“{shown(str(path))}” could not be written: {reason}.", hint=whole) from error
