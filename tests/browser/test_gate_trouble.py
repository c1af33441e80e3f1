"""An answer that could not be carried out is not lost: the gate says why, and tries again."""

from __future__ import annotations

from bad_names import BAD_NAMES
from browser_flows import gated
from browser_host import Host
from browser_page import ComfyPage
from playwright.sync_api import expect

FIND = (
    """file => performance.getEntriesByType("resource").map(({ name }) => name).find((name) => name.includes(file))"""
)


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


def test_a_gate_says_why_nothing_passed_and_what_failed(comfy: ComfyPage) -> None:
    flow = gated(None, get="nowhere")
    comfy.finished(comfy.load(flow).queue())
    status = comfy.gate(flow.gate).locator(".ds-gate-status")
    expect(status).to_have_text("“nowhere” holds nothing: nothing passed.")
    comfy.evaluate(
        """id => {
             const detail = { id, workflow: app.graph.id, message: "No answer.", hint: "Try later." };
             app.api.dispatchEvent(new CustomEvent("datasete-gate-unasked", { detail }));
           }""",
        str(flow.gate),
    )
    expect(status).to_have_text("The run failed here")
    expect(comfy.gate(flow.gate).locator(".ds-gate-fault")).to_have_text("No answer. Try later.")


def test_a_gate_says_that_its_run_was_cancelled_elsewhere(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.evaluate("() => app.api.fetchApi('/interrupt', { method: 'POST' })")
    comfy.finished(run)
    expect(comfy.idle(flow.gate).locator(".ds-gate-status")).to_have_text("The run was cancelled, not at this gate")


def test_names_are_checked_while_they_are_typed_as_the_server_checks_them(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    good = ["cp1", "Ä b (2)", "名前", "x" * 64, "console", "a\u0301" * 64]
    bad = [name for name in BAD_NAMES if name and not any(0xD800 <= ord(char) < 0xE000 for char in name)]
    module = comfy.evaluate(FIND, "lib/gate/names.js")
    script = "async ([file, names]) => { const { objectionTo } = await import(file); return names.map(objectionTo); }"
    said = comfy.evaluate(script, [module, good + bad])
    assert said[: len(good)] == [""] * len(good)
    assert [name for name, objection in zip(bad, said[len(good) :], strict=True) if not objection] == []
    comfy.set(flow.gate, "send_id", "a/b")
    gate = comfy.gate(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_have_text("Change send_id")
    expect(gate.locator(".ds-gate-fault")).to_contain_text("“a/b” cannot be used")
    comfy.set(flow.gate, "send_id", "ab")
    expect(gate.locator(".ds-gate-status")).to_have_text("Pauses here when the workflow runs")
