"""The sidebar tab *Batches*: all folders, how far each is, and the same controls as in the loader."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser_batches import batch, card, fill, is_over, press, says, walk
from browser_context import new_context, use_renderer
from browser_host import Host, Server
from browser_page import ComfyPage
from playwright.sync_api import Browser, Locator, expect

TAB = "datasete-batches"


@pytest.fixture
def panel(comfy: ComfyPage) -> Iterator[Locator]:
    """The panel, open."""
    yield open_panel(comfy)
    comfy.evaluate("id => app.extensionManager.sidebarTab.toggleSidebarTab(id)", TAB)


def open_panel(comfy: ComfyPage) -> Locator:
    comfy.evaluate("id => app.extensionManager.sidebarTab.toggleSidebarTab(id)", TAB)
    shown = comfy.page.get_by_role("region", name="Batches")
    expect(shown).to_be_visible()
    return shown


def row(panel: Locator, folder: str) -> Locator:
    return panel.locator(".ds-batch-row").filter(has=panel.page.locator(".ds-batch-folder", has_text=folder))


def test_the_panel_follows_a_walk_and_steers_it(comfy: ComfyPage, panel: Locator) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    shown = row(panel, flow.folder)
    says(shown, "1 of 3", "0 done · 3 left")
    expect(shown.locator(".ds-batch-file")).to_have_text("1.png")
    comfy.choose(1, flow.gate)
    says(shown, "2 of 3", "1 done · 2 left")
    press(shown, "Pause")
    comfy.choose(1, flow.gate)
    says(shown, "Paused · 3 of 3", "2 done · 1 left")
    is_over(comfy, flow.folder, "paused")
    press(shown, "Resume")
    comfy.choose(1, flow.gate)
    says(shown, "Finished · 3 of 3", "3 done")
    says(card(comfy, flow.loader), f"Finished · 3 of 3 · {flow.folder}")


def test_the_panel_tells_what_stopped_a_batch_and_what_was_skipped(comfy: ComfyPage, panel: Locator) -> None:
    stopped = walk(fill(comfy.server, 3, broken=(2,)))
    skipped = walk(fill(comfy.server, 3, (2,)), errors="Skip on error")
    for flow in (stopped, skipped):
        comfy.load(flow).queue()
        is_over(comfy, flow.folder, "stopped" if flow is stopped else "finished")
    expect(row(panel, stopped.folder).get_by_role("alert")).to_contain_text("“2.png” cannot be loaded")
    expect(row(panel, stopped.folder).get_by_role("button", name="Continue", exact=True)).to_be_visible()
    press(row(panel, skipped.folder), "Skipped (1)")
    expect(row(panel, skipped.folder).get_by_role("region", name="Skipped files")).to_contain_text("2.png")


def test_reset_asks_in_the_panel_too(comfy: ComfyPage, panel: Locator) -> None:
    flow = walk(fill(comfy.server))
    comfy.load(flow).queue()
    is_over(comfy, flow.folder)
    press(row(panel, flow.folder), "Reset")
    comfy.page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    says(row(panel, flow.folder), "Not started")
    assert batch(comfy.server, flow.folder)["state"] == "fresh"


def test_batches_that_walk_come_first_and_the_search_narrows_them(comfy: ComfyPage, panel: Locator) -> None:
    walking, done = walk(fill(comfy.server), gate=True), walk(fill(comfy.server))
    comfy.load(done).queue()
    is_over(comfy, done.folder)
    comfy.load(walking).queue()
    comfy.waiting(walking.gate)
    expect(panel.locator(".ds-batch-folder").first).to_have_text(walking.folder)
    panel.get_by_role("searchbox").fill(done.folder.upper())
    expect(panel.locator(".ds-batch-folder")).to_have_text([done.folder])
    panel.get_by_role("searchbox").fill("no such folder")
    expect(panel).to_contain_text("No matching folder")
    panel.get_by_role("searchbox").fill("")
    expect(row(panel, walking.folder)).to_be_visible()


def test_a_panel_that_is_opened_again_shows_the_same(comfy: ComfyPage, panel: Locator) -> None:
    flow = walk(fill(comfy.server))
    comfy.load(flow).queue()
    is_over(comfy, flow.folder)
    comfy.evaluate("id => app.extensionManager.sidebarTab.toggleSidebarTab(id)", TAB)
    expect(panel).to_be_hidden()
    says(row(open_panel(comfy), flow.folder), "Finished · 3 of 3", "3 done")


def test_a_server_that_does_not_answer_is_said_and_asked_again(comfy: ComfyPage, panel: Locator) -> None:
    flow = walk(fill(comfy.server))
    comfy.load(flow).queue()
    is_over(comfy, flow.folder)
    comfy.page.route("**/datasete/batch/list*", lambda route: route.abort())
    panel.get_by_role("button", name="Refresh").click()
    expect(panel.get_by_role("alert").first).to_contain_text("cannot be reached")
    comfy.page.unroute("**/datasete/batch/list*")
    panel.get_by_role("button", name="Retry").click()
    says(row(panel, flow.folder), "Finished · 3 of 3")


def test_without_any_batch_the_panel_says_how_to_begin(own_host: Host, browser: Browser, renderer: str) -> None:
    context = new_context(browser, viewport={"width": 390, "height": 800})
    comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
    use_renderer(comfy, renderer)
    shown = open_panel(comfy)
    expect(shown).to_contain_text("No batches yet")
    expect(shown).to_contain_text(re.compile("press Run"))
    box = shown.bounding_box()
    assert box["x"] + box["width"] <= 390
    assert comfy.faults == []
    context.close()
