"""*Add to pool…* at a gate: what it shows is kept whole, with its mask, where a person says; and the gate waits on."""

from __future__ import annotations

import io
import re
import urllib.request
from collections.abc import Iterator
from uuid import uuid4

import numpy as np
import pytest
from browser_flows import Flow, Gated, gated
from browser_host import Server
from browser_page import ComfyPage
from browser_profiles import Sets, Wired, known, profiles_of
from PIL import Image
from playwright.sync_api import Locator, expect


@pytest.fixture
def sets(server: Server) -> Iterator[Sets]:
    yield from profiles_of(server)


def chooser(comfy: ComfyPage, node: int) -> Locator:
    comfy.waiting(node).get_by_role("button", name="Add to pool…").click()
    dialog = comfy.page.get_by_role("dialog", name="Add to pool")
    expect(dialog).to_be_visible()
    return dialog


def add(dialog: Locator, where: str, *, name: str = "", label: str = "") -> None:
    dialog.get_by_label("Where").select_option(label=where)
    if name:
        dialog.get_by_label("Name of the new profile").fill(name)
    dialog.get_by_label("Label").fill(label)
    dialog.get_by_role("button", name="Add", exact=True).click()


def paint(server: Server, token: str, mask: Image.Image) -> None:
    file = io.BytesIO()
    mask.save(file, "PNG")
    border = uuid4().hex
    head = f'--{border}\r\nContent-Disposition: form-data; name="token"\r\n\r\n{token}\r\n--{border}\r\n'
    head += 'Content-Disposition: form-data; name="mask"; filename="mask.png"\r\n\r\n'
    body = head.encode() + file.getvalue() + f"\r\n--{border}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={border}"}
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/datasete_gate/mask", body, headers)):
        pass


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_the_picture_goes_whole_with_its_mask_into_a_new_profile(
    comfy: ComfyPage, sets: Sets, photographs: dict[str, bytes]
) -> None:
    flow, name = gated("datasete-cat.png"), f"kept {uuid4().hex[:8]}"
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    mask = Image.new("L", (451, 300))
    mask.paste(255, (40, 30, 200, 150))
    paint(comfy.server, comfy.server.pending()[0]["token"], mask)
    dialog = chooser(comfy, flow.gate)
    expect(dialog).to_contain_text("451×300")
    dialog.get_by_label("Where").select_option(label="New profile…")
    expect(dialog.get_by_role("button", name="Add", exact=True)).to_be_disabled()
    add(dialog, "New profile…", name=name, label="a cat")
    expect(dialog).to_be_hidden()
    expect(comfy.toast(re.compile(f"in “{name}” now"))).to_be_visible()
    [slot] = sets.slots(known(comfy, sets, name))
    files = sets.files(sets.all()[name])
    assert slot["label"] == "a cat"
    assert np.array_equal(pixels(files[slot["image"]]), pixels(photographs["datasete-cat.png"]))
    assert np.array_equal(pixels(files[slot["mask"]]), np.asarray(mask))
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


def frames() -> Gated:
    flow = Flow()
    batch = flow.add("ImageBatch", at=(320, 60))
    for name, port in (("datasete-cat.png", "image1"), ("datasete-cat.png", "image2")):
        flow.link(flow.add("LoadImage", name, "image", at=(20, 60)), 0, batch, port)
    gate = flow.add("ImageGate", 1, "", "", at=(620, 60), outputs=2)
    flow.link(batch, 0, gate, "image")
    preview = flow.add("PreviewImage", at=(1000, 60))
    flow.link(gate, 1, preview, "images")
    return Gated(flow, gate, [preview])


def test_one_frame_or_all_go_and_the_place_is_remembered(comfy: ComfyPage, sets: Sets) -> None:
    flow, name, other = frames(), f"kept {uuid4().hex[:8]}", f"other {uuid4().hex[:8]}"
    profile = sets.make(name)
    sets.make(other)
    comfy.load(flow).queue()
    dialog = chooser(comfy, flow.gate)
    expect(dialog).to_contain_text("This frame (1 of 2)")
    add(dialog, name)
    comfy.wait(lambda: len(sets.slots(profile)) == 1, "one frame in the profile")
    dialog = chooser(comfy, flow.gate)
    expect(dialog.get_by_label("Where")).to_have_value(profile)
    dialog.get_by_label("All 2 frames").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    comfy.wait(lambda: len(sets.slots(profile)) == 3, "both frames behind it")
    assert [slot["mask"] for slot in sets.slots(profile)] == [None] * 3
    assert len(comfy.server.pending()) == 1


def test_a_pool_of_this_workflow_is_offered_and_shows_it_at_once(comfy: ComfyPage, sets: Sets) -> None:
    flow, own = gated(), str(uuid4())
    wired = Wired(flow.flow.nodes, flow.flow.links)
    pool = wired.pool(own, at=(20, 480))
    comfy.load(flow).queue()
    dialog = chooser(comfy, flow.gate)
    [offered] = dialog.locator("optgroup[label='Pools in this workflow'] option").all_text_contents()
    assert f"(node {pool})" in offered
    add(dialog, offered, label="mine")
    comfy.wait(lambda: [slot["label"] for slot in sets.slots(own)] == ["mine"], "the picture in the pool")
    expect(comfy.page.locator(f"img[src*='grid_pool/thumb'][src*='{own}']")).to_have_count(1)


def test_a_refusal_is_said_in_the_dialog_and_escape_leaves_the_gate(comfy: ComfyPage, sets: Sets) -> None:
    flow, name = gated(), f"taken {uuid4().hex[:8]}"
    profile = sets.make(name)
    comfy.load(flow).queue()
    dialog = chooser(comfy, flow.gate)
    add(dialog, "New profile…", name=name.upper())
    expect(dialog.get_by_role("alert")).to_contain_text("already")
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was changed")
    dialog.get_by_label("Label").press("1")  # no route's key here
    comfy.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert len(comfy.server.pending()) == 1
    assert sets.slots(profile) == []


def test_a_gate_that_is_gone_is_said_and_nothing_is_added(comfy: ComfyPage, sets: Sets) -> None:
    flow, name = gated(), f"kept {uuid4().hex[:8]}"
    profile = sets.make(name)
    comfy.load(flow).queue()
    dialog = chooser(comfy, flow.gate)
    comfy.server.quiet()
    comfy.wait(lambda: not comfy.server.pending(), "the end of the run")
    add(dialog, name)
    expect(dialog.get_by_role("alert")).not_to_be_empty()
    dialog.get_by_role("button", name="Cancel").click()
    assert sets.slots(profile) == []
