"""What a JPEG 2000 holds, and whether Pillow decodes that kind right. Neither torch nor numpy is imported.

Pillow reduces several channels to 8 bits in a way that turns full scale into 0, so these are refused where they are
deeper; one channel keeps up to 16 bits.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from datasete.imaging.chunks import unreadable, unsupported

_CODESTREAM: Final = b"\xff\x4f\xff\x51"
_WITH_PROFILE: Final = (b"\x02", b"\x03")
"""Methods of a colour box that are followed by an ICC profile."""


@dataclass(frozen=True)
class Jpeg2000:
    """The components of a JPEG 2000.

    Attributes:
        bits: of each component.
        palette: whether the single component holds places in a palette.
        profile: its ICC profile, or nothing.
    """

    bits: tuple[int, ...]
    palette: bool
    profile: bytes = b""


def parse_jpeg2000(data: bytes) -> Jpeg2000:
    """Read what a JPEG 2000 holds.

    Raises:
        UnreadableImage: it is damaged, or of a kind that cannot be decoded; the error names the kind.
    """
    start, palette, profile = 0, False, b""
    if not data.startswith(_CODESTREAM):
        boxes = {kind: (place, end) for kind, place, end in reversed([*_all_boxes(data)])}
        start, palette = boxes.get(b"jp2c", (len(data), 0))[0], b"pclr" in boxes
        color, end = boxes.get(b"colr", (0, 0))
        profile = data[color + 3 : end] if data[color : color + 1] in _WITH_PROFILE else b""
    try:
        (count,) = struct.unpack_from(">H", data, start + 40)
        components = [struct.unpack_from("BBB", data, start + 42 + 3 * place) for place in range(count)]
    except struct.error:
        raise unreadable("ends early") from None
    _check(components, palette=palette)
    return Jpeg2000(tuple((depth & 127) + 1 for depth, _, _ in components), palette, profile)


def _check(components: list[tuple[int, ...]], *, palette: bool) -> None:
    count, bits = len(components), max(((depth & 127) + 1 for depth, _, _ in components), default=0)
    if not 1 <= count <= 4:
        raise unsupported(f"a JPEG 2000 with {count} channels")
    if any(depth & 128 for depth, _, _ in components):
        raise unsupported("a signed JPEG 2000")
    if any((across, down) != (1, 1) for _, across, down in components):
        raise unsupported("a JPEG 2000 with subsampled channels")
    if bits > (16 if count == 1 else 8):
        raise unsupported(f"a JPEG 2000 of {bits} bits" + (f" in {count} channels" if count > 1 else ""))
    if palette and {depth for depth, _, _ in components} != {7}:
        raise unsupported(f"a palette JPEG 2000 of {bits} bits")


def _all_boxes(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of a file and of its header: kind, start and end of their content."""
    for kind, start, end in _boxes(data, 0, len(data)):
        yield kind, start, end
        if kind == b"jp2h":
            yield from _boxes(data, start, end)


def _boxes(data: bytes, position: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    while position + 8 <= stop:
        size, kind = struct.unpack_from(">I4s", data, position)
        start = position + 8
        if size == 1 and start + 8 <= stop:
            (size,), start = struct.unpack_from(">Q", data, start), start + 8
        end = position + size if size else stop
        if end < start:
            return
        yield kind, start, min(end, stop)
        position = end
