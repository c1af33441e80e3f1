"""What the painter has to do with a gate: where it begins, what it is for, what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from browser_flows import gated
from browser_gates import full_size
from browser_host import Server
from browser_page import ComfyPage
from browser_painter import Painter, batch_gated, greys, masks_of, opened, our_painter, passed, window
from playwright.sync_api import expect


@pytest.fixture
def slot(server: Server) -> Iterator[str]:
    name = f"painter {uuid4().hex[:8]}"
    yield name
    server.post("/datasete_gate/bus/delete", {"id": name})


def test_painting_goes_on_from_what_was_painted_before(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.brush(20)
    painter.stroke((100, 100), (300, 100))
    painter.save()
    painter.open(flow.gate).stroke((100, 200), (300, 200))
    painter.save()
    mask = passed(ours, flow, run)
    assert greys(mask, [(200, 100), (200, 150), (200, 200)]) == [255, 0, 255]


def test_painting_begins_with_what_was_loaded(ours: ComfyPage, slot: str) -> None:
    first = gated(send=slot, mask=True)
    run = ours.load(first).queue()
    painter = Painter(ours).open(first.gate)
    painter.brush(40, hardness=0)
    painter.stroke((100, 100), (300, 100))
    painter.save()
    sent = passed(ours, first, run)

    second = gated(None, get=slot, mask=True)
    run = ours.load(second).queue()
    painter = Painter(ours).open(second.gate)
    painter.stroke((100, 200), (300, 200))
    painter.save()
    mask = passed(ours, second, run)
    upper = (0, 0, 451, 150)
    assert mask.crop(upper).tobytes() == sent.crop(upper).tobytes()
    assert mask.getpixel((200, 200)) > 200


def test_a_mask_is_for_all_frames_until_somebody_says_otherwise(ours: ComfyPage) -> None:
    flow = batch_gated(3)
    run = ours.load(flow).queue()
    painter = Painter(ours).open(flow.gate)
    painter.brush(20)
    painter.stroke((100, 100), (300, 100))
    painter.save()
    expect(ours.waiting(flow.gate).get_by_role("button", name="Edit mask ✓")).to_be_visible()

    ours.waiting(flow.gate).get_by_role("option", name="Frame 2").click()
    painter.open(flow.gate)
    expect(painter.dialog).to_contain_text("frame 2 of 3")
    painter.dialog.get_by_text("All 3 frames").click()
    expect(painter.dialog.get_by_role("button", name="Save for frame 2")).to_be_visible()
    painter.stroke((100, 200), (300, 200))
    painter.save()

    painter.open(flow.gate)
    expect(painter.dialog.get_by_role("switch")).not_to_be_checked()  # they differ by now
    painter.press("Escape")
    ours.choose(1, flow.gate)
    found = [greys(mask, [(200, 100), (200, 200)]) for mask in masks_of(ours, run, flow)]
    assert found == [[255, 0], [255, 255], [255, 0]]


def test_frames_that_are_not_painted_keep_what_was_loaded(ours: ComfyPage, slot: str) -> None:
    first = batch_gated(2, send=slot)
    run = ours.load(first).queue()
    painter = Painter(ours).open(first.gate)
    painter.brush(20)
    painter.stroke((100, 100), (300, 100))
    painter.save()
    ours.choose(1, first.gate)
    ours.finished(run)

    second = gated(None, get=slot, mask=True)
    run = ours.load(second).queue()
    painter = Painter(ours).open(second.gate)
    painter.dialog.get_by_role("switch").click()
    painter.press("x")
    painter.save()
    ours.choose(1, second.gate)
    assert [mask.getpixel((200, 100)) for mask in masks_of(ours, run, second)] == [0, 255]


def test_a_mask_that_cannot_be_sent_is_not_lost(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.press("f")
    ours.page.context.set_offline(True)
    try:
        painter.press("Enter")
        expect(painter.dialog.get_by_role("status").last).to_contain_text("was not saved")
    finally:
        ours.page.context.set_offline(False)
    painter.button("Try again").click()
    expect(painter.dialog).to_be_hidden()
    assert passed(ours, flow, run).getextrema() == (255, 255)


def test_a_gate_that_was_answered_meanwhile_takes_no_mask_and_says_so(ours: ComfyPage) -> None:
    _, _, painter = opened(ours)
    painter.press("f")
    ours.server.quiet()
    ours.wait(lambda: not ours.server.pending(), "the end of the gate")
    painter.press("Enter")
    expect(painter.dialog.get_by_role("status").last).to_contain_text("not open any more")
    painter.press("Escape")
    painter.button("Discard").click()
    expect(painter.dialog).to_be_hidden()


def test_batches_are_painted_here_whatever_the_setting(comfy: ComfyPage) -> None:
    flow = batch_gated(2)
    comfy.load(flow).queue()
    with our_painter(comfy, "maskeditor"):
        painter = Painter(comfy).open(flow.gate)
        painter.press("Escape")
        expect(painter.dialog).to_be_hidden()


def test_a_frontend_without_a_mask_editor_gets_our_painter(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.evaluate("() => { window.way = comfyAPI.app.ComfyApp.open_maskeditor; }")
    comfy.evaluate("() => { comfyAPI.app.ComfyApp.open_maskeditor = null; }")
    try:
        painter = Painter(comfy).open(flow.gate)
        painter.press("Escape")
        expect(painter.dialog).to_be_hidden()
    finally:
        comfy.evaluate("() => { comfyAPI.app.ComfyApp.open_maskeditor = window.way; }")


def test_the_setting_says_where_masks_are_painted(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow).queue()
    editor = comfy.page.get_by_role("dialog").filter(has_text="Mask Editor")
    comfy.waiting(flow.gate).get_by_role("button", name="Edit mask").click()
    expect(editor).to_be_visible()
    editor.get_by_role("button", name="Cancel").click()
    with our_painter(comfy):
        painter = Painter(comfy).open(flow.gate)
        painter.press("Escape")
        expect(painter.dialog).to_be_hidden()
    with our_painter(comfy, "maskeditor"), window(comfy, 760, 900):
        comfy.waiting(flow.gate).get_by_role("button", name="Edit mask").click()
        expect(editor).to_be_visible()
        comfy.page.keyboard.press("Escape")  # so narrow, its buttons are out of sight
        expect(editor).to_be_hidden()


def test_a_painted_mask_is_seen_and_hidden_with_a_switch_and_a_key(ours: ComfyPage) -> None:
    flow = batch_gated(2)
    run = ours.load(flow).queue()
    gate = ours.waiting(flow.gate)
    tint, switch = gate.locator(".ds-gate-tint"), gate.get_by_role("button", name="Show the mask")
    expect(tint).to_be_hidden()
    expect(switch).to_be_hidden()
    tools = gate.locator(".ds-gate-tools > *")
    places = tools.evaluate_all("all => all.map((one) => one.getBoundingClientRect().left)")
    painter = Painter(ours).open(flow.gate)
    painter.brush(40)
    painter.stroke((100, 150), (300, 150))
    painter.save()
    expect(tint).to_be_visible()
    assert tools.evaluate_all("all => all.map((one) => one.getBoundingClientRect().left)") == places
    first = tint.get_attribute("src")
    painter.open(flow.gate)
    painter.stroke((100, 200), (300, 200))
    painter.save()
    expect(tint).not_to_have_attribute("src", first)
    switch.click()
    expect(tint).to_be_hidden()
    expect(switch).to_have_attribute("aria-pressed", "false")
    gate.get_by_role("button", name="View full size").focus()
    ours.page.keyboard.press("Enter")
    view = full_size(ours)
    expect(view.locator(".ds-gate-tint")).to_be_hidden()
    ours.page.keyboard.press("m")
    expect(view.locator(".ds-gate-tint")).to_be_visible()
    ours.page.keyboard.press("Escape")
    expect(tint).to_be_visible()
    ours.choose(1, flow.gate)
    ours.finished(run)


def test_a_mask_outlives_a_run_that_is_cancelled_while_it_is_painted(ours: ComfyPage) -> None:
    flow = gated(mask=True)
    run = ours.load(flow).queue()
    painter = Painter(ours).open(flow.gate)
    painter.brush(20)
    painter.stroke((100, 150), (300, 150))
    ours.evaluate("() => app.api.fetchApi('/interrupt', { method: 'POST' })")
    ours.finished(run)
    painter.dialog.get_by_role("button", name="Save", exact=True).click()
    keep = painter.dialog.get_by_role("button", name="Keep for the next run")
    expect(keep).to_be_visible()
    with ours.page.expect_download() as download:
        painter.dialog.get_by_role("button", name="Save to a file").click()
    assert download.value.suggested_filename == "mask.png"
    keep.click()
    expect(painter.dialog).to_be_hidden()
    run = ours.queue()
    expect(ours.waiting(flow.gate).get_by_role("button", name="Edit mask ✓")).to_be_visible()
    assert greys(passed(ours, flow, run), [(200, 150), (200, 100)]) == [255, 0]
