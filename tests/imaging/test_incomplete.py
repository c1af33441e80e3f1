"""Incomplete pictures are refused, whatever other packs have switched in Pillow; only an end marker may be missing."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pytest
import tifffile
import torch
from other_kinds import bmp
from PIL import Image, ImageFile

from datasete.config import LimitSettings
from datasete.errors import UnreadableImage
from datasete.imaging.image_header import read_header
from datasete.imaging.png import decode_image, encode_image
from datasete.imaging.previews import preview_bytes

CUTS = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
END = b"\xff\xd9"
SCAN = b"\xff\xda"


@cache
def pixels(height: int = 90, width: int = 120) -> np.ndarray:
    random = np.random.default_rng(1)
    slope = np.linspace(0, 200, width)[None, :, None] + np.linspace(0, 40, height)[:, None, None]
    return (slope + random.normal(0, 5, (height, width, 3))).clip(0, 255).astype(np.uint8)


def saved(form: str, mode: str = "RGB", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels()).convert(mode).save(file, form, **options)
    return file.getvalue()


def tiff(**options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels(), photometric="rgb", metadata=None, **options)
    return file.getvalue()


def run_lengths() -> bytes:
    body = (b"\x25\x07" + b"\0\0") * 19 + b"\0\1"
    return bmp(np.zeros((1, 1), np.uint8), 8, 40, True, table=bytes(range(256)) * 4, compression=1, body=body)


JPEGS = {
    "baseline": saved("JPEG"),
    "grey": saved("JPEG", "L"),
    "CMYK": saved("JPEG", "CMYK"),
    "fine": saved("JPEG", quality=98, subsampling=0),
    "progressive": saved("JPEG", progressive=True),
    "progressive grey": saved("JPEG", "L", progressive=True),
    "restarts": saved("JPEG", restart_marker_rows=1),
    "progressive restarts": saved("JPEG", progressive=True, restart_marker_blocks=4),
}
FILES = {
    **{f"JPEG {name}": data for name, data in JPEGS.items()},
    "PNG": saved("PNG"),
    "our PNG": encode_image(torch.rand(90, 120, 3)),
    "WebP": saved("WEBP"),
    "lossless WebP": saved("WEBP", lossless=True),
    "WebP with alpha": saved("WEBP", "RGBA"),
    "GIF": saved("GIF", "P"),
    "BMP": saved("BMP"),
    "BMP of run lengths": run_lengths(),
    "PPM": saved("PPM"),
    "written PPM": b"P3 120 90 255\n" + b" ".join(str(value).encode() for value in pixels().ravel().tolist()),
    "JPEG 2000": saved("JPEG2000"),
    "lossy JPEG 2000": saved("JPEG2000", quality_mode="rates", quality_layers=[20]),
    "TIFF": tiff(rowsperstrip=8),
    "TIFF of LZW": tiff(rowsperstrip=8, compression="lzw"),
    "TIFF of JPEG": tiff(tile=(32, 32), compression="jpeg"),
    **({"AVIF": saved("AVIF")} if ".avif" in Image.registered_extensions() else {}),
}


def refuses(read: Callable[..., object], data: bytes, limits: LimitSettings) -> bool:
    try:
        read(data, limits=limits)
    except UnreadableImage:
        return True
    return False


@pytest.fixture(params=[False, True], ids=["as it comes", "switched"])
def switch(request, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", request.param)


@pytest.mark.parametrize("name", FILES)
def test_a_cut_file_is_refused(name, switch, limits):
    data = FILES[name]
    decode_image(data, limits)
    for part in CUTS:
        cut = data[: int(len(data) * part)]
        assert refuses(decode_image, cut, limits), f"passed when cut at {part}"
        assert refuses(partial(preview_bytes, size=16), cut, limits), f"was shown when cut at {part}"


@pytest.mark.parametrize("name", FILES)
def test_a_complete_file_passes_with_anything_behind_it(name, switch, limits):
    if name == "written PPM":
        pytest.skip("what follows a number belongs to it")
    data = FILES[name]
    assert torch.equal(decode_image(data + os.urandom(5000), limits), decode_image(data, limits))


@pytest.mark.parametrize("part", CUTS)
@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_that_was_cut_and_ended_is_refused(name, part, switch, limits):
    data = JPEGS[name]
    start = data.index(SCAN)
    for cut in (int(len(data) * part), start + int((len(data) - start) * part)):
        with pytest.raises(UnreadableImage):
            decode_image(data[:cut] + END, limits)


def test_every_cut_of_a_jpeg_is_refused(switch, limits):
    """All but the last bytes, which may hold nothing but padding."""
    for name in ("baseline", "progressive", "progressive restarts"):
        data = JPEGS[name]
        for cut in range(data.rindex(SCAN), len(data) - 14, 7):
            assert refuses(decode_image, data[:cut] + END, limits), f"{name} passed when cut at {cut} of {len(data)}"


@pytest.mark.parametrize("name", JPEGS)
def test_a_jpeg_that_lacks_its_end_marker_alone_is_complete(name, switch, limits):
    data = JPEGS[name]
    assert torch.equal(decode_image(data[:-2], limits), decode_image(data, limits))


@pytest.mark.parametrize("name", JPEGS)
def test_what_lies_around_a_picture_is_not_counted(name, limits):
    data = JPEGS[name]
    expected = decode_image(data, limits)
    preview = b"\xff\xe1" + (60_000).to_bytes(2, "big") + (SCAN + b"\x00\x08") * 14_999 + b"\0\0"
    random = np.random.default_rng(2).bytes(8_000_000)
    behind, before, filled = data + data * 30 + SCAN * 500, data[:2] + preview + data[2:], data[:-2] + b"\xff" * 9 + END
    for around in (data + random, behind, before, filled):
        assert read_header(around).width == 120
        assert torch.equal(decode_image(around, limits), expected)


def test_a_progressive_jpeg_without_its_last_scans_is_refused(limits):
    data = JPEGS["progressive"]
    for scan in range(1, data.count(SCAN)):
        place = -1
        for _ in range(scan + 1):
            place = data.index(SCAN, place + 1)
        with pytest.raises(UnreadableImage, match="ends early"):
            decode_image(data[:place] + END, limits)


def test_a_cut_jpeg_with_another_behind_it_is_refused(limits):
    whole = JPEGS["baseline"]
    with pytest.raises(UnreadableImage):
        decode_image(whole[: len(whole) // 2] + whole, limits)


def test_the_switch_is_left_as_it_was(switch, limits):
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    decode_image(FILES["GIF"], limits)
    assert before is ImageFile.LOAD_TRUNCATED_IMAGES
