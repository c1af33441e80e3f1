"""A painted mask on its way in: checked before it is decoded, and brought into the one form that is kept."""

from __future__ import annotations

from datasete.config import LimitSettings
from datasete.errors import UnreadableImage
from datasete.imaging.header import check_size
from datasete.imaging.png import decode_mask, encode_mask, mask_from_alpha


def normalize_mask(data: bytes, limits: LimitSettings) -> bytes:
    """Return a painted mask as a grey 8-bit PNG, white = painted.

    A PNG with transparency is what ComfyUI's MaskEditor hands over: there alpha 0 is painted. Any other, a fully opaque
    RGBA included, is read by its brightness.

    Raises:
        UnreadableImage: no PNG, or a broken one.
        TooLarge: over the limits; nothing was decoded.
    """
    header = check_size(data, limits)
    if header.format != "PNG":
        raise UnreadableImage(f"A painted mask must be a PNG, not {header.format}.", hint="The gate still waits.")
    if header.channels == 4:
        painted = mask_from_alpha(data, limits)
        if painted.any():
            return encode_mask(painted)
    return encode_mask(decode_mask(data, limits))
