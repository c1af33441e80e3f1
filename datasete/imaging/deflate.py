"""The compressor for our PNGs: ISA-L where its wheel is installed, else zlib. Each reads what the other wrote."""

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
    """A module with zlib's interface, and the compression level to use.

    Attributes:
        name: for status pages and benchmarks.
        engine: ``zlib``, or a module with the same functions.
        level: 1 is zlib's fastest; on filtered photographs it is ISA-L's fastest and its smallest.
    """

    name: str
    engine: Any
    level: int = 1

    def compress(self, data: Any) -> bytes:
        """Compress a buffer to a raw deflate piece that stands alone and ends on a byte boundary.

        Pieces can be joined; `FINAL_BLOCK` must follow the last one.
        """
        compressor = self.engine.compressobj(self.level, zlib.DEFLATED, _RAW_DEFLATE)
        compressed: bytes = compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH)
        return compressed

    def decompress(self, piece: Any, size: int) -> bytes | None:
        """Decompress a raw piece to exactly `size` bytes; None if it has another size. Stops soon after `size`."""
        try:
            raw: bytes = self.engine.decompressobj(_RAW_DEFLATE).decompress(piece, size + 1)
        except self.engine.error:
            return None
        return raw if len(raw) == size else None

    def adler32(self, data: Any) -> int:
        """Compute the checksum that ends a zlib stream."""
        value: int = self.engine.adler32(data)
        return value

    def check_stream(self, pieces: Iterable[Any], size: int) -> None:
        """Check that a zlib stream is sound and holds `size` bytes. At most 1 MB is in memory at a time.

        Raises:
            UnreadableImage: it is damaged, too short or too long.
        """
        # Pillow does not check this: it stops when it has enough rows, and in a process that has set its
        # LOAD_TRUNCATED_IMAGES, as ComfyUI sometimes does, it fills missing rows with grey.
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
"""An empty final block, which ends a deflate stream made of pieces."""


def find_codec() -> Codec:
    """Return the fastest installed codec."""
    try:
        return Codec("ISA-L", importlib.import_module("isal.isal_zlib"))
    except ImportError:
        return ZLIB


def join_adler32(first: int, second: int, second_size: int) -> int:
    """Compute the checksum of two joined buffers from the checksum of each and the second one's size."""
    base = 65521
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + second_size * ((first & 0xFFFF) - 1)
    return (high % base) << 16 | low % base


ZLIB: Final = Codec("zlib", zlib)
CODEC: Final = find_codec()


def _split(pieces: Iterable[Any]) -> Iterable[Any]:
    """Cut pieces into smaller ones, because an engine copies the input that it has not read yet."""
    for piece in pieces:
        for start in range(0, len(piece), _PIECE_BYTES):
            yield piece[start : start + _PIECE_BYTES]


def _count_inflated(stream: Any, piece: Any, left: int) -> int:
    """Decompress one piece in windows; return the number of bytes, and stop soon after `left`."""
    count = got = len(stream.decompress(piece, _WINDOW_BYTES))
    # After a full window there may be more output although all input has been read: ISA-L holds it back.
    while (stream.unconsumed_tail or got == _WINDOW_BYTES) and not stream.eof and count <= left:
        got = len(stream.decompress(stream.unconsumed_tail, _WINDOW_BYTES))
        count += got
    return count
