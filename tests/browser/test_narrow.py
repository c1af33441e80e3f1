"""Nodes and dialogs in little room: narrow nodes, a page that is zoomed in, a phone."""

from __future__ import annotations

from browser_context import new_context, use_renderer
from browser_flows import gated
from browser_host import Server
from browser_page import ComfyPage
from browser_painter import Painter
from browser_pool_grid import PoolGrid, fresh_id, pool_flow
from playwright.sync_api import Browser

CUT = "all => all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.ariaLabel)"
HEIGHTS = "all => all.filter((one) => one.offsetHeight).map((one) => one.offsetHeight)"


def test_a_narrow_pool_has_icons_in_place_of_words_that_would_be_cut_off(comfy: ComfyPage) -> None:
    flow = pool_flow(fresh_id())
    flow.nodes[0]["size"] = [210, 540]
    grid = PoolGrid(comfy.load(flow))
    buttons = grid.element.locator(".ds-grid-foot > button, .ds-grid-tools > button")
    assert buttons.evaluate_all(CUT) == []
    assert grid.button("Label").locator("i").is_visible()
    wide = PoolGrid(comfy.load(pool_flow(fresh_id())))
    assert wide.element.locator(".ds-grid-foot > button").evaluate_all(CUT) == []
    assert wide.button("Label").locator("span").is_visible()


def test_the_painters_sliders_keep_their_length_on_a_page_that_is_zoomed_in(
    browser: Browser, idle_server: Server, renderer: str
) -> None:
    context = new_context(browser, viewport={"width": 680, "height": 450}, device_scale_factor=2)
    comfy = ComfyPage(context.new_page(), idle_server, renderer).open()
    use_renderer(comfy, renderer)
    comfy.evaluate("() => app.extensionManager.setting.set('Datasete.Gate.Painter', 'painter')")
    flow = gated()
    comfy.load(flow).queue()
    painter = Painter(comfy).open(flow.gate)
    sliders = painter.dialog.locator("input[type='range']")
    assert all(box >= 60 for box in sliders.evaluate_all("all => all.map((one) => one.offsetWidth)"))
    assert painter.stage.bounding_box()["height"] > 150
    painter.press("Escape")
    idle_server.quiet()
    context.close()


def test_what_is_pressed_on_a_phone_is_as_large_as_a_thumb(
    browser: Browser, idle_server: Server, renderer: str
) -> None:
    context = new_context(browser, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    comfy = ComfyPage(context.new_page(), idle_server, renderer).open()
    use_renderer(comfy, renderer)
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    assert all(height >= 44 for height in grid.element.locator("button, input").evaluate_all(HEIGHTS))
    flow = gated()
    comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    assert all(height >= 44 for height in gate.locator("button").evaluate_all(HEIGHTS))
    gate.get_by_role("button", name="View full size").focus()
    comfy.page.keyboard.press("Enter")
    view = comfy.page.get_by_test_id("datasete-viewer")
    assert all(height >= 44 for height in view.locator("button").evaluate_all(HEIGHTS))
    idle_server.quiet()
    context.close()
