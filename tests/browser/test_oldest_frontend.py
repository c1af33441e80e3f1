"""The oldest frontend that is supported: what a gate needs of ComfyUI, on 1.49.6 as on the newest."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_context import COMFYUI_URL, new_context, prepare
from browser_flows import gated
from browser_gates import NEW_TAB, SHOW, full_size, lose_and_regain_a_route_of_a_subgraph, wrap
from browser_host import Host, Server
from browser_page import VUE, ComfyPage
from browser_painter import greys, opened, passed
from browser_pool_grid import fresh_id, pool_flow
from browser_touch import SCROLLED, Hand, shown
from browser_waiting import chip, enter_app_mode, leave_app_mode, listed_gates, no_chip
from playwright.sync_api import Browser, Page, expect
from reruns import is_rerun

OLDEST = "1.49.6"
ROOT = Path(__file__).parents[2]
PLACE = Path(os.environ.get("DATASETE_OLD_FRONTEND") or ROOT / "build" / f"frontend-{OLDEST}")


@pytest.fixture(scope="module")
def old_server(tmp_path_factory: pytest.TempPathFactory, photographs: dict[str, bytes]) -> Iterator[Server]:
    if COMFYUI_URL:
        pytest.skip("a ComfyUI that somebody else started brings a frontend of its own")
    static = PLACE / "comfyui_frontend_package" / "static"
    if not (static / "index.html").is_file():
        command = f"pip install --no-deps --target build/frontend-{OLDEST} comfyui-frontend-package=={OLDEST}"
        message = f"Frontend {OLDEST} is missing: {command}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    host = Host(tmp_path_factory.mktemp("old") / "data", str(static)).start()
    try:
        yield prepare(Server(host.url), photographs)
    finally:
        host.stop()


@pytest.fixture(scope="module")
def old_page(browser: Browser, old_server: Server) -> Iterator[Page]:
    context = new_context(browser)
    page = context.new_page()
    ComfyPage(page, old_server, "canvas").open()
    yield page
    context.close()


@pytest.fixture
def comfy(request: pytest.FixtureRequest, old_page: Page, old_server: Server, renderer: str) -> Iterator[ComfyPage]:
    comfy = ComfyPage(old_page, old_server, renderer)
    if is_rerun(request.node):
        comfy.open()
    comfy.evaluate("([id, on]) => app.extensionManager.setting.set(id, on)", [VUE, renderer == "vue"])
    yield comfy
    old_server.quiet()
    comfy.wait(lambda: not old_server.pending(), "an idle server")
    assert comfy.faults == []


def test_this_is_the_oldest_frontend(comfy: ComfyPage) -> None:
    assert comfy.evaluate("() => window.__COMFYUI_FRONTEND_VERSION__") == OLDEST


def test_a_run_pauses_and_goes_where_it_is_sent(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.choose(2)
    assert comfy.ran(run) == {flow.previews[1]}
    again = comfy.queue()
    comfy.waiting(flow.gate)
    comfy.page.keyboard.press("1")
    assert comfy.ran(again) == {flow.previews[0]}


def test_routes_and_labels_survive_a_reload(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    comfy.set(flow.gate, "routes", 3)
    gate = comfy.gate(flow.gate)
    gate.get_by_role("button", name="Name routes").click()
    gate.get_by_role("textbox", name="Name of route 3").fill("Later")
    gate.get_by_role("textbox", name="Name of route 3").press("Enter")
    gate.get_by_role("button", name="Done").click()
    comfy.expect_outputs(flow.gate, "mask", "1", "2", "Later")
    comfy.wait_until_saved()
    comfy.reload()
    comfy.expect_outputs(flow.gate, "mask", "1", "2", "Later")


def test_a_mask_is_painted(comfy: ComfyPage) -> None:
    flow = gated(mask=True)
    run = comfy.load(flow).queue()
    comfy.paint(flow.gate)
    comfy.choose(1)
    shown = comfy.finished(run)["outputs"][str(flow.mask)]["images"][0]
    assert comfy.server.picture(shown).convert("L").getpixel((228, 151)) > 100


def test_the_bus_is_a_dropdown_that_takes_other_names(comfy: ComfyPage) -> None:
    flow = gated(send="old frontend")
    run = comfy.load(flow).queue()
    comfy.choose(1)
    comfy.finished(run)
    again = gated(None, get="not there yet")
    comfy.load(again)
    widget = "id => app.graph.getNodeById(id).widgets.find(({ name }) => name === 'get_id')"
    comfy.until(f"id => ({widget})(id).options.values().includes('old frontend')", again.gate)
    assert comfy.value(again.gate, "get_id") == "not there yet"
    assert comfy.evaluate(f"id => ({widget})(id).type", again.gate) == "combo"


def test_stop_ends_the_run(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).get_by_role("button", name="Stop").click()
    assert comfy.finished(run)["outputs"] == {}
    expect(comfy.gate(flow.gate)).not_to_have_class(re.compile("ds-gate-open"))


def test_a_mask_is_painted_with_our_painter(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.brush(20)
    painter.stroke((100, 150), (300, 150))
    painter.save()
    assert greys(passed(ours, flow, run), [(200, 150), (200, 100)]) == [255, 0]


def test_ids_that_are_typed_by_nobody_are_not_shown(comfy: ComfyPage) -> None:
    flow = pool_flow(fresh_id())
    flow.add("PoolProfile", "", "", at=(40, 700))
    comfy.load(flow)
    for node, name in [(1, "pool_id"), (3, "profile_id")]:
        comfy.until(f"id => app.graph.getNodeById(id).widgets.find(({{ name }}) => name === '{name}').hidden", node)
        if comfy.renderer == "vue":
            element = comfy.page.locator(f"[data-node-id='{node}']")
            expect(element.locator(".ds-root").first).to_be_visible()
            expect(element.get_by_text(name, exact=True)).to_have_count(0)
            expect(element.locator(f"[aria-label='{name}']")).to_have_count(0)


@pytest.fixture
def phone(browser: Browser, old_server: Server, renderer: str) -> Iterator[ComfyPage]:
    context = new_context(browser, viewport={"width": 430, "height": 860}, has_touch=True, is_mobile=True)
    comfy = ComfyPage(context.new_page(), old_server, renderer).open()
    comfy.evaluate("([id, on]) => app.extensionManager.setting.set(id, on)", [VUE, renderer == "vue"])
    yield comfy
    assert comfy.faults == []
    context.close()


def test_a_finger_scrolls_the_grid_of_a_pool(phone: ComfyPage) -> None:
    grid = shown(phone, 40)
    box = grid.viewport.bounding_box()
    finger = Hand(phone)
    finger.down(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8)
    finger.move(box["x"] + box["width"] / 2 + 4, box["y"] + box["height"] * 0.8 - 180)
    finger.up()
    phone.wait(lambda: grid.viewport.evaluate(SCROLLED) > 80, "a grid that has scrolled")


def test_a_gate_in_a_subgraph_keeps_its_routes_and_is_found(comfy: ComfyPage) -> None:
    lose_and_regain_a_route_of_a_subgraph(comfy)


def test_the_bus_panel_shows_a_slot_and_puts_a_gate_for_it_on_the_canvas(comfy: ComfyPage) -> None:
    flow = gated(send="on the old bus")
    run = comfy.load(flow).queue()
    comfy.choose(1)
    comfy.finished(run)
    comfy.load(gated(None))
    comfy.evaluate("() => app.extensionManager.sidebarTab.toggleSidebarTab('datasete-bus')")
    row = comfy.page.locator(".ds-bus-row:not([hidden])").filter(has_text="on the old bus")
    expect(row).to_contain_text("1 frame")
    row.hover()
    row.get_by_role("button", name="Add a gate that reads it").click()
    comfy.until("() => app.graph.nodes.some(({ widgets }) => widgets?.some(({ value }) => value === 'on the old bus'))")
    comfy.evaluate("() => app.extensionManager.sidebarTab.toggleSidebarTab('datasete-bus')")


@pytest.mark.parametrize("inside", [False, True], ids=["outside", "in a subgraph"])
def test_a_gate_of_another_tab_is_brought_into_the_window(comfy: ComfyPage, inside: bool) -> None:
    flow = gated()
    comfy.load(flow)
    if inside:
        wrap(comfy, flow.gate)
    run = comfy.queue()
    comfy.wait(comfy.server.pending, "a gate")
    comfy.evaluate(NEW_TAB)
    comfy.until("() => app.graph.nodes.length === 0")
    chip(comfy)
    comfy.evaluate(SHOW)
    no_chip(comfy)
    box = comfy.waiting().bounding_box()
    assert 0 <= box["x"] <= 1360 - box["width"]
    assert 0 <= box["y"] <= 900 - box["height"]
    comfy.choose(1)
    assert comfy.ran(run) == {flow.previews[0]}


def test_a_gate_is_answered_and_stopped_in_app_mode(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    enter_app_mode(comfy)
    try:
        chip(comfy).get_by_role("button", name="Show the waiting gate").click()
        full_size(comfy).locator("button[data-route='2']").click()
        assert comfy.ran(run) == {flow.previews[1]}
        again = comfy.queue()
        chip(comfy).get_by_role("button", name="List the waiting gate").click()
        listed_gates(comfy).get_by_role("button", name="Stop").click()
        assert comfy.finished(again)["outputs"] == {}
        comfy.page.keyboard.press("Escape")
    finally:
        leave_app_mode(comfy)
