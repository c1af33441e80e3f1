"""Decoding a TIFF to [H,W,C], with 1, 3 or 4 channels: from bytes to samples, and from samples to colours."""

from __future__ import annotations

from typing import Final

import numpy as np

from datasete.imaging.chunks import unreadable
from datasete.imaging.decoders.tiff import (  # fmt: skip
    CMYK,
    FLOAT,
    FLOATING_POINT,
    HORIZONTAL,
    PALETTE,
    WHITE_IS_ZERO,
    Tiff,
)
from datasete.imaging.decoders.tiff_pieces import Place, read_pieces
from datasete.imaging.depths import Array, scale, top_of
from datasete.imaging.strips import Bytes

_COLOR_MAP: Final = 320


def decode_tiff(tiff: Tiff, *, convert: bool = False) -> Array:
    """Decode the page to [H,W,C] of uint8, uint16 or float32, as it is stored: not turned upright.

    Numbers of up to 8 bits become uint8, those of up to 16 bits uint16, and all others float32 in 0..1; floats stay as
    they are. Depths that do not divide 8 are scaled to 16 bits. If `convert` is true, colours become sRGB by the TIFF's
    ICC profile.

    Raises:
        UnreadableImage: the file is damaged or incomplete.
    """
    profile = tiff.profile if convert else b""
    pixels = _colors(tiff, _samples(tiff), profile)
    if not profile or tiff.photometric == CMYK:
        return pixels
    from datasete.imaging.colors import to_srgb

    return to_srgb(pixels, profile)


def _samples(tiff: Tiff) -> Array:
    """The samples that are colour or alpha, as they are stored: [H,W,samples]."""
    target: Array | None = None
    for group in read_pieces(tiff):
        for place, piece in group:
            block = (_unpack(tiff, piece) if piece.ndim == 2 else piece)[..., : tiff.samples_used]
            if tiff.bits == 64:  # at once, because all of it would need much memory
                block = scale(block, (1 << 64) - 1)
            if target is None:
                target = np.empty((tiff.height, tiff.width, tiff.samples_used), block.dtype)
            _put(tiff, target, place, block)
    assert target is not None
    return target


def _put(tiff: Tiff, target: Array, place: Place, block: Array) -> None:
    plane, top, left, rows = place
    wide, high = min(tiff.tile[0], tiff.width - left), min(rows, tiff.height - top)
    if block.shape[0] < high or block.shape[1] < wide:
        raise unreadable("is damaged: a piece is too small")
    first = plane if tiff.planar else 0
    target[top : top + high, left : left + wide, first : first + block.shape[2]] = block[:high, :wide]


def _unpack(tiff: Tiff, piece: Bytes) -> Array:
    """Turn the bytes of a piece [rows, bytes] into samples [rows, columns, samples]."""
    shape = len(piece), tiff.tile[0], tiff.samples_together
    if tiff.bits % 8 or tiff.bits == 24:
        return _unpack_bits(piece, tiff.bits, shape)
    letter = "f" if tiff.number == FLOAT else "u"
    size = tiff.bits // 8
    if tiff.predictor == FLOATING_POINT:
        return _undo_float_predictor(piece, size, shape)
    stored = np.ascontiguousarray(piece).view(f"{tiff.fields.order}u{size}").reshape(shape)
    native = stored.astype(f"=u{size}", copy=False)
    if tiff.predictor == HORIZONTAL:
        native = np.add.accumulate(native, axis=1, dtype=native.dtype)
    return native.view(f"=f{size}") if letter == "f" else native


def _unpack_bits(piece: Bytes, bits: int, shape: tuple[int, int, int]) -> Array:
    rows, columns, samples = shape
    kind = np.uint8 if bits < 8 else np.uint16
    spread = np.unpackbits(piece, axis=1)[:, : columns * samples * bits].reshape(rows, -1, bits)
    numbers = np.zeros(spread.shape[:2], kind)
    for place in range(bits):
        numbers |= spread[..., place].astype(kind) << kind(bits - 1 - place)
    return numbers.reshape(shape)


def _undo_float_predictor(piece: Bytes, size: int, shape: tuple[int, int, int]) -> Array:
    # A row holds all first bytes of its floats, then all second ones, and so on, each as the difference to the last.
    rows, _, samples = shape
    sums = np.add.accumulate(piece.reshape(rows, -1, samples), axis=1, dtype=np.uint8).reshape(rows, size, -1)
    return np.ascontiguousarray(sums.swapaxes(1, 2)).view(f">f{size}").reshape(shape).astype(f"=f{size}")


def _colors(tiff: Tiff, samples: Array, profile: bytes) -> Array:
    color, top = samples[..., : tiff.colors], (1 << tiff.bits) - 1
    alpha = None if tiff.alpha is None else scale(samples[..., tiff.alpha, None], top)
    if tiff.photometric == PALETTE:
        color = _look_up(tiff, color[..., 0])
        alpha = alpha if alpha is None else _same_depth(alpha, color)
    else:
        color = scale(color, top)
    if tiff.photometric == WHITE_IS_ZERO:
        color = top_of(color) - color
    elif tiff.photometric == CMYK:
        color = _from_cmyk(color, profile)
    if alpha is None:
        return np.ascontiguousarray(color)
    if tiff.premultiplied:
        color = _divided(color, alpha)
    return np.concatenate((np.broadcast_to(color, (*color.shape[:2], 3)), alpha), axis=2)


def _look_up(tiff: Tiff, places: Array) -> Array:
    """The colours of a palette: 16 bits each, unless they all come from 8."""
    entries = np.array(tiff.fields.numbers(_COLOR_MAP), np.uint16)
    if entries.size < 3 << tiff.bits:
        raise unreadable("has no usable palette")
    colors = entries[: 3 << tiff.bits].reshape(3, -1).T
    high, low = colors >> 8, colors & 255
    if not high.any():  # some programs store 8 bits as they are
        colors = colors.astype(np.uint8)
    elif ((low == 0) | (low == high)).all():
        colors = high.astype(np.uint8)
    found: Array = colors[places]
    return found


def _same_depth(alpha: Array, color: Array) -> Array:
    if alpha.dtype == color.dtype:
        return alpha
    return (alpha >> 8).astype(np.uint8) if color.dtype == np.uint8 else alpha.astype(np.uint16) * np.uint16(257)


def _from_cmyk(color: Array, profile: bytes) -> Array:
    if profile:
        from datasete.imaging.colors import cmyk_to_srgb

        found = cmyk_to_srgb(color, profile)
        if found is not None:
            return found
    if color.dtype == np.float32:
        shares: Array = (1 - color[..., :3]) * (1 - color[..., 3:])
        return shares
    top = np.uint64(top_of(color))
    light: Array = (top - color[..., :3]) * (top - color[..., 3:])
    scaled: Array = (light + top // np.uint64(2)) // top
    return scaled.astype(color.dtype)


def _divided(color: Array, alpha: Array) -> Array:
    """Undo the multiplication by alpha; what is fully transparent becomes black."""
    top = top_of(color)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares: Array = np.nan_to_num(color / alpha.astype(np.float32), nan=0, posinf=0, neginf=0)
    if color.dtype == np.float32:
        return shares.astype(np.float32)
    scaled: Array = np.rint(np.minimum(shares, 1) * np.float32(top))
    return scaled.astype(color.dtype)
