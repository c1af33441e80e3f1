"""Reads an archive's uncompressed files in place; nearly all are, since pictures are compressed already."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO, Final

from datasete_zip.readable import Readable


def _quickest() -> Callable[..., int]:
    try:
        from isal.isal_zlib import crc32
    except ImportError:
        return zlib.crc32
    found: Callable[..., int] = crc32
    return found


crc32: Final = _quickest()
"""zlib's checksum; ISA-L takes a seventh of the time."""

_HEADER: Final = struct.Struct("<4s2x2H16x2H")
_LOCAL: Final = b"PK\x03\x04"
_UTF8: Final = 0x800


class Stored(Readable):
    """A stored file of an archive, from its beginning to its end.

    Raises:
        BadZipFile: its own header is not what the directory says, it is cut off, or, once all was read, its sum does
            not fit.
    """

    def __init__(self, source: BinaryIO, info: zipfile.ZipInfo) -> None:
        self._source = source
        self._info = info
        self._position = _data_of(source, info)
        self._left = info.file_size
        self._sum = 0

    def read(self, size: int | None = -1) -> bytes:
        """At most `size` of the remaining bytes."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        # several entries read from one source in turn, so its position is never where this one left it
        self._source.seek(self._position)
        data = self._source.read(wanted)
        if len(data) < wanted:
            raise zipfile.BadZipFile("cut off")
        self._position += wanted
        self._left -= wanted
        self._sum = crc32(data, self._sum)
        if not self._left and self._sum != self._info.CRC:
            raise zipfile.BadZipFile("bad sum")
        return data


def _data_of(source: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Where a file's bytes begin: after its own header, which has to agree with the directory."""
    source.seek(info.header_offset)
    header = source.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise zipfile.BadZipFile("cut off")
    signature, flags, method, name_length, extra_length = _HEADER.unpack(header)
    name = source.read(name_length).decode("utf-8" if flags & _UTF8 else "cp437")
    if (signature, method, name) != (_LOCAL, info.compress_type, info.orig_filename):
        raise zipfile.BadZipFile("its own header differs")
    behind: int = _HEADER.size + name_length + extra_length
    return info.header_offset + behind
