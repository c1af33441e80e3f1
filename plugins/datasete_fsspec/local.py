"""Stores on the local disk: atomic, durable, and conditional between all processes of this machine."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from datasete.plugin import ABSENT, ANY, Blob, Capabilities, ConfigError, Listing, Space, StoreUnavailable, When
from datasete_fsspec import files
from datasete_fsspec.conflicts import changed, nothing_to_copy
from datasete_fsspec.errnos import MISSING
from datasete_fsspec.keys import LOCKS, Sound, as_found, check_key, check_limit, check_prefix, is_sound, page
from datasete_fsspec.locks import Locks
from datasete_fsspec.marker import Marker
from datasete_fsspec.pinned import pinned
from datasete_fsspec.scan import describe, scan, sketch
from datasete_fsspec.walk import walk

COPYING_ATTEMPTS: Final = 20
_THIS_MACHINE: Final = ("", "localhost", "127.0.0.1")


class LocalStore:
    """A store in a folder, which the first write creates.

    Writers hold the key's lock while they compare versions and rename; readers need no lock. Links below the root are
    never followed.

    Args:
        root: the folder.
        abandoned_seconds: age of an untouched temporary file from which its writer is taken to have died.
    """

    def __init__(self, root: str | os.PathLike[str], *, abandoned_seconds: float = 3600.0) -> None:
        self.root = os.path.abspath(root)
        self._locks = Locks(os.path.join(self.root, LOCKS))
        self._marker = Marker(self.root)
        self._scan = partial(scan, self.root, abandoned_seconds)
        self.sound: Sound = is_sound

    def as_found(self) -> LocalStore:
        """See `datasete.plugin.SupportsAsFound`."""
        return as_found(self)

    @property
    def capabilities(self) -> Capabilities:
        """Everything; the kernel does `copy`."""
        return Capabilities(atomic_replace=True, conditional_write=True, server_copy=True, conditional_delete=True)

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        found = [(key, self._read(key)) for key in dict.fromkeys(keys)]
        return {key: Blob(what[0], files.version_of(what[1]), what[1].st_mtime_ns / 1e9) for key, what in found if what}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        content = memoryview(data).cast("B")

        def put(staged: str, path: str) -> None:
            found = _version(path)
            if when is ABSENT:
                held = files.put_new(staged, path)
            else:
                held = when in (ANY, found)
                if held:
                    files.replace(staged, path)
            if not held:
                raise changed(key, "written")

        return self._stage(key, lambda descriptor: files.write_all(descriptor, content), put)

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        check_limit(limit)
        self._refuse_links(check_prefix(prefix, self.sound))
        return page(walk(partial(self._scan, sound=self.sound), describe, prefix, after, sound=self.sound), limit)

    def outline(self, name: str, without: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.SupportsOutline`."""
        self._check_root()
        return page(walk(self._scan, partial(sketch, name), "", after, without=without), check_limit(limit))

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`.

        The bytes are copied, not linked: an editor that saves in place would change both names of a link.
        """
        check_key(target, self.sound)
        with self._folder(source) as folder:
            origin = _within(folder, source)
            found = _version(origin) if origin else None
            if version not in (None, found):
                raise changed(source, "copied")
            if origin is None or found is None:
                raise nothing_to_copy(source)
            return self._copy(source, origin, target, version)

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        wanted = [check_key(key, self.sound) for key in dict.fromkeys(keys)]
        for key in wanted:  # before the first one is gone
            with self._folder(key):
                pass
        gone = [key for key in wanted if self._delete(key, (versions or {}).get(key))]
        for folder in {self._plain_folder(key) for key in gone}:
            files.sync_folder(folder)
            self._remove_if_empty(folder)
        return len(gone)

    def close(self) -> None:
        """Nothing is held between calls."""

    def _read(self, key: str) -> tuple[bytes, os.stat_result] | None:
        with self._folder(key) as folder:
            path = _within(folder, key)
            return files.read_file(path) if path else None

    def _copy(self, source: str, origin: str, target: str, version: str | None) -> str:
        def fill(descriptor: int) -> None:
            for _ in range(COPYING_ATTEMPTS):
                copied = files.copy_file(origin, descriptor)
                if version not in (None, copied):
                    raise changed(source, "copied")
                if copied:
                    return
            raise StoreUnavailable(
                f"“{source}” is being written by another program.", hint="Nothing was copied. Try again."
            )

        def put(staged: str, path: str) -> None:
            _version(path)  # refuses a link
            if version not in (None, _version(origin)):
                raise changed(source, "copied")
            files.replace(staged, path)

        try:
            return self._stage(target, fill, put)
        except FileNotFoundError:
            raise nothing_to_copy(source) if version is None else changed(source, "copied") from None

    def _stage(self, key: str, fill: Callable[[int], object], put: Callable[[str, str], object]) -> str:
        self._check_root()
        self._marker.make()
        *parts, name = check_key(key, self.sound).split("/")
        try:
            with files.staged(lambda: pinned(self.root, parts, make=True), fill) as staged:
                version = _version(staged)
                # only now: staging takes as long as the bytes do, and others may write this key meanwhile
                with self._locks.hold(key):
                    put(staged, os.path.join(os.path.dirname(staged), name))
        except BaseException:
            self._remove_if_empty(self._plain_folder(key))
            raise
        return version or ""

    def _delete(self, key: str, version: str | None) -> bool:
        with self._folder(key) as folder:
            path = _within(folder, key)
            if path is None or files.file_status(path) is None:
                return False
            with self._locks.hold(key):
                found = _version(path)
                if found is None or version not in (None, found):
                    return False
                final = None if os.name == "nt" else errno.EACCES  # elsewhere an open file does not matter
                files.patiently(lambda: os.unlink(path), final=final)
            return True

    def _remove_if_empty(self, folder: str) -> None:
        # rmdir refuses a folder that is not empty, so a file that came meanwhile is safe
        with suppress(OSError):
            while len(folder) > len(self.root):
                os.rmdir(folder)
                folder = os.path.dirname(folder)

    @contextmanager
    def _folder(self, key: str) -> Iterator[str | None]:
        """The folder of a key, held as it is; None when it does not exist."""
        check_key(key, self.sound)
        self._check_root()
        with ExitStack() as held:
            try:
                folder = held.enter_context(pinned(self.root, key.split("/")[:-1]))
            except OSError as error:
                if error.errno not in MISSING:
                    raise
                folder = None
            yield folder

    def _plain_folder(self, key: str) -> str:
        return os.path.join(self.root, *key.split("/")[:-1])

    def _refuse_links(self, folder: str) -> None:
        self._check_root()
        path = self.root
        for part in folder.split("/") if folder else ():
            path = os.path.join(path, part)
            try:
                status = os.lstat(path)
            except OSError:
                return  # a missing folder leads nowhere, and one without permission cannot be opened
            if files.is_link(status):
                raise files.refused_link(path)

    def _check_root(self) -> None:
        # a missing folder is an empty store, but not behind a link: that disk is not mounted, and its pictures are not
        # gone
        known = self._marker.known
        try:
            status = os.stat(self.root)
        except FileNotFoundError:
            if os.path.islink(self.root):
                raise
            self._marker.check(known, exists=False)
            return
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), self.root)
        self._marker.check(known, exists=True)


def open_store(space: Space) -> LocalStore:
    """The store at a plain path or a ``file://`` URL.

    Raises:
        ConfigError: it is not a path of this machine, or has options, of which there are none.
    """
    if space.options:
        raise ConfigError(
            f"The space “{space.name}” is on the local disk, which takes no options.",
            hint="Nothing was opened. Remove the options.",
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
                hint="Nothing was opened. Write file:///absolute/path, or smb://host/share/path for a share.",
            )
        path = url2pathname(parts.path)
    if not path or "\0" in path:
        raise ConfigError(
            f"The space “{space.name}” names no folder.",
            hint="Nothing was opened. Write a path or file:///absolute/path.",
        )
    return path


def _within(folder: str | None, key: str) -> str | None:
    return os.path.join(folder, key.rpartition("/")[2]) if folder else None


def _version(path: str) -> str | None:
    status = files.file_status(path)
    return files.version_of(status) if status else None
