"""What happens around a gate that waits: subgraphs, copies, undo, other tabs, reloads, a server that starts anew."""

from __future__ import annotations

import re

from browser_flows import gated
from browser_gates import NEW_TAB, SHOW, full_size, wrap
from browser_host import Host
from browser_page import ComfyPage
from playwright.sync_api import expect

SIZE = "id => [...app.graph.getNodeById(id).size]"
TRACKER = "app.extensionManager.workflow.activeWorkflow.changeTracker"


def test_a_gate_two_subgraphs_down_pauses_shows_and_answers(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    outer = wrap(comfy, wrap(comfy, flow.gate))
    run = comfy.queue()
    comfy.wait(comfy.server.pending, "a gate in a subgraph of a subgraph")
    [waiting] = comfy.server.pending()
    assert waiting["id"].split(":")[0] == outer
    assert waiting["id"].count(":") == 2
    comfy.until("() => document.title.startsWith('● A gate is waiting')")
    comfy.evaluate(SHOW)
    comfy.waiting().locator("button[data-route='2']").click()
    assert comfy.ran(run) == {flow.previews[1]}


def test_a_copy_takes_the_labels_and_leaves_the_gate(comfy: ComfyPage) -> None:
    flow = gated(properties={"routeLabels": ["Keep", "Retouch"]})
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    copy = comfy.evaluate(
        """id => {
             app.canvas.copyToClipboard([app.graph.getNodeById(id)]);
             app.canvas.pasteFromClipboard();
             return Number(app.graph.nodes.filter(({ type }) => type === "ImageGate").at(-1).id);
           }""",
        flow.gate,
    )
    comfy.expect_outputs(copy, "mask", "Keep", "Retouch")
    expect(comfy.idle(copy).locator(".ds-gate-status")).to_have_text("Pauses here when the workflow runs")
    comfy.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}


def test_undo_and_redo_while_it_waits_lose_nothing(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.evaluate(f"() => {TRACKER}.checkState()")
    comfy.evaluate("id => { app.graph.getNodeById(id).pos = [900, 700]; }", flow.previews[1])
    comfy.evaluate(f"() => {TRACKER}.checkState()")
    comfy.evaluate(f"() => {TRACKER}.undo()")
    comfy.waiting(flow.gate)
    comfy.evaluate(f"() => {TRACKER}.redo()")
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


def test_a_gate_that_is_deleted_while_it_waits_comes_back_with_undo(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.evaluate(f"() => {TRACKER}.checkState()")
    comfy.evaluate("id => app.graph.remove(app.graph.getNodeById(id))", flow.gate)
    comfy.evaluate(f"() => {TRACKER}.checkState()")
    comfy.evaluate(SHOW)
    full_size(comfy).get_by_role("button", name="Close").click()  # it can be answered without its node
    comfy.evaluate(f"() => {TRACKER}.undo()")
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


def test_a_gate_of_another_tab_is_named_and_the_command_goes_there(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    name = comfy.evaluate("() => app.extensionManager.workflow.activeWorkflow.filename")
    comfy.evaluate(NEW_TAB)
    comfy.until("() => app.graph.nodes.length === 0")
    comfy.until("name => document.title.startsWith(`● A gate is waiting in “${name}” · `)", name)
    comfy.evaluate(SHOW)
    comfy.until("name => app.extensionManager.workflow.activeWorkflow.filename === name", name)
    comfy.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}
    comfy.until("() => !document.title.includes('●')")


def test_muting_and_bypassing_it_while_it_waits_change_nothing_for_its_run(comfy: ComfyPage) -> None:
    for mode in (2, 4):
        flow = gated()
        run = comfy.load(flow).queue()
        comfy.waiting(flow.gate)
        comfy.evaluate("([id, mode]) => { app.graph.getNodeById(id).mode = mode; }", [flow.gate, mode])
        comfy.choose(2, flow.gate)
        assert comfy.ran(run) == {flow.previews[1]}


def test_a_bypassed_gate_in_a_subgraph_passes_to_its_first_route_only(comfy: ComfyPage) -> None:
    flow = gated(mode=4)
    comfy.load(flow)
    wrap(comfy, wrap(comfy, flow.gate))
    assert comfy.ran(comfy.queue()) == {flow.previews[0]}


def test_a_muted_gate_in_a_subgraph_passes_nothing(comfy: ComfyPage) -> None:
    flow = gated(mode=2)
    other = flow.flow.add("PreviewImage", at=(20, 500))
    flow.flow.link(1, 0, other, "images")
    comfy.load(flow)
    wrap(comfy, flow.gate)
    assert comfy.ran(comfy.queue()) == {other}


def test_a_collapsed_gate_is_opened_by_the_command(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    comfy.evaluate("id => app.graph.getNodeById(id).collapse()", flow.gate)
    run = comfy.queue()
    comfy.wait(comfy.server.pending, "a gate in a collapsed node")
    comfy.evaluate(SHOW)
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


def test_the_node_keeps_its_size_when_the_picture_arrives(comfy: ComfyPage) -> None:
    flow = gated("datasete-large.png")
    comfy.load(flow)
    held = []
    comfy.page.route("**/datasete_gate/preview/**", lambda route: held.append(route))
    comfy.queue()
    gate = comfy.gate(flow.gate)
    expect(gate).to_have_class(re.compile("ds-gate-open"))
    comfy.wait(lambda: held, "a preview that is asked for")
    before = comfy.evaluate(SIZE, flow.gate), gate.bounding_box(), gate.locator(".ds-gate-routes").bounding_box()
    for route in held:
        route.continue_()
    comfy.page.unroute("**/datasete_gate/preview/**")
    comfy.waiting(flow.gate)
    after = comfy.evaluate(SIZE, flow.gate), gate.bounding_box(), gate.locator(".ds-gate-routes").bounding_box()
    assert after == before


def test_answering_does_not_move_what_stands_around_it(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    before = comfy.evaluate(SIZE, flow.gate)
    comfy.choose(1, flow.gate)
    comfy.finished(run)
    comfy.idle(flow.gate)
    assert comfy.evaluate(SIZE, flow.gate) == before


# A server that goes and comes back


def test_a_server_that_starts_anew_leaves_the_gate_idle_and_ready(own_comfy: ComfyPage, own_host: Host) -> None:
    flow = gated()
    own_comfy.load(flow).queue()
    own_comfy.waiting(flow.gate)
    own_host.restart()
    expect(own_comfy.idle(flow.gate).locator(".ds-gate-status")).to_have_text(
        re.compile("The server shut down|No longer waiting")
    )
    own_comfy.until("() => !document.title.includes('●')")
    run = own_comfy.queue()
    own_comfy.choose(2, flow.gate)
    assert own_comfy.ran(run) == {flow.previews[1]}


def test_a_connection_that_comes_back_finds_what_happened_meanwhile(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    comfy.page.context.set_offline(True)
    try:
        comfy.evaluate("() => app.api?.socket?.close()")
        answer = comfy.server.get("/queue")  # the server itself is there
        assert answer
    finally:
        comfy.page.context.set_offline(False)
    run = comfy.queue()
    comfy.waiting(flow.gate)
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


def test_a_reload_after_the_answer_and_one_at_rest_show_an_idle_gate(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    comfy.wait_until_saved()
    comfy.reload()
    comfy.idle(flow.gate)
    run = comfy.queue()
    comfy.choose(1, flow.gate)
    comfy.finished(run)
    comfy.wait_until_saved()
    comfy.reload()
    gate = comfy.idle(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_have_text("Pauses here when the workflow runs")
    expect(gate.locator(".ds-gate-stage")).to_be_hidden()
