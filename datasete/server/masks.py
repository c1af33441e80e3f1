"""Converts painted masks: checks those that browsers send, and shapes those that editors ask for."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

from datasete.config import LimitSettings
from datasete.errors import UnreadableImage
from datasete.imaging.image_header import check_size
from datasete.imaging.masks import empty_mask, fit_mask
from datasete.imaging.png import decode_mask, encode_mask, mask_from_alpha


def normalize_mask(data: bytes, limits: LimitSettings) -> bytes:
    """Return a painted mask as a grey 8-bit PNG, white = painted.

    A PNG with transparency is what ComfyUI's MaskEditor hands over: there alpha 0 is painted. Any other, a fully opaque
    RGBA included, is read by its brightness.

    Raises:
        UnreadableImage: not a PNG, or a broken one.
        TooLarge: over the limits; nothing was decoded.
    """
    header = check_size(data, limits)
    if header.format != "PNG":
        raise UnreadableImage(
            f"A painted mask must be a PNG, not {header.format}.", hint="Nothing was changed. Send a PNG."
        )
    # An editor that paints in colours sends an opaque RGBA, whose alpha says nothing.
    if header.channels == 4:
        painted = mask_from_alpha(data, limits)
        if painted.any():
            return encode_mask(painted)
    return encode_mask(decode_mask(data, limits))


def plain_mask(mask: bytes | None, width: int, height: int, limits: LimitSettings) -> bytes:
    """Return a mask as a grey 8-bit PNG of that size, white = painted; `mask` as for `editable_mask`.

    Raises:
        UnreadableImage: it is broken.
        TooLarge: it is over the limits.
    """
    sized = empty_mask(1, height, width) if mask is None else fit_mask(decode_mask(mask, limits), 1, height, width)
    return encode_mask(sized[0])


TINT: Final = (255, 45, 85)
"""The colour in which masks are shown, as in the painter."""
_OPACITY: Final = 0.6


def tinted_mask(mask: bytes | None, width: int, height: int, limits: LimitSettings) -> bytes:
    """Return a mask to lay over its picture: an RGBA PNG of that size, coloured where it is painted, else clear.

    Raises:
        UnreadableImage: it is broken.
        TooLarge: it is over the limits.
    """
    painted = empty_mask(1, height, width) if mask is None else fit_mask(decode_mask(mask, limits), 1, height, width)
    shown = Image.new("RGBA", (width, height), TINT)
    shown.putalpha(Image.fromarray((painted[0] * (255 * _OPACITY)).round().byte().numpy()))
    file = io.BytesIO()
    shown.save(file, "PNG", compress_level=1)
    return file.getvalue()


def editable_mask(mask: bytes | None, width: int, height: int, limits: LimitSettings) -> bytes:
    """Return what an editor asks for as ``channel=a``: an RGBA PNG of that size, transparent where `mask` is painted.

    `mask` is encoded, white = painted, of any size; None for nothing painted.

    Raises:
        UnreadableImage: it is broken.
        TooLarge: it is over the limits.
    """
    painted = empty_mask(1, height, width) if mask is None else fit_mask(decode_mask(mask, limits), 1, height, width)
    shown = Image.new("RGBA", (width, height))
    shown.putalpha(Image.fromarray(painted[0].mul(-255).add(255).round().byte().numpy()))
    out = io.BytesIO()
    shown.save(out, "PNG", compress_level=1)
    return out.getvalue()
