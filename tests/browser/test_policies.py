"""A gate that a policy answers: the countdown is seen, a person can hold it, and what happened is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from browser_context import new_context, use_renderer
from browser_flows import gated
from browser_gates import full_size
from browser_host import Host, Server
from browser_page import ComfyPage
from playwright.sync_api import Browser, expect

Opened = Callable[[float], ComfyPage]


@pytest.fixture
def opened(own_host: Host, browser: Browser, renderer: str) -> Iterator[Opened]:
    """Opens a page at a host whose gates take route 2 after some seconds."""
    context = new_context(browser)

    def open_page(seconds: float) -> ComfyPage:
        settings = f'[gates]\npolicy = "after"\nroute = 2\nafter_s = {seconds}\n'
        (own_host.data / "user" / "datasete.toml").write_text(settings)
        own_host.restart()
        comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
        use_renderer(comfy, renderer)
        return comfy

    yield open_page
    context.close()


def test_the_countdown_is_seen_and_its_route_is_taken(opened: Opened) -> None:
    comfy = opened(5)
    flow = gated()
    run = comfy.load(flow).queue()
    countdown = comfy.waiting(flow.gate).get_by_test_id("datasete-gate-countdown")
    expect(countdown).to_contain_text(re.compile(r"Route 2 in [0-5] s"))
    assert comfy.ran(run) == {flow.previews[1]}
    expect(comfy.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Sent to Route 2 by a policy")
    assert comfy.faults == []


def test_the_full_size_view_shows_the_countdown_and_holds_it(opened: Opened) -> None:
    comfy = opened(90)
    flow = gated()
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    expect(gate.get_by_test_id("datasete-gate-countdown")).to_be_visible()
    comfy.evaluate("() => { app.api.fetchApi = async () => { throw new TypeError('offline'); }; }")
    gate.get_by_role("button", name="View full size").focus()
    comfy.page.keyboard.press("Enter")
    view = full_size(comfy)
    countdown = view.get_by_test_id("datasete-gate-countdown")
    expect(countdown).to_contain_text(re.compile(r"Route 2 in \d+ s"))
    comfy.evaluate("() => { delete app.api.fetchApi; }")
    countdown.get_by_role("button", name="Wait for me").click()
    expect(countdown).to_be_hidden()
    assert comfy.server.pending()[0]["policy"] is None
    comfy.page.keyboard.press("Escape")
    comfy.choose(1)
    assert comfy.ran(run) == {flow.previews[0]}


def test_an_open_view_holds_the_countdown(opened: Opened) -> None:
    comfy = opened(90)
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).get_by_role("button", name="View full size").focus()
    comfy.page.keyboard.press("Enter")
    full_size(comfy)
    comfy.wait(lambda: comfy.server.pending()[0]["policy"] is None, "a countdown that is held")
    comfy.page.keyboard.press("Escape")
    comfy.choose(2)
    assert comfy.ran(run) == {flow.previews[1]}


def test_a_person_can_hold_the_countdown_and_decide(opened: Opened) -> None:
    comfy = opened(90)
    flow = gated()
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    countdown = gate.get_by_test_id("datasete-gate-countdown")
    expect(countdown).to_be_visible()
    [pending] = comfy.server.pending()
    assert pending["policy"]["route"] == 2
    countdown.get_by_role("button", name="Wait for me").click()
    expect(countdown).to_be_hidden()
    [pending] = comfy.server.pending()
    assert pending["policy"] is None
    comfy.choose(1)
    assert comfy.ran(run) == {flow.previews[0]}
    assert comfy.faults == []
