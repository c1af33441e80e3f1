"""Pictures of any format as PNGs, without loss: 16 bits stay 16 bits. Neither torch nor numpy is imported at once."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from datasete.imaging.chunks import SIGNATURE, assemble, make_chunk, make_header
from datasete.imaging.deflate import CODEC, FINAL_BLOCK
from datasete.imaging.image_header import check_size

if TYPE_CHECKING:
    from datasete.config import LimitSettings
    from datasete.imaging.depths import Array

_COLOR_TYPES: Final = {1: 0, 3: 2, 4: 6}


def as_png(data: bytes, limits: LimitSettings) -> bytes:
    """Convert a picture to PNG, upright and in sRGB; a PNG is returned as it is.

    Raises:
        TooLarge: over `limits`; nothing was decoded.
        UnreadableImage: it cannot be decoded.
    """
    if data.startswith(SIGNATURE):
        return data
    from datasete.imaging.pillow_decode import decode_array

    return to_png(decode_array(data, check_size(data, limits)))


def to_png(pixels: Array) -> bytes:
    """Encode [H,W,C] of uint8, uint16 or float32 in 0..1; floats get 16 bits."""
    import numpy as np
    from PIL import Image

    if pixels.dtype == np.float32:
        pixels = np.rint(np.nan_to_num(pixels).clip(0, 1) * np.float32(65535)).astype(np.uint16)
    if pixels.dtype == np.uint16:
        return _deep_png(pixels)
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)).save(file, "PNG")
    return file.getvalue()


def _deep_png(pixels: Array) -> bytes:
    """Encode 16 bits a channel, which Pillow writes for grey pictures only."""
    import numpy as np

    from datasete.imaging.strips import ZLIB_HEADER, filter_strip

    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels.astype(">u2")).view(np.uint8).reshape(height, -1)
    filtered = filter_strip(rows, 2 * channels)
    checksum = CODEC.adler32(filtered).to_bytes(4, "big")
    body = make_chunk(b"IDAT", ZLIB_HEADER, CODEC.compress(filtered), FINAL_BLOCK, checksum)
    return assemble(make_header(width, height, _COLOR_TYPES[channels], bits=16), body)
