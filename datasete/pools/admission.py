"""What may enter a pool: complete pictures within the limits, kept to the byte where browsers can show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Final

from datasete.config import LimitSettings
from datasete.errors import DataseteError
from datasete.imaging.chunks import parse_png, verify_checksums
from datasete.imaging.formats import ImageHeader
from datasete.imaging.image_header import check_size
from datasete.imaging.repack import to_png
from datasete.pools.layout import SUFFIXES

if TYPE_CHECKING:
    from datasete.imaging.pillow_decode import Array

_GREY: Final = 0


@dataclass(frozen=True)
class Upload:
    """One picture on its way into a pool.

    Attributes:
        data: the encoded picture.
        filename: its name on the sender's side, for messages.
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
    """Check an encoded picture; convert formats that browsers do not show to PNG.

    Raises:
        UnreadableImage: it is not a picture, or a truncated or damaged one.
        TooLarge: over the limits; nothing was decoded.
    """
    header = check_size(data, limits)
    if header.format in SUFFIXES:
        _check_whole(data, header)
        return ValidUpload(data, SUFFIXES[header.format])
    return ValidUpload(to_png(_pixels(data, header)), "png")


def validate_mask(data: bytes, limits: LimitSettings) -> bytes:
    """Check a mask; return it as a grey 8-bit PNG in which white is painted.

    Raises:
        UnreadableImage: it is not a picture, or damaged.
        TooLarge: over the limits; nothing was decoded.
    """
    header = replace(check_size(data, limits), keep_colors=True)  # a mask is numbers, whatever profile an editor adds
    if header.format == "PNG":
        png = parse_png(data)
        verify_checksums(data, png)
        if (png.color, png.bits, png.transparency, png.exif) == (_GREY, 8, None, None):
            return data
    return _as_mask(_pixels(data, header))


def _check_whole(data: bytes, header: ImageHeader) -> None:
    """Decode a picture as a run would, so that none is taken here that a run refuses. A JPEG is decoded small."""
    from datasete.imaging.pillow_decode import decode_array

    decode_array(data, header, min_long_side=1)


def _pixels(data: bytes, header: ImageHeader) -> Array:
    """Decoded pixels: [H,W,C], upright."""
    from datasete.imaging.pillow_decode import decode_array

    return decode_array(data, header)


def _as_mask(pixels: Array) -> bytes:
    from PIL import Image

    from datasete.imaging.previews import eight_bits

    small = eight_bits(pixels)
    file = BytesIO()
    Image.fromarray(small[..., 0] if small.shape[2] == 1 else small).convert("L").save(file, "PNG")
    return file.getvalue()
