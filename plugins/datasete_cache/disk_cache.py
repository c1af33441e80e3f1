"""A cache in a folder: one file for each key, with its version and a digest; the least recently used go first.

Several processes may use one folder: files are replaced atomically, and a reader gets all of a file or nothing. A fault
of the disk costs the cache, never the caller.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

logger = logging.getLogger(__name__)

CLEARED_SHARE: Final = 0.9
"""How much of the limit is left in use when the cache is cleared: the next writes need room, too."""

HEAD_BYTES: Final = 16_384
"""The longest first line of a file that is read; a longer one is a damaged file."""

PART_SUFFIX: Final = ".part"
ABANDONED_SECONDS: Final = 3600.0
"""Age of an unfinished file from which its writer is taken to have died."""


class DiskCache:
    """A folder of at most `limit` bytes; the file that is being written comes on top."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._size: int | None = None
        self._warned = False

    def version(self, key: str) -> str | None:
        """The cached version of `key`; None when it is not cached. Its bytes are not read."""
        try:
            with self.path_of(key).open("rb") as file:
                version = _head(file, key).get("version")
        except OSError:
            return None
        return version if isinstance(version, str) else None

    def take(self, key: str, version: str) -> bytes | None:
        """The bytes of `key` at `version`; None when they are not cached, or the file has been damaged."""
        path = self.path_of(key)
        try:
            with path.open("rb") as file:
                head = _head(file, key)
                data = file.read()
            if head.get("version") != version:
                return None
            if head.get("sum") != _digest(data):
                self.drop(key)
                return None
            os.utime(path)  # the time of last use: what `_clear` sorts by, also for other processes
        except OSError:
            return None
        return data

    def put(self, key: str, version: str, data: bytes) -> None:
        """Cache the bytes of `key` at `version`, in place of an earlier version."""
        view = memoryview(data).cast("B")
        if len(view) > self._limit:
            self.drop(key)
            return
        try:
            head = json.dumps({"key": key, "version": version, "sum": _digest(view)}).encode() + b"\n"
            self._write(self.path_of(key), head, view)
            self._count(len(head) + len(view))
        except OSError as error:
            self.drop(key)  # an older version would only be compared in vain
            self._warn(error)

    def drop(self, key: str) -> None:
        """Forget `key`."""
        with suppress(OSError):
            self.path_of(key).unlink()

    def path_of(self, key: str) -> Path:
        """The file of `key`. A hash, because a key can be longer than a file name, or differ from another by case."""
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return self._folder / name[:2] / name

    def _write(self, path: Path, head: bytes, data: memoryview) -> None:
        # no fsync: after a power cut the digest finds a file that was not written out, and it is fetched again
        staged = path.with_name(f"{path.name}.{uuid.uuid4().hex}{PART_SUFFIX}")
        staged.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with staged.open("xb") as file:
                file.write(head)
                file.write(data)
            staged.replace(path)
        finally:
            with suppress(OSError):
                staged.unlink()

    def _count(self, added: int) -> None:
        """Make room when the cache has grown too large. Files of other processes count from the next clearing on."""
        with self._lock:
            self._size = self._measure() if self._size is None else self._size + added
            if self._size > self._limit:
                self._size = self._clear()

    def _measure(self) -> int:
        return sum(status.st_size for _, status in self._files())

    def _clear(self) -> int:
        files = sorted(self._files(), key=lambda file: file[1].st_mtime)
        size = sum(status.st_size for _, status in files)
        for path, status in files:
            if size <= self._limit * CLEARED_SHARE:
                break
            with suppress(OSError):
                Path(path).unlink()
            size -= status.st_size
        return size

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        for folder in self._entries(self._folder):
            for file in self._entries(folder):
                try:
                    status = file.stat(follow_symlinks=False)
                except OSError:
                    continue
                if file.name.endswith(PART_SUFFIX) and time.time() - status.st_mtime > ABANDONED_SECONDS:
                    with suppress(OSError):
                        Path(file).unlink()
                else:
                    yield file.path, status

    def _entries(self, folder: os.PathLike[str]) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except (FileNotFoundError, NotADirectoryError):
            return []

    def _warn(self, error: OSError) -> None:
        if not self._warned:
            self._warned = True
            reason = error.strerror or type(error).__name__
            logger.warning(
                "The cache in %s cannot be written (%s); pictures are read without it.", self._folder, reason
            )


def _head(file: BinaryIO, key: str) -> dict[str, Any]:
    """What the first line says; empty when it is damaged or of another key."""
    try:
        head = json.loads(file.readline(HEAD_BYTES))
    except ValueError:
        return {}
    return head if isinstance(head, dict) and head.get("key") == key else {}


def _digest(data: bytes | memoryview) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
