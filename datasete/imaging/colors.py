"""Colours by a picture's ICC profile, as sRGB.

8 bits are converted by ImageCms. It knows no deeper pixels, so these are converted here where the profile is made of
curves and a matrix, as those of monitors and cameras are; by other profiles, they are converted at 8 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

import numpy as np
from PIL import Image, ImageCms

from datasete.imaging.depths import Array, top_of
from datasete.imaging.strips import divide_rows, parallel_map

_PARTS: Final = 16
_ROWS_AT_LEAST: Final = 64
_SPACES: Final = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}
_STEPS: Final = (1 << 20) - 1
_FROM_XYZ: Final = np.linalg.inv(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
).astype(np.float32)
"""From the profiles' XYZ, whose white is D50, to linear sRGB."""

Curve = Callable[[Array], Array]


def to_srgb(pixels: Array, profile: bytes) -> Array:
    """Convert [H,W,C] to sRGB in its own type; alpha stays as it is.

    Pixels are returned as they are if the profile is damaged, for other channels than these, or sRGB itself.
    """
    mode = _mode(profile)
    if mode != ("L" if pixels.shape[2] == 1 else "RGB") or not _changes(profile):
        return pixels
    color = pixels[..., :3]
    found = _by_curves(color, profile) if pixels.dtype != np.uint8 else None
    if found is None:
        found = _in_depth_of(_by_cms(_eight_bits(color), profile, mode), pixels)
    return found if pixels.shape[2] < 4 else np.concatenate((found, pixels[..., 3:]), axis=2)


def cmyk_to_srgb(inks: Array, profile: bytes) -> Array | None:
    """Convert [H,W,4], of which the largest values are full ink, to sRGB [H,W,3]; None if the profile has no inks."""
    if _mode(profile) != "CMYK" or not _changes(profile):
        return None
    return _in_depth_of(_by_cms(_eight_bits(inks), profile, "CMYK"), inks)


def _in_depth_of(pixels: Array, like: Array) -> Array:
    """Scale uint8 to the type of `like`."""
    if like.dtype == np.float32:
        floats: Array = pixels / np.float32(255)
        return floats
    return pixels if like.dtype == np.uint8 else pixels.astype(np.uint16) * np.uint16(257)


def _mode(profile: bytes) -> str | None:
    return _SPACES.get(profile[16:20])


def _eight_bits(pixels: Array) -> Array:
    if pixels.dtype == np.uint8:
        return pixels
    scaled: Array = np.rint(np.nan_to_num(pixels).clip(0, top_of(pixels)) * np.float32(255 / top_of(pixels)))
    return scaled.astype(np.uint8)


@lru_cache(maxsize=32)
def _changes(profile: bytes) -> bool:
    """Whether a profile is sound and changes colours by more than rounding does."""
    mode = _mode(profile)
    steps = np.arange(0, 256, 17, dtype=np.uint8)
    probe = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 1, 3)
    probe = steps[:, None, None] if mode == "L" else probe
    if mode == "CMYK":
        probe = np.concatenate((probe, probe[..., :1]), axis=2)
    try:
        found = _by_cms(probe, profile, mode or "")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False
    return mode == "CMYK" or int(np.abs(found.astype(int) - probe).max()) > 1


def _by_cms(pixels: Array, profile: bytes, mode: str) -> Array:
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")

    def convert(rows: tuple[int, int]) -> Array:
        part = np.ascontiguousarray(pixels[slice(*rows)])
        image = Image.fromarray(part[..., 0] if mode == "L" else part, mode)
        found: Any = ImageCms.applyTransform(image, transform)
        return np.asarray(found)[..., :1] if mode == "L" else np.asarray(found)

    return np.concatenate(_in_parts(convert, len(pixels)))


def _in_parts(convert: Callable[[tuple[int, int]], Array], height: int) -> list[Array]:
    parts = divide_rows(height, max(1, min(_PARTS, height // _ROWS_AT_LEAST)))
    return list(parallel_map(convert, [(part.first, part.last) for part in parts]))


# --- Curves and matrices -------------------------------------------------------------------------------------------


def _by_curves(pixels: Array, profile: bytes) -> Array | None:
    """Convert deep pixels with a profile made of curves and a matrix; None if it is not one."""
    try:
        tags = _tags(profile)
        if b"A2B0" in tags:
            return None
        names = (b"kTRC",) if pixels.shape[2] == 1 else (b"rTRC", b"gTRC", b"bTRC")
        curves = [_curve(tags[name]) for name in names]
        primaries = (b"rXYZ", b"gXYZ", b"bXYZ") if len(names) == 3 else ()
        matrix = np.stack([_xyz(tags[name]) for name in primaries], axis=1) if primaries else None
    except (KeyError, struct.error, ValueError, IndexError):
        return None
    every = np.linspace(0, 1, 65536, dtype=np.float32)
    tables = [] if pixels.dtype == np.float32 else [curve(every).astype(np.float32) for curve in curves]

    def convert(rows: tuple[int, int]) -> Array:
        part = pixels[slice(*rows)]
        if tables:
            lights = [table[part[..., place]] for place, table in enumerate(tables)]
        else:
            part = np.nan_to_num(part).clip(0, 1)
            lights = [curve(part[..., place]) for place, curve in enumerate(curves)]
        light = np.stack(lights, axis=2)
        if matrix is not None:
            light = light @ (_FROM_XYZ @ matrix).T
        shown = _encoding()[(light.clip(0, 1) * np.float32(_STEPS)).astype(np.uint32)]
        scaled: Array = shown if pixels.dtype == np.float32 else np.rint(shown * np.float32(65535))
        return scaled.astype(pixels.dtype)

    return np.concatenate(_in_parts(convert, len(pixels)))


@lru_cache(maxsize=1)
def _encoding() -> Array:
    """SRGB's curve from linear light, as a table: computing a power for each pixel would be slow."""
    light = (np.arange(_STEPS + 1, dtype=np.float32) + np.float32(0.5)).clip(0, _STEPS) / np.float32(_STEPS)
    light[0] = 0
    curved = np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055)
    found: Array = np.where(light <= 0.0031308, light * np.float32(12.92), curved)
    return found.astype(np.float32)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * place) for place in range(min(count, 100))]
    return {name: profile[start : start + size] for name, start, size in entries}


def _xyz(tag: bytes) -> Array:
    found: Array = np.array(struct.unpack_from(">3i", tag, 8), np.float32) / np.float32(65536)
    return found


def _curve(tag: bytes) -> Curve:
    if tag[:4] == b"para":
        return _parametric(tag)
    if tag[:4] != b"curv":
        raise ValueError(tag[:4])
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return lambda value: value
    if count == 1:
        gamma = struct.unpack_from(">H", tag, 12)[0] / 256
        return lambda value: value**gamma
    table = np.frombuffer(tag, ">u2", count, 12).astype(np.float32) / np.float32(65535)
    places = np.linspace(0, 1, count, dtype=np.float32)
    return lambda value: np.interp(value, places, table).astype(np.float32)


def _parametric(tag: bytes) -> Curve:
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[kind]
    given = [part / 65536 for part in struct.unpack_from(f">{count}i", tag, 12)] + [0.0] * (7 - count)
    gamma, a, b, c, d, e, f = given
    if kind == 0:
        return lambda value: value**gamma
    if kind in {1, 2}:  # below the point where the line reaches zero, the curve is flat
        floor = c if kind == 2 else 0.0
        return lambda value: np.maximum(a * value + b, 0) ** gamma + floor
    if kind == 3:
        return lambda value: np.where(value >= d, np.maximum(a * value + b, 0) ** gamma, c * value)
    return lambda value: np.where(value >= d, np.maximum(a * value + b, 0) ** gamma + e, c * value + f)
