"""Previews: small JPEGs of bounded size."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from datasete.imaging.image_header import check_size
from datasete.imaging.png import check_frame, read_pixels
from datasete.imaging.strips import Bytes, parallel_map, to_bytes

if TYPE_CHECKING:
    import torch

    from datasete.config import LimitSettings
    from datasete.imaging.pillow_decode import Array

MIME: Final = "image/jpeg"
MAX_SIZE: Final = 4096
_QUALITY: Final = 85
_STRIP_ROWS: Final = 128
_SQUARE_PIXELS: Final = 8
_SHADES: Final = (0xEE, 0xD8)


def render_preview(frame: torch.Tensor, size: int = 512) -> tuple[bytes, str]:
    """Make a preview of one frame.

    Args:
        frame: [H,W,C] of floats in 0..1 with 1, 3 or 4 channels. Transparency is shown over a pale checkerboard.
        size: the long side in pixels, clamped to 1..4096. Smaller pictures keep their size.

    Returns:
        The encoded preview and its MIME type.

    Raises:
        InvalidInput: another shape or type.
    """
    check_frame(frame)
    height, width, _ = frame.shape
    size = _clamp_size(size)
    factor = _reduction(max(height, width), size)
    step = factor * max(1, _STRIP_ROWS // factor)  # a multiple of the box, so that the strips join without a seam

    def reduce(first: int) -> Bytes:
        rows = frame[first : first + step].detach().cpu().float().contiguous().numpy()
        return np.asarray(_reduced(to_bytes(rows), factor))

    return _finish(np.concatenate(list(parallel_map(reduce, range(0, height, step)))), (height, width), size)


def preview_bytes(data: bytes, size: int, limits: LimitSettings) -> tuple[bytes, str]:
    """Make an upright preview of an encoded picture in any known format; see `render_preview`.

    Raises:
        TooLarge: over `limits`; nothing was decoded.
        UnreadableImage: not a picture, or a damaged one.
    """
    size = _clamp_size(size)
    header = check_size(data, limits)
    pixels = eight_bits(read_pixels(data, header, min_long_side=2 * size))
    width, height = header.shown_size
    reduced = np.asarray(_reduced(pixels, _reduction(max(pixels.shape[:2]), size)))
    return _finish(reduced, (height, width), size)


def _clamp_size(size: int) -> int:
    return min(max(1, size), MAX_SIZE)


def _reduction(long_side: int, size: int) -> int:
    """The factor of a fast box filter that leaves about twice the wanted size; a better filter does the rest."""
    return max(1, long_side // (2 * size))


def _reduced(pixels: Bytes, factor: int) -> Image.Image:
    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).reduce(factor)


def _finish(pixels: Bytes, shape: tuple[int, int], size: int) -> tuple[bytes, str]:
    image = Image.fromarray(pixels)
    scale = min(1.0, size / max(shape))
    height, width = (max(1, round(side * scale)) for side in shape)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    file = BytesIO()
    (_over_checkerboard(image) if image.mode == "RGBA" else image).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue(), MIME


def _over_checkerboard(image: Image.Image) -> Image.Image:
    rows, columns = np.arange(image.height)[:, None], np.arange(image.width)[None]
    shades = np.array(_SHADES, np.uint8)[(rows // _SQUARE_PIXELS + columns // _SQUARE_PIXELS) % 2]
    board = Image.fromarray(shades).convert("RGB")
    board.paste(image, mask=image.getchannel("A"))
    return board


def eight_bits(array: Array) -> Bytes:
    """Convert decoded pixels of any depth to bytes, as they are shown."""
    if array.dtype == np.uint16:
        return (array >> 8).astype(np.uint8)
    return (
        to_bytes(np.ascontiguousarray(array, np.float32)) if array.dtype == np.float32 else np.ascontiguousarray(array)
    )
