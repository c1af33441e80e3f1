"""A gate on a phone: everything in reach of a thumb, nothing cut, in the node and in full size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_context import new_context
from browser_gates import SHOW, frames, full_size
from browser_host import Server
from browser_page import VUE, ComfyPage
from playwright.sync_api import Browser, Locator, expect

WIDTH, HEIGHT, THUMB = 390, 800, 40


@pytest.fixture
def phone(browser: Browser, idle_server: Server, renderer: str) -> Iterator[ComfyPage]:
    context = new_context(browser, viewport={"width": WIDTH, "height": HEIGHT}, has_touch=True, is_mobile=True)
    comfy = ComfyPage(context.new_page(), idle_server, renderer).open()
    comfy.evaluate("([id, on]) => app.extensionManager.setting.set(id, on)", [VUE, renderer == "vue"])
    yield comfy
    assert comfy.faults == []
    context.close()


def in_reach(buttons: Locator) -> None:
    """Every button that is seen lies on the screen, whole, and is thick enough for a thumb."""
    boxes = [button.bounding_box() for button in buttons.all() if button.is_visible()]
    assert boxes
    for box in boxes:
        assert box["height"] >= THUMB - 0.5
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTH
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= HEIGHT


def test_the_gate_that_waits_fills_the_screen_and_its_buttons_are_in_reach(phone: ComfyPage) -> None:
    flow = frames(2)
    run = phone.load(flow).queue()
    gate = phone.waiting(flow.gate)
    phone.evaluate(SHOW)
    phone.wait(lambda: gate.bounding_box()["width"] > WIDTH * 0.7, "a gate as wide as the screen")
    in_reach(gate.locator("button"))
    gate.locator("button[data-route='1']").tap()
    assert len(phone.finished(run)["outputs"]) == 1


def test_the_full_size_view_is_in_reach_as_well(phone: ComfyPage) -> None:
    flow = frames(2)
    run = phone.load(flow).queue()
    gate = phone.waiting(flow.gate)
    phone.evaluate(SHOW)
    phone.wait(lambda: gate.bounding_box()["width"] > WIDTH * 0.7, "a gate as wide as the screen")
    gate.get_by_role("button", name="View full size").tap()
    view = full_size(phone)
    in_reach(view.locator("button"))
    expect(view.locator("kbd").first).to_be_hidden()  # there are no keys
    view.locator("button[data-route='2']").tap()
    expect(view).to_be_hidden()
    assert phone.finished(run)["outputs"] == {}
