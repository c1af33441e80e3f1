"""A sound and a desktop notification, for those who turned them on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser_desk import Desk
from browser_flows import gated
from browser_host import Server
from conftest import new_context, use_renderer
from gate_flows import listed
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
def desk(browser: Browser, idle_server: Server, renderer: str) -> Iterator[Desk]:
    context = new_context(browser)
    context.add_init_script(LISTEN)
    desk = Desk(context.new_page(), idle_server, renderer).open()
    use_renderer(desk, renderer)
    yield desk
    for setting in (SOUND, NOTICE):
        desk.evaluate(SET, [setting, False])
    assert desk.faults == []
    context.close()


@pytest.mark.parametrize("renderer", ["canvas"])
def test_both_are_off_unless_turned_on_and_nobody_is_asked(desk: Desk) -> None:
    flow = gated()
    desk.load(flow).queue()
    desk.waiting(flow.gate)
    assert desk.evaluate("() => [told.notes, told.asked, told.notices.length]") == [0, 0, 0]


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_sound_is_played_once_for_a_gate_and_once_for_a_list(desk: Desk) -> None:
    desk.page.mouse.click(700, 500)  # before that, a browser plays nothing
    desk.evaluate(SET, [SOUND, True])
    desk.until("() => told.notes === 2")  # what it sounds like
    flow = listed(2)
    desk.load(flow).queue()
    desk.waiting(flow.gate)
    desk.until("() => told.notes === 4")
    desk.choose(1, flow.gate)
    expect(desk.waiting(flow.gate).locator(".ds-gate-status")).to_contain_text("2 of 2")
    desk.choose(1, flow.gate)
    desk.idle(flow.gate)
    assert desk.evaluate("() => told.notes") == 4


def test_a_notice_names_the_node_and_a_click_on_it_shows_the_gate(desk: Desk) -> None:
    desk.evaluate(SET, [NOTICE, True])
    desk.until("() => told.asked === 1")
    flow = gated(title="Which crop?")
    run = desk.load(flow).queue()
    desk.until("() => told.notices.length === 1")
    assert desk.evaluate("() => [told.notices[0].title, told.notices[0].body]") == [
        "A gate is waiting for you",
        "Which crop?",
    ]
    desk.evaluate("() => { app.canvas.ds.offset = [9000, 9000]; told.notices[0].dispatchEvent(new Event('click')); }")
    desk.waiting(flow.gate)
    desk.choose(2, flow.gate)
    assert desk.ran(run) == {flow.previews[1]}


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_refused_permission_turns_the_setting_off_again(desk: Desk) -> None:
    desk.evaluate("() => { told.permission = 'denied'; }")
    desk.evaluate(SET, [NOTICE, True])
    expect(desk.toast(re.compile("No desktop notifications"))).to_be_visible()
    desk.until(f"() => app.extensionManager.setting.get('{NOTICE}') === false")


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_page_that_is_opened_with_the_notice_on_asks_nobody(desk: Desk) -> None:
    desk.evaluate(SET, [NOTICE, True])
    desk.reload()
    assert desk.evaluate(f"() => app.extensionManager.setting.get('{NOTICE}')") is True
    assert desk.evaluate("() => told.asked") == 0
