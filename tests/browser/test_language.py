"""Nodes, settings and commands in the language that a person has chosen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_flows import gated
from browser_host import Server
from browser_page import VUE, ComfyPage
from playwright.sync_api import Browser, expect

LOCALES = Path(__file__).parents[2] / "web" / "locales"
IS_TITLED = "title => LiteGraph.registered_node_types.ImageGate.title === title"

CLOSE_TEMPLATES = """
    setInterval(() => {
      const templates = document.querySelector("[data-testid='template-filter-bar']")?.closest("[role='dialog']");
      templates?.querySelector("button[aria-label*='关闭'], button[aria-label*='閉じる']")?.click();
    }, 50);
"""


class Abroad:
    """A page in some language, and what is said there."""

    def __init__(self, comfy: ComfyPage, language: str) -> None:
        self.comfy, self.texts = comfy, comfy.server.json("/i18n")[language]

    @property
    def gate(self) -> dict:
        return self.texts["nodeDefs"]["ImageGate"]


@pytest.fixture(params=["zh", "ja"])
def language(request: pytest.FixtureRequest) -> str:
    """Ours that the frontend offers as well. It has no German yet: that is served, and waits."""
    return request.param


@pytest.fixture
def abroad(language: str, renderer: str, browser: Browser, idle_server: Server) -> Iterator[Abroad]:
    from browser_context import new_context

    context = new_context(browser)
    context.add_init_script(CLOSE_TEMPLATES)
    comfy = ComfyPage(context.new_page(), idle_server, renderer).open()
    idle_server.post("/settings", {"Comfy.Locale": language, VUE: renderer == "vue"})
    yield Abroad(comfy.reload(), language)
    idle_server.post("/settings", {"Comfy.Locale": "en", VUE: False})
    context.close()
    assert comfy.faults == []


def test_a_gate_is_told_in_the_language_and_works(abroad: Abroad) -> None:
    comfy, told = abroad.comfy, abroad.gate
    comfy.until(IS_TITLED, told["display_name"])
    comfy.evaluate("() => { app.graph.add(LiteGraph.createNode('ImageGate')); }")
    assert comfy.evaluate("() => app.graph.nodes.at(-1).title") == told["display_name"]
    flow = gated()
    comfy.load(flow)
    words = comfy.evaluate(
        """id => {
             const { inputs, outputs, widgets } = app.graph.getNodeById(id);
             const said = ({ label, localized_name, name }) => label || localized_name || name;
             return [...inputs.filter(({ widget }) => !widget), outputs[0], ...widgets].map(said);
           }""",
        flow.gate,
    )
    names = [told["inputs"][port]["name"] for port in ("image", "routes", "send_id", "get_id")]
    assert {*names, told["outputs"]["0"]["name"]} <= set(words)
    assert comfy.outputs(flow.gate)[1:] == ["1", "2"]
    run = comfy.queue()
    comfy.choose(2)
    assert comfy.ran(run) == {flow.previews[1]}


@pytest.mark.parametrize("renderer", ["canvas"])
def test_settings_and_commands_are_told_in_the_language(abroad: Abroad) -> None:
    page, texts = abroad.comfy.page, abroad.texts
    abroad.comfy.evaluate("() => { app.extensionManager.command.execute('Comfy.ShowSettingsDialog'); }")
    dialog = page.locator("[role='dialog']").filter(has=page.locator("input")).first
    dialog.locator("input[type='text']").first.fill(texts["settings"]["Datasete_Gate_Sound"]["name"])
    expect(dialog.get_by_text(texts["settings"]["Datasete_Gate_Sound"]["name"]).first).to_be_visible()
    page.keyboard.press("Escape")


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_panel_is_in_the_language(abroad: Abroad, language: str) -> None:
    translations = json.loads((LOCALES / f"{language}.json").read_text("utf-8"))
    abroad.comfy.evaluate("() => { app.extensionManager.command.execute('Datasete.OpenStatus'); }")
    panel = abroad.comfy.page.locator(".ds-panel-panel")
    for text in ("Copy report", "Test all", "Spaces"):
        expect(panel.get_by_text(translations[text], exact=True)).to_be_visible()


@pytest.mark.parametrize("renderer", ["canvas"])
def test_every_setting_and_command_that_is_registered_has_an_entry(comfy: ComfyPage) -> None:
    texts = comfy.server.json("/i18n")["de"]
    ours = comfy.evaluate(
        """() => ({
             commands: app.extensionManager.command.commands.map(({ id }) => id),
             settings: Object.keys(app.ui.settings.settingsLookup ?? app.ui.settings.settingsParamLookup),
           })"""
    )
    for kind, ids in ours.items():
        mine = {name.replace(".", "_") for name in ids if re.match(r"Datasete\.", name)}
        assert mine == set(texts[kind])
        assert mine
