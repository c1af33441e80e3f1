"""A node that gets a list shows its gates one at a time, and says which it is."""

from __future__ import annotations

import pytest
from batch_kit import fill, walk
from browser_desk import Desk
from gate_flows import full_size, listed
from playwright.sync_api import Route, expect

CHOICE = "**/datasete_gate/choice"


def test_the_items_of_a_list_are_asked_one_after_the_other(desk: Desk) -> None:
    flow = listed(3)
    run = desk.load(flow).queue()
    gate = desk.waiting(flow.gate)
    for item in (1, 2, 3):
        expect(gate.locator(".ds-gate-status")).to_contain_text(f"{item} of 3")
        desk.choose(1 if item != 2 else 2, flow.gate)
    shown = desk.finished(run)["outputs"][str(flow.preview)]["images"]
    assert len(shown) == 2


def test_the_full_size_view_goes_on_to_the_next_item(desk: Desk) -> None:
    flow = listed(2)
    run = desk.load(flow).queue()
    desk.waiting(flow.gate).locator("img.ds-gate-picture").click()
    view = full_size(desk)
    expect(view.locator(".ds-gate-viewer-status")).to_contain_text("1 of 2")
    desk.page.keyboard.press("1")
    expect(view.locator(".ds-gate-viewer-status")).to_contain_text("2 of 2")
    desk.look()
    desk.page.keyboard.press("1")
    expect(view).to_be_hidden()
    assert len(desk.finished(run)["outputs"][str(flow.preview)]["images"]) == 2


def test_keys_go_on_in_the_full_size_view_after_a_press_of_a_button(desk: Desk) -> None:
    flow = listed(2)
    run = desk.load(flow).queue()
    desk.waiting(flow.gate).locator("img.ds-gate-picture").click()
    view = full_size(desk)
    held: list[Route] = []
    desk.page.route(CHOICE, lambda route: held.append(route))
    view.locator("button[data-route='1']").click()
    desk.wait(lambda: held, "an answer on its way")
    desk.look()  # the button cannot be pressed meanwhile, and loses the focus
    held[0].continue_()
    desk.page.unroute(CHOICE)
    expect(view.locator(".ds-gate-viewer-status")).to_contain_text("2 of 2")
    desk.page.keyboard.press("1")
    expect(view).to_be_hidden()
    assert len(desk.finished(run)["outputs"][str(flow.preview)]["images"]) == 2


@pytest.mark.parametrize("way", ["key", "button"])
def test_the_second_press_of_a_double_press_does_not_answer_the_next_item(desk: Desk, way: str) -> None:
    flow = listed(2)
    run = desk.load(flow).queue()
    gate = desk.waiting(flow.gate)

    def press() -> None:
        if way == "key":
            gate.get_by_role("button", name="Stop").press("1")
        else:
            gate.locator("button[data-route='1']").click()

    with desk.in_one_moment():
        press()
        expect(gate.locator(".ds-gate-status")).to_contain_text("2 of 2")
        press()
    desk.choose(2, flow.gate)
    assert len(desk.finished(run)["outputs"][str(flow.preview)]["images"]) == 1


def test_stop_ends_all_items_of_the_list(desk: Desk) -> None:
    flow = listed(3)
    run = desk.load(flow).queue()
    desk.waiting(flow.gate).get_by_role("button", name="Stop").click()
    assert desk.finished(run)["outputs"] == {}
    assert desk.server.pending() == []


def test_a_gate_of_a_batch_names_the_file_and_its_place(desk: Desk) -> None:
    flow = walk(fill(desk.server, 2), gate=True)
    desk.load(flow).queue()
    for number in (1, 2):
        expect(desk.waiting(flow.gate).locator(".ds-gate-origin")).to_have_text(f"{number}.png · {number} of 2")
        desk.choose(1, flow.gate)
        desk.until(
            "name => document.querySelector('.ds-gate-origin').textContent !== name", f"{number}.png · {number} of 2"
        )
