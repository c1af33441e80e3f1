"""What a PNG says about itself, read without a picture library."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from oriented import exif
from PIL import Image

from datasete.config import LimitSettings
from datasete.errors import TooLarge, UnreadableImage
from datasete.imaging.formats import ImageHeader, orientation_in
from datasete.imaging.image_header import check_size, read_header


def saved(mode: str, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.zeros((7, 9, 3), np.uint8)).convert(mode).save(file, "PNG", **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "channels", "bits"),
    [
        (saved("1"), 1, 1),
        (saved("L"), 1, 8),
        (saved("L", transparency=0), 4, 8),
        (saved("LA"), 4, 8),
        (saved("P"), 3, 8),
        (saved("P", bits=2), 3, 2),
        (saved("P", transparency=0), 4, 8),
        (saved("RGB"), 3, 8),
        (saved("RGBA"), 4, 8),
        (saved("I;16"), 1, 16),
    ],
)
def test_size_channels_and_depth(data, channels, bits):
    assert read_header(data) == ImageHeader(9, 7, "PNG", channels, bits)


def test_the_frames_of_an_animation():
    frames = [Image.new("L", (4, 4), shade) for shade in (0, 90, 200)]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    assert read_header(file.getvalue()).frames == 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_wherever_it_stands(orientation, build):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved("RGB", exif=exif)
    header = read_header(data)
    assert header.orientation == orientation
    assert header.shown_size == ((7, 9) if orientation > 4 else (9, 7))
    behind = data.replace(b"eXIf", b"teXt")[:-12] + build.chunk(b"eXIf", exif.tobytes()[6:]) + data[-12:]
    assert read_header(behind).orientation == orientation


@pytest.mark.parametrize("data", [b"", b"Exif", b"\xff" * 40, exif(0), exif(9), exif(6)[:-8], exif(6)[4:]])
def test_an_orientation_that_makes_no_sense_is_none(data):
    assert orientation_in(data) == 1


def test_bytes_are_counted_before_anything_is_read():
    with pytest.raises(TooLarge, match=r"has 0\.2 MB, and at most 0\.1 MB"):
        check_size(b"no picture" * 20_000, LimitSettings(image_bytes=100_000))


def test_no_bytes_are_no_picture():
    with pytest.raises(UnreadableImage, match="it is empty"):
        read_header(b"")


def test_a_refusal_names_the_setting_to_raise():
    with pytest.raises(TooLarge) as caught:
        check_size(saved("L"), LimitSettings(image_pixels=10))
    assert "limits.image_pixels" in caught.value.hint


@pytest.mark.parametrize("module", ["image_header", "seal"])
def test_is_light_to_import(module):
    """Processes that are killed by the thousand import these two."""
    script = f"import sys, datasete.imaging.{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert f"datasete.imaging.{module}" in loaded
    assert not {"torch", "numpy", "PIL", "pydantic"} & set(loaded)
