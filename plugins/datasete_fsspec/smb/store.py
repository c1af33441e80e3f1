"""Stores on an SMB share: atomic by renaming, conditional under locks that the server keeps and frees.

The locks hold between all Datasetes on the share; other programs do not take them. Readers need none.
"""

from __future__ import annotations

import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any, Final, TypeVar

import smbclient

from datasete.plugin import (
    ABSENT,
    ANY,
    Blob,
    Capabilities,
    DataseteError,
    Entry,
    Listing,
    Space,
    StoreUnavailable,
    Unchanged,
    When,
)
from datasete_fsspec.conflicts import changed, nothing_to_copy
from datasete_fsspec.keys import LOCKS, Sound, as_found, check_limit, is_sound, is_temporary, page, temporary_name
from datasete_fsspec.locks import ThreadLocks
from datasete_fsspec.smb.connection import SmbConnection
from datasete_fsspec.smb.share import MAX_CONNECTIONS, Share
from datasete_fsspec.walk import Found, walk

ABANDONED_SECONDS: Final = 24 * 3600.0
"""Age of a temporary file from which its writer is taken to have died; long, as the clocks of two machines differ."""

T = TypeVar("T")

RACE_ATTEMPTS: Final = 50
PAUSE_SECONDS: Final = 0.02
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)
_REPARSE_POINT: Final = 0x400
_FOLDER: Final = 0x10


class SmbStore:
    """A store in a folder of a share. A version is a file's last write, to the microsecond, and its size."""

    def __init__(self, share: Share) -> None:
        self.share = share
        self.sound: Sound = is_sound
        self._locks = ThreadLocks()
        self._pool = ThreadPoolExecutor(MAX_CONNECTIONS, thread_name_prefix="datasete-smb")

    def as_found(self) -> SmbStore:
        """See `datasete.plugin.SupportsAsFound`."""
        return as_found(self)

    @property
    def capabilities(self) -> Capabilities:
        """Everything; the server does `copy`."""
        return Capabilities(atomic_replace=True, conditional_write=True, server_copy=True, conditional_delete=True)

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        found = self.refresh(dict.fromkeys(keys))
        return {key: blob for key, blob in found.items() if isinstance(blob, Blob)}

    def refresh(self, known: Mapping[str, str | None]) -> Mapping[str, Blob | Unchanged]:
        """See `datasete.plugin.SupportsRefresh`."""
        paths = {key: self.share.path(key, self.sound) for key in known}
        read: Callable[..., Iterable[Blob | Unchanged | None]] = map if len(paths) < 2 else self._pool.map
        found = read(self._read, paths.values(), known.values())
        return {key: answer for key, answer in zip(paths, found, strict=True) if answer is not None}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        path, content = self.share.path(key), memoryview(data).cast("B")

        def put(connection: SmbConnection, staged: str) -> None:
            if when not in (ANY, ABSENT) and when != _version(connection, path):
                raise changed(key, "written")
            try:
                connection.call(smbclient.rename if when is ABSENT else smbclient.replace, staged, path)
            except FileExistsError:
                raise changed(key, "written") from None

        return self._stage(key, path, lambda connection, staged: connection.create(staged, content), put)

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        check_limit(limit)
        return page(walk(self._scan, _entry, prefix, after, self._pool, sound=self.sound), limit)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`."""
        origin, path = self.share.path(source), self.share.path(target)

        def fill(connection: SmbConnection, staged: str) -> None:
            found = _version(connection, origin)
            if found is None and version is None:
                raise nothing_to_copy(source)
            if found is None or version not in (None, found):
                raise changed(source, "copied")
            connection.call(smbclient.copyfile, origin, staged)
            connection.sync(staged)

        def put(connection: SmbConnection, staged: str) -> None:
            # the server copied by name, not by version: if the version is still there, then that is what it copied
            if version not in (None, _version(connection, origin)):
                raise changed(source, "copied")
            connection.call(smbclient.replace, staged, path)

        return self._stage(target, path, fill, put)

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        paths = {key: self.share.path(key) for key in keys}
        gone = [path for key, path in paths.items() if self._delete(key, path, (versions or {}).get(key))]
        with self.share.connection() as connection:
            for folder in {_parent(path) for path in gone}:
                self._remove_if_empty(connection, folder)
        return len(gone)

    def close(self) -> None:
        """End the connections."""
        self._pool.shutdown()
        self.share.close()

    def _read(self, path: str, known: str | None) -> Blob | Unchanged | None:
        with self.share.connection() as connection:
            try:
                data, written = connection.read(
                    path, lambda written, size: known == _version_of(_micros(written), size)
                )
            except FileNotFoundError:
                return None
        if data is None:
            return Unchanged(known or "", written.timestamp())
        return Blob(data, _version_of(_micros(written), len(data)), written.timestamp())

    def _stage(
        self, key: str, path: str, fill: Callable[[SmbConnection, str], None], put: Callable[[SmbConnection, str], None]
    ) -> str:
        folder = _parent(path)
        with self.share.connection() as connection:
            staged = self._new_staged_file(connection, folder, fill)
            try:
                # our clock to the microsecond, as a version needs it: servers may keep coarser times
                now = time.time_ns() // 1000 * 1000
                connection.call(smbclient.utime, staged, ns=(now, now))
                version = _version(connection, staged)
                with self.hold(connection, key):
                    put(connection, staged)
            except BaseException:
                # best effort: what stays is removed when it is old enough, see `_scan`
                with suppress(DataseteError, OSError):
                    connection.call(smbclient.remove, staged)
                self._remove_if_empty(connection, folder)
                raise
        return version or ""

    def _new_staged_file(
        self, connection: SmbConnection, folder: str, fill: Callable[[SmbConnection, str], None]
    ) -> str:
        for _ in range(RACE_ATTEMPTS):
            staged = f"{folder}\\{temporary_name()}"
            try:
                fill(connection, staged)
            except FileNotFoundError:  # the first file in its folder, or another writer has just deleted the last
                with suppress(FileNotFoundError):
                    self._make_folder(connection, folder)
            except BaseException:
                with suppress(DataseteError, OSError):
                    connection.call(smbclient.remove, staged)
                raise
            else:
                return staged
        raise StoreUnavailable(
            "The folder to write to cannot be created, or is removed by another program again and again.",
            hint="Nothing was written. Try again.",
        )

    def _make_folder(self, connection: SmbConnection, folder: str) -> None:
        with suppress(FileExistsError):
            try:
                connection.call(smbclient.mkdir, folder)
            except FileNotFoundError:
                if folder == self.share.top:
                    raise
                self._make_folder(connection, _parent(folder))
                connection.call(smbclient.mkdir, folder)

    def _remove_if_empty(self, connection: SmbConnection, folder: str) -> None:
        with suppress(DataseteError, OSError):
            while len(folder) > len(self.share.root):
                connection.call(smbclient.rmdir, folder)
                folder = _parent(folder)

    @contextmanager
    def hold(self, connection: SmbConnection, key: str) -> Iterator[None]:
        """Hold the lock of `key` against the threads of this process and, on `connection`, against other machines."""
        folder = f"{self.share.root}\\{LOCKS}"
        with self._locks.hold(key) as name, ExitStack() as stack:
            lock = partial(connection.held, f"{folder}\\{name}", self._locks.timeout_seconds)
            try:
                stack.enter_context(lock())
            except FileNotFoundError:
                self._make_folder(connection, folder)
                stack.enter_context(lock())
            yield

    def _delete(self, key: str, path: str, version: str | None) -> bool:
        with self.share.connection() as connection:
            if _version(connection, path) is None:
                return False
            # looked at again under the lock: the first look only saves locking for a missing key
            with self.hold(connection, key):
                found = _version(connection, path)
                if found is None or version not in (None, found):
                    return False
                connection.call(smbclient.remove, path)
        return True

    def _scan(self, folder: str) -> Found:
        path = self.share.path(folder, self.sound) if folder else self.share.root
        found = Found([], {})
        with self.share.connection() as connection:
            try:
                items = _retried(lambda: connection.call(_all_items, path))
            except FileNotFoundError:
                return found
            for item in items:
                name, kind = item.file_name, item.file_attributes
                if is_temporary(name) and time.time() - item.last_write_time.timestamp() > ABANDONED_SECONDS:
                    with suppress(DataseteError, OSError):
                        connection.call(smbclient.remove, f"{path}\\{name}")
                elif not self.sound(name) or kind & _REPARSE_POINT:
                    continue
                elif kind & _FOLDER:
                    found.folders.append(name)
                else:
                    found.files[name] = item
        return found


def open_store(space: Space) -> SmbStore:
    """The store at ``smb://server/share/path``. Nothing is sent before its first use.

    Raises:
        ConfigError: the URL or an option cannot be used.
    """
    return SmbStore(Share(space))


def _retried(scan: Callable[[], T]) -> T:
    # Samba says “not empty” of a folder that another program tries to remove at this moment
    for _ in range(RACE_ATTEMPTS):
        with suppress(FileExistsError):
            return scan()
        time.sleep(PAUSE_SECONDS)
    raise StoreUnavailable("A folder of the share keeps changing.", hint="Nothing was changed. Try again.")


def _all_items(path: str, **arguments: Any) -> list[Any]:
    # one round trip for names, sizes and times alike
    return [item.smb_info for item in smbclient.scandir(path, **arguments)]


def _entry(key: str, item: Any) -> Entry:
    version = _version_of(_micros(item.last_write_time), item.end_of_file)
    return Entry(key, item.end_of_file, item.last_write_time.timestamp(), version)


def _version(connection: SmbConnection, path: str) -> str | None:
    try:
        status = connection.call(smbclient.stat, path, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return _version_of(status.st_mtime_ns // 1000, status.st_size) if stat.S_ISREG(status.st_mode) else None


def _version_of(micros: int, size: int) -> str:
    return f"{micros:x}-{size:x}"


def _micros(written: datetime) -> int:
    return (written - _EPOCH) // _MICROSECOND


def _parent(path: str) -> str:
    return path.rpartition("\\")[0]
