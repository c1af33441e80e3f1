"""An answer that could not be carried out is not lost: the gate says why, and tries again."""

from __future__ import annotations

from browser_desk import Desk
from browser_flows import gated
from browser_host import Host
from playwright.sync_api import expect


def test_a_publish_that_fails_is_shown_and_tried_again(own_desk: Desk, own_host: Host) -> None:
    in_the_way = own_host.data / "input" / "gate_bus"
    in_the_way.write_text("a file where a folder belongs")
    flow = gated(send="kept")
    run = own_desk.load(flow).queue()
    own_desk.choose(2, flow.gate)
    gate = own_desk.gate(flow.gate)
    trouble = gate.get_by_test_id("datasete-gate-trouble")
    expect(trouble).to_be_visible()
    expect(trouble.locator(".ds-gate-trouble-hint")).to_contain_text("try again")
    expect(gate.locator(".ds-gate-status")).to_contain_text("Could not continue")
    expect(gate.locator(".ds-gate-routes")).to_be_hidden()
    own_desk.page.keyboard.press("1")  # what was decided stays decided
    trouble.get_by_role("button", name="Try again").click()  # and fails again
    expect(trouble.get_by_role("button", name="Try again")).to_be_enabled()
    in_the_way.unlink()
    own_desk.reload()
    trouble = own_desk.gate(flow.gate).get_by_test_id("datasete-gate-trouble")
    trouble.get_by_role("button", name="Try again").click()
    assert own_desk.ran(run) == {flow.previews[1]}
    assert own_desk.server.slots() == ["kept"]


def test_stop_gives_it_up(own_desk: Desk, own_host: Host) -> None:
    (own_host.data / "input" / "gate_bus").write_text("a file where a folder belongs")
    flow = gated(send="kept")
    run = own_desk.load(flow).queue()
    own_desk.choose(1, flow.gate)
    trouble = own_desk.gate(flow.gate).get_by_test_id("datasete-gate-trouble")
    trouble.get_by_role("button", name="Stop").click()
    assert own_desk.finished(run)["outputs"] == {}
    expect(own_desk.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Stopped")
