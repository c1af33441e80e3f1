"""The local disk: atomic, durable, and conditional between all processes of this machine."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from datasete.plugin import (
    ABSENT,
    ANY,
    Blob,
    Capabilities,
    ConfigError,
    Conflict,
    Listing,
    NotFound,
    Space,
    StoreUnavailable,
    When,
)
from datasete_fsspec import files
from datasete_fsspec.keys import LOCKS, check_key, check_limit, check_prefix, page
from datasete_fsspec.locks import Locks
from datasete_fsspec.scan import describe, scan, sketch
from datasete_fsspec.walk import walk

COPYING_ATTEMPTS: Final = 20
_THIS_MACHINE: Final = ("", "localhost", "127.0.0.1")


class LocalStore:
    """A store in a folder, which is made with the first write.

    Writers hold a lock of the key while they compare versions and rename; readers need none. Links below the root are
    never followed.

    Args:
        root: the folder.
        grace: seconds after which a temporary file that nobody touches belongs to a writer that died.
    """

    def __init__(self, root: str | os.PathLike[str], *, grace: float = 3600.0) -> None:
        self._root = os.path.abspath(root)
        self._locks = Locks(os.path.join(self._root, LOCKS))
        self._scan = partial(scan, self._root, grace)

    @property
    def capabilities(self) -> Capabilities:
        """Everything; `copy` is done inside the kernel."""
        return Capabilities(atomic_replace=True, conditional_write=True, server_copy=True, conditional_delete=True)

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        found = [(key, files.read_file(self._path(key))) for key in dict.fromkeys(keys)]
        return {key: Blob(what[0], files.version_of(what[1]), what[1].st_mtime_ns / 1e9) for key, what in found if what}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        path, content = self._path(key), memoryview(data).cast("B")

        def put(staged: str) -> None:
            found = _version(path)
            if when is ABSENT:
                held = files.put_new(staged, path)
            else:
                held = when in (ANY, found)
                if held:
                    files.replace(staged, path)
            if not held:
                raise Conflict(f"“{key}” was changed by somebody else.", hint="Nothing was written.")

        return self._stage(key, path, lambda descriptor: files.write_all(descriptor, content), put)

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        check_limit(limit)
        self._refuse_links(check_prefix(prefix))
        return page(walk(self._scan, describe, prefix, after), limit)

    def outline(self, name: str, without: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.outline_of`."""
        self._check_root()
        return page(walk(self._scan, partial(sketch, name), "", after, without=without), check_limit(limit))

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`.

        The bytes are copied, not linked: an editor that saves in place would change both names of a link.
        """
        origin, path = self._path(source), self._path(target)
        found = _version(origin)
        if version not in (None, found):
            raise _copy_conflict(source)
        if found is None:
            raise _nothing_to_copy(source)

        def fill(descriptor: int) -> None:
            for _ in range(COPYING_ATTEMPTS):
                copied = files.copy_file(origin, descriptor)
                if version not in (None, copied):
                    raise _copy_conflict(source)
                if copied:
                    return
            raise StoreUnavailable(f"“{source}” is being written by another program.", hint="Nothing was copied.")

        def put(staged: str) -> None:
            _version(path)  # refuses a link
            if version not in (None, _version(origin)):
                raise _copy_conflict(source)
            files.replace(staged, path)

        try:
            return self._stage(target, path, fill, put)
        except FileNotFoundError:
            raise _nothing_to_copy(source) if version is None else _copy_conflict(source) from None

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        paths = {key: self._path(key) for key in keys}
        gone = [path for key, path in paths.items() if self._delete(key, path, (versions or {}).get(key))]
        for folder in {os.path.dirname(path) for path in gone}:
            files.sync_folder(folder)
            self._remove_if_empty(folder)
        return len(gone)

    def close(self) -> None:
        """Nothing is held between calls."""

    def _stage(self, key: str, path: str, fill: Callable[[int], object], put: Callable[[str], object]) -> str:
        folder = os.path.dirname(path)
        try:
            with files.staged(folder, fill) as staged:
                version = _version(staged)
                with self._locks.hold(key):
                    put(staged)
        except BaseException:
            self._remove_if_empty(folder)
            raise
        files.sync_folder(folder)
        return version or ""

    def _delete(self, key: str, path: str, version: str | None) -> bool:
        if files.file_status(path) is None:
            return False
        with self._locks.hold(key):
            found = _version(path)
            if found is None or version not in (None, found):
                return False
            files.shared(lambda: os.unlink(path))
        return True

    def _remove_if_empty(self, folder: str) -> None:
        with suppress(OSError):
            while len(folder) > len(self._root):
                os.rmdir(folder)
                folder = os.path.dirname(folder)

    def _path(self, key: str) -> str:
        check_key(key)
        self._refuse_links(key.rpartition("/")[0])
        return os.path.join(self._root, *key.split("/"))

    def _refuse_links(self, folder: str) -> None:
        self._check_root()
        path = self._root
        for part in folder.split("/") if folder else ():
            path = os.path.join(path, part)
            try:
                status = os.lstat(path)
            except OSError:
                return  # what is not there leads nowhere; what cannot be looked at cannot be opened
            if files.is_link(status):
                raise files.refused_link(path)

    def _check_root(self) -> None:
        # a missing folder is an empty store; a file in its place, or a link to a disk that is not there, is a fault
        try:
            status = os.stat(self._root)
        except FileNotFoundError:
            if os.path.islink(self._root):
                raise
            return
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), self._root)


def open_store(space: Space) -> LocalStore:
    """The store at a plain path or a ``file://`` URL.

    Raises:
        ConfigError: no path of this machine, or options, of which there are none.
    """
    if space.options:
        raise ConfigError(
            f"The space “{space.name}” is on the local disk, which takes no options.", hint="Remove them."
        )
    return LocalStore(Path(_local_path(space)).expanduser())


def _local_path(space: Space) -> str:
    if "://" not in space.url:
        path = space.url
    else:
        parts = urlsplit(space.url)
        if parts.netloc not in _THIS_MACHINE:
            raise ConfigError(
                f"The space “{space.name}” names another machine in a file:// URL.",
                hint="Write file:///absolute/path, or smb://host/share/path for a share.",
            )
        path = url2pathname(parts.path)
    if not path or "\0" in path:
        raise ConfigError(f"The space “{space.name}” names no folder.", hint="Write a path or file:///absolute/path.")
    return path


def _version(path: str) -> str | None:
    status = files.file_status(path)
    return files.version_of(status) if status else None


def _nothing_to_copy(source: str) -> NotFound:
    return NotFound(f"There is nothing at “{source}”.", hint="Nothing was copied.")


def _copy_conflict(source: str) -> Conflict:
    return Conflict(f"“{source}” was changed by somebody else.", hint="Nothing was copied.")
