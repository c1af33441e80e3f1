"""A gate that a policy answers: the countdown is seen, a person can hold it, and what happened is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from browser_desk import Desk
from browser_flows import gated
from browser_host import Host, Server
from conftest import new_context, use_renderer
from playwright.sync_api import Browser, expect

Opened = Callable[[float], Desk]


@pytest.fixture
def opened(own_host: Host, browser: Browser, renderer: str) -> Iterator[Opened]:
    """Opens a page at a host whose gates take route 2 after some seconds."""
    context = new_context(browser)

    def open_page(seconds: float) -> Desk:
        settings = f'[gates]\npolicy = "after"\nroute = 2\nafter_s = {seconds}\n'
        (own_host.data / "user" / "datasete.toml").write_text(settings)
        own_host.restart()
        desk = Desk(context.new_page(), Server(own_host.url), renderer).open()
        use_renderer(desk, renderer)
        return desk

    yield open_page
    context.close()


def test_the_countdown_is_seen_and_its_route_is_taken(opened: Opened) -> None:
    desk = opened(5)
    flow = gated()
    run = desk.load(flow).queue()
    countdown = desk.waiting(flow.gate).get_by_test_id("datasete-gate-countdown")
    expect(countdown).to_contain_text(re.compile(r"Route 2 in [0-5] s"))
    assert desk.ran(run) == {flow.previews[1]}
    expect(desk.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Sent to Route 2 by a policy")
    assert desk.faults == []


def test_a_person_can_hold_the_countdown_and_decide(opened: Opened) -> None:
    desk = opened(90)
    flow = gated()
    run = desk.load(flow).queue()
    gate = desk.waiting(flow.gate)
    countdown = gate.get_by_test_id("datasete-gate-countdown")
    expect(countdown).to_be_visible()
    [pending] = desk.server.pending()
    assert pending["policy"]["route"] == 2
    countdown.get_by_role("button", name="Wait for me").click()
    expect(countdown).to_be_hidden()
    [pending] = desk.server.pending()
    assert pending["policy"] is None
    desk.choose(1)
    assert desk.ran(run) == {flow.previews[0]}
    assert desk.faults == []
