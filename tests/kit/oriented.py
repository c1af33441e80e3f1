"""Pictures whose file says how they are to be turned, in every place where formats and programs write that down."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

SHORT, LONG = 3, 4
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="{}"/></rdf:RDF></x:xmpmeta>'
)


class Carrier(NamedTuple):
    """A place for the orientation.

    Attributes:
        make: encodes pixels with an orientation.
        counts: whether the format defines that place; else a picture is not turned.
        tolerance: how far colours may be off, of 255.
    """

    make: Callable[[npt.NDArray[np.uint8], int], bytes]
    counts: bool
    tolerance: int = 0


def arrow() -> npt.NDArray[np.uint8]:
    """An arrow [H,W,3] that points to the top right corner, where it is red: it equals none of its turns."""
    pixels = np.full((48, 64, 3), 235, np.uint8)
    pixels[8:32, 40:56] = (200, 30, 30)
    pixels[8:16, 16:40] = (30, 30, 30)
    return pixels


def exif(orientation: int, kind: int = SHORT, order: str = "<") -> bytes:
    """EXIF with an orientation of one type, in one byte order."""
    value = struct.pack(f"{order}HH", orientation, 0) if kind == SHORT else struct.pack(f"{order}I", orientation)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    return head + struct.pack(f"{order}HHHI", 1, 0x0112, kind, 1) + value + bytes(4)


def saved(pixels: npt.NDArray[np.uint8], form: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def jpeg(pixels: npt.NDArray[np.uint8], *segments: bytes) -> bytes:
    data = saved(pixels, "JPEG", quality=100, subsampling=0)
    marked = [b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment for segment in segments]
    return data[:2] + b"".join(marked) + data[2:]


def png(pixels: npt.NDArray[np.uint8], kind: bytes, body: bytes, *, behind: bool = False) -> bytes:
    """A PNG with one more chunk before its pixels or behind them."""
    data = saved(pixels, "PNG")
    place = len(data) - 12 if behind else 33
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return data[:place] + chunk + data[place:]


def raw_profile(orientation: int) -> bytes:
    """A chunk as ImageMagick once wrote it: EXIF as a text of hexadecimal digits."""
    data = b"Exif\0\0" + exif(orientation)
    return b"Raw profile type exif\0\0" + zlib.compress(f"\nexif\n{len(data):8}\n{data.hex()}\n".encode())


def tiff(pixels: npt.NDArray[np.uint8], orientation: int, kind: int) -> bytes:
    data = saved(pixels, "TIFF", tiffinfo={0x0112: orientation})
    short = struct.pack("<HHIHH", 0x0112, SHORT, 1, orientation, 0)
    assert data.count(short) == 1
    return data.replace(short, struct.pack("<HHII", 0x0112, kind, 1, orientation))


def _xmp(orientation: int) -> bytes:
    return b"http://ns.adobe.com/xap/1.0/\0" + XMP.format(orientation).encode()


CARRIERS: dict[str, Carrier] = {
    "jpeg": Carrier(lambda p, o: jpeg(p, b"Exif\0\0" + exif(o)), counts=True, tolerance=8),
    "jpeg, long": Carrier(lambda p, o: jpeg(p, b"Exif\0\0" + exif(o, LONG)), counts=True, tolerance=8),
    "jpeg, big-endian": Carrier(lambda p, o: jpeg(p, b"Exif\0\0" + exif(o, order=">")), counts=True, tolerance=8),
    "jpeg, XMP says another": Carrier(
        lambda p, o: jpeg(p, _xmp(9 - o), b"Exif\0\0" + exif(o)), counts=True, tolerance=8
    ),
    "jpeg, XMP alone": Carrier(lambda p, o: jpeg(p, _xmp(o)), counts=False, tolerance=8),
    "png": Carrier(lambda p, o: png(p, b"eXIf", exif(o)), counts=True),
    "png, long": Carrier(lambda p, o: png(p, b"eXIf", exif(o, LONG)), counts=True),
    "png, behind the pixels": Carrier(lambda p, o: png(p, b"eXIf", exif(o), behind=True), counts=True),
    "png, raw profile": Carrier(lambda p, o: png(p, b"zTXt", raw_profile(o)), counts=False),
    "png, XMP alone": Carrier(
        lambda p, o: png(p, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP.format(o).encode()), counts=False
    ),
    "webp": Carrier(lambda p, o: saved(p, "WEBP", lossless=True, exif=exif(o)), counts=True),
    "webp, long": Carrier(lambda p, o: saved(p, "WEBP", lossless=True, exif=exif(o, LONG)), counts=True),
    "webp, with a prefix": Carrier(
        lambda p, o: saved(p, "WEBP", lossless=True, exif=b"Exif\0\0" + exif(o)), counts=True
    ),
    "webp, XMP alone": Carrier(lambda p, o: saved(p, "WEBP", lossless=True, xmp=XMP.format(o).encode()), counts=False),
    "avif": Carrier(
        lambda p, o: saved(p, "AVIF", quality=100, subsampling="4:4:4", exif=exif(o)), counts=True, tolerance=8
    ),
    "tiff": Carrier(lambda p, o: tiff(p, o, SHORT), counts=True),
    "tiff, long": Carrier(lambda p, o: tiff(p, o, LONG), counts=True),
    "tiff, XMP alone": Carrier(lambda p, o: saved(p, "TIFF", tiffinfo={700: XMP.format(o).encode()}), counts=False),
}


def turned(pixels: npt.NDArray[np.uint8], orientation: int) -> npt.NDArray[np.uint8]:
    """Pixels as a person is to see them, by what EXIF's definition says of rows and columns."""
    return {
        1: pixels,
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: pixels.transpose(1, 0, 2),
        6: np.rot90(pixels, -1),
        7: pixels[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(pixels, 1),
    }[orientation]
