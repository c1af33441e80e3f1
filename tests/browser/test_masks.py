"""The mask that leaves a gate: painted there, else the slot's, else empty."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from browser_flows import Gated, gated
from browser_host import Server
from browser_page import ComfyPage
from PIL import Image
from playwright.sync_api import expect


@pytest.fixture
def slot(server: Server) -> Iterator[str]:
    name = f"mask {uuid4().hex[:8]}"
    yield name
    server.post("/datasete_gate/bus/delete", {"id": name})


def mask_of(comfy: ComfyPage, run: str, flow: Gated) -> Image.Image:
    shown = comfy.finished(run)["outputs"][str(flow.mask)]["images"][0]
    return comfy.server.picture(shown).convert("L")


def test_without_painting_the_mask_is_empty_and_as_large_as_the_picture(comfy: ComfyPage) -> None:
    flow = gated(mask=True)
    run = comfy.load(flow).queue()
    comfy.choose(1)
    mask = mask_of(comfy, run, flow)
    assert (mask.size, mask.getextrema()) == ((451, 300), (0, 0))


def test_what_is_painted_arrives_at_the_mask_output(comfy: ComfyPage) -> None:
    flow = gated(mask=True)
    run = comfy.load(flow).queue()
    comfy.paint(flow.gate)
    expect(comfy.waiting(flow.gate).get_by_role("button", name="Edit mask ✓")).to_be_visible()
    comfy.choose(1)
    mask = mask_of(comfy, run, flow)
    assert mask.size == (451, 300)
    # A stroke from the middle to the lower right, and nothing elsewhere.
    assert mask.getpixel((228, 151)) > 100
    assert mask.crop((0, 0, 200, 300)).getextrema() == (0, 0)


def test_painted_wins_over_loaded_and_loaded_over_empty(comfy: ComfyPage, slot: str) -> None:
    first = gated("datasete-coffee.png", send=slot, mask=True)
    run = comfy.load(first).queue()
    comfy.paint(first.gate)
    comfy.choose(1)
    painted = mask_of(comfy, run, first)

    second = gated(None, get=slot, mask=True)
    run = comfy.load(second).queue()
    comfy.choose(1)
    loaded = mask_of(comfy, run, second)
    assert loaded.tobytes() == painted.tobytes()

    run = comfy.load(second).queue()
    editor = comfy.edit_mask(second.gate)
    editor.get_by_role("button", name="Clear").click()
    comfy.save_mask(editor)
    comfy.choose(1)
    assert mask_of(comfy, run, second).getextrema() == (0, 0)


def test_the_editor_begins_with_what_was_painted_before(comfy: ComfyPage) -> None:
    flow = gated(mask=True)
    run = comfy.load(flow).queue()
    comfy.paint(flow.gate)
    comfy.save_mask(comfy.edit_mask(flow.gate))
    comfy.choose(1)
    assert mask_of(comfy, run, flow).getpixel((228, 151)) > 100


def test_the_mask_of_a_large_picture_is_fitted_to_it(comfy: ComfyPage) -> None:
    flow = gated("datasete-large.png", mask=True)
    run = comfy.load(flow).queue()
    comfy.paint(flow.gate)
    comfy.choose(1)
    mask = mask_of(comfy, run, flow)
    assert mask.size == (3840, 2160)
    assert mask.getpixel((1930, 1085)) > 100


def test_closing_the_editor_without_saving_paints_nothing(comfy: ComfyPage) -> None:
    flow = gated(mask=True)
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).get_by_role("button", name="Edit mask").click()
    editor = comfy.page.get_by_role("dialog").filter(has_text="Mask Editor")
    editor.get_by_role("button", name="Cancel").click()
    expect(editor).to_be_hidden()
    comfy.choose(1)
    assert mask_of(comfy, run, flow).getextrema() == (0, 0)


def test_escape_in_the_editor_does_not_stop_the_run(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).get_by_role("button", name="Edit mask").click()
    editor = comfy.page.get_by_role("dialog").filter(has_text="Mask Editor")
    expect(editor.locator("canvas").first).to_be_visible()
    comfy.page.keyboard.press("Escape")
    expect(editor).to_be_hidden()
    assert len(comfy.server.pending()) == 1
    comfy.choose(1)
    assert comfy.ran(run) == {flow.previews[0]}
