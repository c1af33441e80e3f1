"""Pictures of several frames: how many there are, and all of them as people see them, one after the other.

A frame is what is shown at one time: composed of what came before it, where the format says so. The default picture of
an animated PNG that is not part of the animation is none; nor is a page of a TIFF that repeats another one smaller, or
is its mask. The second picture of a JPEG (a preview, or the other eye's) is none either.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

import torch

from datasete.errors import TooLarge
from datasete.imaging.chunks import iter_chunks
from datasete.imaging.decoders.strict import load_strictly
from datasete.imaging.formats import ImageHeader, open_image, pillow_errors
from datasete.imaging.image_header import check_size
from datasete.imaging.pillow_decode import apply_orientation, from_pillow
from datasete.imaging.png import decode_image, to_tensor

if TYPE_CHECKING:
    from PIL import ImageFile

    from datasete.config import LimitSettings

MAX_FRAMES: Final = 10_000
"""How many frames are counted. A file of more was made to keep a reader busy."""

_SUBFILE_TYPE: Final = 254
_REDUCED_OR_MASK: Final = 1 | 4


@dataclass(frozen=True)
class Frames:
    """The frames of a picture: each float32 [H,W,C] in 0..1, upright and of one size, and how many the file has."""

    pixels: list[torch.Tensor]
    count: int


def decode_frames(data: bytes, limits: LimitSettings, *, is_all: bool = False) -> Frames:
    """Decode the first frame that is shown, or all that have its size.

    Raises:
        TooLarge: over `limits`, which hold for all frames together; nothing was decoded.
        UnreadableImage: not a picture, or a damaged one.
    """
    header = check_size(data, limits)
    if header.format == "TIFF":
        return _tiff_frames(data, limits, is_all=is_all)
    count, first = _count(data, header)
    if not first and (count < 2 or not is_all):
        return Frames([decode_image(data, limits)], count)
    if is_all:
        _check_total(header, count, limits)
    with pillow_errors():
        frames = _seek(data, header, range(first, first + (count if is_all else 1)))
        return Frames(list(frames), count)


def _count(data: bytes, header: ImageHeader) -> tuple[int, int]:
    """How many frames there are, and the place at which Pillow has the first one."""
    if header.format == "GIF":
        return _count_gif(data), 0
    if header.format == "PNG" and header.frames > 1:
        return header.frames, int(_has_default_picture(data))
    if header.format == "PNG" and _has_default_picture(data):
        return 1, 1
    return header.frames, 0


def _has_default_picture(data: bytes) -> bool:
    """Whether an animated PNG has a picture before its animation, for programs that know no animations."""
    kinds = [chunk.kind for chunk in iter_chunks(data)]
    return b"acTL" in kinds and b"fcTL" in kinds and kinds.index(b"fcTL") > kinds.index(b"IDAT")


def _seek(data: bytes, header: ImageHeader, places: range) -> Iterator[torch.Tensor]:
    image = _open(data, header)
    for place in places:
        image.seek(place)
        load_strictly(image, data)
        yield to_tensor(apply_orientation(from_pillow(image, convert=not header.keep_colors), header.orientation))


def _open(data: bytes, header: ImageHeader) -> ImageFile.ImageFile:
    if header.format != "PNG":
        return open_image(data)
    from PIL.PngImagePlugin import PngImageFile

    return PngImageFile(BytesIO(data))


def _check_total(header: ImageHeader, count: int, limits: LimitSettings) -> None:
    total = header.pixels * count
    if total > limits.image_pixels:
        raise TooLarge(
            f"Its {count:,} frames have {total / 1e6:,.1f} megapixels in all, and at most "
            f"{limits.image_pixels / 1e6:,.1f} are allowed.",
            hint="Choose the frames “first”, or raise limits.image_pixels in the configuration.",
        )


# --- GIF -------------------------------------------------------------------------------------------------------------


def _count_gif(data: bytes) -> int:
    """Count the frames without decoding them; what is cut off does not count."""
    at, count = 13 + _table_bytes(data[10]) if len(data) > 12 else len(data), 0
    while at < len(data) and count < MAX_FRAMES:
        kind = data[at]
        if kind == 0x21:  # an extension: its label, then blocks
            at = _after_blocks(data, at + 2)
        elif kind == 0x2C and at + 10 < len(data):  # a frame: place and size, its colours, the code size, then blocks
            count += 1
            at = _after_blocks(data, at + 11 + _table_bytes(data[at + 9]))
        else:
            break
    return max(1, count)


def _table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1


# --- TIFF ------------------------------------------------------------------------------------------------------------


def _tiff_frames(data: bytes, limits: LimitSettings, *, is_all: bool) -> Frames:
    pages = list(_pages(data))
    if len(pages) < 2 or not is_all:
        return Frames([decode_image(data, limits)], max(1, len(pages)))
    # Each page by itself, as the first of a file: so all kinds of pixels are read, or refused, as there.
    files = [_with_first_page(data, page) for page in pages]
    headers = [check_size(file, limits) for file in files]
    alike = [file for file, header in zip(files, headers, strict=True) if header.shown_size == headers[0].shown_size]
    _check_total(headers[0], len(alike), limits)
    return Frames([decode_image(file, limits) for file in alike], len(pages))


def _pages(data: bytes) -> Iterator[int]:
    """Yield where the pages' directories are; those that repeat another page smaller, or are its mask, are left out."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = struct.unpack_from(f"{order}H", data, 2)[0] == 43
    pointer, counter, size = (f"{order}Q", f"{order}Q", 20) if is_big else (f"{order}I", f"{order}H", 12)
    seen: set[int] = set()
    try:
        at = struct.unpack_from(pointer, data, 8 if is_big else 4)[0]
        while at and at not in seen and len(seen) < MAX_FRAMES:
            seen.add(at)
            entries = struct.unpack_from(counter, data, at)[0]
            first = at + struct.calcsize(counter)
            if not _is_part(data, order, first, size, entries):
                yield at
            at = struct.unpack_from(pointer, data, first + entries * size)[0]
    except struct.error:
        return  # the chain leads out of the file: what was found counts


def _is_part(data: bytes, order: str, first: int, size: int, entries: int) -> bool:
    for at in range(first, first + min(entries, 256) * size, size):
        tag, kind = struct.unpack_from(f"{order}HH", data, at)
        if tag == _SUBFILE_TYPE:
            value = struct.unpack_from(
                f"{order}{'H' if kind == 3 else 'I'}", data, at + (size - 8 if size == 20 else 8)
            )[0]
            return bool(value & _REDUCED_OR_MASK)
        if tag > _SUBFILE_TYPE:
            return False
    return False


def _with_first_page(data: bytes, page: int) -> bytes:
    order = "<" if data[:2] == b"II" else ">"
    if struct.unpack_from(f"{order}H", data, 2)[0] == 43:
        return data[:8] + struct.pack(f"{order}Q", page) + data[16:]
    return data[:4] + struct.pack(f"{order}I", page) + data[8:]
