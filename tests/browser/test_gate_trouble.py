"""An answer that could not be carried out is not lost: the gate says why, and tries again."""

from __future__ import annotations

from browser_flows import gated
from browser_host import Host
from browser_page import ComfyPage
from playwright.sync_api import expect


def test_a_publish_that_fails_is_shown_and_tried_again(own_comfy: ComfyPage, own_host: Host) -> None:
    in_the_way = own_host.data / "input" / "gate_bus"
    in_the_way.write_text("a file where a folder belongs")
    flow = gated(send="kept")
    run = own_comfy.load(flow).queue()
    own_comfy.choose(2, flow.gate)
    gate = own_comfy.gate(flow.gate)
    trouble = gate.get_by_test_id("datasete-gate-trouble")
    expect(trouble).to_be_visible()
    expect(trouble.locator(".ds-gate-trouble-hint")).to_contain_text("try again")
    expect(gate.locator(".ds-gate-status")).to_contain_text("Could not continue")
    expect(gate.locator(".ds-gate-routes")).to_be_hidden()
    own_comfy.page.keyboard.press("1")  # what was decided stays decided
    trouble.get_by_role("button", name="Try again").click()  # and fails again
    expect(trouble.get_by_role("button", name="Try again")).to_be_enabled()
    in_the_way.unlink()
    own_comfy.reload()
    trouble = own_comfy.gate(flow.gate).get_by_test_id("datasete-gate-trouble")
    trouble.get_by_role("button", name="Try again").click()
    assert own_comfy.ran(run) == {flow.previews[1]}
    assert own_comfy.server.slots() == ["kept"]


def test_stop_gives_it_up(own_comfy: ComfyPage, own_host: Host) -> None:
    (own_host.data / "input" / "gate_bus").write_text("a file where a folder belongs")
    flow = gated(send="kept")
    run = own_comfy.load(flow).queue()
    own_comfy.choose(1, flow.gate)
    trouble = own_comfy.gate(flow.gate).get_by_test_id("datasete-gate-trouble")
    trouble.get_by_role("button", name="Stop").click()
    assert own_comfy.finished(run)["outputs"] == {}
    expect(own_comfy.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Stopped")
