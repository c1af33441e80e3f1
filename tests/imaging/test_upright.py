"""One rule turns pictures, for a run, for a thumbnail and for a page, wherever the file says how."""

from __future__ import annotations

import io

import numpy as np
import pytest
from oriented import CARRIERS, arrow, exif, jpeg, saved, turned
from PIL import Image

from datasete.imaging.image_header import read_header
from datasete.imaging.png import decode_image
from datasete.imaging.previews import preview_bytes
from datasete.imaging.upright import upright

ALL = pytest.mark.parametrize("orientation", range(1, 9))
EACH = pytest.mark.parametrize("carrier", CARRIERS)


def made(carrier, orientation):
    """A file, and how its picture is to be seen."""
    kind = CARRIERS[carrier]
    return kind.make(arrow(), orientation), turned(arrow(), orientation if kind.counts else 1), kind.tolerance


def distance(found, expected):
    assert found.shape == expected.shape
    return np.abs(found.astype(int) - expected.astype(int)).max()


@ALL
@EACH
def test_a_run_gets_it_upright(carrier, orientation, limits):
    data, expected, tolerance = made(carrier, orientation)
    found = (decode_image(data, limits).numpy() * 255).round()
    assert distance(found, expected) <= tolerance
    assert read_header(data).shown_size == expected.shape[1::-1]


@ALL
@EACH
def test_a_thumbnail_agrees_with_the_run(carrier, orientation, limits):
    data, expected, _ = made(carrier, orientation)
    shown = np.asarray(Image.open(io.BytesIO(preview_bytes(data, 64, limits)[0])))
    assert np.abs(shown.astype(int) - expected).mean() < 8


@ALL
@EACH
def test_a_page_gets_the_same_pixels_and_nothing_to_turn_them_by(carrier, orientation, limits):
    data, expected, tolerance = made(carrier, orientation)
    body, media_type = upright(data, limits)
    shown = Image.open(io.BytesIO(body))
    assert media_type == f"image/{shown.format.lower()}"
    assert shown.format in {"PNG", "JPEG", "WEBP"}
    assert distance(np.asarray(shown), expected) <= max(tolerance, 8 if shown.format == "JPEG" else 0)
    assert dict(shown.getexif()) == {}  # XMP included


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_what_says_nothing_is_shown_as_it_is(form, limits):
    data = saved(arrow(), form)
    assert upright(data, limits) == (data, f"image/{form.lower()}")


def test_colour_profiles_stay(limits):
    profile = b"not a real profile" * 10
    for form in ("PNG", "JPEG", "WEBP"):
        data = saved(arrow(), form, icc_profile=profile, exif=exif(1))
        body, _ = upright(data, limits)
        assert len(body) < len(data)
        assert Image.open(io.BytesIO(body)).info["icc_profile"] == profile


def test_transparency_and_grey_stay(limits):
    clear = np.dstack((arrow(), np.full((48, 64), 77, np.uint8)))
    for form in ("PNG", "WEBP"):
        body, _ = upright(saved(clear, form, exif=exif(6), **({"lossless": True} if form == "WEBP" else {})), limits)
        assert (np.asarray(Image.open(io.BytesIO(body))) == turned(clear, 6)).all()
    grey = arrow()[..., 0]
    body, _ = upright(saved(grey, "PNG", exif=exif(6)), limits)
    assert (np.asarray(Image.open(io.BytesIO(body))) == turned(grey[..., None], 6)[..., 0]).all()


def test_sixteen_bits_are_shown_by_their_upper_half(limits):
    deep = arrow()[..., 0].astype(np.uint16) * 257
    body, _ = upright(saved(deep, "PNG", exif=exif(8)), limits)
    assert (np.asarray(Image.open(io.BytesIO(body))) == turned(arrow()[..., :1], 8)[..., 0]).all()


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_turns_nothing(value, limits):
    data = jpeg(arrow(), b"Exif\0\0" + exif(value))
    assert read_header(data).orientation == 1
    assert dict(Image.open(io.BytesIO(upright(data, limits)[0])).getexif()) == {}
