"""A gate that waits out of sight: the chip, the list, the badge, and what keys may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_context import new_context
from browser_flows import gated
from browser_gates import NEW_TAB, SHOW, full_size
from browser_host import Server
from browser_page import ComfyPage
from browser_waiting import AWAY, LIST, chip, enter_app_mode, leave_app_mode, listed_gates, no_chip
from playwright.sync_api import Browser, expect

KEYS = "Datasete.Gate.Keys"
SET = "([id, value]) => app.extensionManager.setting.set(id, value)"
LISTEN = """() => {
  window.heard = "";
  window.isListening ||= addEventListener("keydown", ({ key }) => { window.heard += key; }) ?? true;
}"""
FILLED = "image => image.complete && image.naturalWidth > 0"
BADGE = "() => app.extensionManager.sidebarTab.sidebarTabs.find(({ id }) => id === 'datasete-gates').iconBadge ?? ''"
TAB_BUTTON = ".datasete-gates-tab-button, [data-testid='datasete-gates-tab-button']"


def test_a_gate_out_of_sight_has_a_chip_with_its_picture_which_leads_to_it(comfy: ComfyPage) -> None:
    flow = gated(title="Which crop?")
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    no_chip(comfy)
    comfy.evaluate(AWAY)
    shown = chip(comfy)
    expect(shown).to_contain_text("A gate waits")
    expect(shown).to_contain_text("Which crop?")
    comfy.page.wait_for_function(FILLED, arg=shown.locator("img").element_handle())
    shown.get_by_role("button", name="Show the waiting gate").click()
    no_chip(comfy)
    comfy.look()
    comfy.page.keyboard.press("2")  # the focus is at the gate
    assert comfy.ran(run) == {flow.previews[1]}


@pytest.mark.parametrize("renderer", ["canvas"])
def test_the_keyboard_comes_to_a_waiting_gate_within_a_few_tabs(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.evaluate("() => document.activeElement?.blur()")
    comfy.evaluate("() => app.canvas.canvas.focus()")
    for _ in range(3):
        comfy.page.keyboard.press("Tab")
        if comfy.evaluate("() => Boolean(document.activeElement.closest('.ds-waiting-chip'))"):
            break
    expect(comfy.page.get_by_test_id("datasete-waiting-chip").get_by_role("button").first).to_be_focused()
    comfy.page.keyboard.press("Enter")
    expect(comfy.gate(flow.gate)).to_be_focused()
    comfy.page.keyboard.press("1")
    assert comfy.ran(run) == {flow.previews[0]}


def test_the_list_answers_a_gate_whose_workflow_is_open_nowhere(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    flow = gated(title="Which crop?", properties={"routeLabels": ["keep", "again"]})
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    expect(chip(second_tab)).to_contain_text("Which crop?")
    expect(second_tab.page.locator(TAB_BUTTON)).to_contain_text("1")
    second_tab.page.locator(TAB_BUTTON).click()
    row = listed_gates(second_tab)
    expect(row).to_have_count(1)
    expect(row.locator(".ds-gate-route span")).to_have_text(["keep", "again"])
    row.get_by_role("button", name="again").click()
    assert comfy.ran(run) == {flow.previews[1]}
    expect(second_tab.page.locator(".ds-waiting-closed")).to_contain_text("Sent to again")
    no_chip(second_tab)
    second_tab.until(f"() => ({BADGE})() === ''")


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_second_press_in_the_list_does_not_answer_the_next_gate(comfy: ComfyPage) -> None:
    flow = gated(title="First")
    other = flow.flow.add("ImageGate", 2, "", "", at=(340, 700), outputs=3, title="Second")
    flow.flow.link(1, 0, other, "image")
    behind = flow.flow.add("PreviewImage", at=(740, 900))
    flow.flow.link(other, 1, behind, "images")
    run = comfy.load(flow).queue()
    comfy.wait(lambda: len(comfy.server.pending()) == 2, "two gates")
    comfy.evaluate(LIST)
    rows = listed_gates(comfy)
    expect(rows).to_have_count(2)
    box = rows.first.get_by_role("button", name="Route 1").bounding_box()
    at = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for _ in range(3):
        comfy.page.mouse.click(*at)
        comfy.page.wait_for_timeout(700)
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Stop").click()
    assert comfy.finished(run)["status"]["status_str"] == "error"
    comfy.page.keyboard.press("Escape")


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_gate_without_a_node_on_this_page_is_shown_in_full_size(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    flow = gated(title="Which crop?", mask=True)
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    chip(second_tab).get_by_role("button", name="Show the waiting gate").click()
    view = full_size(second_tab)
    expect(view).to_contain_text("Which crop?")
    second_tab.page.keyboard.press("2")
    assert comfy.ran(run) == {flow.previews[1], flow.mask}
    expect(view).to_be_hidden()


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_gate_of_another_workflow_is_reached_by_the_chip(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    name = comfy.evaluate("() => app.extensionManager.workflow.activeWorkflow.filename")
    comfy.evaluate(NEW_TAB)
    comfy.until("() => app.graph.nodes.length === 0")
    expect(chip(comfy)).to_contain_text(f"in “{name}”")
    comfy.page.keyboard.press("1")  # never answers what is not in sight
    chip(comfy).get_by_role("button", name="Show the waiting gate").click()
    comfy.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}


@pytest.mark.parametrize("renderer", ["canvas"])
def test_keys_are_left_to_others_while_no_gate_is_in_sight(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.evaluate(LISTEN)
    comfy.evaluate(AWAY)
    chip(comfy)
    comfy.page.keyboard.press("1")
    comfy.evaluate("id => app.canvas.selectNode(app.graph.getNodeById(id))", flow.gate)
    comfy.page.keyboard.press("2")
    assert comfy.evaluate("() => window.heard") == "12"
    comfy.evaluate(SHOW)
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_setting_leaves_the_keys_to_a_selected_gate_or_to_others(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    comfy.evaluate(LISTEN)
    try:
        comfy.evaluate(SET, [KEYS, "off"])
        expect(gate.locator(".ds-gate-route kbd").first).to_be_hidden()
        comfy.evaluate("id => app.canvas.selectNode(app.graph.getNodeById(id))", flow.gate)
        comfy.page.keyboard.press("1")
        comfy.evaluate(SET, [KEYS, "selected"])
        comfy.evaluate("() => app.canvas.deselectAll()")
        comfy.page.keyboard.press("1")
        assert comfy.evaluate("() => window.heard") == "11"
        comfy.evaluate("id => app.canvas.selectNode(app.graph.getNodeById(id))", flow.gate)
        comfy.page.keyboard.press("2")
        assert comfy.ran(run) == {flow.previews[1]}
    finally:
        comfy.evaluate(SET, [KEYS, "always"])


def test_a_gate_is_answered_stopped_and_painted_at_in_app_mode(comfy: ComfyPage) -> None:
    flow = gated(mask=True)
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    enter_app_mode(comfy)
    try:
        comfy.page.keyboard.press("1")  # the gate is not in sight
        chip(comfy).get_by_role("button", name="Show the waiting gate").click()
        full_size(comfy).get_by_role("button", name="Edit mask").click()
        editor = comfy.page.get_by_role("dialog").filter(has_text="Mask Editor")
        expect(editor.locator("canvas").first).to_be_visible()
        editor.get_by_role("button", name="Cancel").first.click()
        comfy.evaluate(SHOW)
        full_size(comfy).locator("button[data-route='2']").click()
        assert comfy.ran(run) == {flow.previews[1], flow.mask}
        again = comfy.queue()
        chip(comfy).get_by_role("button", name="List the waiting gate").click()
        listed_gates(comfy).get_by_role("button", name="Stop").click()
        assert comfy.finished(again)["outputs"] == {}
        comfy.page.keyboard.press("Escape")
    finally:
        leave_app_mode(comfy)


@pytest.fixture
def phone(browser: Browser, idle_server: Server) -> Iterator[ComfyPage]:
    context = new_context(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    comfy = ComfyPage(context.new_page(), idle_server, "canvas").open()
    yield comfy
    assert comfy.faults == []
    context.close()


def test_on_a_phone_chip_and_list_are_in_reach_of_a_thumb(phone: ComfyPage) -> None:
    flow = gated(title="Which of these two crops would you rather keep?")
    run = phone.load(flow).queue()
    phone.wait(phone.server.pending, "a gate")
    phone.evaluate(AWAY)
    shown = chip(phone)
    for button in [shown, *shown.get_by_role("button").all()]:
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] >= 43.5
    shown.get_by_role("button", name="List the waiting gate").tap()
    button = listed_gates(phone).get_by_role("button", name="Route 2")
    assert button.bounding_box()["height"] >= 43.5
    button.tap()
    assert phone.ran(run) == {flow.previews[1]}
