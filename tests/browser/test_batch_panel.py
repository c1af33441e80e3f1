"""The sidebar tab *Batches*: all folders, how far each is, and the same controls as in the loader."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from batch_kit import batch, card, fill, is_over, press, says, walk
from browser_desk import Desk
from browser_host import Host, Server
from conftest import new_context, use_renderer
from playwright.sync_api import Browser, Locator, expect

TAB = "datasete-batches"


@pytest.fixture
def panel(desk: Desk) -> Iterator[Locator]:
    """The panel, open."""
    yield open_panel(desk)
    desk.evaluate("id => app.extensionManager.sidebarTab.toggleSidebarTab(id)", TAB)


def open_panel(desk: Desk) -> Locator:
    desk.evaluate("id => app.extensionManager.sidebarTab.toggleSidebarTab(id)", TAB)
    shown = desk.page.get_by_role("region", name="Batches")
    expect(shown).to_be_visible()
    return shown


def row(panel: Locator, folder: str) -> Locator:
    return panel.locator(".ds-batch-row").filter(has=panel.page.locator(".ds-batch-folder", has_text=folder))


def test_the_panel_follows_a_walk_and_steers_it(desk: Desk, panel: Locator) -> None:
    flow = walk(fill(desk.server), gate=True)
    desk.load(flow).queue()
    shown = row(panel, flow.folder)
    says(shown, "1 of 3", "0 done · 3 left")
    expect(shown.locator(".ds-batch-file")).to_have_text("1.png")
    desk.choose(1, flow.gate)
    says(shown, "2 of 3", "1 done · 2 left")
    press(shown, "Pause")
    desk.choose(1, flow.gate)
    says(shown, "Paused · 3 of 3", "2 done · 1 left")
    is_over(desk, flow.folder, "paused")
    press(shown, "Resume")
    desk.choose(1, flow.gate)
    says(shown, "Finished · 3 of 3", "3 done")
    says(card(desk, flow.loader), f"Finished · 3 of 3 · {flow.folder}")


def test_the_panel_tells_what_stopped_a_batch_and_what_was_skipped(desk: Desk, panel: Locator) -> None:
    stopped, skipped = walk(fill(desk.server, 3, broken=(2,))), walk(fill(desk.server, 3, (2,)), errors="Skip on error")
    for flow in (stopped, skipped):
        desk.load(flow).queue()
        is_over(desk, flow.folder, "stopped" if flow is stopped else "finished")
    expect(row(panel, stopped.folder).get_by_role("alert")).to_contain_text("“2.png” cannot be loaded")
    expect(row(panel, stopped.folder).get_by_role("button", name="Continue", exact=True)).to_be_visible()
    press(row(panel, skipped.folder), "Skipped (1)")
    expect(row(panel, skipped.folder).get_by_role("region", name="Skipped files")).to_contain_text("2.png")


def test_reset_asks_in_the_panel_too(desk: Desk, panel: Locator) -> None:
    flow = walk(fill(desk.server))
    desk.load(flow).queue()
    is_over(desk, flow.folder)
    press(row(panel, flow.folder), "Reset")
    desk.page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    says(row(panel, flow.folder), "Not started")
    assert batch(desk.server, flow.folder)["state"] == "fresh"


def test_batches_that_walk_come_first_and_the_search_narrows_them(desk: Desk, panel: Locator) -> None:
    walking, done = walk(fill(desk.server), gate=True), walk(fill(desk.server))
    desk.load(done).queue()
    is_over(desk, done.folder)
    desk.load(walking).queue()
    desk.waiting(walking.gate)
    expect(panel.locator(".ds-batch-folder").first).to_have_text(walking.folder)
    panel.get_by_role("searchbox").fill(done.folder.upper())
    expect(panel.locator(".ds-batch-folder")).to_have_text([done.folder])
    panel.get_by_role("searchbox").fill("no such folder")
    expect(panel).to_contain_text("No matching folder")
    panel.get_by_role("searchbox").fill("")
    expect(row(panel, walking.folder)).to_be_visible()


def test_a_panel_that_is_opened_again_shows_the_same(desk: Desk, panel: Locator) -> None:
    flow = walk(fill(desk.server))
    desk.load(flow).queue()
    is_over(desk, flow.folder)
    desk.evaluate("id => app.extensionManager.sidebarTab.toggleSidebarTab(id)", TAB)
    expect(panel).to_be_hidden()
    says(row(open_panel(desk), flow.folder), "Finished · 3 of 3", "3 done")


def test_a_server_that_does_not_answer_is_said_and_asked_again(desk: Desk, panel: Locator) -> None:
    flow = walk(fill(desk.server))
    desk.load(flow).queue()
    is_over(desk, flow.folder)
    desk.page.route("**/datasete/batch/list*", lambda route: route.abort())
    panel.get_by_role("button", name="Refresh").click()
    expect(panel.get_by_role("alert").first).to_contain_text("cannot be reached")
    desk.page.unroute("**/datasete/batch/list*")
    panel.get_by_role("button", name="Retry").click()
    says(row(panel, flow.folder), "Finished · 3 of 3")


def test_without_any_batch_the_panel_says_how_to_begin(own_host: Host, browser: Browser, renderer: str) -> None:
    context = new_context(browser, viewport={"width": 390, "height": 800})
    desk = Desk(context.new_page(), Server(own_host.url), renderer).open()
    use_renderer(desk, renderer)
    shown = open_panel(desk)
    expect(shown).to_contain_text("No batches yet")
    expect(shown).to_contain_text(re.compile("press Run"))
    box = shown.bounding_box()
    assert box["x"] + box["width"] <= 390
    assert desk.faults == []
    context.close()
