"""Previews: bounded, upright, and close to what they show."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from datasete.config import LimitSettings
from datasete.errors import InvalidInput, TooLarge
from datasete.imaging.png import encode_image
from datasete.imaging.previews import MAX_SIZE, preview_bytes, render_preview


def opened(preview: tuple[bytes, str]) -> Image.Image:
    data, mime = preview
    with Image.open(io.BytesIO(data)) as image:
        assert Image.MIME[image.format] == mime
        image.load()
    return image


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize(
    ("height", "width", "size", "expected"),
    [
        (1080, 1920, 512, (512, 288)),
        (1920, 1080, 512, (288, 512)),
        (1000, 1000, 64, (64, 64)),
        (3, 4, 512, (4, 3)),
        (1, 1, 512, (1, 1)),
        (1, 3000, 100, (100, 1)),
        (3000, 1, 100, (1, 100)),
        (131, 977, 10, (10, 1)),
        (513, 512, 512, (511, 512)),
    ],
)
def test_the_long_side_is_bounded_and_the_shape_kept(height, width, size, expected, channels, make_frame, limits):
    frame = make_frame(height, width, channels)
    assert opened(render_preview(frame, size)).size == expected
    assert opened(preview_bytes(encode_image(frame), size, limits)).size == expected


@pytest.mark.parametrize(("size", "long_side"), [(0, 1), (-5, 1), (10**9, MAX_SIZE)])
def test_the_size_asked_for_is_held_within_bounds(size, long_side):
    assert max(opened(render_preview(torch.zeros(8, 5000, 3), size)).size) == long_side


def test_a_large_preview_is_small_in_bytes(make_frame):
    data, _ = render_preview(make_frame(2000, 3000, 3), 512)
    assert len(data) < 100_000


@pytest.mark.parametrize("channels", [1, 3])
def test_it_looks_like_the_picture(channels, make_frame, limits):
    frame = make_frame(1531, 2017, channels)
    small = torch.nn.functional.interpolate(frame.permute(2, 0, 1)[None], (194, 256), mode="area")[0].permute(1, 2, 0)
    for preview in (render_preview(frame, 256), preview_bytes(encode_image(frame), 256, limits)):
        shown = np.asarray(opened(preview)).reshape(194, 256, channels) / 255
        assert np.abs(shown - small.numpy()).mean() < 0.01


def test_both_ways_show_the_same(make_frame, limits):
    frame = make_frame(900, 1400, 3)
    assert render_preview(frame, 200) == preview_bytes(encode_image(frame), 200, limits)


def test_transparency_shows_a_pale_checkerboard_and_no_hidden_colour():
    frame = torch.zeros(64, 64, 4)
    frame[..., 0] = 1
    frame[:32, :, 3] = 1
    shown = np.asarray(opened(render_preview(frame, 64))).astype(int)
    assert np.abs(shown[:30] - [254, 0, 0]).max() < 12
    below = shown[34:]
    assert below.min() > 200
    assert np.ptp(below.mean(2)) > 10


def test_transparent_edges_do_not_bleed():
    frame = torch.zeros(512, 512, 4)
    frame[..., 1] = 1
    frame[::2, :, 3] = 1
    frame[1::2, :, 0] = 1
    shown = np.asarray(opened(render_preview(frame, 64)))
    assert shown[..., 1].min() > 200
    assert shown[..., 0].max() < 150


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_stands_upright(kind, orientation, limits):
    corner = np.full((900, 1200, 3), 20, np.uint8)
    corner[:450, :600] = 250
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = opened(preview_bytes(saved(Image.fromarray(corner), kind, exif=exif), 120, limits))
    assert image.size == ((90, 120) if orientation > 4 else (120, 90))
    quarters = {
        (x, y): image.getpixel((5 if x == 0 else image.width - 6, 5 if y == 0 else image.height - 6))[0]
        for x in (0, 1)
        for y in (0, 1)
    }
    bright = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}[orientation]
    assert max(quarters, key=quarters.__getitem__) == bright
    assert sorted(quarters.values())[2] < 60


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_can_be_shown(mode, limits):
    image = Image.fromarray(
        np.full((300, 400), 128, np.uint16) * 257 if mode == "I;16" else np.full((300, 400, 3), 128, np.uint8)
    )
    shown = np.asarray(
        opened(preview_bytes(saved(image if mode == "I;16" else image.convert(mode), "PNG"), 100, limits))
    )
    assert shown.shape[:2] == (75, 100)
    assert mode == "1" or np.abs(shown.astype(int) - 128).max() < 4


@pytest.mark.parametrize(
    ("kind", "mode"), [("TIFF", "F"), ("GIF", "P"), ("BMP", "RGB"), ("JPEG", "CMYK"), ("JPEG", "L")]
)
def test_other_formats_can_be_shown(kind, mode, limits):
    image = Image.new(mode, (30, 20), 0.5 if mode == "F" else None)
    assert opened(preview_bytes(saved(image, kind), 10, limits)).size == (10, 7)


def test_sixteen_bits_of_colour_can_be_shown(build, limits):
    deep = np.full((20, 30, 3), 40_000, np.uint16)
    shown = np.asarray(opened(preview_bytes(build.picture(deep, 2), 30, limits)))
    assert np.abs(shown.astype(int) - 156).max() < 3


def test_limits_hold_before_anything_is_decoded():
    with pytest.raises(TooLarge):
        preview_bytes(encode_image(torch.zeros(10, 20, 3)), 64, LimitSettings(image_pixels=199))


@pytest.mark.parametrize(
    "frame", [torch.zeros(4, 4), torch.zeros(0, 4, 3), torch.zeros(2, 4, 4, 3), torch.zeros(4, 4, 2)]
)
def test_what_is_no_picture_is_refused(frame):
    with pytest.raises(InvalidInput, match="A picture must be"):
        render_preview(frame, 64)
