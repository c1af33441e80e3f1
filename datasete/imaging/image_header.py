"""Reading a picture's header, and checking its size before pixels are decoded.

PNG headers are read here, those of some formats in `own_formats`; Pillow opens (but does not load) the others. Neither
torch nor numpy is imported.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from datasete.errors import TooLarge
from datasete.imaging.chunks import SIGNATURE, Png, parse_png, unreadable
from datasete.imaging.decoders.own_formats import read_own_header
from datasete.imaging.formats import ImageHeader, orientation_in, read_pillow_header

if TYPE_CHECKING:
    from datasete.config import LimitSettings


def read_header(data: bytes) -> ImageHeader:
    """Read a picture's header; pixels are not decoded.

    Raises:
        UnreadableImage: not a picture in a known format, or a damaged one.
    """
    if not data:
        raise unreadable("is empty")
    if data[:8] == SIGNATURE:
        return png_header(data, parse_png(data))
    return read_own_header(data) or read_pillow_header(data)


def check_size(data: bytes, limits: LimitSettings) -> ImageHeader:
    """Read the header, and check that the picture is small enough to be decoded.

    Args:
        data: the encoded picture.
        limits: `image_bytes` and `image_pixels` apply; a picture exactly at a limit passes. `color_profiles` decides
            whether decoding converts colours.

    Raises:
        TooLarge: over one of the limits.
        UnreadableImage: not a picture in a known format, or a damaged one.
    """
    if len(data) > limits.image_bytes:
        raise _too_large(f"{len(data) / 1e6:,.1f} MB", f"{limits.image_bytes / 1e6:,.1f} MB", "image_bytes")
    header = read_header(data)
    check_pixels(header, limits)
    return replace(header, keep_colors=limits.color_profiles == "ignore")


def check_pixels(header: ImageHeader, limits: LimitSettings) -> None:
    """Check that a picture with this header is small enough to be decoded.

    Raises:
        TooLarge: it has more pixels than `limits.image_pixels`.
    """
    if header.pixels > limits.image_pixels:
        size = f"{header.width:,} × {header.height:,} pixels ({header.pixels / 1e6:,.1f} megapixels)"
        raise _too_large(size, f"{limits.image_pixels / 1e6:,.1f} megapixels", "image_pixels")


def png_header(data: bytes, png: Png) -> ImageHeader:
    """Make the header of a PNG from its structure."""
    alpha = png.color in {4, 6} or png.transparency is not None
    return ImageHeader(
        width=png.width,
        height=png.height,
        format="PNG",
        channels=4 if alpha else 1 if png.color == 0 else 3,
        bits=png.bits,
        frames=png.frames,
        orientation=orientation_in(data[png.exif.start : png.exif.end]) if png.exif else 1,
    )


def _too_large(size: str, limit: str, setting: str) -> TooLarge:
    return TooLarge(
        f"The picture has {size}, and at most {limit} are allowed.",
        hint=f"It was not read further. Make it smaller, or raise limits.{setting} in the configuration.",
    )
