"""A mask on which nothing is painted, for pictures that are published without one."""

from __future__ import annotations

import struct
import zlib


def blank_mask(width: int, height: int) -> bytes:
    """An 8-bit grey PNG of zeros, `width` × `height` pixels, made row by row."""
    compressor = zlib.compressobj(1)
    row = bytes(width + 1)
    pixels = b"".join([*(compressor.compress(row) for _ in range(height)), compressor.flush()])
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
