"""What the sidebar's tabs say while nobody answers: what is unharmed there, and nothing of gates."""

from __future__ import annotations

import pytest
from browser_flows import gated
from browser_page import ComfyPage
from playwright.sync_api import expect

TOGGLE = "id => app.extensionManager.sidebarTab.toggleSidebarTab(id)"
NOTHING_CHANGED = "Nothing was changed. Check that ComfyUI is running, then try again."
TABS = {
    "datasete-batches": ("**/datasete/batch/list*", "No batch has lost its place."),
    "datasete-bus": ("**/datasete_gate/bus/list*", NOTHING_CHANGED),
    "datasete-status": ("**/datasete/status", NOTHING_CHANGED),
}


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_speaks_of_its_own_things(comfy: ComfyPage, tab: str) -> None:
    path, unharmed = TABS[tab]
    comfy.page.route(path, lambda route: route.abort())
    comfy.evaluate(TOGGLE, tab)
    try:
        alert = comfy.page.locator(".ds-panel-panel").get_by_role("alert")
        expect(alert).to_contain_text(unharmed)
        expect(alert).not_to_contain_text("gate")
    finally:
        comfy.page.unroute(path)
        comfy.evaluate(TOGGLE, tab)


def test_a_burst_of_news_is_one_question_for_all_who_show_the_slots(comfy: ComfyPage) -> None:
    asked: list[str] = []
    comfy.load(gated(None))
    comfy.evaluate(TOGGLE, "datasete-bus")
    expect(comfy.page.locator(".ds-panel-panel .ds-panel-title")).to_contain_text("Bus · ")
    comfy.page.on("request", lambda request: asked.append(request.url) if "/bus/list" in request.url else None)
    try:
        with comfy.page.expect_response("**/bus/list"):
            comfy.evaluate(
                """() => {
                     const tell = () => app.api.dispatchCustomEvent("datasete-slot-published", { id: "x" });
                     for (let time = 0; time < 10; time++) tell();
                   }"""
            )
        comfy.page.wait_for_timeout(600)  # for another one
        assert len(asked) == 1
    finally:
        comfy.evaluate(TOGGLE, "datasete-bus")
