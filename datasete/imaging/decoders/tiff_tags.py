"""The fields of a TIFF page, read from bytes: classic TIFF and BigTIFF, in both byte orders.

Only integers and bytes are read, because nothing else affects pixels. Neither torch nor numpy is imported.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from datasete.imaging.chunks import unreadable

MAX_VALUES: Final = 1_000_000
"""The longest list that is read. A picture of a million pieces was made to keep a reader busy."""

_MAX_FIELDS: Final = 4096
_PREFIXES: Final = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")
"""The third and fourth break the standard; some cameras wrote them."""

_INTEGERS: Final = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}


class _Field(NamedTuple):
    kind: int
    length: int
    start: int


class _Layout(NamedTuple):
    """The sizes that differ between classic TIFF and BigTIFF, as formats of `struct`."""

    entries: str
    entry: str
    offset: str


_CLASSIC: Final = _Layout("H", "HHI", "I")
_BIG: Final = _Layout("Q", "HHQ", "Q")


@dataclass(frozen=True)
class Fields:
    """The fields of one page; `order` is ``<`` or ``>``, as `struct` and numpy write it."""

    data: bytes
    order: str
    found: Mapping[int, _Field]

    def __contains__(self, tag: int) -> bool:
        return tag in self.found

    def numbers(self, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The integers of a field, or `default` if the page has no such field.

        Raises:
            UnreadableImage: the field lies outside of the file, or is longer than `MAX_VALUES`.
        """
        field = self.found.get(tag)
        letter = _INTEGERS.get(field.kind) if field else None
        if field is None or letter is None:
            return default
        if field.length > MAX_VALUES:
            raise unreadable(f"is a TIFF cut into more than {MAX_VALUES:,} pieces")
        size = struct.calcsize(f"={field.length}{letter}")
        if field.start + size > len(self.data):
            raise unreadable("ends early")
        return struct.unpack_from(f"{self.order}{field.length}{letter}", self.data, field.start)

    def number(self, tag: int, default: int) -> int:
        """The first integer of a field, or `default`."""
        return next(iter(self.numbers(tag)), default)

    def raw(self, tag: int) -> bytes:
        """The bytes of a field, or none if the field is missing or lies outside of the file."""
        field = self.found.get(tag)
        return b"" if field is None else self.data[field.start : field.start + field.length]


def is_tiff(data: bytes) -> bool:
    """Whether the file begins like a TIFF."""
    return data[:4] in _PREFIXES


def read_fields(data: bytes) -> Fields:
    """Read the fields of the first page.

    Raises:
        UnreadableImage: the file ends before its fields do.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[:4] in _PREFIXES[4:]
    layout, first = (_BIG, 8) if big else (_CLASSIC, 4)
    try:
        (page,) = struct.unpack_from(order + layout.offset, data, first)
        (count,) = struct.unpack_from(order + layout.entries, data, page)
        entries = page + struct.calcsize("=" + layout.entries)
        if count > _MAX_FIELDS:
            raise unreadable("is damaged: it lists more fields than a TIFF has")
        step = struct.calcsize("=" + layout.entry + layout.offset)
        found = dict(_read_entry(data, order, layout, entries + place * step) for place in range(count))
    except (struct.error, OverflowError):
        raise unreadable("ends early") from None
    return Fields(data, order, found)


def _read_entry(data: bytes, order: str, layout: _Layout, place: int) -> tuple[int, _Field]:
    tag, kind, count = struct.unpack_from(order + layout.entry, data, place)
    value = place + struct.calcsize("=" + layout.entry)
    room = struct.calcsize("=" + layout.offset)
    size = count * struct.calcsize("=" + _INTEGERS.get(kind, "B"))
    start = value if size <= room else struct.unpack_from(order + layout.offset, data, value)[0]
    return tag, _Field(kind, count, start)
