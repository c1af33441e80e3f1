"""Real photographs, from the data that scikit-image installs: through our files and back."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms

from datasete.config import LimitSettings
from datasete.imaging.png import decode_image, encode_image
from datasete.imaging.previews import preview_bytes
from datasete.imaging.seal import Seal, read_seal, seal

NAMES = ["astronaut.png", "coffee.png", "chelsea.png", "camera.png", "logo.png", "rocket.jpg", "retina.jpg"]


def photograph(name: str) -> bytes:
    spec = importlib.util.find_spec("skimage")
    assert spec, "the test extra installs scikit-image"
    return Path(spec.submodule_search_locations[0], "data", name).read_bytes()


@pytest.fixture
def plain():
    """Numbers are left alone: the rocket is in AdobeRGB."""
    return LimitSettings(color_profiles="ignore")


def test_a_photograph_in_adobe_rgb_becomes_srgb(limits):
    data = photograph("rocket.jpg")
    with Image.open(io.BytesIO(data)) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        expected = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"))
    found = decode_image(data, limits).numpy() * 255
    assert np.abs(found - np.asarray(expected)).max() <= 1.01
    assert np.abs(found - np.asarray(image)).max() > 50


@pytest.mark.parametrize("name", NAMES)
def test_a_photograph_comes_through_bit_for_bit(name, plain):
    data = photograph(name)
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image).reshape(image.height, image.width, -1)
    frame = decode_image(data, plain)
    assert torch.equal(frame, torch.from_numpy(pixels / np.float32(255)))
    ours = seal(encode_image(frame), Seal("t"))
    assert read_seal(ours).kind == "sealed"
    assert torch.equal(decode_image(ours, plain), frame)
    with Image.open(io.BytesIO(ours)) as image:
        assert (np.asarray(image).reshape(pixels.shape) == pixels).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_photograph_has_a_preview_like_pillows(name, plain):
    data = photograph(name)
    with Image.open(io.BytesIO(data)) as image:
        expected = image.convert("L")
        expected.thumbnail((128, 128))
    shown = Image.open(io.BytesIO(preview_bytes(data, 128, plain)[0])).convert("L")
    assert shown.size == expected.size
    difference = np.abs(np.asarray(shown, int) - np.asarray(expected, int)).mean()
    assert difference < (12 if name == "logo.png" else 3)  # the logo is transparent: ours stands on a checkerboard
