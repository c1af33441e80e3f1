"""Decoding any picture to a numpy array [H,W,C] with Pillow, unless it is one of our own PNGs."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile

from datasete.imaging.chunks import (
    HEADER_END,
    Chunk,
    Png,
    color_profile,
    make_header,
    parse_png,
    strip_metadata,
    unsupported,
    verify_checksums,
)
from datasete.imaging.decoders.jpeg2000 import parse_jpeg2000
from datasete.imaging.decoders.own_formats import decode_own
from datasete.imaging.decoders.strict import load_strictly
from datasete.imaging.deflate import CODEC, Codec
from datasete.imaging.depths import scale
from datasete.imaging.formats import FORMATS, ImageHeader, open_image, pillow_errors

__all__ = ["FORMATS", "Array", "apply_orientation", "decode_array", "from_pillow"]

Array: TypeAlias = npt.NDArray[Any]
"""[H,W,C] of uint8, uint16 or float32."""


def decode_array(data: bytes, header: ImageHeader, *, min_long_side: int | None = None, codec: Codec = CODEC) -> Array:
    """Decode the first frame, upright, to [H,W,C] of uint8, uint16 or float32 (float TIFFs, as they are).

    Args:
        data: the encoded picture.
        header: what `read_header` returned; the caller has checked its size.
        min_long_side: a JPEG may be decoded smaller, but with at least this many pixels on its long side.
        codec: the decompressor that checks PNGs.

    Raises:
        UnreadableImage: the picture is damaged.
    """
    convert = not header.keep_colors
    with pillow_errors():
        if header.format == "PNG":
            png = parse_png(data)
            array = _decode_png(data, png, codec)
            array = in_srgb(array, color_profile(data, png)) if convert else array
        else:
            array = _decode_other(data, min_long_side, convert=convert)
    return apply_orientation(array, header.orientation)


def apply_orientation(array: Array, orientation: int) -> Array:
    """Rotate and mirror [H,W,C] according to EXIF's `orientation`; the result is a view."""
    if orientation > 4:
        array = array.swapaxes(0, 1)
    if orientation in {2, 3, 6, 7}:
        array = array[:, ::-1]
    if orientation in {3, 4, 7, 8}:
        array = array[::-1]
    return array


def in_srgb(array: Array, profile: bytes) -> Array:
    """Convert [H,W,C] to sRGB by an ICC profile; without one, it is returned as it is."""
    if not profile:
        return array
    from datasete.imaging.colors import to_srgb  # few pictures have one that matters

    return to_srgb(array, profile)


def from_pillow(image: Image.Image, *, convert: bool = False) -> Array:
    """Convert a Pillow image of 8 bits a channel to [H,W,C], with 1, 3 or 4 channels; in sRGB if `convert` is true."""
    profile = image.info.get("icc_profile") or b"" if convert else b""
    if profile and image.mode == "CMYK":
        from datasete.imaging.colors import cmyk_to_srgb

        found = cmyk_to_srgb(np.asarray(image), profile)
        if found is not None:
            return found
    if image.has_transparency_data:
        array: Array = np.asarray(image.convert("RGBA"))
    elif image.mode in {"1", "L"}:
        array = np.asarray(image.convert("L"))[..., None]
    else:
        array = np.asarray(image.convert("RGB"))
    return in_srgb(array, profile)


def _decode_other(data: bytes, min_long_side: int | None, *, convert: bool) -> Array:
    own = decode_own(data, convert=convert)
    if own is not None:
        return own
    image = open_image(data)
    if min_long_side is not None:
        image.draft(None, (min_long_side, min_long_side))
    if image.format == "JPEG2000":
        array = _decode_jpeg2000(image, data)
        return in_srgb(array, parse_jpeg2000(data).profile) if convert and image.mode != "CMYK" else array
    load_strictly(image, data)
    return from_pillow(image, convert=convert)


def _decode_jpeg2000(image: ImageFile, data: bytes) -> Array:
    """Decode, and scale what Pillow only shifts: it makes 240 of the largest 4 bits, and 65520 of the largest 12."""
    picture = parse_jpeg2000(data)
    if picture.palette and image.mode not in {"P", "PA"}:
        raise unsupported("a JPEG 2000 with a palette of more than 8 bits")
    wide = max(picture.bits) > 8
    if wide:  # Pillow takes 9 bits for 8
        image._mode = "I;16"  # noqa: SLF001 - nothing else chooses it
    load_strictly(image, data)
    if set(picture.bits) == ({16} if wide else {8}):
        return np.asarray(image).astype(np.uint16)[..., None] if wide else from_pillow(image)
    stored = np.asarray(image)
    channels = stored[..., None] if stored.ndim == 2 else stored
    parts = [
        scale(channels[..., place] >> ((16 if wide else 8) - bits), (1 << bits) - 1)
        for place, bits in enumerate(picture.bits)
    ]
    array = np.stack([_widened(part) for part in parts] if len({part.dtype for part in parts}) > 1 else parts, axis=2)
    return array[..., [0, 0, 0, 1]] if len(parts) == 2 else array


def _widened(array: Array) -> Array:
    return array if array.dtype == np.uint16 else array.astype(np.uint16) * np.uint16(257)


def _decode_png(data: bytes, png: Png, codec: Codec) -> Array:
    # Pillow skips some of these checks, depending on settings that any other code in the process may have changed.
    verify_checksums(data, png)
    view = memoryview(data)
    codec.check_stream((view[chunk.start : chunk.end] for chunk in png.idat), png.stream_bytes)
    key = png.transparency if png.color in {0, 2} else None
    plain = replace(png, exif=None, transparency=None if key else png.transparency)
    array = _decode_16_bit(data, plain) if png.bits == 16 else from_pillow(_pillow_png(strip_metadata(data, plain)))
    return array if key is None else _add_color_key(array, data, key, png.bits)


def _add_color_key(array: Array, data: bytes, key: Chunk, bits: int) -> Array:
    """Add an alpha channel to a picture in which one colour is transparent; grey becomes RGB."""
    top = int(np.iinfo(array.dtype).max)
    values = np.frombuffer(data, ">u2", offset=key.start, count=array.shape[2]).astype(np.uint32) % (1 << bits)
    scaled = (values * (top // ((1 << bits) - 1))).astype(array.dtype)
    alpha = np.where((array == scaled).all(axis=2, keepdims=True), 0, top).astype(array.dtype)
    return np.concatenate((np.broadcast_to(array, (*array.shape[:2], 3)), alpha), axis=2)


def _decode_16_bit(data: bytes, png: Png) -> Array:
    """Decode a PNG with 16 bits a channel, of which Pillow by itself returns only the high byte."""
    # PNG's filters work on bytes, whatever these mean, so Pillow can be made to return both bytes in one of two ways.
    plain = strip_metadata(data, png)
    if png.samples < 3:  # 16-bit grey is filtered like 8-bit grey with alpha; with alpha, like RGBA
        disguise = make_header(png.width, png.height, 4 if png.samples == 1 else 6, interlaced=png.interlaced)
        pairs = np.asarray(_pillow_png(disguise + plain[HEADER_END:])).view(">u2").astype(np.uint16)
        return pairs if png.samples == 1 else pairs[..., [0, 0, 0, 1]]
    mode = "RGB" if png.samples == 3 else "RGBA"
    high, low = (np.asarray(_pillow_png(plain, f"{mode};{order}")) for order in ("16B", "16L"))
    deep: Array = high.astype(np.uint16) << 8 | low
    return deep


def _pillow_png(data: bytes, raw_mode: str | None = None) -> Image.Image:
    """Decode a PNG; `raw_mode` says how Pillow reads the stored bytes (``16L`` gives the low byte of each pair)."""
    image = PngImageFile(BytesIO(data))
    if raw_mode:
        image.tile = [tile._replace(args=raw_mode) for tile in image.tile]
    image.load()
    return image
