"""The sidebar tab *Datasete*: what runs here, and how the places are where pictures are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_flows import gated
from browser_host import Host, Server
from browser_page import CLOSE_TEMPLATES, OPENING, ComfyPage
from browser_pictures import shown_in_docs
from playwright.sync_api import Browser, Locator, expect

TAB = "datasete-status"
OPEN = "id => { app.extensionManager.sidebarTab.activeSidebarTabId = id; }"
SECRET = "hunter2-that-no-page-may-show"


def opened(comfy: ComfyPage) -> Locator:
    comfy.evaluate(OPEN, TAB)
    panel = comfy.page.get_by_role("region", name="Datasete", exact=True)
    expect(panel.locator(".ds-status-body")).to_have_attribute("aria-busy", "false", timeout=OPENING)
    return panel


@pytest.fixture
def panel(comfy: ComfyPage) -> Iterator[Locator]:
    # without the clipboard of the whole machine
    comfy.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield opened(comfy)
    comfy.evaluate(OPEN, None)
    comfy.page.context.clear_permissions()


def card(panel: Locator, space: str) -> Locator:
    return panel.get_by_role("region", name=f"Space {space}", exact=True)


def test_it_shows_version_spaces_and_plugins(comfy: ComfyPage, panel: Locator) -> None:
    status = comfy.server.json("/datasete/status")
    expect(panel.locator(".ds-status-summary")).to_contain_text(f"Version {status['version']}")
    expect(panel.locator(".ds-status-summary")).to_contain_text("0 gates open")
    expect(card(panel, "bus")).to_contain_text("Several writers")
    plugins = panel.get_by_role("region", name="Plugins")
    for plugin in status["plugins"]:
        expect(plugins).to_contain_text(plugin["name"])
    expect(plugins).to_contain_text("open_store")


def test_a_space_is_tested_on_request(panel: Locator) -> None:
    bus = card(panel, "bus")
    expect(bus).not_to_contain_text("Safe to share between tabs")
    bus.get_by_role("button", name="Test the space bus").click()
    expect(bus).to_contain_text("Safe to share between tabs and processes of this machine.")
    expect(bus).to_contain_text(re.compile(r"ms a round trip · \d+ slots?"))
    expect(card(panel, "pools")).not_to_contain_text("round trip")


def test_all_are_tested_at_once_and_stay_tested_when_one_looks_again(panel: Locator) -> None:
    panel.get_by_role("button", name="Test all").click()
    for name in ("bus", "pools"):
        expect(card(panel, name)).to_contain_text("Safe to share")
    panel.get_by_role("button", name="Refresh").click()
    for name in ("bus", "pools"):
        expect(card(panel, name)).to_contain_text("Safe to share")


def test_the_report_is_copied(comfy: ComfyPage, panel: Locator) -> None:
    card(panel, "bus").get_by_role("button").click()
    expect(card(panel, "bus")).to_contain_text("Safe to share")
    panel.get_by_role("button", name="Copy report").click()
    expect(comfy.toast("Report copied")).to_be_visible()
    report = comfy.evaluate("() => navigator.clipboard.readText()")
    status = comfy.server.json("/datasete/status")
    assert report.startswith(f"**Datasete {status['version']}** on ")
    assert "- bus (file): atomic_replace, conditional_write" in report
    assert "Tested: Safe to share between tabs and processes of this machine." in report
    assert "- datasete_fsspec (bundled): open_store" in report
    assert ("Vue nodes" if comfy.renderer == "vue" else "canvas nodes") in report


def test_a_page_without_the_clipboard_copies_all_the_same(comfy: ComfyPage, panel: Locator) -> None:
    """As one that is not served over https from another machine."""
    comfy.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    panel.get_by_role("button", name="Copy report").click()
    expect(comfy.toast("Report copied")).to_be_visible()
    comfy.evaluate("() => delete navigator.clipboard")
    assert comfy.evaluate("() => navigator.clipboard.readText()").startswith("**Datasete ")


def test_it_follows_what_happens(comfy: ComfyPage, panel: Locator) -> None:
    comfy.load(gated()).queue()
    comfy.waiting()
    expect(panel.locator(".ds-status-summary")).to_contain_text("1 gate open")
    comfy.choose(1)
    expect(panel.locator(".ds-status-summary")).to_contain_text("0 gates open")


def test_it_is_found_in_the_menu_and_by_keyboard(comfy: ComfyPage, panel: Locator) -> None:
    comfy.evaluate(OPEN, None)
    expect(panel).to_be_hidden()
    comfy.evaluate("() => app.extensionManager.command.execute('Datasete.OpenStatus')")
    expect(card(panel, "bus")).to_be_visible()  # before, there is nothing to test that Tab could reach
    panel.get_by_role("button", name="Refresh").focus()
    comfy.page.keyboard.press("Tab")
    expect(panel.get_by_role("button", name="Test all")).to_be_focused()
    comfy.page.keyboard.press("Tab")
    comfy.page.keyboard.press("Enter")
    expect(card(panel, "bus")).to_contain_text("Safe to share")


def test_the_docs_show_it(panel: Locator) -> None:
    panel.get_by_role("button", name="Test all").click()
    for space in ("bus", "pools"):
        expect(card(panel, space)).to_contain_text("Safe to share")
    shown_in_docs("status.png", panel.screenshot())


def told(panel: Locator, space: str, sentence: str) -> None:
    """The card says it: at the latest when somebody looks again, as a card asks for that was too slow to answer."""
    answered = re.compile(f"{re.escape(sentence)}|has not answered for")
    expect(card(panel, space)).to_contain_text(answered)
    while "has not answered for" in card(panel, space).inner_text():
        with panel.page.expect_response("**/datasete/status"):
            panel.get_by_role("button", name="Refresh").click()
        panel.page.wait_for_timeout(100)
    expect(card(panel, space)).to_contain_text(sentence)


@pytest.fixture
def troubled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: Browser) -> Iterator[ComfyPage]:
    """A page on a host with a plugin that cannot be imported and a space that cannot be reached."""
    options = {"endpoint_url": "http://127.0.0.1:9", "access_key_id": SECRET, "secret_access_key": SECRET}
    spaces = {"nas": {"url": "s3://nowhere/x", "options": options}, "old": {"url": "gopher://hole"}}
    monkeypatch.setenv("DATASETE_SPACES", json.dumps(spaces))
    monkeypatch.setenv("DATASETE_PLUGINS__LOAD", '["no_such_plugin"]')
    host = Host(tmp_path / "data").start()
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(OPENING)
    context.add_init_script(CLOSE_TEMPLATES)
    yield ComfyPage(context.new_page(), Server(host.url), "canvas").open()
    context.close()
    host.stop()


def test_trouble_is_told_on_a_phone_and_no_secret_is(troubled: ComfyPage) -> None:
    panel = opened(troubled)
    told(panel, "old", "gopher://, which is not among the allowed schemes")
    expect(panel.get_by_role("region", name="Plugins")).to_contain_text("Left out: ModuleNotFoundError")
    card(panel, "nas").get_by_role("button").click()
    expect(card(panel, "nas").get_by_role("status")).to_contain_text("gave no complete answer")
    box = panel.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert panel.locator(".ds-status-body").evaluate("body => body.scrollWidth <= body.clientWidth")
    assert SECRET not in troubled.page.content()
    assert SECRET not in troubled.server.get("/datasete/status").decode()
    assert "127.0.0.1:9" not in troubled.server.get("/datasete/status").decode()


def test_a_server_that_is_away_is_said_and_asked_again(troubled: ComfyPage) -> None:
    panel = opened(troubled)
    troubled.page.route("**/datasete/status", lambda route: route.abort())
    panel.get_by_role("button", name="Refresh").click()
    expect(panel.get_by_role("alert")).to_contain_text("cannot be reached")
    troubled.page.unroute("**/datasete/status")
    panel.get_by_role("button", name="Retry").click()
    expect(card(panel, "bus")).to_be_visible()
