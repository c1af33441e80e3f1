"""Pictures are scaled, cropped, inverted and joined."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from node_pictures import picture, pixels, shown
from photographs import photograph

from datasete.errors import InvalidInput


@pytest.mark.parametrize("method", ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"])
@pytest.mark.parametrize("name", ["small", "small-grey", "small-rgba"])
def test_a_picture_is_scaled(nodes, method, name):
    image = picture(name)
    (scaled,) = nodes["ImageScale"].upscale(image, method, 100, 50, "disabled")

    assert scaled.shape == (1, 50, 100, image.shape[-1])
    assert abs(scaled.mean() - image.mean()) < 0.02


@pytest.mark.parametrize(
    ("width", "height", "expected"), [(0, 150, (150, 226)), (902, 0, (600, 902)), (0, 0, (300, 451))]
)
def test_a_side_of_zero_follows_the_other(nodes, width, height, expected):
    assert nodes["ImageScale"].upscale(picture(), "area", width, height, "disabled")[0].shape[1:3] == expected


def test_a_picture_is_cut_to_the_new_shape_in_the_middle(nodes):
    image = torch.zeros(1, 10, 30, 3)
    image[:, :, 10:20] = 1
    (cut,) = nodes["ImageScale"].upscale(image, "nearest-exact", 5, 5, "center")

    assert cut.shape == (1, 5, 5, 3)
    assert cut.min() == 1


def test_a_picture_is_scaled_by_a_factor(nodes):
    assert nodes["ImageScaleBy"].upscale(picture(), "area", 0.5)[0].shape == (1, 150, 226, 3)
    assert nodes["ImageScaleBy"].upscale(torch.zeros(1, 3, 3, 1), "area", 0.01)[0].shape == (1, 1, 1, 1)


def test_a_rectangle_is_cut_out_and_ends_at_the_border(nodes):
    image = picture()

    assert torch.equal(nodes["ImageCrop"].execute(image, 100, 50, 10, 20)[0], image[:, 20:70, 10:110])
    assert nodes["ImageCrop"].execute(image, 512, 512, 400, 290)[0].shape == (1, 10, 51, 3)
    assert nodes["ImageCrop"].execute(image, 5, 5, 9999, 9999)[0].shape == (1, 1, 1, 3)


def test_a_picture_is_inverted(nodes):
    assert np.array_equal(pixels(nodes["ImageInvert"].invert(picture())[0][0]), 255 - shown(photograph("small")))


def test_two_batches_are_joined_at_the_size_of_the_first(nodes):
    (joined,) = nodes["ImageBatch"].batch(picture("small"), picture("small-rgba")[:, ::2, ::2])

    assert joined.shape == (2, 300, 451, 4)
    assert joined[0, ..., 3].min() == 1, "a picture without alpha is opaque"


def test_grey_and_colour_are_not_joined_as_in_comfyui(nodes):
    with pytest.raises(InvalidInput, match="Pictures of 1 and of 3 channels"):
        nodes["ImageBatch"].batch(picture("small-grey"), picture("small"))
