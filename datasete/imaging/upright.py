"""Pictures as a page may show them: turned by us, and without anything by which a browser would turn them.

Browsers and Pillow disagree about which of a file's notes count: Chromium, for one, reads no EXIF in WebP, none behind
the pixels of a PNG, and none of an unusual type. But a mask that is painted on the page must lie where the run has it.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Final

from datasete.imaging.chunks import iter_chunks
from datasete.imaging.image_header import check_size

if TYPE_CHECKING:
    from datasete.config import LimitSettings
    from datasete.imaging.formats import ImageHeader

_QUALITY: Final = 95
_NOTES_OF_PNG: Final = (b"XML:com.adobe.xmp\0", b"Raw profile type ")
_NOTES_OF_WEBP: Final = frozenset({b"EXIF", b"XMP "})
_FLAGS_OF_WEBP: Final = 0x08 | 0x04
"""Bits of VP8X that announce EXIF and XMP."""

_APP1: Final = 0xE1
_SCAN: Final = 0xDA
_FILL: Final = 0xFF


def upright(data: bytes, limits: LimitSettings) -> tuple[bytes, str]:
    """Return a picture as a page may show it, in full size, and its media type.

    A picture that need not be turned keeps its bytes, but for EXIF and XMP. Others are encoded again: a JPEG as a JPEG,
    the rest as PNG without loss.

    Raises:
        TooLarge: over `limits`; nothing was decoded.
        UnreadableImage: not a picture, or a damaged one.
    """
    header = check_size(data, limits)
    strip = {"PNG": _png_without_notes, "JPEG": _jpeg_without_notes, "WEBP": _webp_without_notes}.get(header.format)
    if strip and header.orientation == 1:
        return strip(data), f"image/{header.format.lower()}"
    return _turned(data, header)


def _turned(data: bytes, header: ImageHeader) -> tuple[bytes, str]:
    from PIL import Image

    from datasete.imaging.png import read_pixels
    from datasete.imaging.previews import eight_bits

    pixels = eight_bits(read_pixels(data, header))
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    file = BytesIO()
    if header.format == "JPEG":
        image.save(file, "JPEG", quality=_QUALITY, subsampling=0)
        return file.getvalue(), "image/jpeg"
    image.save(file, "PNG", compress_level=1)
    return file.getvalue(), "image/png"


def _png_without_notes(data: bytes) -> bytes:
    view, kept, last = memoryview(data), [], 0
    for chunk in iter_chunks(data):
        if chunk.kind == b"eXIf" or data.startswith(_NOTES_OF_PNG, chunk.start):
            kept.append(view[last : chunk.start - 8])
            last = chunk.end + 4
    return b"".join((*kept, view[last:])) if last else data


def _jpeg_without_notes(data: bytes) -> bytes:
    """Leave out the segments APP1, which hold EXIF and XMP and nothing else."""
    view, kept, last, position = memoryview(data), [], 0, 2
    while position + 4 <= len(data) and data[position] == _FILL and data[position + 1] != _SCAN:
        if data[position + 1] == _FILL:
            position += 1
            continue
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        if data[position + 1] == _APP1:
            kept.append(view[last:position])
            last = end
        position = end
    return b"".join((*kept, view[last:])) if last else data


def _webp_without_notes(data: bytes) -> bytes:
    kept, position, found = [], 12, False
    while position + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, position)
        end = position + 8 + size + size % 2
        part = data[position:end]
        if kind in _NOTES_OF_WEBP:
            found = True
        elif kind == b"VP8X":
            kept.append(part[:8] + bytes([part[8] & ~_FLAGS_OF_WEBP]) + part[9:])
        else:
            kept.append(part)
        position = end
    if not found:
        return data
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
