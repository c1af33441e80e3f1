"""Reads untrusted zip files: names, sizes and offsets are checked before any content is used."""

from __future__ import annotations

import json
import math
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO, Final, cast

from datasete.plugin import PackingLimits, TooLarge, UnreadableArchive
from datasete_zip.directory import count_entries
from datasete_zip.readable import Readable
from datasete_zip.stored import Stored

MAX_DOCUMENT_BYTES: Final = 32_000_000
MAX_NAME_CHARACTERS: Final = 1024

_ENCRYPTED: Final = 0x1 | 0x20 | 0x40 | 0x2000
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER_BYTES: Final = 30
_DATA_FAULTS: Final = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
)


class Archive:
    """A zip file whose directory has been checked.

    Attributes:
        names: of all files in it, in the order of the directory.
        limits: what it was checked against.
    """

    def __init__(self, source: BinaryIO, file: zipfile.ZipFile, limits: PackingLimits) -> None:
        self.limits = limits
        self._source = source
        self._file = file
        self._files = {info.filename: info for info in checked_entries(file, limits)}
        self.names = tuple(self._files)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def size(self, name: str) -> int:
        """The size that a file claims to have, in bytes; more is never read."""
        return self._files[name].file_size

    def open(self, name: str) -> BinaryIO:
        """Open a file. Reading a damaged one to its end raises."""
        info = self._files[name]
        if info.file_size > self.limits.item_bytes:
            raise TooLarge(
                f"“{name}” has {info.file_size / 1e6:,.1f} MB, and at most {self.limits.item_bytes / 1e6:,.1f} MB are "
                "allowed.",
                hint="Nothing was imported.",
            )
        return cast(BinaryIO, _Entry(self._opened(info), name))

    def document(self, name: str) -> Any:
        """A JSON file of bounded size.

        Raises:
            UnreadableArchive: it is not JSON.
        """
        try:
            # a number that is not finite, or nesting beyond Python's stack, would only fail later and elsewhere
            return json.loads(self.text(name).decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)
        except (ValueError, RecursionError) as error:
            raise broken(f"“{name}” in it cannot be read as JSON") from error

    def text(self, name: str) -> bytes:
        """All bytes of a small file."""
        if self.size(name) > MAX_DOCUMENT_BYTES:
            raise broken(f"“{name}” in it is far too large")
        with _Entry(self._opened(self._files[name]), name) as file:
            return file.read()

    def _opened(self, info: zipfile.ZipInfo) -> Any:
        try:
            if info.compress_type == zipfile.ZIP_STORED:
                return Stored(self._source, info)
            return self._file.open(info)
        except _DATA_FAULTS as error:
            raise broken(f"“{info.filename[:80]}” in it is damaged") from error


@contextmanager
def opened(source: BinaryIO, limits: PackingLimits) -> Iterator[Archive]:
    """Open and check a zip file.

    Raises:
        UnreadableArchive: it is not a zip file, or one that no honest program writes.
        TooLarge: over the limits.
    """
    # before zipfile makes an object of each: millions of entries would fill the memory
    count_entries(source, limits.entries)
    try:
        file = zipfile.ZipFile(source)
    except (*_DATA_FAULTS, UnicodeError) as error:
        raise broken("it is not a zip file, or a damaged one") from error
    with file:
        yield Archive(source, file, limits)


def checked_entries(file: zipfile.ZipFile, limits: PackingLimits) -> list[zipfile.ZipInfo]:
    """The files of an archive (folders are left out).

    Raises:
        UnreadableArchive: a name that leads elsewhere, a link, an encrypted file, two files with one name, sizes that
            contradict each other, files that overlap.
        TooLarge: over the limits.
    """
    entries = file.infolist()
    seen: set[str] = set()
    for info in entries:
        _check_name(info)
        _check_kind(info)
        _check_sizes(info, limits)
        # two names that some disk takes for one would overwrite each other
        spelling = unicodedata.normalize("NFC", info.filename).casefold().rstrip("/")
        if spelling in seen:
            raise broken(f"“{info.filename[:80]}” is in it twice")
        seen.add(spelling)
    _check_room(entries, limits)
    # overlapping files are how a small archive unpacks to petabytes
    _check_apart(entries, file.start_dir)
    return [info for info in entries if not info.is_dir()]


def broken(reason: str) -> UnreadableArchive:
    """The error for an archive that is not used; `reason` completes “… cannot be imported: …”."""
    return UnreadableArchive(f"The file cannot be imported: {reason}.", hint="Nothing was imported.")


class _Entry(Readable):
    """A file of the archive; errors in it become ours."""

    def __init__(self, file: Any, name: str) -> None:
        self._file = file
        self._name = name

    def read(self, size: int | None = -1) -> bytes:
        try:
            data: bytes = self._file.read(-1 if size is None else size)
        except _DATA_FAULTS as error:
            raise broken(f"“{self._name}” in it is damaged") from error
        return data

    def close(self) -> None:
        self._file.close()
        super().close()


def _check_name(info: zipfile.ZipInfo) -> None:
    name = info.filename
    parts = name.removesuffix("/").split("/")
    sound = (
        name == info.orig_filename  # zipfile cuts a name at its first null character
        and len(name) <= MAX_NAME_CHARACTERS
        and all(part not in {"", ".", ".."} for part in parts)
        and not any(char in "\\:" or ord(char) < 32 or 0xD800 <= ord(char) <= 0xDFFF for char in name)
    )
    if not sound:
        raise broken(f"it names a file {name[:80]!a}, which leads elsewhere or cannot be a name")


def _check_kind(info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR} or (stat.S_ISDIR(mode) and not info.is_dir()):
        raise broken(f"“{info.filename}” is a link or a device")
    if info.flag_bits & _ENCRYPTED:
        raise broken(f"“{info.filename}” is encrypted")
    if info.compress_type not in _METHODS:
        raise broken(f"“{info.filename}” is compressed by a method that is not read (stored and deflate are)")


def _check_sizes(info: zipfile.ZipInfo, limits: PackingLimits) -> None:
    stored, size = info.compress_size, info.file_size
    contradiction = (info.is_dir() and size) or (info.compress_type == zipfile.ZIP_STORED and stored != size)
    if contradiction or (size and not stored):
        raise broken(f"“{info.filename}” is of a size that it cannot have")
    if size > limits.ratio * max(stored, 1):
        raise TooLarge(
            f"“{info.filename}” would grow to {size / max(stored, 1):,.0f} times its size, and at most {limits.ratio} "
            "times is allowed.",
            hint="Nothing was imported.",
        )


def _check_room(entries: list[zipfile.ZipInfo], limits: PackingLimits) -> None:
    total = sum(info.file_size for info in entries)
    if limits.free_bytes is not None and total > limits.free_bytes:
        raise TooLarge(
            f"The file holds {total / 1e6:,.0f} MB, and there is room for {limits.free_bytes / 1e6:,.0f} MB.",
            hint="Nothing was imported. Free some room, then try again.",
        )


def _check_apart(entries: list[zipfile.ZipInfo], end: int) -> None:
    last = 0
    for info in sorted(entries, key=lambda info: info.header_offset):
        if info.header_offset < last:
            raise broken(f"“{info.filename}” overlaps another file in it")
        last = info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size
    if last > end:
        raise broken("a file in it is longer than the whole")


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def text_of(document: Any, *keys: str) -> str:
    """The text under the first of these keys that has one; "" when none has."""
    found: Mapping[str, Any] = document if isinstance(document, dict) else {}
    return next((found[key] for key in keys if isinstance(found.get(key), str)), "")
