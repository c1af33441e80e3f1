"""A node that gets a list shows its gates one at a time, and says which it is."""

from __future__ import annotations

import pytest
from browser_batches import fill, walk
from browser_gates import full_size, listed
from browser_page import ComfyPage
from playwright.sync_api import Route, expect

CHOICE = "**/datasete_gate/choice"


def test_the_items_of_a_list_are_asked_one_after_the_other(comfy: ComfyPage) -> None:
    flow = listed(3)
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    for item in (1, 2, 3):
        expect(gate.locator(".ds-gate-status")).to_contain_text(f"{item} of 3")
        comfy.choose(1 if item != 2 else 2, flow.gate)
    shown = comfy.finished(run)["outputs"][str(flow.preview)]["images"]
    assert len(shown) == 2


def test_the_full_size_view_goes_on_to_the_next_item(comfy: ComfyPage) -> None:
    flow = listed(2)
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).locator("img.ds-gate-picture").click()
    view = full_size(comfy)
    expect(view.locator(".ds-gate-viewer-status")).to_contain_text("1 of 2")
    comfy.page.keyboard.press("1")
    expect(view.locator(".ds-gate-viewer-status")).to_contain_text("2 of 2")
    comfy.look()
    comfy.page.keyboard.press("1")
    expect(view).to_be_hidden()
    assert len(comfy.finished(run)["outputs"][str(flow.preview)]["images"]) == 2


def test_keys_go_on_in_the_full_size_view_after_a_press_of_a_button(comfy: ComfyPage) -> None:
    flow = listed(2)
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).locator("img.ds-gate-picture").click()
    view = full_size(comfy)
    held: list[Route] = []
    comfy.page.route(CHOICE, lambda route: held.append(route))
    view.locator("button[data-route='1']").click()
    comfy.wait(lambda: held, "an answer on its way")
    comfy.look()  # the button cannot be pressed meanwhile, and loses the focus
    held[0].continue_()
    comfy.page.unroute(CHOICE)
    expect(view.locator(".ds-gate-viewer-status")).to_contain_text("2 of 2")
    comfy.page.keyboard.press("1")
    expect(view).to_be_hidden()
    assert len(comfy.finished(run)["outputs"][str(flow.preview)]["images"]) == 2


@pytest.mark.parametrize("way", ["key", "button"])
def test_the_second_press_of_a_double_press_does_not_answer_the_next_item(comfy: ComfyPage, way: str) -> None:
    flow = listed(2)
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)

    def press() -> None:
        if way == "key":
            gate.get_by_role("button", name="Stop").press("1")
        else:
            gate.locator("button[data-route='1']").click()

    with comfy.in_one_moment():
        press()
        expect(gate.locator(".ds-gate-status")).to_contain_text("2 of 2")
        press()
    comfy.choose(2, flow.gate)
    assert len(comfy.finished(run)["outputs"][str(flow.preview)]["images"]) == 1


def test_stop_ends_all_items_of_the_list(comfy: ComfyPage) -> None:
    flow = listed(3)
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).get_by_role("button", name="Stop").click()
    assert comfy.finished(run)["outputs"] == {}
    assert comfy.server.pending() == []


def test_a_gate_of_a_batch_names_the_file_and_its_place(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server, 2), gate=True)
    comfy.load(flow).queue()
    for number in (1, 2):
        expect(comfy.waiting(flow.gate).locator(".ds-gate-origin")).to_have_text(f"{number}.png · {number} of 2")
        comfy.choose(1, flow.gate)
        comfy.until(
            "name => document.querySelector('.ds-gate-origin').textContent !== name", f"{number}.png · {number} of 2"
        )
