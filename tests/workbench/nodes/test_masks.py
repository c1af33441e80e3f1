"""Masks: preview, conversion, inversion."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from node_pictures import picture, pixels
from PIL import Image


def test_a_mask_is_shown_as_a_grey_picture(nodes, folders):
    mask = torch.linspace(0, 1, 20).reshape(1, 4, 5)
    answer = nodes["MaskPreview"].execute(mask)

    (saved,) = answer["ui"]["images"]
    with Image.open(folders.temp / saved["filename"]) as file:
        assert np.array_equal(np.asarray(file.convert("L")), pixels(mask[0]))
    assert torch.equal(answer["result"][0], mask)


@pytest.mark.parametrize("shape", [(4, 5), (1, 4, 5), (3, 4, 5)])
def test_a_mask_becomes_a_picture_and_comes_back(nodes, shape):
    mask = torch.rand(shape)
    (image,) = nodes["MaskToImage"].execute(mask)
    (back,) = nodes["ImageToMask"].execute(image, "green")

    assert image.shape[-1] == 3
    assert torch.equal(back, mask.reshape(-1, 4, 5))


def test_a_channel_that_is_not_there_is_named(nodes):
    with pytest.raises(ValueError, match="alpha"):
        nodes["ImageToMask"].execute(picture(), "alpha")


def test_a_mask_is_inverted(nodes):
    assert torch.equal(
        nodes["InvertMask"].execute(torch.tensor([[[0.0, 0.25, 1.0]]]))[0], torch.tensor([[[1, 0.75, 0]]])
    )
