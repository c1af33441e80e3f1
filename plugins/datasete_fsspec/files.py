"""Whole files on a disk: staged beside their place, made durable, and put there in one step.

fsspec's local file system writes in place and without fsync, and its transactions move files between devices, so none
of it is used here.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, TypeVar

from datasete.plugin import StoreDenied, StoreUnavailable
from datasete_fsspec.keys import temporary_name

T = TypeVar("T")

STAGING_ATTEMPTS: Final = 100
READING_ATTEMPTS: Final = 20
SHARING_ATTEMPTS: Final = 60
PAUSE: Final = 0.02

_MISSING: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EISDIR})
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK, errno.EXDEV, errno.EINVAL})
_NO_COPY: Final = frozenset({errno.ENOSYS, errno.EOPNOTSUPP, errno.EXDEV, errno.EINVAL, errno.EPERM, errno.ETXTBSY})
_MOUNT_POINT: Final = 0xA0000003
"""Reparse tag of a Windows junction: a link by another name."""

_READ: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a named pipe must not hang us
    | getattr(os, "O_BINARY", 0)
)


def version_of(status: os.stat_result) -> str:
    """The version of a file: it changes with every write of ours, and with every edit in place."""
    return "%x-%x-%x" % (status.st_mtime_ns, status.st_size, status.st_ino)  # noqa: UP031 - quicker, in long listings


def is_link(status: os.stat_result) -> bool:
    """Whether this is a symbolic link or a Windows junction."""
    return stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == _MOUNT_POINT


def file_status(path: str) -> os.stat_result | None:
    """The status of a regular file; None when there is no such file.

    Raises:
        StoreDenied: it is a link.
    """
    try:
        status = os.lstat(path)
    except OSError as error:
        if error.errno in _MISSING:
            return None
        raise
    if is_link(status):
        raise refused_link(path)
    return status if stat.S_ISREG(status.st_mode) else None


def read_file(path: str) -> tuple[bytes, os.stat_result] | None:
    """All bytes of a file that held still meanwhile, with its status; None when there is no such file.

    Raises:
        StoreDenied: it is a link.
        StoreUnavailable: another program goes on writing to it in place.
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
            if error.errno in _MISSING:
                return None
            raise
        if version_of(before) == version_of(after) and len(data) == after.st_size:
            return data, after
        time.sleep(PAUSE * (attempt + 1))
    raise StoreUnavailable(
        f"“{os.path.basename(path)}” is being written by another program.", hint="It is left as it is. Try again."
    )


@contextmanager
def staged(folder: str, fill: Callable[[int], object]) -> Iterator[str]:
    """A durable temporary file in `folder`, filled by ``fill(descriptor)``; gone afterwards if it was not renamed."""
    descriptor, path = _new_file(folder)
    try:
        try:
            fill(descriptor)
            # no two writes of ours share a time, however coarse the clock of the file system and whichever inode it
            # uses again, so that a version never comes back
            now = time.time_ns()
            os.utime(path, ns=(now, now))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        yield path
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
        FileNotFoundError: there is none any more.
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
    # inside the kernel where it can, and there without moving any bytes where the file system shares them
    if hasattr(os, "copy_file_range"):
        try:
            while size > 0 and (copied := os.copy_file_range(source, target, size)):
                size -= copied
        except OSError as error:
            if error.errno not in _NO_COPY:
                raise
    while size > 0 and (block := os.read(source, 1 << 20)):
        write_all(target, memoryview(block))
        size -= len(block)


def replace(staged_path: str, path: str) -> None:
    """Put a staged file where `path` is, whatever is there."""
    shared(lambda: os.replace(staged_path, path))


def put_new(staged_path: str, path: str, link: Callable[[str, str], object] = os.link) -> bool:
    """Put a staged file where nothing is; False when something is there. The caller holds the key's lock."""
    try:
        link(staged_path, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    else:
        return True
    # no links on this disk (FAT, some network mounts): then the lock alone keeps other writers of ours out
    if os.path.lexists(path):
        return False
    replace(staged_path, path)
    return True


def sync_folder(folder: str) -> None:
    """Make the names in a folder durable, where folders can be synced."""
    if os.name == "nt":
        return
    with suppress(FileNotFoundError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some network mounts cannot, and need not
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


def shared(change: Callable[[], T]) -> T:
    """Do what Windows refuses while another program has the file open; everywhere else that refusal is final."""
    for attempt in range(SHARING_ATTEMPTS):
        try:
            return change()
        except PermissionError:
            if os.name != "nt" or attempt == SHARING_ATTEMPTS - 1:
                raise
            time.sleep(PAUSE)
    raise AssertionError("unreachable")


def refused_link(path: str) -> StoreDenied:
    """The error for a link inside a space: it is not followed, because it may lead anywhere."""
    return StoreDenied(
        f"“{os.path.basename(path)}” is a link, and links inside a space are not followed.",
        hint="Nothing was read or changed. Put the file or folder itself there.",
    )


def _new_file(folder: str) -> tuple[int, str]:
    path = os.path.join(folder, temporary_name())
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    for _ in range(STAGING_ATTEMPTS):
        # somebody may delete its last file, and the folder with it, in this very moment
        with suppress(FileNotFoundError):
            make_folder(folder)
            return os.open(path, flags, 0o666), path
    raise StoreUnavailable(f"The folder “{os.path.basename(folder)}” keeps vanishing.", hint="Nothing was written.")


def _open_to_read(path: str, flags: int) -> int:
    del flags
    return os.open(path, _READ)
