"""Files in a folder, one a key, each with its version and a sum; those that were not used for longest go first.

Several processes may use one folder: a file is replaced in one step, and a reader takes it whole or not at all. What
goes wrong with the disk costs the cache, never the caller.
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

ROOM: Final = 0.9
"""To which share of the limit the shelf is cleared when it is over it."""

HEAD: Final = 16_384
"""Bytes that the first line of a file has at most."""

HALF_WRITTEN: Final = ".part"
STALE: Final = 3600.0
"""Seconds after which a file that was not finished belongs to a process that died."""


class Shelf:
    """A folder that holds at most `limit` bytes, but for what is being put there."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._size: int | None = None
        self._complained = False

    def version(self, key: str) -> str | None:
        """The version of what is kept of `key`; None when nothing is. Its bytes are not looked at."""
        try:
            with self._path(key).open("rb") as file:
                version = _head(file, key).get("version")
        except OSError:
            return None
        return version if isinstance(version, str) else None

    def take(self, key: str, version: str) -> bytes | None:
        """The bytes of `key` at `version`; None when they are not here, or not what was put here."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                head = _head(file, key)
                data = file.read()
            if head.get("version") != version:
                return None
            if head.get("sum") != _sum(data):
                self.drop(key)
                return None
            os.utime(path)  # used just now
        except OSError:
            return None
        return data

    def put(self, key: str, version: str, data: bytes) -> None:
        """Keep the bytes of `key` at `version`, instead of others."""
        view = memoryview(data).cast("B")
        if len(view) > self._limit:
            self.drop(key)
            return
        try:
            head = json.dumps({"key": key, "version": version, "sum": _sum(view)}).encode() + b"\n"
            self._write(self._path(key), head, view)
            self._count(len(head) + len(view))
        except OSError as error:
            self.drop(key)
            self._complain(error)

    def drop(self, key: str) -> None:
        """Keep nothing of `key`."""
        with suppress(OSError):
            self._path(key).unlink()

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return self._folder / name[:2] / name

    def _write(self, path: Path, head: bytes, data: memoryview) -> None:
        staged = path.with_name(f"{path.name}.{uuid.uuid4().hex}{HALF_WRITTEN}")
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
        """Make room when there is too much; what others have put here counts from the next look on."""
        with self._lock:
            self._size = self._look() if self._size is None else self._size + added
            if self._size > self._limit:
                self._size = self._clear()

    def _look(self) -> int:
        return sum(status.st_size for _, status in self._files())

    def _clear(self) -> int:
        files = sorted(self._files(), key=lambda file: file[1].st_mtime)
        size = sum(status.st_size for _, status in files)
        for path, status in files:
            if size <= self._limit * ROOM:
                break
            with suppress(OSError):
                Path(path).unlink()
            size -= status.st_size
        return size

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        for shelf in self._entries(self._folder):
            for file in self._entries(shelf):
                try:
                    status = file.stat(follow_symlinks=False)
                except OSError:
                    continue
                if file.name.endswith(HALF_WRITTEN) and time.time() - status.st_mtime > STALE:
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

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            reason = error.strerror or type(error).__name__
            logger.warning("The cache in %s cannot be written (%s); it is done without.", self._folder, reason)


def _head(file: BinaryIO, key: str) -> dict[str, Any]:
    """What the first line says; nothing when it is broken, or another key's."""
    try:
        head = json.loads(file.readline(HEAD))
    except ValueError:
        return {}
    return head if isinstance(head, dict) and head.get("key") == key else {}


def _sum(data: bytes | memoryview) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
