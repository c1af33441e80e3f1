"""Pictures of any format as PNGs: upright, and nothing lost."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiff_kinds import CHANNELS, tiff, values

from datasete.imaging.image_header import read_header
from datasete.imaging.png import decode_image
from datasete.imaging.repack import as_png, to_png


@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "f4"])
@pytest.mark.parametrize("name", ["grey", "white-is-zero", "RGB", "RGBA"])
def test_depth_and_channels_stay(kind, name, limits):
    data = tiff(values(kind, CHANNELS[name].count), CHANNELS[name], extratags=[(274, 3, 1, 6, True)])
    made = as_png(data, limits)
    assert read_header(made).bits == (8 if kind == "u1" else 16)
    tolerance = 0 if kind in {"u1", "u2"} else 1 / 65535
    assert (decode_image(made, limits) - decode_image(data, limits)).abs().max() <= tolerance


def test_a_png_keeps_its_bytes(build, limits):
    data = build.picture(values("u2", 3), 2)
    assert as_png(data, limits) is data


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (700, 300)])
def test_sixteen_bits_of_any_size(shape, channels, limits):
    pixels = np.random.default_rng(1).integers(0, 65536, (*shape, channels), dtype=np.uint16)
    assert torch.equal(decode_image(to_png(pixels), limits), torch.from_numpy(pixels / np.float32(65535)))


def test_what_is_no_number_becomes_black(limits):
    pixels = np.array([[[np.nan]], [[np.inf]], [[-1]], [[0.5]]], np.float32)
    assert decode_image(to_png(pixels), limits).ravel().tolist() == pytest.approx([0, 1, 0, 0.5], abs=1e-5)
