"""An answer that could not be carried out is not lost: the gate says why, and tries again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_desk import Desk
from browser_flows import gated
from browser_host import Host, Server
from conftest import new_context, use_renderer
from playwright.sync_api import Browser, expect


@pytest.fixture
def desk(own_host: Host, browser: Browser, renderer: str) -> Iterator[Desk]:
    context = new_context(browser)
    desk = Desk(context.new_page(), Server(own_host.url), renderer).open()
    use_renderer(desk, renderer)
    yield desk
    assert desk.faults == []
    context.close()


def test_a_publish_that_fails_is_shown_and_tried_again(desk: Desk, own_host: Host) -> None:
    in_the_way = own_host.data / "input" / "gate_bus"
    in_the_way.write_text("a file where a folder belongs")
    flow = gated(send="kept")
    run = desk.load(flow).queue()
    desk.choose(2, flow.gate)
    gate = desk.gate(flow.gate)
    trouble = gate.get_by_test_id("datasete-gate-trouble")
    expect(trouble).to_be_visible()
    expect(trouble.locator(".dsg-trouble-hint")).to_contain_text("try again")
    expect(gate.locator(".dsg-status")).to_contain_text("Could not go on")
    expect(gate.locator(".dsg-routes")).to_be_hidden()
    desk.page.keyboard.press("1")  # what was decided stays decided
    trouble.get_by_role("button", name="Try again").click()  # and fails again
    expect(trouble.get_by_role("button", name="Try again")).to_be_enabled()
    in_the_way.unlink()
    desk.reload()
    trouble = desk.gate(flow.gate).get_by_test_id("datasete-gate-trouble")
    trouble.get_by_role("button", name="Try again").click()
    assert desk.ran(run) == {flow.previews[1]}
    assert desk.server.slots() == ["kept"]


def test_stop_gives_it_up(desk: Desk, own_host: Host) -> None:
    (own_host.data / "input" / "gate_bus").write_text("a file where a folder belongs")
    flow = gated(send="kept")
    run = desk.load(flow).queue()
    desk.choose(1, flow.gate)
    trouble = desk.gate(flow.gate).get_by_test_id("datasete-gate-trouble")
    trouble.get_by_role("button", name="Stop").click()
    assert desk.finished(run)["outputs"] == {}
    expect(desk.idle(flow.gate).locator(".dsg-status")).to_have_text("Stopped")
