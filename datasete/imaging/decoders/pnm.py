"""PBM, PGM, PPM and PFM: reading their headers and their pixels.

Pillow reads these as well, but reduces 16-bit colours to 8 bits, and is slow where the largest value is an odd one.
Neither torch nor numpy is imported until pixels are decoded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from datasete.imaging.chunks import unreadable

if TYPE_CHECKING:
    from datasete.imaging.depths import Array

_SPACE: Final = rb"(?:\s|#[^\r\n]*[\r\n])"
_NUMBER: Final = rb"(\d{1,10})"
_HEADER: Final = re.compile(rb"P([1-6])%s+%s%s+%s" % (_SPACE, _NUMBER, _SPACE, _NUMBER))
_TOP: Final = re.compile(rb"%s+%s\s" % (_SPACE, _NUMBER))
_FLOAT: Final = re.compile(rb"P([fF])\s+(\d{1,10})\s+(\d{1,10})\s+(-?[\d.eE+-]{1,30})\s")
_COMMENT: Final = re.compile(rb"#[^\r\n]*")


@dataclass(frozen=True)
class Pnm:
    """The header of a file.

    Attributes:
        kind: the letter or digit after P.
        width: in pixels.
        height: in pixels.
        top: the number that means full light; 0 for floats, which are big-endian, and -1 for little-endian ones.
        start: where the pixels begin.
    """

    kind: str
    width: int
    height: int
    top: int
    start: int

    @property
    def channels(self) -> int:
        """1 or 3."""
        return 3 if self.kind in "36F" else 1

    @property
    def bits(self) -> int:
        """Of each channel."""
        return 32 if self.top <= 0 else self.top.bit_length()


def is_pnm(data: bytes) -> bool:
    """Whether the file begins like one of these."""
    return (
        data[:1] == b"P"
        and data[1:2] in tuple(b"123456fF"[place : place + 1] for place in range(8))
        and (data[2:3].isspace() or data[2:3] == b"#")
    )


def parse_pnm(data: bytes) -> Pnm:
    """Read the header.

    Raises:
        UnreadableImage: none is sound.
    """
    found = _FLOAT.match(data) or _HEADER.match(data)
    if not found:
        raise unreadable("has no sound header")
    kind, end, top = found[1].decode(), found.end(), 1
    if kind in "fF":
        top = -1 if found[4].startswith(b"-") else 0
    elif kind in "2356":
        limit = _TOP.match(data, end)
        if not limit or not 0 < int(limit[1]) < 65536:
            raise unreadable("has no sound header")
        top, end = int(limit[1]), limit.end()
    elif not data[end : end + 1].isspace():
        raise unreadable("ends early")
    else:
        end += 1
    width, height = int(found[2]), int(found[3])
    if not 0 < width < 2**31 or not 0 < height < 2**31:
        raise unreadable(f"declares an impossible size of {width} × {height}")
    return Pnm(kind, width, height, top, end)


def decode_pnm(data: bytes, pnm: Pnm) -> Array:
    """Decode to [H,W,C] of uint8, uint16 or float32.

    Raises:
        UnreadableImage: pixels are missing, or are no numbers.
    """
    import numpy as np

    from datasete.imaging.depths import scale

    shape = pnm.height, pnm.width, pnm.channels
    if pnm.kind == "4":
        packed = _stored(data, pnm, "u1", pnm.height * ((pnm.width + 7) // 8)).reshape(pnm.height, -1)
        return scale(1 - np.unpackbits(packed, axis=1)[:, : pnm.width, None], 1)
    count = pnm.height * pnm.width * pnm.channels
    if pnm.kind in "fF":
        floats = _stored(data, pnm, "<f4" if pnm.top < 0 else ">f4", count).reshape(shape)
        return floats[::-1].astype(np.float32)  # stored from the bottom up
    if pnm.kind in "56":
        return scale(_stored(data, pnm, "u1" if pnm.top < 256 else ">u2", count).reshape(shape), pnm.top)
    numbers = _written(data, pnm, count).reshape(shape)
    return scale(1 - numbers if pnm.kind == "1" else numbers, pnm.top)


def _stored(data: bytes, pnm: Pnm, kind: str, count: int) -> Array:
    import numpy as np

    if pnm.start + count * np.dtype(kind).itemsize > len(data):
        raise unreadable("ends early")
    return np.frombuffer(data, kind, count, pnm.start)


def _written(data: bytes, pnm: Pnm, count: int) -> Array:
    """The numbers of a file that writes them as text."""
    import numpy as np

    text = _COMMENT.sub(b" ", data[pnm.start :])
    if pnm.kind == "1":  # each digit is a pixel, with or without space between
        numbers = np.frombuffer(b"".join(text.split())[:count], np.uint8) - np.uint8(48)
        sound = bool((numbers < 2).all())
    else:
        sound = not re.search(rb"[^\d\s]", text) and not re.search(rb"\d{8}", text)
        numbers = np.fromstring(text.decode("ascii"), np.int32, sep=" ")[:count] if sound else np.empty(0, np.int32)
    if not sound:
        raise unreadable("is damaged: there is text between its numbers")
    if len(numbers) < count:
        raise unreadable("ends early")
    found: Array = numbers
    return found
