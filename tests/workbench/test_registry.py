"""Nodes as the frontend is told of them."""

from __future__ import annotations

import json

import pytest

from datasete.workbench.folders import Folders
from datasete.workbench.nodes import add_core_nodes
from datasete.workbench.registry import Registry
from datasete.workbench.workbench import add_pack_nodes

CORE = {
    # id: (module, category, inputs, outputs, output node)
    "LoadImage": ("nodes", "image", ["image"], ["IMAGE", "MASK"], False),
    "LoadImageMask": ("nodes", "image", ["image", "channel"], ["MASK"], False),
    "SaveImage": ("nodes", "image", ["images", "filename_prefix"], ["IMAGE"], True),
    "PreviewImage": ("nodes", "image", ["images"], ["IMAGE"], True),
    "ImageScale": (
        "nodes",
        "image/upscaling",
        ["image", "upscale_method", "width", "height", "crop"],
        ["IMAGE"],
        False,
    ),
    "ImageScaleBy": ("nodes", "image/upscaling", ["image", "upscale_method", "scale_by"], ["IMAGE"], False),
    "ImageInvert": ("nodes", "image/color", ["image"], ["IMAGE"], False),
    "ImageBatch": ("nodes", "image/batch", ["image1", "image2"], ["IMAGE"], False),
    "RebatchImages": ("comfy_extras.nodes_rebatch", "image/batch", ["images", "batch_size"], ["IMAGE"], False),
    "ImageCrop": (
        "comfy_extras.nodes_images",
        "image/transform",
        ["image", "width", "height", "x", "y"],
        ["IMAGE"],
        False,
    ),
    "MaskToImage": ("comfy_extras.nodes_mask", "image/mask", ["mask"], ["IMAGE"], False),
    "ImageToMask": ("comfy_extras.nodes_mask", "image/mask", ["image", "channel"], ["MASK"], False),
    "InvertMask": ("comfy_extras.nodes_mask", "image/mask", ["mask"], ["MASK"], False),
    "MaskPreview": ("comfy_extras.nodes_mask", "image/mask", ["mask"], ["MASK"], True),
    "PreviewAny": ("comfy_extras.nodes_preview_any", "utilities", ["source"], ["STRING"], True),
    "PrimitiveInt": ("comfy_extras.nodes_primitive", "utilities/primitive", ["value"], ["INT"], False),
    "PrimitiveFloat": ("comfy_extras.nodes_primitive", "utilities/primitive", ["value"], ["FLOAT"], False),
    "PrimitiveString": ("comfy_extras.nodes_primitive", "utilities/primitive", ["value"], ["STRING"], False),
    "PrimitiveBoolean": ("comfy_extras.nodes_primitive", "utilities/primitive", ["value"], ["BOOLEAN"], False),
}


@pytest.fixture
def registry(tmp_path):
    folders = Folders(tmp_path)
    folders.prepare()
    (folders.input / "cat.png").write_bytes(b"x")
    made = Registry()
    add_core_nodes(made, folders)
    return made


def test_the_core_nodes_are_those_that_examples_need(registry):
    assert set(registry.classes) == set(CORE)


@pytest.mark.parametrize("name", CORE)
def test_a_core_node_has_comfyuis_ports(registry, name):
    info = registry.describe(name)
    module, category, inputs, outputs, output_node = CORE[name]

    assert info["python_module"] == module
    assert info["category"] == category
    assert info["input_order"]["required"] == inputs
    assert list(info["output"]) == outputs
    assert info["output_node"] is output_node
    assert info["name"] == name
    assert list(info["output_is_list"]) == [name == "RebatchImages"] * len(outputs)


@pytest.mark.parametrize(
    ("name", "port", "declared"),
    [
        ("LoadImage", "image", [["cat.png"], {"image_upload": True}]),
        ("LoadImageMask", "channel", [["alpha", "red", "green", "blue"]]),
        ("ImageScale", "width", ["INT", {"default": 512, "min": 0, "max": 16384, "step": 1}]),
        ("ImageScaleBy", "scale_by", ["FLOAT", {"default": 1.0, "min": 0.01, "max": 8.0, "step": 0.01}]),
        ("ImageCrop", "width", ["INT", {"default": 512, "min": 1, "max": 16384, "step": 1}]),
        ("ImageToMask", "channel", ["COMBO", {"multiselect": False, "options": ["red", "green", "blue", "alpha"]}]),
        ("PreviewAny", "source", ["*", {}]),
        ("PrimitiveString", "value", ["STRING", {"multiline": False}]),
    ],
)
def test_an_input_is_declared_as_in_comfyui(registry, name, port, declared):
    info = json.loads(json.dumps(registry.describe(name)))

    assert info["input"]["required"][port] == declared


def test_saving_nodes_ask_for_the_workflow(registry):
    for name in ("SaveImage", "PreviewImage", "MaskPreview"):
        assert registry.describe(name)["input"]["hidden"] == {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}


def test_the_packs_nodes_are_listed_as_a_custom_node(registry):
    add_pack_nodes(registry)
    info = registry.describe("ImageGate")

    assert info["python_module"] == "custom_nodes.datasete"
    assert info["display_name"] == "Image Gate (Manual Router)"
    assert list(info["output_name"]) == ["mask", *(f"route_{n}" for n in range(1, 11))]


def test_flags_are_listed_only_where_they_are_set(registry):
    assert registry.describe("ImageBatch")["deprecated"] is True
    assert "deprecated" not in registry.describe("LoadImage")


def test_every_description_is_json(registry):
    add_pack_nodes(registry)

    assert json.loads(json.dumps(registry.describe_all())).keys() == registry.classes.keys()
