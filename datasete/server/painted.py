"""A painted mask on its way in: checked before it is decoded, and brought into the one form that is kept."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from datasete.config import LimitSettings
from datasete.errors import DataseteError, UnreadableImage
from datasete.imaging.header import check_size

OPAQUE: Final = 255


def normalize_mask(data: bytes, limits: LimitSettings) -> bytes:
    """Return a painted mask as a grey 8-bit PNG, white = painted.

    A PNG with transparency is what ComfyUI's MaskEditor hands over: there alpha 0 is painted. Any other, a fully opaque
    RGBA included, is read by its brightness.

    Raises:
        UnreadableImage: no PNG, or a broken one.
        TooLarge: over the limits; nothing was decoded.
    """
    check_size(data, limits)
    try:
        # Not Image.open: the format is known, and the size was checked against limits of our own.
        with PngImageFile(io.BytesIO(data)) as picture:
            picture.load()
            return _encoded(_painted(picture))
    except DataseteError:
        raise
    except Exception as error:  # Pillow's decoder raises a dozen kinds for broken input
        raise UnreadableImage(
            "The painted mask is not a readable PNG.", hint="The gate still waits, without it."
        ) from error


def _painted(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        alpha = picture.convert("RGBA").getchannel("A")
        if alpha.getextrema() != (OPAQUE, OPAQUE):
            return alpha.point(lambda value: OPAQUE - value)
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value / 257).convert("L")
    return picture.convert("RGB").convert("L") if picture.mode == "P" else picture.convert("L")


def _encoded(mask: Image.Image) -> bytes:
    out = io.BytesIO()
    mask.save(out, "PNG", compress_level=1)
    return out.getvalue()
