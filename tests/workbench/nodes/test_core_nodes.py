"""The core nodes, on real photographs."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from photographs import photograph
from PIL import Image, ImageOps

from datasete.errors import InvalidInput, UnreadableImage
from datasete.workbench.folders import Folders
from datasete.workbench.nodes import add_core_nodes
from datasete.workbench.nodes.loading import read_frames
from datasete.workbench.registry import Registry


@pytest.fixture
def folders(tmp_path):
    made = Folders(tmp_path)
    made.prepare()
    return made


@pytest.fixture
def nodes(folders):
    registry = Registry()
    add_core_nodes(registry, folders)
    return {name: node() for name, node in registry.classes.items()}


@pytest.fixture
def give(folders):
    def put(name, as_name=None):
        source = photograph(name)
        target = folders.input / (as_name or source.name)
        target.write_bytes(source.read_bytes())
        return target.name

    return put


def shown(path):
    with Image.open(path) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))


def pixels(tensor):
    return (tensor * 255).round().byte().numpy()


# --- loading ---------------------------------------------------------------------------------------------------------


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


# --- saving ----------------------------------------------------------------------------------------------------------


def picture(name="small"):
    return torch.stack(read_frames(photograph(name).read_bytes()))


@pytest.mark.parametrize("name", ["small", "small-grey", "small-rgba", "large"])
def test_a_picture_is_saved_without_loss_and_with_its_workflow(nodes, folders, name):
    workflow = {"id": "w", "note": "Grüße"}
    answer = nodes["SaveImage"].save_images(picture(name), "my", {"1": {}}, {"workflow": workflow})

    (saved,) = answer["ui"]["images"]
    assert saved == {"filename": "my_00001_.png", "subfolder": "", "type": "output"}
    with Image.open(folders.output / "my_00001_.png") as file, Image.open(photograph(name)) as source:
        assert file.mode == source.mode
        assert np.array_equal(np.asarray(file), np.asarray(source))
        assert json.loads(file.text["prompt"]) == {"1": {}}
        assert json.loads(file.text["workflow"]) == workflow


def test_every_picture_of_a_batch_is_saved_after_the_last_one(nodes, folders):
    batch = picture().repeat(3, 1, 1, 1)
    nodes["SaveImage"].save_images(batch[:1], "p")
    answer = nodes["SaveImage"].save_images(batch, "p")

    assert [saved["filename"] for saved in answer["ui"]["images"]] == [f"p_0000{n}_.png" for n in (2, 3, 4)]
    assert len(list(folders.output.iterdir())) == 4


def test_a_prefix_may_name_a_folder_and_the_size(nodes, folders):
    answer = nodes["SaveImage"].save_images(picture(), "a/b_%width%x%height%")

    assert answer["ui"]["images"][0]["subfolder"] == "a"
    assert (folders.output / "a" / "b_451x300_00001_.png").is_file()


@pytest.mark.parametrize("prefix", ["../x", "/tmp/x", "a/../../x", ""])
def test_a_prefix_that_leaves_the_folder_is_refused(nodes, folders, prefix):
    with pytest.raises(InvalidInput):
        nodes["SaveImage"].save_images(picture(), prefix)

    assert list(folders.output.iterdir()) == []


def test_a_preview_goes_to_the_temp_folder_under_a_fresh_name(nodes, folders):
    names = {nodes["PreviewImage"].save_images(picture())["ui"]["images"][0]["filename"] for _ in range(3)}

    assert len(names) == 3
    assert {path.name for path in folders.temp.iterdir()} == names


# --- masks -----------------------------------------------------------------------------------------------------------


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


# --- pictures --------------------------------------------------------------------------------------------------------


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


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("PrimitiveInt", 7), ("PrimitiveFloat", 0.5), ("PrimitiveString", "x"), ("PrimitiveBoolean", True)],
)
def test_a_primitive_hands_its_value_on(nodes, name, value):
    assert nodes[name].execute(value) == (value,)


@pytest.mark.parametrize(
    ("value", "text"),
    [("plain", "plain"), (3, "3"), (True, "True"), (None, "None"), ({"ä": 1}, '{\n    "ä": 1\n}'), ({1}, "{1}")],
)
def test_any_value_is_shown_as_text(nodes, value, text):
    assert nodes["PreviewAny"].main(value) == {"ui": {"text": (text,)}, "result": (text,)}
