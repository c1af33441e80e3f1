"""Stores on anything else that fsspec can open, for one writer at a time: conditions hold in this process alone."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from datasete.plugin import ABSENT, ANY, Blob, Capabilities, ConfigError, Entry, Listing, Space, When
from datasete_fsspec.conflicts import changed, nothing_to_copy
from datasete_fsspec.keys import Sound, as_found, check_key, check_limit, check_prefix, is_listed, is_sound, page

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

WRAPPERS: Final = frozenset(
    {
        "async_wrapper",
        "asyncwrapper",
        "blockcache",
        "cached",
        "data",
        "dir",
        "filecache",
        "generic",
        "jupyter",
        "lakefs",
    }
    | {"reference", "root", "simplecache"}
)
"""Protocols that reach other places, or that run what a URL names."""

_TIMES: Final = ("mtime", "LastModified", "last_modified", "modified", "updated", "created")


class GenericStore:
    """A store over an fsspec file system. A version is a hash of the bytes; one call runs at a time."""

    def __init__(self, files: AbstractFileSystem, root: str) -> None:
        self._files = files
        self.root = root.rstrip("/")
        self._lock = threading.RLock()
        self.sound: Sound = is_sound

    def as_found(self) -> GenericStore:
        """See `datasete.plugin.SupportsAsFound`."""
        return as_found(self)

    @property
    def capabilities(self) -> Capabilities:
        """Nothing: it is not known how a protocol replaces a file, or what others may do meanwhile."""
        return Capabilities(atomic_replace=False, conditional_write=False, server_copy=False)

    def read(self, keys: Iterable[str]) -> Mapping[str, Blob]:
        """See `datasete.plugin.Store.read`."""
        wanted = [check_key(key, self.sound) for key in dict.fromkeys(keys)]
        with self._lock:
            found = {key: self._read(key) for key in wanted}
        return {key: blob for key, blob in found.items() if blob is not None}

    def write(self, key: str, data: bytes, when: When = ANY) -> str:
        """See `datasete.plugin.Store.write`."""
        check_key(key)
        content = bytes(memoryview(data))
        with self._lock:
            if when is not ANY and self._version(key) != (None if when is ABSENT else when):
                raise changed(key, "written")
            return self._put(key, content)

    def list(self, prefix: str = "", after: str = "", limit: int = 1000) -> Listing:
        """See `datasete.plugin.Store.list`."""
        check_limit(limit)
        check_prefix(prefix, self.sound)
        with self._lock:
            entries = sorted(self._entries(prefix, after), key=lambda entry: entry.key)
        return page(entries, limit)

    def copy(self, source: str, target: str, version: str | None = None) -> str:
        """See `datasete.plugin.Store.copy`."""
        check_key(source), check_key(target)
        with self._lock:
            blob = self._read(source)
            if version is not None and (blob is None or blob.version != version):
                raise changed(source, "copied")
            if blob is None:
                raise nothing_to_copy(source)
            return self._put(target, blob.data)

    def delete(self, keys: Iterable[str], versions: Mapping[str, str] | None = None) -> int:
        """See `datasete.plugin.Store.delete`."""
        wanted = [check_key(key) for key in dict.fromkeys(keys)]
        with self._lock:
            return sum(self._delete(key, (versions or {}).get(key)) for key in wanted)

    def close(self) -> None:
        """Do nothing: fsspec keeps its own connections."""

    def _path(self, key: str) -> str:
        return f"{self.root}/{key}"

    def _read(self, key: str) -> Blob | None:
        try:
            data = bytes(self._files.cat_file(self._path(key)))
            about = self._files.info(self._path(key))
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        return Blob(data, _hash(data), _modified(about))

    def _version(self, key: str) -> str | None:
        blob = self._read(key)
        return blob.version if blob else None

    def _put(self, key: str, data: bytes) -> str:
        try:
            self._files.pipe_file(self._path(key), data)
        except FileNotFoundError:  # object stores need no folders, and on others most are there: try without first
            self._files.makedirs(self._path(key).rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(self._path(key), data)
        return _hash(data)

    def _delete(self, key: str, version: str | None) -> bool:
        if version is not None and self._version(key) != version:
            return False
        with suppress(FileNotFoundError):
            if self._files.info(self._path(key))["type"] == "file":
                self._files.rm_file(self._path(key))
                return True
        return False

    def _entries(self, prefix: str, after: str) -> Iterator[Entry]:
        self._files.invalidate_cache()  # or another program's new pictures stay unseen
        for path, about in self._files.find(self.root, detail=True).items():
            key = str(path).removeprefix(self.root).lstrip("/")
            if is_listed(key, prefix, after) and all(map(self.sound, key.split("/"))):
                yield Entry(key, about["size"] or 0, _modified(about))


def open_store(space: Space) -> GenericStore | None:
    """The store at a URL that fsspec can open, or None.

    Raises:
        ConfigError: the protocol wraps others, or cannot use the options.
        ImportError: the package for it is missing.
    """
    import fsspec
    from fsspec.registry import known_implementations, registry

    if space.scheme in WRAPPERS:
        raise ConfigError(
            f"The space “{space.name}” has a protocol that reaches other places: {space.scheme}.",
            hint="Nothing was opened. Name the place itself.",
        )
    if space.scheme not in known_implementations and space.scheme not in registry:
        return None
    options = {"use_listings_cache": False, "skip_instance_cache": True, **space.store_options}
    try:
        files, root = fsspec.url_to_fs(space.url, **options)
    except (TypeError, ValueError) as error:  # its text is left out: it may quote an option, and so a secret
        raise ConfigError(
            f"The URL or the options of the space “{space.name}” are not as {space.scheme}:// wants them "
            f"({type(error).__name__}).",
            hint="Nothing was opened. The options are those of fsspec's file system.",
        ) from None
    return GenericStore(files, root)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _modified(about: Mapping[str, Any]) -> float:
    found = next((about[name] for name in _TIMES if about.get(name)), 0.0)
    if isinstance(found, datetime):
        return found.timestamp()
    if isinstance(found, str):
        return datetime.fromisoformat(found.replace("Z", "+00:00")).timestamp()
    return float(found)
