"""Loading real photographs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from node_pictures import pixels, shown
from photographs import photograph
from PIL import Image

from datasete.config import LimitSettings
from datasete.errors import TooLarge, UnreadableImage
from datasete.workbench.nodes import loading


@pytest.mark.parametrize("name", ["small", "small-jpeg", "small-grey", "large", "camera"])
def test_a_photograph_is_loaded_as_it_is_shown(nodes, give, name):
    images, masks = nodes["LoadImage"].load_image(give(name))

    expected = shown(photograph(name))
    assert images.shape == (1, *expected.shape)
    assert images.dtype == torch.float32
    assert np.array_equal(pixels(images[0]), expected)
    assert masks.shape == (1, 64, 64)
    assert not masks.any()


@pytest.mark.parametrize("name", ["small-rgba", "large-rgba"])
def test_alpha_becomes_a_mask_in_which_clear_is_painted(nodes, give, name):
    images, masks = nodes["LoadImage"].load_image(give(name))

    with Image.open(photograph(name)) as picture:
        alpha = np.asarray(picture.getchannel("A"))
        assert np.array_equal(pixels(images[0]), np.asarray(picture)[..., :3])
    assert np.array_equal(pixels(1 - masks[0]), alpha)


def test_a_cmyk_photograph_is_loaded_in_colour_and_upright(nodes, give):
    images, _ = nodes["LoadImage"].load_image(give("camera-cmyk"))

    assert images.shape == (1, 800, 533, 3)


def test_every_frame_of_an_animation_is_loaded(nodes, folders):
    frames = [Image.new("RGB", (8, 6), color) for color in ("red", "lime", "blue")]
    frames[0].save(folders.input / "a.gif", save_all=True, append_images=frames[1:])
    images, masks = nodes["LoadImage"].load_image("a.gif")

    assert images.shape == (3, 6, 8, 3)
    assert masks.shape[0] == 3
    assert [pixels(image)[0, 0].tolist() for image in images] == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


def test_a_file_that_is_no_picture_is_a_clear_error(nodes, folders):
    (folders.input / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")

    with pytest.raises(UnreadableImage):
        nodes["LoadImage"].load_image("broken.png")


def test_a_changed_file_counts_as_changed(nodes, give, folders):
    name = give("small")
    before = nodes["LoadImage"].IS_CHANGED(name)
    assert nodes["LoadImage"].IS_CHANGED(name) == before
    (folders.input / name).write_bytes(photograph("small-grey").read_bytes())

    assert nodes["LoadImage"].IS_CHANGED(name) != before


@pytest.mark.parametrize("name", ["gone.png", "../secret.png", "/etc/passwd", "input"])
def test_a_file_that_is_not_there_is_refused_at_validation(nodes, name):
    assert "Invalid image file" in nodes["LoadImage"].VALIDATE_INPUTS(name)


def test_a_file_of_another_folder_can_be_named(nodes, folders):
    (folders.output / "made.png").write_bytes(photograph("small").read_bytes())

    assert nodes["LoadImage"].VALIDATE_INPUTS("made.png [output]") is True


@pytest.mark.parametrize(("channel", "index"), [("red", 0), ("green", 1), ("blue", 2)])
def test_a_channel_is_loaded_as_a_mask(nodes, give, channel, index):
    (mask,) = nodes["LoadImageMask"].load_image_mask(give("small"), channel)

    assert np.array_equal(pixels(mask[0]), shown(photograph("small"))[..., index])


def test_the_alpha_channel_is_loaded_as_a_mask(nodes, give):
    (mask,) = nodes["LoadImageMask"].load_image_mask(give("small-rgba"), "alpha")

    assert torch.equal(mask, nodes["LoadImage"].load_image("small-rgba.png")[1])


def test_frames_with_and_without_alpha_make_one_batch_and_are_freed():
    frames = [torch.full((6, 8, 3), 0.5), torch.full((6, 8, 4), 0.25), torch.full((6, 8, 1), 0.75)]
    images, masks = loading._joined(frames)
    assert images.shape == (3, 6, 8, 3)
    assert images[:, 0, 0].tolist() == [[0.5] * 3, [0.25] * 3, [0.75] * 3]
    assert masks[:, 0, 0].tolist() == [0, 0.75, 0]
    assert not frames


def test_more_frames_than_fit_are_refused_before_they_are_decoded(nodes, folders, monkeypatch):
    monkeypatch.setattr(loading, "LimitSettings", lambda: LimitSettings(image_pixels=8 * 6 * 16))
    frames = [Image.new("L", (8, 6), 255 * (number % 2)) for number in range(17)]
    frames[0].save(folders.input / "long.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(TooLarge, match="17 frames"):
        nodes["LoadImage"].load_image("long.gif")
