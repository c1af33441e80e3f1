"""Pictures of a pool and of the bus, as large as the window, and the menu on them."""

from __future__ import annotations

from browser_flows import gated
from browser_page import ComfyPage
from browser_pool_grid import filled
from playwright.sync_api import expect


def test_a_picture_of_a_pool_is_opened_compared_and_saved_from_its_menu(comfy: ComfyPage) -> None:
    grid = filled(comfy, 3)
    grid.cell(1).click(button="right")
    menu = comfy.page.get_by_role("menu", name="Picture")
    expect(menu.get_by_role("menuitem", name="Compare")).to_be_disabled()
    menu.get_by_role("menuitem", name="Open").click()
    view = comfy.page.get_by_test_id("datasete-picture-viewer")
    expect(view.locator(".ds-viewer-status")).to_contain_text("2 / 3")
    comfy.page.wait_for_function("() => document.querySelector('.ds-viewer-picture').naturalWidth > 0")
    comfy.page.keyboard.press("ArrowRight")
    expect(view.locator(".ds-viewer-status")).to_contain_text("3 / 3")
    with comfy.page.expect_download() as download:
        view.get_by_role("button", name="Save to a file").click()
    assert download.value.suggested_filename.startswith("img_")
    comfy.page.keyboard.press("Escape")
    expect(view).to_be_hidden()
    grid.cell(0).click()
    grid.cell(2).click(modifiers=["Control"])
    grid.cell(2).click(button="right")
    menu.get_by_role("menuitem", name="Compare").click()
    expect(view.locator(".ds-viewer-status")).to_contain_text("1 / 2")
    comfy.page.keyboard.press("Escape")


def test_a_picture_of_the_bus_is_opened_from_its_menu(comfy: ComfyPage) -> None:
    flow = gated(send="shown large")
    run = comfy.load(flow).queue()
    comfy.choose(1)
    comfy.finished(run)
    comfy.evaluate("() => app.extensionManager.sidebarTab.toggleSidebarTab('datasete-bus')")
    row = comfy.page.locator(".ds-bus-row:not([hidden])").filter(has_text="shown large")
    row.click(button="right")
    menu = comfy.page.get_by_role("menu", name="shown large")
    menu.get_by_role("menuitem", name="Open").click()
    view = comfy.page.get_by_test_id("datasete-picture-viewer")
    expect(view.locator(".ds-viewer-status")).to_contain_text("451×300")
    comfy.page.keyboard.press("Escape")
    comfy.evaluate("() => app.extensionManager.sidebarTab.toggleSidebarTab('datasete-bus')")
    comfy.server.post("/datasete_gate/bus/delete", {"id": "shown large"})
