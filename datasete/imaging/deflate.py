"""The compressor behind our PNGs: ISA-L where its wheel is installed, else zlib. Either reads what the other wrote."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from datasete.imaging.chunks import unreadable

_RAW_DEFLATE: Final = -15
_PIECE_BYTES: Final = 1 << 16
_WINDOW_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class Codec:
    """A module that speaks zlib's interface, and the level at which it is worth its time.

    Attributes:
        name: for status pages and benchmarks.
        engine: ``zlib``, or a module with the same functions.
        level: ISA-L's 1 is both its fastest and its smallest on filtered photographs; zlib's 1 is its fastest.
    """

    name: str
    engine: Any
    level: int = 1

    def compress(self, data: Any) -> bytes:
        """Compress a buffer to a raw deflate piece that depends on nothing before it and ends on a byte boundary.

        Pieces can be joined; the last one must be followed by `FINAL_BLOCK`.
        """
        compressor = self.engine.compressobj(self.level, zlib.DEFLATED, _RAW_DEFLATE)
        compressed: bytes = compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return compressed

    def decompress(self, piece: Any, size: int) -> bytes | None:
        """Inflate a raw piece that must give exactly `size` bytes; None when it does not. Never inflates further."""
        try:
            raw: bytes = self.engine.decompressobj(_RAW_DEFLATE).decompress(piece, size + 1)
        except self.engine.error:
            return None
        return raw if len(raw) == size else None

    def adler32(self, data: Any) -> int:
        """The checksum that closes a zlib stream."""
        value: int = self.engine.adler32(data)
        return value

    def check_stream(self, pieces: Iterable[Any], size: int) -> None:
        """Inflate a whole zlib stream, keeping nothing, to see that it is sound and gives `size` bytes.

        Pillow would not say: it stops when it has rows enough, and in a process that set its LOAD_TRUNCATED_IMAGES
        (ComfyUI does at times) it fills missing rows with grey.

        Raises:
            UnreadableImage: damaged, too short or too long. At most 1 MB is held at a time.
        """
        stream = self.engine.decompressobj(zlib.MAX_WBITS)
        left = size
        try:
            for piece in _split(pieces):
                left -= _count_inflated(stream, piece, left)
                if left < 0:
                    raise unreadable("holds more pixels than it declares")
        except self.engine.error as error:
            raise unreadable("is damaged: its pixel data cannot be unpacked") from error
        if left or not stream.eof:
            raise unreadable("ends in the middle of its pixels")


FINAL_BLOCK: Final = b"\x03\x00"
"""An empty final block: it closes a deflate stream made of pieces."""


def find_codec() -> Codec:
    """The fastest codec that is installed."""
    try:
        return Codec("ISA-L", importlib.import_module("isal.isal_zlib"))
    except ImportError:
        return ZLIB


def join_adler32(first: int, second: int, second_size: int) -> int:
    """The checksum of two buffers in a row, from the checksum of each and the second one's size."""
    base = 65521
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + second_size * ((first & 0xFFFF) - 1)
    return (high % base) << 16 | low % base


ZLIB: Final = Codec("zlib", zlib)
CODEC: Final = find_codec()


def _split(pieces: Iterable[Any]) -> Iterable[Any]:
    """Cut pieces so that what an engine copies of unread input stays small."""
    for piece in pieces:
        for start in range(0, len(piece), _PIECE_BYTES):
            yield piece[start : start + _PIECE_BYTES]


def _count_inflated(stream: Any, piece: Any, left: int) -> int:
    """Inflate one piece in windows; return how many bytes came out, and stop soon after `left`."""
    count = got = len(stream.decompress(piece, _WINDOW_BYTES))
    # A full window may mean that more is on its way although all of the input was taken: ISA-L keeps it back.
    while (stream.unconsumed_tail or got == _WINDOW_BYTES) and not stream.eof and count <= left:
        got = len(stream.decompress(stream.unconsumed_tail, _WINDOW_BYTES))
        count += got
    return count
