"""Atomic, durable files: written beside their target, synced to the disk, and renamed over it.

fsspec's local file system is not used: it writes in place and without fsync, and its transactions move files between
devices.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Final, TypeVar

from datasete.plugin import StoreDenied, StoreUnavailable
from datasete_fsspec.errnos import MISSING, NO_FOLDER_SYNC, NO_KERNEL_COPY, NO_LINKS
from datasete_fsspec.keys import temporary_name

T = TypeVar("T")

STAGING_ATTEMPTS: Final = 100
READING_ATTEMPTS: Final = 20
SHARING_ATTEMPTS: Final = 50
PAUSE_SECONDS: Final = 0.02

_JUNCTION_TAG: Final = 0xA0000003
"""Reparse tag of a Windows junction: a link by another name."""

_READ: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a named pipe would wait for a writer
    | getattr(os, "O_BINARY", 0)
)


def version_of(status: os.stat_result) -> str:
    """The version of a file. It changes with every write of ours, and with every edit in place."""
    return "%x-%x-%x" % (status.st_mtime_ns, status.st_size, status.st_ino)  # noqa: UP031 - quicker, in long listings


def is_link(status: os.stat_result) -> bool:
    """Whether this is a symbolic link or a Windows junction."""
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _JUNCTION_TAG


def file_status(path: str) -> os.stat_result | None:
    """The status of a regular file; None when no such file exists.

    Raises:
        StoreDenied: it is a link.
    """
    try:
        status = os.lstat(path)
    except OSError as error:
        if error.errno in MISSING:
            return None
        raise
    if is_link(status):
        raise refused_link(path)
    return status if stat.S_ISREG(status.st_mode) else None


def read_file(path: str) -> tuple[bytes, os.stat_result] | None:
    """All bytes of a file that did not change meanwhile, with its status; None when no such file exists.

    Raises:
        StoreDenied: it is a link.
        StoreUnavailable: another program keeps writing to it in place.
    """
    for attempt in range(READING_ATTEMPTS):
        if file_status(path) is None:
            return None
        try:
            with open(path, "rb", buffering=0, opener=_open_to_read) as file:
                before = os.fstat(file.fileno())
                data = file.readall()
                after = os.fstat(file.fileno())
        except OSError as error:
            if error.errno in MISSING:
                return None
            raise
        if version_of(before) == version_of(after) and len(data) == after.st_size:
            return data, after
        time.sleep(PAUSE_SECONDS * (attempt + 1))
    raise StoreUnavailable(
        f"“{os.path.basename(path)}” is being written by another program.",
        hint="It is left as it is. Try again when that program has finished.",
    )


@contextmanager
def staged(open_folder: Callable[[], AbstractContextManager[str]], fill: Callable[[int], object]) -> Iterator[str]:
    """A durable temporary file, filled by ``fill(descriptor)``; removed at the end unless renamed.

    Args:
        open_folder: makes and holds the folder for it; what was done in it is durable at the end.
        fill: writes the content.
    """
    with ExitStack() as held:
        descriptor, path = _new_file(open_folder, held)
        with _filled(descriptor, path, fill):
            yield path
        sync_folder(os.path.dirname(path))


@contextmanager
def _filled(descriptor: int, path: str, fill: Callable[[int], object]) -> Iterator[None]:
    try:
        try:
            fill(descriptor)
            # a time of our own, as the file system's clock may be coarse and its inodes are used again: no two writes
            # share a version, so one that was replaced never seems to be back
            now = time.time_ns()
            os.utime(path, ns=(now, now))
            # before the rename: a name that reaches the disk before its bytes is an empty file after a power cut
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        yield
    finally:
        with suppress(OSError):
            os.unlink(path)


def write_all(descriptor: int, data: memoryview) -> None:
    """Write all of `data`."""
    while data:
        data = data[os.write(descriptor, data) :]


def copy_file(path: str, target: int) -> str | None:
    """Copy a file into a descriptor; return the version that was copied, None when the file changed meanwhile.

    Raises:
        FileNotFoundError: it is gone.
    """
    with open(path, "rb", buffering=0, opener=_open_to_read) as file:
        before = os.fstat(file.fileno())
        os.ftruncate(target, 0)
        os.lseek(target, 0, os.SEEK_SET)
        _copy_all(file.fileno(), target, before.st_size)
        after = os.fstat(file.fileno())
    held_still = version_of(before) == version_of(after) and os.fstat(target).st_size == after.st_size
    return version_of(after) if held_still else None


def _copy_all(source: int, target: int, size: int) -> None:
    # inside the kernel if possible; a file system that can share blocks then moves no bytes at all
    if hasattr(os, "copy_file_range"):
        try:
            while size > 0 and (copied := os.copy_file_range(source, target, size)):
                size -= copied
        except OSError as error:
            if error.errno not in NO_KERNEL_COPY:
                raise
    while size > 0 and (block := os.read(source, 1 << 20)):
        write_all(target, memoryview(block))
        size -= len(block)


def replace(staged_path: str, path: str) -> None:
    """Rename a staged file to `path`, over whatever is there."""
    patiently(lambda: os.replace(staged_path, path))


def put_new(staged_path: str, path: str, link: Callable[[str, str], object] = os.link) -> bool:
    """Rename a staged file to `path` unless something is there: then False. The caller holds the key's lock."""
    try:
        patiently(lambda: link(staged_path, path), final=errno.EPERM)  # the staged name goes with `staged`
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
    else:
        return True
    # a link refuses an existing name, a rename does not; where there are no links, the lock alone keeps out other
    # writers of ours, and a file that another program makes right now is lost
    if os.path.lexists(path):
        return False
    replace(staged_path, path)
    return True


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable, where folders can be synced: a rename is on the disk only after this."""
    if os.name == "nt":
        return
    with suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in NO_FOLDER_SYNC:
                raise
        finally:
            os.close(descriptor)


def make_folder(folder: str) -> None:
    """Make a folder and its parents, durably."""
    parent = os.path.dirname(folder)
    try:
        os.mkdir(folder)
    except FileExistsError:
        return
    except FileNotFoundError:
        if parent == folder:
            raise
        make_folder(parent)
        with suppress(FileExistsError):
            os.mkdir(folder)
    sync_folder(parent)


def patiently(change: Callable[[], T], final: int | None = None) -> T:
    """Repeat for about a second what is refused with a PermissionError, unless its number is `final`.

    Windows refuses it while a virus scanner, an indexer or a preview has the file open.
    """
    for _ in range(SHARING_ATTEMPTS - 1):
        try:
            return change()
        except PermissionError as error:
            if error.errno == final:
                raise
        time.sleep(PAUSE_SECONDS)
    return change()


def refused_link(path: str) -> StoreDenied:
    """The error for a link inside a space. Links are not followed, because they may lead anywhere."""
    return StoreDenied(
        f"“{os.path.basename(path)}” is a link, and links inside a space are not followed.",
        hint="Nothing was read or changed. Put the file or folder itself there.",
    )


def _new_file(open_folder: Callable[[], AbstractContextManager[str]], held: ExitStack) -> tuple[int, str]:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    for _ in range(STAGING_ATTEMPTS):
        # another writer may delete the last file, and with it the folder, between these lines
        with suppress(FileNotFoundError):
            folder = held.enter_context(open_folder())
            path = os.path.join(folder, temporary_name())
            return os.open(path, flags, 0o666), path
        held.close()
    raise StoreUnavailable(
        "A folder is being removed by another program again and again.", hint="Nothing was written. Try again."
    )


def _open_to_read(path: str, flags: int) -> int:
    del flags
    return os.open(path, _READ)
