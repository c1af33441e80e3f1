"""Limits at the limit: the last value that passes, and the first that does not."""

from __future__ import annotations

import io
import json
import zlib

import numpy as np
import pytest
from PIL import Image
from tiff_kinds import WIDTH, built_tiff, values

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, TooLarge, UnreadableImage
from datasete.imaging.chunks import MAX_CHUNKS, MAX_DEFLATE_RATIO, make_text_chunk, parse_png
from datasete.imaging.decoders.jpeg_markers import MAX_SCANS, MAX_SIDE
from datasete.imaging.image_header import check_size, read_header
from datasete.imaging.png import decode_image, encode_image
from datasete.imaging.previews import MAX_SIZE, preview_bytes
from datasete.imaging.seal import Seal, claimed_seal, read_seal, seal
from datasete.imaging.strips import filter_strip, unfilter_strip

NARROW = 512


def saved(form, array, **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize("width", [NARROW - 1, NARROW, NARROW + 1, 1, 2])
@pytest.mark.parametrize("rows", [1, 2, 3, 90])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_rows_of_the_width_at_which_the_way_changes(width, rows, channels):
    for size in {width * channels, width - width % channels}:
        if size:
            pixels = np.random.default_rng(1).integers(0, 256, (rows, size), dtype=np.uint8)
            assert (unfilter_strip(filter_strip(pixels, channels), channels) == pixels).all()


def sealed_with(build, padding):
    """A picture whose seal has been filled up with spaces, checksum and all."""
    data = seal(encode_image(decode_image(saved("PNG", np.zeros((2, 2, 3), np.uint8)), LimitSettings())), Seal("t"))
    size = int.from_bytes(data[33:37], "big")
    body = data[41 : 41 + size]
    return data[:33] + build.chunk(b"tEXt", body + b" " * (padding - len(body))) + data[45 + size :]


def test_a_seal_of_the_largest_size(build):
    assert read_seal(sealed_with(build, 1024)).kind == "sealed"
    assert claimed_seal(sealed_with(build, 1024)) == Seal("t")
    assert read_seal(sealed_with(build, 1025)).kind == "none"
    assert claimed_seal(sealed_with(build, 1025)) is None


@pytest.mark.parametrize(("token", "frames"), [("a", 1), ("a" * 64, 999_999)])
def test_seals_at_their_limits(token, frames, build):
    data = seal(saved("PNG", np.zeros((2, 2, 3), np.uint8)), Seal(token, frames=frames))
    assert claimed_seal(data) == Seal(token, frames=frames)


BEYOND = [
    ("", None, 1),
    ("a" * 65, None, 1),
    ("a", "0" * 31, 1),
    ("a", "0" * 33, 1),
    ("a", None, 0),
    ("a", None, 10**6),
    ("a", None, True),
]


@pytest.mark.parametrize(("token", "superseded", "frames"), BEYOND)
def test_seals_beyond_their_limits(token, superseded, frames, build):
    with pytest.raises(InvalidInput):
        Seal(token, superseded, frames)
    text = json.dumps({"token": token, "pixels": "", "sup": superseded, "frames": frames})
    data = saved("PNG", np.zeros((2, 2, 3), np.uint8))
    assert claimed_seal(data[:33] + build.chunk(b"tEXt", b"datasete\0" + text.encode()) + data[33:]) is None


@pytest.mark.parametrize(("more", "sound"), [(0, True), (1, False)])
def test_pieces_of_a_png(more, sound, build):
    rows = zlib.compress(build.rows(np.zeros((2, 2, 3), np.uint8)))
    spare = [build.chunk(b"teXt")] * (MAX_CHUNKS - 3 + more)
    data = build.file(build.header(), *spare, build.chunk(b"IDAT", rows), build.chunk(b"IEND"))
    if sound:
        assert parse_png(data).width == 2
    else:
        with pytest.raises(UnreadableImage, match="more than 100,000 pieces"):
            parse_png(data)


@pytest.mark.parametrize(("more", "sound"), [(0, True), (1, False)])
def test_what_deflate_can_hold(more, sound, build):
    height, stored = MAX_DEFLATE_RATIO * 3 + more, 6  # each row has two bytes
    data = build.file(build.header(1, height, 8, 0), build.chunk(b"IDAT", bytes(stored)), build.chunk(b"IEND"))
    if sound:
        assert parse_png(data).height == height
    else:
        with pytest.raises(UnreadableImage, match="more than its data can hold"):
            parse_png(data)


@pytest.mark.parametrize(("length", "sound"), [(0, False), (1, True), (79, True), (80, False)])
def test_keywords(length, sound):
    if sound:
        assert make_text_chunk("k" * length, "text")[8 : 8 + length] == b"k" * length
    else:
        with pytest.raises(InvalidInput, match="under the keyword"):
            make_text_chunk("k" * length, "text")


def test_bytes_and_pixels():
    data = saved("PNG", np.zeros((4, 5, 3), np.uint8))
    assert check_size(data, LimitSettings(image_bytes=len(data), image_pixels=20)).pixels == 20
    with pytest.raises(TooLarge, match="MB"):
        check_size(data, LimitSettings(image_bytes=len(data) - 1))
    with pytest.raises(TooLarge, match="megapixels"):
        check_size(data, LimitSettings(image_pixels=19))


@pytest.mark.parametrize("size", [-5, 0, 1, MAX_SIZE, MAX_SIZE + 1, 10**9])
def test_previews(size, limits):
    data = saved("PNG", np.zeros((2, MAX_SIZE + 10), np.uint8))
    shown = Image.open(io.BytesIO(preview_bytes(data, size, limits)[0]))
    assert shown.width == min(max(size, 1), MAX_SIZE)


@pytest.mark.parametrize(("scans", "sound"), [(MAX_SCANS, True), (MAX_SCANS + 1, False)])
def test_scans(scans, sound, limits):
    data = saved("JPEG", np.zeros((16, 16), np.uint8), progressive=True)
    last = data[data.rindex(b"\xff\xda") : -2]
    there = data.count(b"\xff\xda")
    grown = data[:-2] + last * (scans - there) + data[-2:] + last  # what is behind the end does not count
    if sound:
        assert read_header(grown).width == 16
        assert decode_image(grown, limits).shape == (16, 16, 1)
    else:
        with pytest.raises(UnreadableImage, match="more than 100 scans"):
            read_header(grown)


def test_the_sides_of_a_jpeg():
    assert read_header(saved("JPEG", np.zeros((1, MAX_SIDE), np.uint8))).width == MAX_SIDE
    data = bytearray(saved("JPEG", np.zeros((1, 8), np.uint8)))
    place = data.index(b"\xff\xc0") + 7
    data[place : place + 2] = (MAX_SIDE + 1).to_bytes(2, "big")
    with pytest.raises(
        UnreadableImage, match="a JPEG of more than 65,500 pixels a side, and that kind is not supported"
    ):
        read_header(bytes(data))


@pytest.mark.parametrize(("samples", "sound"), [(32, True), (33, False)])
def test_channels_of_a_tiff(samples, sound, limits):
    rows = np.concatenate((values("u1", 3), np.zeros((*values("u1", 3).shape[:2], samples - 3), np.uint8)), axis=2)
    data = built_tiff([rows.tobytes()], "<", samples=samples, photometric=2, more={338: 0})
    if sound:
        assert decode_image(data, limits).shape == (*rows.shape[:2], 3)
    else:
        with pytest.raises(UnreadableImage, match="a TIFF with 33 channels"):
            read_header(data)


def test_a_small_tiff_that_declares_much_costs_little():
    """Neither huge pieces, nor millions of them, nor lists that lead out of the file."""
    flat = values("u1", 1).tobytes()
    for more in (
        {322: 1 << 20, 323: 1 << 20},
        {322: 0, 323: 0},
        {256: 1 << 30, 257: 1, 278: 1},
        {257: 1 << 28, 278: 1},
    ):
        with pytest.raises((UnreadableImage, TooLarge)):
            decode_image(built_tiff([flat], "<", more=more), LimitSettings())
    data = built_tiff([flat], "<")
    for cut in range(len(data) - 4):  # the last four bytes lead to the next page
        with pytest.raises(UnreadableImage):
            decode_image(data[:cut], LimitSettings())
    assert read_header(data).width == WIDTH
