"""How the browser tests prepare a server and open pages."""

from __future__ import annotations

import os

from browser_host import Server
from browser_page import CLOSE_TEMPLATES, VUE, ComfyPage
from playwright.sync_api import Browser, BrowserContext, expect

COMFYUI_URL = os.environ.get("COMFYUI_URL", "")
PATIENCE = 1000 * int(os.environ.get("DATASETE_PATIENCE", "40"))
SETTINGS = {
    "Comfy.Minimap.Visible": False,
    "Comfy.Graph.CanvasInfo": False,
    "Comfy.Workflow.ConfirmDelete": False,
    "Comfy.VersionCompatibility.DisableWarnings": True,
    VUE: False,
}


def prepare(server: Server, photographs: dict[str, bytes]) -> Server:
    for name, data in photographs.items():
        server.upload(name, data)
    server.post("/settings", SETTINGS)
    return server


def new_context(browser: Browser, **options: object) -> BrowserContext:
    context = browser.new_context(**{"viewport": {"width": 1360, "height": 900}, **options})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(CLOSE_TEMPLATES)
    expect.set_options(timeout=PATIENCE)
    return context


def use_renderer(comfy: ComfyPage, renderer: str) -> None:
    comfy.evaluate("([id, on]) => app.extensionManager.setting.set(id, on)", [VUE, renderer == "vue"])
    # The canvas may show a subgraph still.
    comfy.evaluate("() => { app.canvas.setGraph(app.rootGraph ?? app.graph); app.graph.clear(); }")
