"""Saving pictures with their workflow, and previews of them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from full_disk import full_disk
from node_pictures import picture
from photographs import photograph
from PIL import Image

from datasete.errors import InvalidInput, StoreFull


@pytest.mark.parametrize("name", ["small", "small-rgba", "large"])
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


@pytest.mark.parametrize("node", ["SaveImage", "PreviewImage"])
def test_one_channel_is_refused_as_in_comfyui(nodes, folders, node):
    with pytest.raises(InvalidInput, match="have one channel"):
        nodes[node].save_images(picture("small-grey"))

    assert list(folders.output.iterdir()) == list(folders.temp.iterdir()) == []


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


def test_a_picture_that_the_disk_cannot_take_leaves_no_file(nodes, folders):
    with full_disk(200), pytest.raises(StoreFull, match="no space left"):
        nodes["SaveImage"].save_images(picture("small"), "my")

    assert list(folders.output.iterdir()) == []
