"""What the frontend saves is shared with others: no secret of the server's configuration is in it."""

from __future__ import annotations

import json
import re

import pytest
from browser_context import new_context
from browser_flows import gated
from browser_host import Host, Server
from browser_page import ComfyPage
from playwright.sync_api import Browser, expect

SECRET = "a-secret-that-no-workflow-may-hold"
SETTINGS = {
    "DATASETE_BUS__URL": "s3://nowhere/x",
    "DATASETE_BUS__OPTIONS": json.dumps(
        {"endpoint_url": "http://127.0.0.1:9", "access_key_id": SECRET, "secret_access_key": SECRET}
    ),
    "DATASETE_STORAGE__DEADLINE": "0.5",
    "DATASETE_GATES__OPTIONS": json.dumps({"token": SECRET}),
    "DATASETE_BATCH__TRIGGER": "http",
    "DATASETE_BATCH__URL": f"http://me:{SECRET}@127.0.0.1:9",
}
SAVE = "() => void app.extensionManager.command.execute('Comfy.SaveWorkflow')"
KEPT = """async () => JSON.stringify([
  app.graph.serialize(), await app.graphToPrompt(), { ...localStorage }, { ...sessionStorage },
]) + document.documentElement.outerHTML"""


def test_no_secret_is_in_a_workflow_that_is_saved(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, browser: Browser
) -> None:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    host: Host = request.getfixturevalue("own_host")
    context = new_context(browser)
    comfy = ComfyPage(context.new_page(), Server(host.url), "canvas").open()
    flow = gated(send="cp1")
    comfy.load(flow).queue()
    comfy.choose(1, flow.gate)
    expect(comfy.gate(flow.gate).get_by_test_id("datasete-gate-trouble")).to_contain_text("gave no complete answer")
    comfy.evaluate(SAVE)
    name = comfy.page.get_by_role("dialog").get_by_role("textbox")
    name.fill("mine")
    with comfy.page.expect_response(re.compile(r"/userdata/workflows%2Fmine\.json")):
        name.press("Enter")
    saved = next((host.data / "user").rglob("mine.json"))
    assert "ImageGate" in saved.read_text()
    assert SECRET not in comfy.evaluate(KEPT)
    assert not [path for path in host.data.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    comfy.server.quiet()
    context.close()
