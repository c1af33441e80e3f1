"""The full-size view: what is fetched for it, how it is moved about in, and where the focus goes."""

from __future__ import annotations

import re

from browser_flows import gated
from browser_gates import frames, full_size
from browser_page import ComfyPage
from playwright.sync_api import Locator, expect

PLACE = "image => { const box = image.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; }"
FOCUS = "() => document.activeElement.closest('.ds-gate-gate')?.dataset.node ?? document.activeElement.tagName"


def picture(view: Locator) -> Locator:
    return view.locator(".ds-gate-full-picture")


def asked(view: Locator) -> int:
    """The size of the preview that is shown."""
    return int(re.search(r"size=(\d+)", picture(view).get_attribute("src") or "")[1])


def percent(view: Locator) -> int:
    return int((view.locator(".ds-gate-viewer-percent").text_content() or "0").removesuffix("%"))


def opened(comfy: ComfyPage, flow: object) -> Locator:
    comfy.load(flow).queue()
    comfy.waiting(flow.gate).locator("img.ds-gate-picture").click()
    return full_size(comfy)


def test_it_fetches_what_is_seen_and_the_rest_when_zoomed_in(comfy: ComfyPage) -> None:
    view = opened(comfy, gated("datasete-large.png"))
    assert asked(view) == 2048
    view.get_by_role("button", name="Actual size").click()
    comfy.wait(lambda: asked(view) == 4096, "the whole picture")
    assert percent(view) == 100
    view.get_by_role("button", name="Fit to the window").click()
    assert percent(view) < 60
    assert asked(view) == 4096  # what is there is not fetched again


def test_the_wheel_zooms_where_it_points_and_a_drag_moves(comfy: ComfyPage) -> None:
    view = opened(comfy, gated("datasete-large.png"))
    stage = view.get_by_test_id("datasete-viewer-stage").bounding_box()
    x, y = stage["x"] + stage["width"] / 4, stage["y"] + stage["height"] / 2
    left, _, width, _ = picture(view).evaluate(PLACE)
    share = (x - left) / width
    comfy.page.mouse.move(x, y)
    comfy.page.mouse.wheel(0, -400)
    comfy.wait(lambda: picture(view).evaluate(PLACE)[2] > width * 1.5, "a larger picture")
    left, top, width, _ = picture(view).evaluate(PLACE)
    assert abs((x - left) / width - share) < 0.01
    comfy.page.mouse.down()
    comfy.page.mouse.move(x - 60, y - 20, steps=4)
    comfy.page.mouse.up()
    after = picture(view).evaluate(PLACE)
    assert abs(after[0] - left + 60) < 2
    assert abs(after[1] - top + 20) < 2
    assert percent(view) > 50


def test_a_double_click_and_f_change_between_fitting_and_its_own_pixels(comfy: ComfyPage) -> None:
    view = opened(comfy, gated("datasete-large.png"))
    fitting = percent(view)
    view.get_by_test_id("datasete-viewer-stage").dblclick()
    assert percent(view) == 100
    comfy.page.keyboard.press("f")
    assert percent(view) == fitting
    comfy.page.keyboard.press("+")
    assert percent(view) > fitting
    comfy.page.keyboard.press("-")
    assert percent(view) == fitting


def test_two_fingers_pinch(comfy: ComfyPage) -> None:
    view = opened(comfy, gated("datasete-large.png"))
    before = percent(view)
    view.get_by_test_id("datasete-viewer-stage").evaluate(
        """stage => {
             stage.setPointerCapture = () => {}; // these fingers are made up
             const finger = (type, pointerId, clientX) => stage.dispatchEvent(new PointerEvent(type,
               { pointerId, clientX, clientY: 300, bubbles: true, pointerType: "touch", isPrimary: pointerId === 1 }));
             finger("pointerdown", 1, 500); finger("pointerdown", 2, 600);
             finger("pointermove", 1, 450); finger("pointermove", 2, 650);
             finger("pointerup", 1, 450); finger("pointerup", 2, 650);
           }"""
    )
    assert abs(percent(view) - 2 * before) <= 1


def test_arrows_and_buttons_go_through_the_frames_and_the_node_follows(comfy: ComfyPage) -> None:
    flow = frames(3)
    view = opened(comfy, flow)
    label = view.locator(".ds-gate-frame-label")
    expect(label).to_have_text("1 / 3")
    comfy.page.keyboard.press("ArrowRight")
    expect(label).to_have_text("2 / 3")
    view.get_by_role("button", name="Next frame").click()
    expect(label).to_have_text("3 / 3")
    expect(view.get_by_role("button", name="Next frame")).to_be_disabled()
    comfy.page.keyboard.press("Home")
    comfy.page.keyboard.press("ArrowRight")
    comfy.until("() => document.querySelector('.ds-gate-full-picture').src.includes('/1?')")
    comfy.page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    expect(comfy.gate(flow.gate).locator(".ds-gate-frame-label")).to_have_text("2 / 3")


def test_escape_closes_it_gives_the_focus_back_and_stops_nothing(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    gate.get_by_role("button", name="View full size").focus()
    comfy.page.keyboard.press("Enter")
    view = full_size(comfy)
    for _ in range(14):  # all the way round: nothing of the page behind it can be reached
        comfy.page.keyboard.press("Tab")
        assert comfy.evaluate(
            "() => Boolean(document.activeElement.closest('dialog') ?? document.activeElement === document.body)"
        )
    comfy.page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    expect(gate.get_by_role("button", name="View full size")).to_be_focused()
    assert len(comfy.server.pending()) == 1
    comfy.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}


def test_a_route_can_be_chosen_in_it(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).locator("img.ds-gate-picture").click()
    view = full_size(comfy)
    view.locator("button[data-route='2']").click()
    expect(view).to_be_hidden()
    assert comfy.ran(run) == {flow.previews[1]}


def test_it_closes_when_the_gate_is_answered_elsewhere(comfy: ComfyPage) -> None:
    flow = gated()
    view = opened(comfy, flow)
    token = comfy.server.pending()[0]["token"]
    comfy.server.post("/datasete_gate/choice", {"token": token, "message": 1})
    expect(view).to_be_hidden()
    expect(comfy.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Answered elsewhere")


def test_arrows_go_through_the_frames_when_nothing_is_selected(comfy: ComfyPage) -> None:
    flow = frames(3)
    comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    comfy.evaluate("() => { app.canvas.deselectAll(); document.activeElement.blur(); }")
    comfy.page.keyboard.press("ArrowRight")
    expect(gate.locator(".ds-gate-frame-label")).to_have_text("2 / 3")
    comfy.evaluate("id => app.canvas.selectNode(app.graph.getNodeById(id))", flow.preview)
    comfy.page.keyboard.press("ArrowRight")  # moves that node, as ever
    expect(gate.locator(".ds-gate-frame-label")).to_have_text("2 / 3")
    comfy.page.keyboard.press("1")
    comfy.wait(lambda: not comfy.server.pending(), "the route of a batch by its key")


def test_the_keys_are_written_on_what_they_press(comfy: ComfyPage) -> None:
    flow = gated(routes=10)
    comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    hints = gate.locator(".ds-gate-route kbd")
    expect(hints).to_have_text(["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"])
    expect(gate.locator(".ds-gate-stop kbd")).to_have_text("Esc")
    comfy.page.keyboard.press("0")
    comfy.wait(lambda: not comfy.server.pending(), "the tenth route")
