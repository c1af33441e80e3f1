"""The example workflows: known nodes, sound links, prompts that validate and run."""

from __future__ import annotations

import json

import pytest
from PIL import Image

from datasete.application import build_application, set_application
from datasete.host.api import BareHost
from datasete.samples import BESIDE, FOLDER
from datasete.workbench.assets import find_pack
from datasete.workbench.folders import Folders
from datasete.workbench.nodes import add_core_nodes
from datasete.workbench.prompts.graph import is_output
from datasete.workbench.prompts.validation import validate
from datasete.workbench.registry import Registry
from datasete.workbench.serve import FIRST_EXAMPLE, prepare_folders
from datasete.workbench.workbench import add_pack_nodes

EXAMPLES = sorted(find_pack().examples.glob("*.json"))
NAMES = [path.stem for path in EXAMPLES]
FRONTEND_ONLY = {"Note", "MarkdownNote", "Reroute"}
WIDGETS = {"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"}


@pytest.fixture
def registry(tmp_path):
    folders = Folders(tmp_path)
    prepare_folders(folders)
    made = Registry()
    add_core_nodes(made, folders)
    add_pack_nodes(made)
    application = build_application(BareHost(folders.input, folders.output, folders.user))
    set_application(application)  # savers ask it where they may write
    yield made
    set_application(None)
    application.close()


@pytest.fixture(params=EXAMPLES, ids=NAMES)
def workflow(request):
    return json.loads(request.param.read_text("utf-8"))


def own(workflow):
    return [node for node in workflow["nodes"] if node["type"] not in FRONTEND_ONLY]


def widgets(info):
    """The names of a node's widgets in their order, as the frontend makes them."""
    names = []
    for group in ("required", "optional"):
        for name, spec in info["input"].get(group, {}).items():
            options = spec[1] if len(spec) > 1 else {}
            if (isinstance(spec[0], list) or spec[0] in WIDGETS) and not options.get("forceInput"):
                names.append(name)
                names += ["upload"] if options.get("image_upload") else []
                names += ["control_after_generate"] if options.get("control_after_generate") else []
    return names


def api_form(workflow, registry):
    """The prompt that the frontend makes of a workflow."""
    ends = {link[0]: link for link in workflow["links"]}
    prompt = {}
    for node in own(workflow):
        names, saved = widgets(registry.describe(node["type"])), node.get("widgets_values", [])
        assert len(saved) <= len(names)
        values = zip(names, saved, strict=False)  # fewer, where a node has got inputs since
        inputs = {name: value for name, value in values if name not in {"upload", "control_after_generate"}}
        for port in node["inputs"]:
            if port["link"] is not None:
                _, source, output, *_ = ends[port["link"]]
                inputs[port["name"]] = [str(source), output]
        prompt[str(node["id"])] = {"class_type": node["type"], "inputs": inputs}
    return prompt


def test_they_are_numbered_and_the_workbench_opens_on_the_first():
    assert NAMES[:4] == ["1-route-a-photograph", "2-publish-at-a-gate", "3-re-enter-from-the-bus", "4-paint-a-mask"]
    assert len({name.partition("-")[0] for name in NAMES}) == len(NAMES)
    assert NAMES[0] == FIRST_EXAMPLE


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_a_cover_and_a_name_that_a_link_can_carry(name):
    with Image.open(find_pack().examples / f"{name}.jpg") as cover:
        assert cover.size == (640, 360)
    assert name.replace("-", "").isalnum()


def test_every_node_is_known(workflow, registry):
    assert {node["type"] for node in own(workflow)} <= set(registry.classes)


def test_every_port_is_the_nodes_own(workflow, registry):
    for node in own(workflow):
        info = registry.describe(node["type"])
        declared = {
            name: spec for group in ("required", "optional") for name, spec in info["input"].get(group, {}).items()
        }
        for port in node["inputs"]:
            assert port["name"] in {*declared, "upload"}
        for slot, port in enumerate(node["outputs"]):
            assert port["name"] == info["output_name"][slot]
            assert port["type"] == info["output"][slot]


def test_links_and_ports_agree(workflow):
    nodes = {node["id"]: node for node in workflow["nodes"]}
    for link, source, output, target, port, kind in workflow["links"]:
        assert link in nodes[source]["outputs"][output]["links"]
        assert nodes[target]["inputs"][port]["link"] == link
        assert nodes[source]["outputs"][output]["type"] == kind
    count = sum(len(port["links"] or []) for node in workflow["nodes"] for port in node["outputs"])
    assert count == len(workflow["links"])


def test_a_gate_shows_as_many_labelled_outputs_as_it_has_routes(workflow):
    for gate in [node for node in workflow["nodes"] if node["type"] == "ImageGate"]:
        labels = gate["properties"]["routeLabels"]
        assert len(labels) == gate["widgets_values"][0]
        assert [port.get("label") for port in gate["outputs"]] == [None, *labels]


def test_nodes_do_not_overlap(workflow):
    boxes = [(*node["pos"], *node["size"]) for node in workflow["nodes"]]
    title = 30
    for index, (x, y, w, h) in enumerate(boxes):
        for left, top, width, height in boxes[index + 1 :]:
            apart = x + w <= left or left + width <= x or y + h <= top - title or top + height <= y - title
            assert apart


def test_a_note_explains_it_in_two_sentences(workflow):
    (note,) = [node for node in workflow["nodes"] if node["type"] == "Note"]

    assert note["widgets_values"][0].count(". ") + note["widgets_values"][0].endswith(".") == 2


async def test_the_prompt_validates_in_a_fresh_workbench(workflow, registry):
    prompt = api_form(workflow, registry)
    verdict = await validate(prompt, registry.classes)

    assert verdict.error is None
    assert verdict.node_errors == {}
    assert verdict.outputs == [key for key, node in prompt.items() if is_output(registry.classes[node["class_type"]])]


def test_the_second_example_publishes_where_the_third_one_starts():
    second, third = (json.loads(path.read_text("utf-8")) for path in EXAMPLES[1:3])
    gates = [next(node for node in one["nodes"] if node["type"] == "ImageGate") for one in (second, third)]

    assert gates[0]["widgets_values"][1] == gates[1]["widgets_values"][2] == "coffee"


def test_every_photograph_that_an_example_loads_is_one_of_the_samples():
    workflows = [json.loads(path.read_text("utf-8")) for path in EXAMPLES]
    loaded = {node["widgets_values"][0] for each in workflows for node in each["nodes"] if node["type"] == "LoadImage"}
    assert loaded == set(BESIDE)


def test_every_example_asks_for_the_samples_before_it_opens(workflow):
    assert workflow["extra"]["datasete"]["samples"] is True


def test_the_folder_that_the_sixth_example_walks_is_that_of_the_samples(tmp_path):
    prepare_folders(Folders(tmp_path))
    (sixth,) = [path for path in EXAMPLES if path.stem == "6-walk-a-folder"]
    (loader,) = [node for node in json.loads(sixth.read_text("utf-8"))["nodes"] if node["type"] == "BatchImageLoader"]
    assert loader["widgets_values"][0] == FOLDER
    assert len([path for path in (tmp_path / "input" / FOLDER).iterdir() if path.suffix in {".png", ".jpg"}]) >= 5


def test_the_third_example_names_the_one_that_has_to_run_first():
    second, third = EXAMPLES[1:3]
    (note,) = [node for node in json.loads(third.read_text("utf-8"))["nodes"] if node["type"] == "Note"]
    assert second.stem in note["widgets_values"][0]
