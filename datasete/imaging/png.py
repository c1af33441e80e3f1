"""Encoding tensors as PNGs, and decoding. Pictures are float32 [H,W,C] in 0..1 with C 1, 3 or 4; masks are [H,W]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from datasete.errors import InvalidInput
from datasete.imaging import strips
from datasete.imaging.chunks import SIGNATURE, make_chunk, make_header, make_text_chunk, parse_png
from datasete.imaging.deflate import CODEC, FINAL_BLOCK, Codec, join_adler32
from datasete.imaging.formats import ImageHeader
from datasete.imaging.image_header import check_size
from datasete.imaging.pillow_decode import Array, decode_array

if TYPE_CHECKING:
    from datasete.config import LimitSettings

_COLOR_TYPES: Final = {1: 0, 3: 2, 4: 6}
_CONVERSION_PARTS: Final = 16
_LUMA_WEIGHTS: Final = np.array([19595, 38470, 7471], np.uint32)
"""The weights of red, green and blue in grey, times 65536. Pillow uses the same."""


def encode_image(frame: torch.Tensor, *, texts: Mapping[str, str] | None = None, codec: Codec = CODEC) -> bytes:
    """Encode one picture as an 8-bit PNG; a picture that was decoded from 8 bits loses nothing.

    Args:
        frame: [H,W,C] of floats in 0..1 with 1, 3 or 4 channels, on any device. Values are rounded to the nearest of
            256 and clamped; NaN becomes 0.
        texts: text chunks to add, by keyword.
        codec: the compressor.

    Raises:
        InvalidInput: another shape or type, or texts that PNG cannot hold.
    """
    check_frame(frame)
    height, width, channels = frame.shape
    file, adler = BytesIO(), 1
    file.write(make_header(width, height, _COLOR_TYPES[channels]))
    file.writelines(make_text_chunk(keyword, text) for keyword, text in (texts or {}).items())
    for chunk, checksum, size in strips.parallel_map(
        partial(_encode_strip, frame, codec), strips.plan_strips(height, width * channels)
    ):
        file.write(chunk)
        adler = join_adler32(adler, checksum, size)
    file.write(make_chunk(b"IDAT", FINAL_BLOCK, adler.to_bytes(4, "big")))
    file.write(make_chunk(b"IEND"))
    return file.getvalue()


def check_frame(frame: torch.Tensor) -> None:
    """Check that a tensor is one picture.

    Raises:
        InvalidInput: it is not [H,W,C] of floats with 1, 3 or 4 channels, or has no pixels.
    """
    if frame.ndim != 3 or frame.shape[2] not in _COLOR_TYPES or not frame.numel():
        raise InvalidInput(f"A picture must be [height, width, 1, 3 or 4 channels], not {list(frame.shape)}.")
    if not frame.dtype.is_floating_point:
        raise InvalidInput(f"A picture must be made of floats from 0 to 1, not of {frame.dtype}.")


def encode_mask(mask: torch.Tensor, *, texts: Mapping[str, str] | None = None, codec: Codec = CODEC) -> bytes:
    """Encode one mask [H,W] as a grey PNG in which white is painted; the rest is as in `encode_image`."""
    if mask.ndim != 2:
        raise InvalidInput(f"A mask must be [height, width], not {list(mask.shape)}.")
    return encode_image(mask[..., None], texts=texts, codec=codec)


def decode_image(data: bytes, limits: LimitSettings, *, codec: Codec = CODEC) -> torch.Tensor:
    """Decode the first frame of a picture in any known format to float32 [H,W,C] in 0..1, upright.

    C is 1 for grey, 3 for colour (palettes included), and 4 with any transparency. 16 bits keep their precision.

    Raises:
        TooLarge: over `limits`; nothing was decoded.
        UnreadableImage: not a picture, or a damaged one.
    """
    return torch.from_numpy(_decode_floats(data, check_size(data, limits), codec))


def to_tensor(pixels: Array) -> torch.Tensor:
    """Convert [H,W,C] of any depth to float32 in 0..1."""
    return torch.from_numpy(_to_floats(pixels))


def decode_mask(data: bytes, limits: LimitSettings, *, codec: Codec = CODEC) -> torch.Tensor:
    """Decode a mask to float32 [H,W], where 1 is painted: grey as it is, colour by its luma. Alpha is ignored.

    Raises:
        TooLarge: over `limits`; nothing was decoded.
        UnreadableImage: not a picture, or a damaged one.
    """
    header = replace(check_size(data, limits), keep_colors=True)  # a mask is numbers, whatever profile an editor adds
    if header.channels == 1:
        return torch.from_numpy(_decode_floats(data, header, codec)[..., 0])
    return torch.from_numpy(_to_floats(_luma(read_pixels(data, header, codec=codec)))[..., 0])


def mask_from_alpha(data: bytes, limits: LimitSettings) -> torch.Tensor:
    """Decode a mask as ComfyUI's MaskEditor exports it to float32 [H,W]: painted where the picture is transparent.

    A picture without transparency gives zeros: nothing is painted.

    Raises:
        TooLarge: over `limits`; nothing was decoded.
        UnreadableImage: not a picture, or a damaged one.
    """
    pixels = read_pixels(data, check_size(data, limits))
    if pixels.shape[2] < 4:
        return torch.zeros(pixels.shape[:2])
    alpha = pixels[..., 3:]
    return torch.from_numpy(_to_floats(np.iinfo(alpha.dtype).max - alpha)[..., 0])


def read_pixels(data: bytes, header: ImageHeader, *, min_long_side: int | None = None, codec: Codec = CODEC) -> Array:
    """Decode a picture that has passed `check_size` to [H,W,C] of uint8, uint16 or float32, upright.

    With `min_long_side`, a JPEG may be decoded smaller, but with at least that many pixels on its long side.

    Raises:
        UnreadableImage: the picture is damaged.
    """
    own = _decode_own(data, codec, np.uint8)
    return decode_array(data, header, min_long_side=min_long_side, codec=codec) if own is None else own


def _encode_strip(frame: torch.Tensor, codec: Codec, strip: strips.Strip) -> tuple[bytes, int, int]:
    """Make the IDAT of one strip; return it with the checksum and size of the uncompressed bytes."""
    rows = frame[strip.first : strip.last].detach().to("cpu", torch.float32).reshape(strip.rows, -1)
    filtered = strips.filter_strip(strips.to_bytes(rows.numpy()), frame.shape[2])
    start = b"" if strip.first else strips.ZLIB_HEADER
    return make_chunk(b"IDAT", start, codec.compress(filtered)), codec.adler32(filtered), filtered.size


def _decode_floats(data: bytes, header: ImageHeader, codec: Codec) -> Array:
    own = _decode_own(data, codec, np.float32)
    return _to_floats(decode_array(data, header, codec=codec)) if own is None else own


def _decode_own(data: bytes, codec: Codec, kind: type[np.uint8 | np.float32]) -> Array | None:
    """Decode one of our files to bytes, or to floats in 0..1; None if it is not ours, or damaged."""
    png = parse_png(data) if data[:8] == SIGNATURE else None
    if png is None or not strips.has_our_layout(data, png):
        return None
    pixels: Array = np.empty((png.height, png.width * png.samples), kind)

    # Each strip goes straight into the target type: a copy of all bytes first would double the memory.
    def store(strip: strips.Strip, part: strips.Bytes) -> None:
        target = pixels[strip.first : strip.last]
        np.copyto(target, part) if kind is np.uint8 else np.divide(part, np.float32(255), out=target)

    return pixels.reshape(png.height, png.width, -1) if strips.read_strips(data, png, store, codec) else None


def _to_floats(array: Array) -> Array:
    """Convert [H,W,C] of any depth to contiguous float32 in 0..1."""
    floats: Array = np.empty(array.shape, np.float32)

    def convert(strip: strips.Strip) -> None:
        part, target = array[strip.first : strip.last], floats[strip.first : strip.last]
        if part.dtype == np.float32:
            np.clip(np.nan_to_num(part), 0, 1, out=target)
        else:
            np.divide(part, np.float32(np.iinfo(part.dtype).max), out=target)

    list(strips.parallel_map(convert, strips.divide_rows(len(array), min(len(array), _CONVERSION_PARTS))))
    return floats


def _luma(array: Array) -> Array:
    weighted: Array = array[..., :3].astype(np.uint32) @ _LUMA_WEIGHTS + np.uint32(0x8000)
    return (weighted >> 16).astype(array.dtype)[..., None]
