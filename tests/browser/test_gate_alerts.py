"""A sound and a desktop notification, for those who turned them on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser_context import new_context, use_renderer
from browser_flows import gated
from browser_gates import listed
from browser_host import Server
from browser_page import ComfyPage
from playwright.sync_api import Browser, expect

SOUND, NOTICE = "Datasete.Gate.Sound", "Datasete.Gate.Notice"
SET = "([id, on]) => app.extensionManager.setting.set(id, on)"
# Headless, a browser has neither loudspeakers nor a desktop: what would go there is written down.
LISTEN = """
    window.told = { notes: 0, asked: 0, notices: [], permission: "granted" };
    const Oscillator = window.OscillatorNode;
    window.OscillatorNode = class extends Oscillator { start(...args) { told.notes++; return super.start(...args); } };
    window.Notification = class extends EventTarget {
      static get permission() { return told.permission; }
      static async requestPermission() { told.asked++; return told.permission; }
      constructor(title, options) { super(); told.notices.push(this); Object.assign(this, { title, ...options }); }
      close() {}
    };
    document.hasFocus = () => false;
"""


@pytest.fixture
def comfy(browser: Browser, idle_server: Server, renderer: str) -> Iterator[ComfyPage]:
    context = new_context(browser)
    context.add_init_script(LISTEN)
    comfy = ComfyPage(context.new_page(), idle_server, renderer).open()
    use_renderer(comfy, renderer)
    yield comfy
    for setting in (SOUND, NOTICE):
        comfy.evaluate(SET, [setting, False])
    assert comfy.faults == []
    context.close()


@pytest.mark.parametrize("renderer", ["canvas"])
def test_both_are_off_unless_turned_on_and_nobody_is_asked(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    assert comfy.evaluate("() => [told.notes, told.asked, told.notices.length]") == [0, 0, 0]


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_sound_is_played_once_for_a_gate_and_once_for_a_list(comfy: ComfyPage) -> None:
    comfy.page.mouse.click(700, 500)  # before that, a browser plays nothing
    comfy.evaluate(SET, [SOUND, True])
    comfy.until("() => told.notes === 2")  # what it sounds like
    flow = listed(2)
    comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.until("() => told.notes === 4")
    comfy.choose(1, flow.gate)
    expect(comfy.waiting(flow.gate).locator(".ds-gate-status")).to_contain_text("2 of 2")
    comfy.choose(1, flow.gate)
    comfy.idle(flow.gate)
    assert comfy.evaluate("() => told.notes") == 4


def test_a_notice_names_the_node_and_a_click_on_it_shows_the_gate(comfy: ComfyPage) -> None:
    comfy.evaluate(SET, [NOTICE, True])
    comfy.until("() => told.asked === 1")
    flow = gated(title="Which crop?")
    run = comfy.load(flow).queue()
    comfy.until("() => told.notices.length === 1")
    assert comfy.evaluate("() => [told.notices[0].title, told.notices[0].body]") == [
        "A gate is waiting for you",
        "Which crop?",
    ]
    comfy.evaluate("() => { app.canvas.ds.offset = [9000, 9000]; told.notices[0].dispatchEvent(new Event('click')); }")
    comfy.waiting(flow.gate)
    comfy.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_refused_permission_turns_the_setting_off_again(comfy: ComfyPage) -> None:
    comfy.evaluate("() => { told.permission = 'denied'; }")
    comfy.evaluate(SET, [NOTICE, True])
    expect(comfy.toast(re.compile("No desktop notifications"))).to_be_visible()
    comfy.until(f"() => app.extensionManager.setting.get('{NOTICE}') === false")


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_page_that_is_opened_with_the_notice_on_asks_nobody(comfy: ComfyPage) -> None:
    comfy.evaluate(SET, [NOTICE, True])
    comfy.reload()
    assert comfy.evaluate(f"() => app.extensionManager.setting.get('{NOTICE}')") is True
    assert comfy.evaluate("() => told.asked") == 0
