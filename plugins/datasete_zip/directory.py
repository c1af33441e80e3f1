"""Counts the entries in a zip's directory, before the standard library makes an object of each."""

from __future__ import annotations

import struct
from typing import BinaryIO, Final

from datasete.plugin import TooLarge, UnreadableArchive

END: Final = b"PK\x05\x06"
END_BYTES: Final = 22
END_64: Final = b"PK\x06\x06"
END_64_BYTES: Final = 56
LOCATOR_64: Final = b"PK\x06\x07"
LOCATOR_64_BYTES: Final = 20
ENTRY: Final = b"PK\x01\x02"
ENTRY_BYTES: Final = 46
MAX_COMMENT_BYTES: Final = 65_535
MAX_BYTES_PER_ENTRY: Final = 400
"""The most that an honest directory needs for each entry, on average."""


def count_entries(source: BinaryIO, limit: int) -> int:
    """Count the entries; the source is left at its beginning.

    Raises:
        UnreadableArchive: it is not a zip file.
        TooLarge: it has more than `limit` entries.
    """
    length = source.seek(0, 2)
    tail_at = max(0, length - END_BYTES - MAX_COMMENT_BYTES)
    source.seek(tail_at)
    tail = source.read()
    # the last one: the comment behind it may be long, but what is read must be what the standard library will read
    end = tail.rfind(END)
    if end < 0 or end + END_BYTES > len(tail):
        raise UnreadableArchive("The file is not a zip file, or is cut off.", hint="Nothing was imported.")
    size, end_at = _directory(source, tail[end : end + END_BYTES], tail_at + end)
    if size > limit * MAX_BYTES_PER_ENTRY:
        raise _too_many(limit)
    start = end_at - size
    if start < 0:
        raise UnreadableArchive("The file's directory is damaged.", hint="Nothing was imported.")
    source.seek(start)
    count = _counted(source.read(size), limit)
    source.seek(0)
    return count


def _directory(source: BinaryIO, end: bytes, end_at: int) -> tuple[int, int]:
    """The directory's size, and where it ends."""
    size = struct.unpack_from("<L", end, 12)[0]
    before = end_at - LOCATOR_64_BYTES - END_64_BYTES
    if before >= 0:
        source.seek(before)
        record = source.read(END_64_BYTES + LOCATOR_64_BYTES)
        if record[END_64_BYTES:].startswith(LOCATOR_64) and record.startswith(END_64):
            return struct.unpack_from("<Q", record, 40)[0], before
    return size, end_at


def _counted(directory: bytes, limit: int) -> int:
    # counted, not read from the end record, whose number may be a lie
    position = count = 0
    while position + ENTRY_BYTES <= len(directory) and directory[position : position + 4] == ENTRY:
        position += ENTRY_BYTES + sum(struct.unpack_from("<HHH", directory, position + 28))
        count += 1
        if count > limit:
            raise _too_many(limit)
    return count


def _too_many(limit: int) -> TooLarge:
    return TooLarge(f"The file holds more than {limit:,} files.", hint="Nothing was imported.")
