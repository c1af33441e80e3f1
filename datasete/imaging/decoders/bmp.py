"""BMP: reading its header and its pixels.

Pillow reads palettes of two colours wrongly at more than 1 bit, and knows few of the possible channel masks. Neither
torch nor numpy is imported until pixels are decoded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from datasete.imaging.chunks import unreadable, unsupported

if TYPE_CHECKING:
    from datasete.imaging.depths import Array

_PLAIN, _RLE8, _RLE4, _MASKS, _ALPHA_MASKS = 0, 1, 2, 3, 6
_COMPRESSIONS: Final = {4: "JPEG", 5: "PNG", 11: "CMYK", 12: "CMYK", 13: "CMYK"}
_OLD_HEADER, _OS2_HEADER, _LAST_HEADER = 12, 64, 124
_HEADERS: Final = frozenset({_OLD_HEADER, 16, 40, 52, 56, _OS2_HEADER, 108, 124})
_DEPTHS: Final = {
    _PLAIN: frozenset({1, 2, 4, 8, 16, 24, 32}),
    _RLE8: frozenset({8}),
    _RLE4: frozenset({4}),
    _MASKS: frozenset({16, 24, 32}),
    _ALPHA_MASKS: frozenset({16, 24, 32}),
}
_USUAL_MASKS: Final = {16: (0x7C00, 0x3E0, 0x1F, 0)}
_MAX_COLORS: Final = 256


@dataclass(frozen=True)
class Bmp:
    """The header of a BMP.

    Attributes:
        width: in pixels.
        height: in pixels.
        bits: of each pixel.
        compression: as the file numbers them.
        upward: whether the lowest row comes first.
        masks: the bits of red, green, blue and alpha, for pixels of 16 bits and more.
        palette: three bytes a colour, red first; empty without one.
        start: where the pixels begin.
        profile: its ICC profile, or nothing.
    """

    width: int
    height: int
    bits: int
    compression: int
    upward: bool
    masks: tuple[int, ...]
    palette: bytes
    start: int
    profile: bytes = b""

    @property
    def grey(self) -> bool:
        """Whether all colours of its palette are grey."""
        return bool(self.palette) and self.palette[::3] == self.palette[1::3] == self.palette[2::3]

    @property
    def channels(self) -> int:
        """1, 3 or 4, as `decode_bmp` returns."""
        return 1 if self.grey else 4 if not self.palette and self.masks[3] else 3


def is_bmp(data: bytes) -> bool:
    """Whether the file begins like a BMP."""
    return data[:2] == b"BM"


def parse_bmp(data: bytes) -> Bmp:
    """Read the header and the palette.

    Raises:
        UnreadableImage: the file is damaged, or of a kind that cannot be decoded; the error names the kind.
    """
    try:
        return _parse(data)
    except struct.error:
        raise unreadable("ends early") from None


def _parse(data: bytes) -> Bmp:
    start, size = struct.unpack_from("<II", data, 10)
    if size not in _HEADERS:
        raise unsupported(f"a BMP with a header of {size} bytes")
    compression = colors = 0
    if size == _OLD_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    else:
        width, height, _, bits = struct.unpack_from("<iiHH", data, 18)
    if size >= 40:
        compression, _, _, _, colors = struct.unpack_from("<IIiiI", data, 30)
    if width < 1 or not height:
        raise unreadable(f"declares an impossible size of {width} × {abs(height)}")
    _check_kind(size, bits, compression)
    masks, table = _masks(data, size, bits, compression)
    return Bmp(
        width=width,
        height=abs(height),
        bits=bits,
        compression=compression,
        upward=height > 0,
        masks=masks,
        palette=_palette(data, table, start, bits, colors, 3 if size == _OLD_HEADER else 4) if bits <= 8 else b"",
        start=start,
        profile=_profile(data) if size == _LAST_HEADER else b"",
    )


def _profile(data: bytes) -> bytes:
    start, size = struct.unpack_from("<II", data, 126)
    return data[14 + start : 14 + start + size] if data[70:74] == b"DEBM" else b""


def _check_kind(size: int, bits: int, compression: int) -> None:
    if compression in _COMPRESSIONS and size != _OS2_HEADER:
        raise unsupported(f"a BMP with {_COMPRESSIONS[compression]} compression")
    if compression not in _DEPTHS or (size == _OS2_HEADER and compression > _RLE4):
        raise unsupported(f"a BMP with compression {compression}")
    if bits not in _DEPTHS[compression]:
        raise unsupported(f"a BMP of {bits} bits" + (f" with compression {compression}" if compression else ""))


def _masks(data: bytes, size: int, bits: int, compression: int) -> tuple[tuple[int, ...], int]:
    """The bits of red, green, blue and alpha, and where the header ends."""
    end = 14 + size
    if compression not in {_MASKS, _ALPHA_MASKS}:
        return _USUAL_MASKS.get(bits, (0xFF0000, 0xFF00, 0xFF, 0)), end
    count = 4 if size >= 56 or compression == _ALPHA_MASKS else 3
    found = struct.unpack_from(f"<{count}I", data, 54) + (0,) * (4 - count)
    if not any(found):
        found = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    if not all(found[:3]) or any(mask >> bits or not _is_run(mask) for mask in found):
        raise unsupported("a BMP with unusual channel masks")
    return found, max(end, 54 + 4 * count)


def _is_run(mask: int) -> bool:
    """Whether the bits of a mask are together, and at most 16."""
    run = mask >> max(0, (mask & -mask).bit_length() - 1)
    return not run & (run + 1) and run < 65536


def _palette(data: bytes, table: int, start: int, bits: int, colors: int, step: int) -> bytes:
    count = min(colors or 1 << bits, _MAX_COLORS)
    if start > table:
        count = min(count, (start - table) // step)
    stored = data[table : table + count * step]
    if len(stored) < step:
        raise unreadable("has no usable palette")
    return b"".join(stored[place : place + 3][::-1] for place in range(0, len(stored) - step + 1, step))


def decode_bmp(data: bytes, bmp: Bmp) -> Array:
    """Decode to [H,W,C] of uint8, or of uint16 where a channel has neither 8 bits nor a divisor of these.

    Raises:
        UnreadableImage: pixels are missing.
    """
    import numpy as np

    if bmp.compression in {_RLE8, _RLE4}:
        rows = _run_lengths(data, bmp)
    else:
        stride = (bmp.width * bmp.bits + 31) // 32 * 4
        if bmp.start + stride * bmp.height > len(data):
            raise unreadable("ends early")
        rows = np.frombuffer(data, np.uint8, stride * bmp.height, bmp.start).reshape(bmp.height, stride)
    if bmp.upward:
        rows = rows[::-1]
    return _look_up(bmp, rows) if bmp.palette else _channels(bmp, rows)


def _look_up(bmp: Bmp, rows: Array) -> Array:
    import numpy as np

    bits = 8 if bmp.compression else bmp.bits
    if bits < 8:
        spread = np.unpackbits(rows, axis=1).reshape(len(rows), -1, bits)
        rows = np.packbits(spread, axis=2)[..., 0] >> (8 - bits)
    colors = np.zeros((256, 3), np.uint8)
    stored = np.frombuffer(bmp.palette, np.uint8).reshape(-1, 3)
    colors[: len(stored)] = stored
    found: Array = (colors[:, :1] if bmp.grey else colors)[rows[:, : bmp.width]]
    return found


def _channels(bmp: Bmp, rows: Array) -> Array:
    import numpy as np

    from datasete.imaging.depths import scale

    if bmp.bits == 24:
        spread = rows[:, : bmp.width * 3].reshape(bmp.height, bmp.width, 3).astype(np.uint32)
        pixels = spread[..., 0] | spread[..., 1] << 8 | spread[..., 2] << 16
    else:
        pixels = np.ascontiguousarray(rows).view("<u2" if bmp.bits == 16 else "<u4")[:, : bmp.width].astype(np.uint32)
    parts = []
    for mask in bmp.masks[: bmp.channels]:
        low = (mask & -mask).bit_length() - 1
        parts.append(scale((pixels & np.uint32(mask)) >> np.uint32(low), mask >> low))
    if len({part.dtype for part in parts}) > 1:
        parts = [part if part.dtype == np.uint16 else part.astype(np.uint16) * np.uint16(257) for part in parts]
    return np.stack(parts, axis=2)


def _run_lengths(data: bytes, bmp: Bmp) -> Array:
    """Unpack run lengths to one byte a pixel; what a file leaves out is colour 0."""
    import numpy as np

    pixels = np.zeros((bmp.height, bmp.width), np.uint8)
    x = y = 0
    place = bmp.start
    while y < bmp.height:
        if place + 2 > len(data):
            raise unreadable("ends early")
        count, value = data[place], data[place + 1]
        place += 2
        if count:
            run = (
                bytes((value >> 4, value & 15)) * ((count + 1) // 2)
                if bmp.compression == _RLE4
                else bytes([value]) * count
            )
            x = _put(pixels, x, y, run[:count])
        elif value == 0:
            x, y = 0, y + 1
        elif value == 1:
            break
        elif value == 2:
            if place + 2 > len(data):
                raise unreadable("ends early")
            x, y, place = x + data[place], y + data[place + 1], place + 2
        else:
            size = (value + 1) // 2 if bmp.compression == _RLE4 else value
            stored = data[place : place + size]
            if len(stored) < size:
                raise unreadable("ends early")
            if bmp.compression == _RLE4:
                stored = bytes(nibble for byte in stored for nibble in (byte >> 4, byte & 15))[:value]
            x, place = _put(pixels, x, y, stored), place + size + size % 2
    return pixels


def _put(pixels: Array, x: int, y: int, run: bytes) -> int:
    import numpy as np

    room = max(0, pixels.shape[1] - x)
    pixels[y, x : x + min(len(run), room)] = np.frombuffer(run, np.uint8)[:room]
    return x + len(run)
