"""An SMB share: atomic by renaming, conditional under locks that the server keeps and frees.

Between the writers that take these locks, that is: another program on the share does not. Readers take none.
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
    Conflict,
    DataseteError,
    Entry,
    Listing,
    NotFound,
    Space,
    StoreUnavailable,
    Unchanged,
    When,
)
from datasete_fsspec.keys import LOCKS, check_limit, is_sound, is_temporary, page, temporary_name
from datasete_fsspec.locks import ThreadLocks
from datasete_fsspec.smb_line import Line
from datasete_fsspec.smb_share import LINES, Share
from datasete_fsspec.walk import Found, walk

GRACE: Final = 24 * 3600.0
"""Seconds after which a temporary file belongs to a writer that died; long, for the clocks of two machines differ."""

T = TypeVar("T")

ATTEMPTS: Final = 50
PAUSE: Final = 0.02
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND: Final = timedelta(microseconds=1)
_REPARSE_POINT: Final = 0x400
_FOLDER: Final = 0x10


class SmbStore:
    """A store in a folder of a share. A version is when a file was last written, to the microsecond, and its size."""

    def __init__(self, share: Share) -> None:
        self._share = share
        self._locks = ThreadLocks()
        self._pool = ThreadPoolExecutor(LINES, thread_name_prefix="datasete-smb")

    @property
    def capabilities(self) -> Capabilities:
        """Everything; `copy` is done by the server."""
        return Capabilities(atomic_replace=True, conditional_write=True, server_copy=True, conditional_delete=True)

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        found = self.refresh(dict.fromkeys(keys))
        return {key: blob for key, blob in found.items() if isinstance(blob, Blob)}

    def refresh(self, known: Mapping[str, str | None]) -> Mapping[str, Blob | Unchanged]:
        """See `datasete.plugin.refresh_of`."""
        paths = {key: self._share.path(key) for key in known}
        read: Callable[..., Iterable[Blob | Unchanged | None]] = map if len(paths) < 2 else self._pool.map
        found = read(self._read, paths.values(), known.values())
        return {key: answer for key, answer in zip(paths, found, strict=True) if answer is not None}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        path, content = self._share.path(key), memoryview(data).cast("B")

        def put(line: Line, staged: str) -> None:
            if when not in (ANY, ABSENT) and when != _version(line, path):
                raise _changed(key, "written")
            try:
                line.call(smbclient.rename if when is ABSENT else smbclient.replace, staged, path)
            except FileExistsError:
                raise _changed(key, "written") from None

        return self._stage(key, path, lambda line, staged: line.create(staged, content), put)

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        check_limit(limit)
        return page(walk(self._scan, _entry, prefix, after, self._pool), limit)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`."""
        origin, path = self._share.path(source), self._share.path(target)

        def fill(line: Line, staged: str) -> None:
            found = _version(line, origin)
            if found is None and version is None:
                raise NotFound(f"There is nothing at “{source}”.", hint="Nothing was copied.")
            if found is None or version not in (None, found):
                raise _changed(source, "copied")
            line.call(smbclient.copyfile, origin, staged)
            line.sync(staged)

        def put(line: Line, staged: str) -> None:
            # the server opened the source by its name: what it copied is `version` if that is still there
            if version not in (None, _version(line, origin)):
                raise _changed(source, "copied")
            line.call(smbclient.replace, staged, path)

        return self._stage(target, path, fill, put)

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        paths = {key: self._share.path(key) for key in keys}
        gone = [path for key, path in paths.items() if self._delete(key, path, (versions or {}).get(key))]
        with self._share.line() as line:
            for folder in {_parent(path) for path in gone}:
                self._remove_if_empty(line, folder)
        return len(gone)

    def close(self) -> None:
        """End the connections."""
        self._pool.shutdown()
        self._share.close()

    def _read(self, path: str, known: str | None) -> Blob | Unchanged | None:
        with self._share.line() as line:
            try:
                data, written = line.read(path, lambda written, size: known == _named(_micros(written), size))
            except FileNotFoundError:
                return None
        if data is None:
            return Unchanged(known or "", written.timestamp())
        return Blob(data, _named(_micros(written), len(data)), written.timestamp())

    def _stage(self, key: str, path: str, fill: Callable[[Line, str], None], put: Callable[[Line, str], None]) -> str:
        folder = _parent(path)
        with self._share.line() as line:
            staged = self._filled(line, folder, fill)
            try:
                now = time.time_ns() // 1000 * 1000
                line.call(smbclient.utime, staged, ns=(now, now))
                version = _version(line, staged)
                with self._hold(line, key):
                    put(line, staged)
            except BaseException:
                with suppress(DataseteError, OSError):
                    line.call(smbclient.remove, staged)
                self._remove_if_empty(line, folder)
                raise
        return version or ""

    def _filled(self, line: Line, folder: str, fill: Callable[[Line, str], None]) -> str:
        for _ in range(ATTEMPTS):
            staged = f"{folder}\\{temporary_name()}"
            try:
                fill(line, staged)
            except FileNotFoundError:  # the first file in its folder, or somebody just deleted the last
                with suppress(FileNotFoundError):
                    self._make_folder(line, folder)
            except BaseException:
                with suppress(DataseteError, OSError):
                    line.call(smbclient.remove, staged)
                raise
            else:
                return staged
        raise StoreUnavailable(
            "The folder to write to cannot be made, or keeps vanishing.", hint="Nothing was written."
        )

    def _make_folder(self, line: Line, folder: str) -> None:
        with suppress(FileExistsError):
            try:
                line.call(smbclient.mkdir, folder)
            except FileNotFoundError:
                if folder == self._share.top:
                    raise
                self._make_folder(line, _parent(folder))
                line.call(smbclient.mkdir, folder)

    def _remove_if_empty(self, line: Line, folder: str) -> None:
        with suppress(DataseteError, OSError):
            while len(folder) > len(self._share.root):
                line.call(smbclient.rmdir, folder)
                folder = _parent(folder)

    @contextmanager
    def _hold(self, line: Line, key: str) -> Iterator[None]:
        folder = f"{self._share.root}\\{LOCKS}"
        with self._locks.hold(key) as name, ExitStack() as stack:
            lock = partial(line.held, f"{folder}\\{name}", self._locks.patience)
            try:
                stack.enter_context(lock())
            except FileNotFoundError:
                self._make_folder(line, folder)
                stack.enter_context(lock())
            yield

    def _delete(self, key: str, path: str, version: str | None) -> bool:
        with self._share.line() as line:
            if _version(line, path) is None:
                return False
            with self._hold(line, key):
                found = _version(line, path)
                if found is None or version not in (None, found):
                    return False
                line.call(smbclient.remove, path)
        return True

    def _scan(self, folder: str) -> Found:
        path = self._share.path(folder) if folder else self._share.root
        found = Found([], {})
        with self._share.line() as line:
            try:
                items = _patiently(lambda: line.call(_all_items, path))
            except FileNotFoundError:
                return found
            for item in items:
                name, kind = item.file_name, item.file_attributes
                if is_temporary(name) and time.time() - item.last_write_time.timestamp() > GRACE:
                    with suppress(DataseteError, OSError):
                        line.call(smbclient.remove, f"{path}\\{name}")
                elif not is_sound(name) or kind & _REPARSE_POINT:
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


def _patiently(scan: Callable[[], T]) -> T:
    # Samba says “not empty” of a folder that somebody tries to remove while it is opened
    for _ in range(ATTEMPTS):
        with suppress(FileExistsError):
            return scan()
        time.sleep(PAUSE)
    raise StoreUnavailable("A folder of the share keeps changing.", hint="Nothing was changed. Try again.")


def _all_items(path: str, **arguments: Any) -> list[Any]:
    # one round trip for names, sizes and times alike
    return [item.smb_info for item in smbclient.scandir(path, **arguments)]


def _entry(key: str, item: Any) -> Entry:
    version = _named(_micros(item.last_write_time), item.end_of_file)
    return Entry(key, item.end_of_file, item.last_write_time.timestamp(), version)


def _version(line: Line, path: str) -> str | None:
    try:
        status = line.call(smbclient.stat, path, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return _named(status.st_mtime_ns // 1000, status.st_size) if stat.S_ISREG(status.st_mode) else None


def _named(micros: int, size: int) -> str:
    return f"{micros:x}-{size:x}"


def _micros(written: datetime) -> int:
    return (written - _EPOCH) // _MICROSECOND


def _parent(path: str) -> str:
    return path.rpartition("\\")[0]


def _changed(key: str, what: str) -> Conflict:
    return Conflict(f"“{key}” was changed by somebody else.", hint=f"Nothing was {what}.")
