"""Formats other than PNG: what their headers say, and what is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from datasete.config import LimitSettings
from datasete.errors import TooLarge, UnreadableImage
from datasete.imaging.formats import FORMATS, ImageHeader, pillow_errors, read_pillow_header
from datasete.imaging.image_header import check_size, read_header
from datasete.imaging.png import decode_image

NOISE = np.random.default_rng(3).integers(0, 256, (60, 90, 3), dtype=np.uint8)


def saved(kind: str, mode: str = "RGB", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(NOISE).convert(mode).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "channels", "bits"),
    [
        (saved("JPEG"), 3, 8),
        (saved("JPEG", "L"), 1, 8),
        (saved("JPEG", "CMYK"), 3, 8),
        (saved("WEBP"), 3, 8),
        (saved("WEBP", "RGBA"), 3, 8),
        (saved("GIF", "P"), 3, 8),
        (saved("BMP"), 3, 8),
        (saved("BMP", "1"), 1, 1),
        (saved("TIFF", "I;16"), 1, 16),
        (saved("TIFF", "F"), 1, 32),
        (saved("JPEG2000"), 3, 8),
        (saved("PPM"), 3, 8),
    ],
)
def test_a_header_tells_size_channels_and_depth(data, channels, bits, limits):
    header = read_header(data)
    assert header.format in FORMATS
    if header.channels == 4:  # Pillow writes WebP with its alpha even where all of it is opaque
        channels = 4
    assert header == ImageHeader(90, 60, header.format, channels, bits)
    assert decode_image(data, limits).shape == (60, 90, channels)


def test_a_header_tells_the_orientation():
    exif = Image.Exif()
    exif[0x0112] = 6
    header = read_header(saved("JPEG", exif=exif))
    assert (header.width, header.height, header.orientation, header.shown_size) == (90, 60, 6, (60, 90))
    turned = read_header(saved("TIFF", exif=exif))
    assert turned.shown_size == (60, 90)


def test_a_header_counts_the_frames_of_an_animated_webp():
    frames = [Image.fromarray(NOISE), Image.fromarray(255 - NOISE)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    assert read_header(file.getvalue()).frames == 2


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_a_cut_off_file_is_refused(kind, part, limits):
    data = saved(kind, lossless=True) if kind == "WEBP" else saved(kind)
    with pytest.raises(UnreadableImage, match="cannot be read"):
        decode_image(data[: int(len(data) * part)], limits)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_limits_hold_before_anything_is_decoded(kind):
    data = saved(kind)
    assert check_size(data, LimitSettings(image_pixels=5400)).pixels == 5400
    with pytest.raises(TooLarge, match="90 × 60 pixels"):
        check_size(data, LimitSettings(image_pixels=5399))


def test_a_large_picture_is_judged_by_our_limits_and_not_by_pillows():
    data = saved_blank(20_000, 10_000)
    assert check_size(data, LimitSettings()).pixels == 200_000_000
    with pytest.raises(TooLarge, match=r"200\.0 megapixels"):
        check_size(data, LimitSettings(image_pixels=10**8))


def saved_blank(width: int, height: int) -> bytes:
    """A GIF's header alone: Pillow opens it, and would warn about its size."""
    small = io.BytesIO()
    Image.new("L", (1, 1)).save(small, "GIF")
    data = bytearray(small.getvalue())
    data[6:10] = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return bytes(data)


def test_a_jpeg_of_a_thousand_scans_is_refused():
    data = saved("JPEG", progressive=True)
    scan = data[data.index(b"\xff\xda") : -2]
    with pytest.raises(UnreadableImage, match="more than 100 scans"):
        read_pillow_header(data[:-2] + scan * 100)


@pytest.mark.parametrize(
    "data",
    [
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"8BPS\0\1" + bytes(200),
        b"\xd7\xcd\xc6\x9a" + bytes(100),
    ],
)
def test_documents_are_not_tried(data):
    with pytest.raises(UnreadableImage, match="is not a PNG, JPEG"):
        read_pillow_header(data)


def test_no_memory_left_is_said_so():
    with pytest.raises(TooLarge, match="more memory than there is"), pillow_errors():
        raise MemoryError


def test_nothing_is_left_open():
    for kind in ("JPEG", "WEBP", "GIF", "TIFF"):
        read_header(saved(kind))  # an unclosed file would be a ResourceWarning, and that an error here
