"""Writes a zip file of stored entries to a sink that can only be written to.

`zipfile` could do this, but computes checksums with zlib; ISA-L takes a seventh of the time for gigabytes.
"""

from __future__ import annotations

import struct
from typing import Final

from datasete.plugin import ProfileSink, TooLarge
from datasete_zip.stored import crc32

Moment = tuple[int, int, int, int, int, int]
"""Year, month, day, hour, minute, second; from 1980 on."""

_LOCAL: Final = struct.Struct("<4s5H3L2H")
_SUMS: Final = struct.Struct("<4s3L")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_END: Final = struct.Struct("<4s4H2LH")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64: Final = struct.Struct("<4sLQL")

_SUMS_BEHIND: Final = 0x8  # they are not known before the file was written
_UTF8: Final = 0x800
_UNIX: Final = 3 << 8
_REGULAR: Final = 0o100644 << 16
_OLD, _NEW = 20, 45  # versions needed: plain, and with offsets of 64 bits
_MANY, _LARGE = 0xFFFF, 0xFFFFFFFF


class Stream:
    """A zip file being written: `begin`, `write` and `end` each entry, then `close`.

    Args:
        sink: where it goes.
        position: how many bytes the sink has already.
    """

    def __init__(self, sink: ProfileSink, position: int = 0) -> None:
        self._sink = sink
        self._position = position
        self._entries: list[bytes] = []
        self._name = b""
        self._head = (0, 0, 0)
        self._offset = self._sum = self._size = 0

    def begin(self, name: str, moment: Moment) -> None:
        """Begin a file."""
        self._name = name.encode()
        year, month, day, hour, minute, second = moment
        flags = _SUMS_BEHIND | (0 if name.isascii() else _UTF8)
        self._head = (flags, hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day)
        self._offset, self._sum, self._size = self._position, 0, 0
        flags, time, date = self._head
        self._put(_LOCAL.pack(b"PK\x03\x04", _OLD, flags, 0, time, date, 0, 0, 0, len(self._name), 0) + self._name)

    def write(self, data: bytes) -> None:
        """Write a part of the file.

        Raises:
            TooLarge: it has 4 GB or more.
        """
        self._sum = crc32(data, self._sum)
        self._size += len(data)
        if self._size > _LARGE:
            raise TooLarge(
                "A picture has 4 GB or more.", hint="Nothing was exported. Remove it from the profile, then try again."
            )
        self._put(data)

    def end(self) -> None:
        """End the file."""
        self._put(_SUMS.pack(b"PK\x07\x08", self._sum, self._size, self._size))
        # a field of 64 bits only where the offset needs it, so that small archives stay in the oldest form
        is_far = self._offset >= _LARGE
        far = struct.pack("<2HQ", 1, 8, self._offset) if is_far else b""
        version = _NEW if is_far else _OLD
        flags, time, date = self._head
        sizes = self._sum, self._size, self._size, len(self._name), len(far), 0, 0, 0
        place = _REGULAR, min(self._offset, _LARGE)
        entry = _ENTRY.pack(b"PK\x01\x02", _UNIX | version, version, flags, 0, time, date, *sizes, *place)
        self._entries.append(entry + self._name + far)

    def close(self) -> None:
        """Write the directory."""
        start, count = self._position, len(self._entries)
        for entry in self._entries:
            self._put(entry)
        size = self._position - start
        if count >= _MANY or start >= _LARGE or size >= _LARGE:
            end_at = self._position
            self._put(_END_64.pack(b"PK\x06\x06", 44, _UNIX | _NEW, _NEW, 0, 0, count, count, size, start))
            self._put(_LOCATOR_64.pack(b"PK\x06\x07", 0, end_at, 1))
        counts = min(count, _MANY), min(count, _MANY)
        self._put(_END.pack(b"PK\x05\x06", 0, 0, *counts, min(size, _LARGE), min(start, _LARGE), 0))
        self._sink.flush()

    def _put(self, data: bytes) -> None:
        self._sink.write(data)
        self._position += len(data)
