"""The pieces of a TIFF, strips or tiles, decompressed.

Lossless compressions work on bytes, whatever these mean. So libtiff, which Pillow brings, is given the pieces as the
strips of an 8-bit grey picture, which Pillow reads right, and the meaning of the bytes is left to `tiff_decode`.
JPEG and WebP pieces are pictures of their own.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, NamedTuple, TypeAlias, cast

import numpy as np
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from datasete.imaging.chunks import unreadable, unsupported
from datasete.imaging.decoders.jpeg_markers import parse_frame
from datasete.imaging.decoders.strict import load_strictly
from datasete.imaging.decoders.tiff import JPEG, LZMA, NONE, OLD_JPEG, WEBP, YCBCR, ZSTD, Tiff  # fmt: skip
from datasete.imaging.strips import Bytes, parallel_map

_GROUP_BYTES: Final = 1 << 23
_MIN_BLACK: Final = 1
_LONG: Final = 4
_JPEG_TABLES, _OLD_START, _OLD_SIZE, _FILL_ORDER = 347, 513, 514, 266
_FAX_OPTIONS: Final = (292, 293)
_REVERSED: Final = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)[:, ::-1], axis=1)[:, 0]
_SAVED_AS: Final = {ZSTD: "zstd", LZMA: "lzma"}


class Place(NamedTuple):
    """Where a piece belongs, and how many rows it has."""

    plane: int
    top: int
    left: int
    rows: int


def read_pieces(tiff: Tiff) -> Iterator[list[tuple[Place, Any]]]:
    """Decompress all pieces, some at a time: [rows, bytes] of lossless ones, [rows, columns, channels] of pictures.

    Raises:
        UnreadableImage: a piece is damaged or incomplete, or this Pillow cannot unpack the compression.
    """
    if tiff.compression == OLD_JPEG:
        return iter([_old_jpeg(tiff)])
    jobs = [job for job in zip(_places(tiff), tiff.pieces(), strict=True) if job[0].plane < tiff.samples_used]
    return parallel_map(lambda group: _read_group(tiff, group), _grouped(tiff, jobs))


def _places(tiff: Tiff) -> list[Place]:
    wide, high = tiff.tile
    across, down = tiff.grid
    return [
        Place(plane, row * high, column * wide, high if tiff.tiled else min(high, tiff.height - row * high))
        for plane in range(tiff.samples if tiff.planar else 1)
        for row in range(down)
        for column in range(across)
    ]


Job: TypeAlias = tuple[Place, tuple[int, int]]


def _grouped(tiff: Tiff, jobs: list[Job]) -> list[list[Job]]:
    """Cut the list into groups that are worth a thread, and end at the last, shorter strip of a plane."""
    most = max(1, _GROUP_BYTES // (tiff.row_bytes * tiff.tile[1]))
    groups: list[list[Job]] = [[]]
    for job in jobs:
        if len(groups[-1]) >= most or (groups[-1] and groups[-1][0][0].plane != job[0].plane):
            groups.append([])
        groups[-1].append(job)
    return groups


def _read_group(tiff: Tiff, group: list[Job]) -> list[tuple[Place, Any]]:
    data = tiff.fields.data
    pieces = [data[start : start + size] for _, (start, size) in group]
    places = [place for place, _ in group]
    if tiff.compression in {JPEG, WEBP}:
        return [(place, _picture(tiff, piece)) for place, piece in zip(places, pieces, strict=True)]
    rows = [place.rows for place in places]
    if tiff.compression == NONE:
        array = np.frombuffer(b"".join(pieces), np.uint8).reshape(sum(rows), tiff.row_bytes)
        if tiff.fields.number(_FILL_ORDER, 1) == 2:
            array = _REVERSED[array]
    else:
        array = _by_libtiff(tiff, pieces, sum(rows))
    ends = np.cumsum(rows)
    return list(zip(places, np.split(array, ends[:-1]), strict=True))


def _by_libtiff(tiff: Tiff, pieces: list[bytes], rows: int) -> Bytes:
    fax = tiff.bits == 1 and tiff.compression in {2, 3, 4}
    columns = tiff.tile[0] if fax else tiff.row_bytes
    options = {tag: tiff.fields.number(tag, 0) for tag in _FAX_OPTIONS if fax and tag in tiff.fields}
    file = _disguise(
        pieces,
        {
            256: columns, 257: rows, 258: 1 if fax else 8, 259: tiff.compression, 262: _MIN_BLACK,
            _FILL_ORDER: tiff.fields.number(_FILL_ORDER, 1), 277: 1, 278: tiff.tile[1], **options,
        },
    )  # fmt: skip
    image = TiffImageFile(BytesIO(file))
    # Beforehand, because Pillow would compare the disguise with its limit for pictures.
    image.im = cast("Any", Image).core.new(image.mode, image.size)
    try:
        image.load()
    except OSError:
        _check_codec(tiff)
        raise unreadable("is damaged: its pixel data cannot be unpacked") from None
    return np.packbits(np.asarray(image), axis=1) if fax else np.asarray(image)


def _disguise(pieces: list[bytes], tags: dict[int, int]) -> bytes:
    """Make a TIFF with these strips and these fields."""
    body = b"".join(pieces)
    starts = np.cumsum([8, *map(len, pieces)])[:-1]
    lists = {273: starts.astype("<u4").tobytes(), 279: np.array([*map(len, pieces)], "<u4").tobytes()}
    entries, extra, place = b"", b"", 8 + len(body)
    for tag, value in sorted({**tags, 273: 0, 279: 0}.items()):
        count, stored = 1, struct.pack("<I", value)
        if tag in lists:
            count, stored = len(pieces), lists[tag]
        if len(stored) > 4:
            extra, stored = extra + stored, struct.pack("<I", place + len(extra))
        entries += struct.pack("<HHI", tag, _LONG, count) + stored
    page = place + len(extra)
    return b"".join(
        (struct.pack("<2sHI", b"II", 42, page), body, extra, struct.pack("<H", len(entries) // 12), entries, bytes(4))
    )


def _check_codec(tiff: Tiff) -> None:
    """See whether Pillow's libtiff was built with the compression of a TIFF.

    Raises:
        UnreadableImage: it was not.
    """
    name = _SAVED_AS.get(tiff.compression)
    if name is None:
        return
    try:
        Image.new("L", (1, 1)).save(BytesIO(), "TIFF", compression=name)
    except (OSError, ValueError, KeyError):
        raise unsupported(f"a TIFF with {name} compression, which the installed Pillow lacks") from None


def _picture(tiff: Tiff, piece: bytes) -> Any:
    """Decode one piece that is a JPEG or WebP; [rows, columns, channels], at least as large as the piece."""
    if tiff.compression == WEBP:
        from PIL.WebPImagePlugin import WebPImageFile

        image: Any = WebPImageFile(BytesIO(piece))
        _check_piece(tiff, *image.size)
        image.load()
        image = image.convert("RGBA" if tiff.samples == 4 else "RGB")
    else:
        image = _jpeg_piece(tiff, piece)
    array = np.asarray(image)
    return array[..., None] if array.ndim == 2 else array


def _check_piece(tiff: Tiff, width: int, height: int) -> None:
    if width > tiff.tile[0] or height > tiff.tile[1]:
        raise unreadable("is damaged: a piece has another size")


def _jpeg_piece(tiff: Tiff, piece: bytes) -> JpegImageFile:
    tables = tiff.fields.raw(_JPEG_TABLES)
    data = tables[:-2] + piece[2:] if len(tables) > 4 else piece
    frame = parse_frame(data)
    _check_piece(tiff, frame.width, frame.height)
    if len(frame.sampling) != tiff.samples_together:
        raise unreadable("is damaged: a piece has another number of channels")
    image = JpegImageFile(BytesIO(data))
    stored, shown = _jpeg_colors(tiff)
    image._mode = "CMYK" if len(shown) == 4 else shown  # noqa: SLF001 - the TIFF says what the samples mean
    image.tile = [image.tile[0]._replace(args=(image.mode, stored))]
    load_strictly(image, data)
    return image


def _jpeg_colors(tiff: Tiff) -> tuple[str, str]:
    """What libjpeg shall believe the samples to be, and what it shall return."""
    if tiff.samples_together == 1:
        return "L", "L"
    if tiff.samples_together == 4:
        return "CMYK", "CMYK"  # as they are, also for RGB with alpha
    return ("YCbCr" if tiff.photometric == YCBCR else "RGB"), "RGB"


def _old_jpeg(tiff: Tiff) -> list[tuple[Place, Any]]:
    """The entire picture of a TIFF with old-style JPEG compression, if it is stored as a file within the file."""
    start, size = tiff.fields.number(_OLD_START, 0), tiff.fields.number(_OLD_SIZE, 0)
    data = tiff.fields.data[start : start + size]
    if not start or not data.startswith(b"\xff\xd8\xff"):
        raise unsupported("a TIFF with old-style JPEG compression in pieces")
    if start + size > len(tiff.fields.data):
        raise unreadable("ends early")
    image = JpegImageFile(BytesIO(data))
    if image.size != (tiff.width, tiff.height):
        raise unreadable("is damaged: its picture has another size")
    load_strictly(image, data)
    array = np.asarray(image)
    return [(Place(0, 0, 0, tiff.height), array[..., None] if array.ndim == 2 else array)]
