"""Formats that are read here rather than by Pillow, which reads some of their kinds wrongly: TIFF, BMP, PNM.

Reading a header imports neither torch nor numpy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datasete.imaging.decoders.bmp import decode_bmp, is_bmp, parse_bmp
from datasete.imaging.decoders.pnm import decode_pnm, is_pnm, parse_pnm
from datasete.imaging.decoders.tiff import parse_tiff
from datasete.imaging.decoders.tiff_tags import is_tiff
from datasete.imaging.formats import ImageHeader

if TYPE_CHECKING:
    from datasete.imaging.depths import Array


def read_own_header(data: bytes) -> ImageHeader | None:
    """Read the header of a picture in one of these formats; None if it is in another.

    Raises:
        UnreadableImage: damaged, or of a kind that cannot be decoded; the error names the kind.
    """
    if is_tiff(data):
        tiff = parse_tiff(data)
        return ImageHeader(tiff.width, tiff.height, "TIFF", tiff.channels, tiff.bits, orientation=tiff.orientation)
    if is_bmp(data):
        bmp = parse_bmp(data)
        return ImageHeader(bmp.width, bmp.height, "BMP", bmp.channels, bmp.bits if bmp.grey else 8)
    if is_pnm(data):
        pnm = parse_pnm(data)
        return ImageHeader(pnm.width, pnm.height, "PPM", pnm.channels, pnm.bits)
    return None


def decode_own(data: bytes, *, convert: bool = False) -> Array | None:
    """Decode a picture in one of these formats to [H,W,C], not turned; None if it is in another.

    If `convert` is true, colours become sRGB by its ICC profile.

    Raises:
        UnreadableImage: damaged or incomplete.
    """
    if is_tiff(data):
        from datasete.imaging.decoders.tiff_decode import decode_tiff

        return decode_tiff(parse_tiff(data), convert=convert)
    if is_bmp(data):
        bmp = parse_bmp(data)
        pixels = decode_bmp(data, bmp)
        if not convert or not bmp.profile:
            return pixels
        from datasete.imaging.colors import to_srgb

        return to_srgb(pixels, bmp.profile)
    return decode_pnm(data, parse_pnm(data)) if is_pnm(data) else None
