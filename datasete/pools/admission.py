"""What may enter a pool: whole pictures within the limits, as they came where a browser can show them."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from datasete.config import LimitSettings
from datasete.errors import DataseteError
from datasete.imaging.chunks import parse_png, unreadable, verify_checksums
from datasete.imaging.formats import ImageHeader
from datasete.imaging.image_header import check_size
from datasete.pools.layout import SUFFIXES

if TYPE_CHECKING:
    from datasete.imaging.pillow_decode import Array

_JPEG_SCAN: Final = b"\xff\xda"
_JPEG_END: Final = b"\xff\xd9"
_FILL: Final = 0xFF
_GREY: Final = 0


@dataclass(frozen=True)
class Upload:
    """One picture on its way into a pool.

    Attributes:
        data: the encoded picture.
        filename: what its owner calls it, for messages.
        label: its label.
        mask: an encoded picture whose brightness is the mask (white is painted), or None.
    """

    data: bytes
    filename: str = ""
    label: str = ""
    mask: bytes | None = None


@dataclass(frozen=True)
class Refused:
    """A picture that was not added, and why."""

    filename: str
    error: DataseteError


@dataclass(frozen=True)
class ValidUpload:
    """Bytes that may be stored, and the `suffix` for their name."""

    data: bytes
    suffix: str


def validate_upload(data: bytes, limits: LimitSettings) -> ValidUpload:
    """Check an encoded picture; turn a format that browsers do not show into PNG.

    Raises:
        UnreadableImage: no picture, or one that is cut off or damaged as far as its structure tells.
        TooLarge: over the limits; nothing was decoded.
    """
    header = check_size(data, limits)
    if header.format in SUFFIXES:
        _check_whole(data, header)
        return ValidUpload(data, SUFFIXES[header.format])
    return ValidUpload(_as_png(_pixels(data, header)), "png")


def validate_mask(data: bytes, limits: LimitSettings) -> bytes:
    """Check a mask; return it as a grey 8-bit PNG, white being painted.

    Raises:
        UnreadableImage: no picture, or a damaged one.
        TooLarge: over the limits; nothing was decoded.
    """
    header = check_size(data, limits)
    if header.format == "PNG":
        png = parse_png(data)
        verify_checksums(data, png)
        if (png.color, png.bits, png.transparency, png.exif) == (_GREY, 8, None, None):
            return data
    pixels = _pixels(data, header)
    if pixels.dtype.itemsize > 1:
        pixels = (pixels / 257 + 0.5).astype("uint8")
    return _as_png(pixels, mode="L")


def _check_whole(data: bytes, header: ImageHeader) -> None:
    if header.format == "PNG":
        verify_checksums(data, parse_png(data))
    elif header.format == "JPEG":
        # inside a scan these two bytes are nothing but the end: a 0xFF of the picture's own is escaped
        if data.find(_JPEG_END, _jpeg_scan(data)) < 0:
            raise unreadable("ends early")
    elif int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise unreadable("ends early")


def _jpeg_scan(data: bytes) -> int:
    """Where the first scan begins, behind all segments: one of them may hold a whole thumbnail."""
    position = 2
    while position + 4 <= len(data) and data[position : position + 2] != _JPEG_SCAN:
        filled = data[position + 1] == _FILL
        position += 1 if filled else 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return position


def _pixels(data: bytes, header: ImageHeader) -> Array:
    """[H,W,C], upright, of 8 bits or of 16."""
    import numpy as np

    from datasete.imaging.pillow_decode import decode_array
    from datasete.imaging.strips import to_bytes

    pixels = decode_array(data, header)
    return to_bytes(np.ascontiguousarray(pixels)) if pixels.dtype == np.float32 else pixels


def _as_png(pixels: Array, mode: str | None = None) -> bytes:
    import numpy as np
    from PIL import Image

    if pixels.dtype.itemsize > 1 and pixels.shape[2] > 1:  # Pillow writes 16 bits in grey alone
        pixels = (pixels >> 8).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))
    file = BytesIO()
    (image.convert(mode) if mode else image).save(file, "PNG")
    return file.getvalue()
