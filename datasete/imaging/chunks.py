"""The chunks of a PNG: reading them, checking their checksums, and assembling a file from them.

Pixels are never decoded here. Checksums use ISA-L where it is installed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from datasete.errors import InvalidInput, UnreadableImage


def _fastest_crc32() -> Callable[..., int]:
    try:
        from isal.isal_zlib import crc32
    except ImportError:
        return zlib.crc32
    found: Callable[..., int] = crc32
    return found


crc32: Final = _fastest_crc32()
"""``crc32(data, value=0)``, the same as zlib's."""


SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
HEADER_END: Final = 33
"""The position of the first chunk after IHDR."""

MAX_CHUNKS: Final = 100_000
"""libpng cuts 100 MB into 12,000 pieces; a file with more than this was made to keep a reader busy."""

MAX_DEFLATE_RATIO: Final = 1032
"""The most that deflate can expand. A header that claims more is refused before any memory is allocated."""

MAX_PROFILE_BYTES: Final = 1 << 24
"""The profiles of presses have a few megabytes."""

_BIT_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_SAMPLES_PER_PIXEL: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_ADAM7_PASSES: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)


class Chunk(NamedTuple):
    """The position of a chunk in its file: the body is ``data[start:end]``, the checksum the next four bytes."""

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True)
class Png:
    """The structure of a PNG: the fields of IHDR, and the positions of the chunks that affect pixels."""

    width: int
    height: int
    bits: int
    color: int
    interlaced: bool
    idat: tuple[Chunk, ...] = ()
    frames: int = 1
    palette: Chunk | None = None
    transparency: Chunk | None = None
    exif: Chunk | None = None
    profile: Chunk | None = None

    @property
    def samples(self) -> int:
        """Stored values per pixel: 1 for a palette, 2 for grey with alpha."""
        return _SAMPLES_PER_PIXEL[self.color]

    @property
    def stream_bytes(self) -> int:
        """The length of the inflated pixel stream, filter bytes included."""
        sizes = _adam7(self.width, self.height) if self.interlaced else [(self.width, self.height)]
        return sum(rows * (1 + (columns * self.samples * self.bits + 7) // 8) for columns, rows in sizes)

    def pixel_chunks(self) -> list[Chunk]:
        """The chunks between IHDR and IEND that affect pixels, in order."""
        return [chunk for chunk in (self.palette, self.transparency, self.exif) if chunk] + list(self.idat)


def unreadable(reason: str) -> UnreadableImage:
    """The error for an unusable picture; `reason` completes “it …”."""
    return UnreadableImage(
        f"The picture cannot be read: it {reason}.", hint="The file was left as it was. Save it again and retry."
    )


def unsupported(kind: str) -> UnreadableImage:
    """The error for a sound picture of a kind that cannot be decoded; `kind` is its name, with an article."""
    return UnreadableImage(
        f"The picture cannot be read: it is {kind}, and that kind is not supported.",
        hint="The file was left as it was. Save it in a more common kind, such as a PNG, and retry.",
    )


def iter_chunks(data: bytes) -> Iterator[Chunk]:
    """Yield the chunks of a PNG up to and including IEND; what follows is ignored.

    Raises:
        UnreadableImage: not a PNG, cut off, or not made of chunks. Chunks before the fault have been yielded.
    """
    if data[:8] != SIGNATURE:
        raise unreadable("is not a PNG")
    position = 8
    for _ in range(MAX_CHUNKS):
        if position + 12 > len(data):
            raise unreadable("ends early")
        size, kind = struct.unpack_from(">I4s", data, position)
        chunk = Chunk(kind, position + 8, position + 8 + size)
        if not kind.isalpha():
            raise unreadable("is damaged: a chunk was expected where there is none")
        if chunk.end + 4 > len(data):
            raise unreadable("ends early")
        yield chunk
        if kind == b"IEND":
            return
        position = chunk.end + 4
    raise unreadable(f"is cut into more than {MAX_CHUNKS:,} pieces")


def parse_png(data: bytes) -> Png:
    """Read the structure of a PNG. Only the header's checksum is verified; `verify_checksums` does the rest.

    Raises:
        UnreadableImage: the structure breaks the PNG rules, or claims more pixels than its data can hold.
    """
    chunks = list(iter_chunks(data))
    header = _header(data, chunks[0])
    _check_order(chunks)
    found = {chunk.kind: chunk for chunk in chunks if chunk.kind in {b"PLTE", b"tRNS", b"eXIf", b"acTL", b"iCCP"}}
    png = replace(
        header,
        idat=tuple(chunk for chunk in chunks if chunk.kind == b"IDAT"),
        frames=_frames(data, found.get(b"acTL")),
        palette=found.get(b"PLTE"),
        transparency=None if header.color in {4, 6} else found.get(b"tRNS"),  # they have an alpha channel
        exif=found.get(b"eXIf"),
        profile=found.get(b"iCCP"),
    )
    _check_claims(png)
    return png


def color_profile(data: bytes, png: Png) -> bytes:
    """The ICC profile of a PNG; none if it has none, a damaged one, or one of more than `MAX_PROFILE_BYTES`."""
    if png.profile is None:
        return b""
    _, _, rest = data[png.profile.start : png.profile.end].partition(b"\0")
    stream = zlib.decompressobj()
    try:
        profile = stream.decompress(rest[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return b""
    return profile if len(profile) <= MAX_PROFILE_BYTES and stream.eof else b""


def verify_checksums(data: bytes, png: Png) -> None:
    """Verify the checksums of the chunks that affect pixels.

    Raises:
        UnreadableImage: one does not match its bytes.
    """
    # EXIF is left out: damaged EXIF costs a picture its orientation, not its pixels.
    if any(
        checksum(data, chunk) != stored_checksum(data, chunk) for chunk in png.pixel_chunks() if chunk is not png.exif
    ):
        raise unreadable("is damaged: a checksum does not fit")


def checksum(data: bytes, chunk: Chunk) -> int:
    """Compute the checksum of `chunk`."""
    return crc32(memoryview(data)[chunk.start - 4 : chunk.end])


def stored_checksum(data: bytes, chunk: Chunk) -> int:
    """Read the checksum stored with `chunk`."""
    return int.from_bytes(data[chunk.end : chunk.end + 4], "big")


def make_chunk(kind: bytes, *parts: bytes) -> bytes:
    """Make one chunk, with its length and checksum, from the parts of its body."""
    size, crc = 0, crc32(kind)
    for part in parts:
        size, crc = size + len(part), crc32(part, crc)
    return b"".join((struct.pack(">I4s", size, kind), *parts, struct.pack(">I", crc)))


def assemble(header: bytes | memoryview, *chunks: bytes | memoryview) -> bytes:
    """Make a PNG from the bytes of `make_header`, the chunks after it, and IEND."""
    return b"".join((header, *chunks, make_chunk(b"IEND")))


def make_text_chunk(keyword: str, text: str) -> bytes:
    """Make a text chunk: tEXt for ASCII, iTXt for anything else.

    Raises:
        InvalidInput: the keyword is not 1–79 Latin-1 characters, or one of the two contains a zero.
    """
    name = keyword.encode("latin-1", "replace")
    if not 0 < len(name) < 80 or "\0" in keyword + text or name.decode("latin-1") != keyword:
        raise InvalidInput(f"A picture cannot carry a text under the keyword {keyword!a}.", hint="Nothing was written.")
    if text.isascii():
        return make_chunk(b"tEXt", name, b"\0", text.encode("ascii"))
    return make_chunk(b"iTXt", name, b"\0\0\0\0\0", text.encode("utf-8", "replace"))


def strip_metadata(data: bytes, png: Png) -> bytes:
    """Copy a PNG with only what affects its pixels: no texts, profiles or animation."""
    view = memoryview(data)
    parts = [view[chunk.start - 8 : chunk.end + 4] for chunk in png.pixel_chunks()]
    return assemble(view[:HEADER_END], *parts)


def make_header(width: int, height: int, color: int, *, bits: int = 8, interlaced: bool = False) -> bytes:
    """Make the signature and IHDR of a picture; `color` is PNG's colour type."""
    return SIGNATURE + make_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))


def blank_mask(width: int, height: int) -> bytes:
    """Make a mask on which nothing is painted: an 8-bit grey PNG of zeros, `width` × `height` pixels."""
    compressor = zlib.compressobj(1)
    row = bytes(width + 1)  # row by row: the zeros of a large mask need not be in memory all at once
    pixels = b"".join([*(compressor.compress(row) for _ in range(height)), compressor.flush()])
    return assemble(make_header(width, height, color=0), make_chunk(b"IDAT", pixels))


def _header(data: bytes, first: Chunk) -> Png:
    if first.kind != b"IHDR" or first.end - first.start != 13:
        raise unreadable("does not begin with a header")
    if checksum(data, first) != stored_checksum(data, first):
        raise unreadable("is damaged: the header's checksum does not fit")
    width, height, bits, color, compression, filtering, interlace = struct.unpack_from(">IIBBBBB", data, first.start)
    if not 0 < width < 2**31 or not 0 < height < 2**31:
        raise unreadable(f"declares an impossible size of {width} × {height}")
    if bits not in _BIT_DEPTHS.get(color, ()) or compression or filtering or interlace > 1:
        raise unreadable("declares a kind of pixels that PNG does not have")
    return Png(width, height, bits, color, interlaced=interlace == 1)


def _check_order(chunks: list[Chunk]) -> None:
    kinds = [chunk.kind for chunk in chunks]
    unknown = next((kind for kind in kinds if kind[:1].isupper() and kind not in _CRITICAL), None)
    if unknown is not None:
        raise unreadable(f"needs a part called {unknown.decode('ascii')} that is not in the PNG standard")
    if kinds.count(b"IHDR") > 1 or kinds.count(b"PLTE") > 1:
        raise unreadable("has a part twice that may stand there once")
    positions = [position for position, kind in enumerate(kinds) if kind == b"IDAT"]
    if not positions:
        raise unreadable("holds no pixels")
    if positions[-1] - positions[0] >= len(positions):
        raise unreadable("has its pixel data torn apart by other parts")
    if b"PLTE" in kinds[positions[0] :] or b"tRNS" in kinds[positions[0] :]:
        raise unreadable("has its palette behind its pixels")


def _check_claims(png: Png) -> None:
    colors, remainder = divmod(png.palette.end - png.palette.start, 3) if png.palette else (0, 0)
    if remainder or colors > 256 or (png.color == 3 and not colors):
        raise unreadable("has no usable palette")
    _check_transparency(png)
    stored = sum(chunk.end - chunk.start for chunk in png.idat)
    if png.stream_bytes > stored * MAX_DEFLATE_RATIO:
        raise unreadable(f"declares {png.width} × {png.height} pixels, more than its data can hold")


def _check_transparency(png: Png) -> None:
    size = png.transparency.end - png.transparency.start if png.transparency else 0
    sound = {0: size == 2, 2: size == 6, 3: 0 < size <= 256}.get(png.color, False)
    if png.transparency and not sound:
        raise unreadable("has a transparency that does not fit its kind of pixels")


def _frames(data: bytes, animation: Chunk | None) -> int:
    if animation is None or animation.end - animation.start != 8:
        return 1
    return max(1, int.from_bytes(data[animation.start : animation.start + 4], "big"))


def _adam7(width: int, height: int) -> list[tuple[int, int]]:
    """Columns and rows of the seven interlacing passes, without the empty ones."""
    sizes = ((-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in _ADAM7_PASSES)
    return [(columns, rows) for columns, rows in sizes if columns > 0 and rows > 0]
