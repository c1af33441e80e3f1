"""The strips of our PNGs: groups of rows that are filtered and compressed independently of each other.

Strips can therefore be encoded and decoded in parallel, with memory for only a few at a time. Other PNG readers see an
ordinary stream, because deflate's own flush marks join the pieces. The first row of a strip uses the filter Sub, the
others Up: encoding is a subtraction, decoding a running sum.

In the file, the first IDAT holds the zlib header and strip 0, each further one a strip, and the last one the final
block with the checksum. `has_our_layout` recognizes this; `read_strips` still checks lengths, filters and checksums.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from datasete.imaging.chunks import Chunk, Png, checksum, stored_checksum
from datasete.imaging.deflate import FINAL_BLOCK, Codec, join_adler32

T = TypeVar("T")
S = TypeVar("S")

MAX_THREADS: Final = 8
"""With more, memory bandwidth is the limit, and a server needs processors for other things."""


def parallel_map(function: Callable[[S], T], items: Sequence[S], *, threads: int = MAX_THREADS) -> Iterator[T]:
    """Yield ``function(item)`` for each item, in order, computed on up to `threads` threads."""
    # Threads help because numpy, zlib and Pillow release the interpreter lock. A new pool for each call costs 0.1 ms,
    # and leaves no threads behind at a fork or at exit.
    threads = min(len(items), threads, cpu_count())
    if threads < 2:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="datasete-imaging") as pool:
        yield from pool.map(function, items)


def cpu_count() -> int:
    """The number of processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows or macOS
        return os.cpu_count() or 1


Bytes: TypeAlias = npt.NDArray[np.uint8]
Floats: TypeAlias = npt.NDArray[np.float32]

STRIP_BYTES: Final = 1 << 20
"""Filtered bytes per strip. Measured: smaller strips cost more calls, larger ones do not fit the cache."""

ZLIB_HEADER: Final = b"\x78\x01"
FLUSH_MARK: Final = b"\x00\x00\xff\xff"
_SUB, _UP = 1, 2
_BLOCK_VALUES: Final = 1 << 16
_NARROW_ROW_BYTES: Final = 512


class Strip(NamedTuple):
    """The rows ``first`` to ``last - 1`` of a picture."""

    first: int
    last: int

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.last - self.first


def plan_strips(height: int, row_bytes: int) -> list[Strip]:
    """Divide a picture into strips of about `STRIP_BYTES`."""
    count = min(height, max(1, round(height * (row_bytes + 1) / STRIP_BYTES)))
    return divide_rows(height, count)


def divide_rows(height: int, count: int) -> list[Strip]:
    """Divide `height` rows into `count` strips whose heights differ by at most one."""
    return [Strip(index * height // count, (index + 1) * height // count) for index in range(count)]


def to_bytes(values: Floats) -> Bytes:
    """Convert floats in 0..1 to bytes: rounded to the nearest, clamped, NaN as 0."""
    # In blocks that stay in the cache: each of the four passes then reads from there.
    flat, result = values.reshape(-1), np.empty(values.size, np.uint8)
    work = np.empty(min(_BLOCK_VALUES, flat.size), np.float32)
    for start in range(0, flat.size, _BLOCK_VALUES):
        block = flat[start : start + _BLOCK_VALUES]
        scaled = np.multiply(block, np.float32(255), out=work[: block.size])
        np.fmax(scaled, np.float32(0), out=scaled)  # unlike maximum, fmax returns the number if the other is NaN
        np.minimum(scaled, np.float32(255), out=scaled)
        np.rint(scaled, out=scaled)
        np.copyto(result[start : start + block.size], scaled, casting="unsafe")
    return result.reshape(values.shape)


def filter_strip(pixels: Bytes, channels: int) -> Bytes:
    """Apply PNG's filters to [rows, width × channels]; return [rows, 1 + width × channels]."""
    rows, width = pixels.shape
    result = np.empty((rows, 1 + width), np.uint8)
    result[:, 0] = _UP
    result[0, 0] = _SUB
    result[0, 1 : 1 + channels] = pixels[0, :channels]
    np.subtract(pixels[0, channels:], pixels[0, :-channels], out=result[0, 1 + channels :])
    np.subtract(pixels[1:], pixels[:-1], out=result[1:, 1:])
    return result


def unfilter_strip(filtered: Bytes, channels: int) -> Bytes | None:
    """Reverse `filter_strip`; None if other filters were used."""
    filters = filtered[:, 0]
    if filters[0] != _SUB or not (filters[1:] == _UP).all():
        return None
    deltas = filtered[:, 1:]
    first = np.add.accumulate(deltas[0].reshape(-1, channels), axis=0, dtype=np.uint8).reshape(-1)
    return _running_sum(first, deltas)


def read_strips(data: bytes, png: Png, on_strip: Callable[[Strip, Bytes], object], codec: Codec) -> bool:
    """Decode a file with our layout in parallel; False if it is not ours after all, or damaged.

    Args:
        data: the file.
        png: its structure.
        on_strip: called once with each strip and its pixels [rows, width × channels], in any order, on any thread.
        codec: the decompressor.
    """
    chunks = png.idat[:-1]

    def read(job: tuple[Chunk, Strip]) -> tuple[int, int] | None:
        return _read_strip(data, png, codec, on_strip, *job)

    adler = 1
    for part in parallel_map(read, list(zip(chunks, divide_rows(png.height, len(chunks)), strict=True))):
        if part is None:
            return False
        adler = join_adler32(adler, *part)
    # The sum depends on the order of the strips, so it also shows that none is missing, doubled or misplaced.
    return adler.to_bytes(4, "big") == data[png.idat[-1].end - 4 : png.idat[-1].end]


def has_our_layout(data: bytes, png: Png) -> bool:
    """Whether a file is laid out like ours, judging by its header and the ends of its pieces."""
    plain = (
        png.bits == 8 and png.color in {0, 2, 6} and not (png.interlaced or png.transparency or png.exif or png.profile)
    )
    if not plain or not 2 <= len(png.idat) <= png.height + 1:
        return False
    *strips, last = png.idat
    opens = data[strips[0].start : strips[0].start + 2] == ZLIB_HEADER
    closes = last.end - last.start == 6 and data[last.start : last.start + 2] == FINAL_BLOCK
    return opens and closes and all(data[chunk.end - 4 : chunk.end] == FLUSH_MARK for chunk in strips)


def _read_strip(
    data: bytes, png: Png, codec: Codec, on_strip: Callable[[Strip, Bytes], object], chunk: Chunk, strip: Strip
) -> tuple[int, int] | None:
    """Decode one strip; return the checksum and size of its uncompressed bytes, or None if it is not ours."""
    row_bytes = 1 + png.width * png.samples
    start = chunk.start + (0 if strip.first else len(ZLIB_HEADER))
    raw = codec.decompress(memoryview(data)[start : chunk.end], strip.rows * row_bytes)
    if raw is None or checksum(data, chunk) != stored_checksum(data, chunk):
        return None
    pixels = unfilter_strip(np.frombuffer(raw, np.uint8).reshape(strip.rows, row_bytes), png.samples)
    if pixels is None:
        return None
    on_strip(strip, pixels)
    return codec.adler32(raw), len(raw)


def _running_sum(first: Bytes, deltas: Bytes) -> Bytes:
    result = np.empty(deltas.shape, np.uint8)
    result[0] = first
    if deltas.shape[1] < _NARROW_ROW_BYTES:  # for short rows, one slow call is faster than thousands of fast ones
        result[1:] = deltas[1:]
        return np.add.accumulate(result, axis=0, dtype=np.uint8)
    for above, delta, row in zip(result, deltas[1:], result[1:], strict=False):
        np.add(above, delta, out=row)
    return result
