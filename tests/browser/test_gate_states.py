"""What happens around a gate that waits: subgraphs, copies, undo, other tabs, reloads, a server that starts anew."""

from __future__ import annotations

import re

from browser_desk import Desk
from browser_flows import gated
from browser_host import Host
from gate_flows import NEW_TAB, SHOW, wrap
from playwright.sync_api import expect

SIZE = "id => [...app.graph.getNodeById(id).size]"
TRACKER = "app.extensionManager.workflow.activeWorkflow.changeTracker"


def test_a_gate_two_subgraphs_down_pauses_shows_and_answers(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    outer = wrap(desk, wrap(desk, flow.gate))
    run = desk.queue()
    desk.wait(desk.server.pending, "a gate in a subgraph of a subgraph")
    [waiting] = desk.server.pending()
    assert waiting["id"].split(":")[0] == outer
    assert waiting["id"].count(":") == 2
    desk.until("() => document.title.startsWith('● A gate is waiting')")
    desk.evaluate(SHOW)
    desk.waiting().locator("button[data-route='2']").click()
    assert desk.ran(run) == {flow.previews[1]}


def test_a_copy_takes_the_labels_and_leaves_the_gate(desk: Desk) -> None:
    flow = gated(properties={"routeLabels": ["Keep", "Retouch"]})
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    copy = desk.evaluate(
        """id => {
             app.canvas.copyToClipboard([app.graph.getNodeById(id)]);
             app.canvas.pasteFromClipboard();
             return Number(app.graph.nodes.filter(({ type }) => type === "ImageGate").at(-1).id);
           }""",
        flow.gate,
    )
    desk.expect_outputs(copy, "mask", "Keep", "Retouch")
    expect(desk.idle(copy).locator(".ds-gate-status")).to_have_text("Pauses here when the workflow runs")
    desk.choose(2, flow.gate)
    assert desk.ran(run) == {flow.previews[1]}


def test_undo_and_redo_while_it_waits_lose_nothing(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    desk.evaluate(f"() => {TRACKER}.checkState()")
    desk.evaluate("id => { app.graph.getNodeById(id).pos = [900, 700]; }", flow.previews[1])
    desk.evaluate(f"() => {TRACKER}.checkState()")
    desk.evaluate(f"() => {TRACKER}.undo()")
    desk.waiting(flow.gate)
    desk.evaluate(f"() => {TRACKER}.redo()")
    desk.choose(1, flow.gate)
    assert desk.ran(run) == {flow.previews[0]}


def test_a_gate_that_is_deleted_while_it_waits_comes_back_with_undo(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    desk.evaluate(f"() => {TRACKER}.checkState()")
    desk.evaluate("id => app.graph.remove(app.graph.getNodeById(id))", flow.gate)
    desk.evaluate(f"() => {TRACKER}.checkState()")
    desk.evaluate(SHOW)
    expect(desk.toast(re.compile("no longer in this workflow"))).to_be_visible()
    desk.evaluate(f"() => {TRACKER}.undo()")
    desk.choose(1, flow.gate)
    assert desk.ran(run) == {flow.previews[0]}


def test_a_gate_of_another_tab_is_named_and_the_command_goes_there(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    name = desk.evaluate("() => app.extensionManager.workflow.activeWorkflow.filename")
    desk.evaluate(NEW_TAB)
    desk.until("() => app.graph.nodes.length === 0")
    desk.until("name => document.title.startsWith(`● A gate is waiting in “${name}” · `)", name)
    desk.evaluate(SHOW)
    desk.until("name => app.extensionManager.workflow.activeWorkflow.filename === name", name)
    desk.choose(2, flow.gate)
    assert desk.ran(run) == {flow.previews[1]}
    desk.until("() => !document.title.includes('waits')")


def test_muting_and_bypassing_it_while_it_waits_change_nothing_for_its_run(desk: Desk) -> None:
    for mode in (2, 4):
        flow = gated()
        run = desk.load(flow).queue()
        desk.waiting(flow.gate)
        desk.evaluate("([id, mode]) => { app.graph.getNodeById(id).mode = mode; }", [flow.gate, mode])
        desk.choose(2, flow.gate)
        assert desk.ran(run) == {flow.previews[1]}


def test_a_bypassed_gate_in_a_subgraph_passes_to_its_first_route_only(desk: Desk) -> None:
    flow = gated(mode=4)
    desk.load(flow)
    wrap(desk, wrap(desk, flow.gate))
    assert desk.ran(desk.queue()) == {flow.previews[0]}


def test_a_muted_gate_in_a_subgraph_passes_nothing(desk: Desk) -> None:
    flow = gated(mode=2)
    other = flow.flow.add("PreviewImage", at=(20, 500))
    flow.flow.link(1, 0, other, "images")
    desk.load(flow)
    wrap(desk, flow.gate)
    assert desk.ran(desk.queue()) == {other}


def test_a_collapsed_gate_is_opened_by_the_command(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    desk.evaluate("id => app.graph.getNodeById(id).collapse()", flow.gate)
    run = desk.queue()
    desk.wait(desk.server.pending, "a gate in a collapsed node")
    desk.evaluate(SHOW)
    desk.choose(1, flow.gate)
    assert desk.ran(run) == {flow.previews[0]}


def test_the_node_keeps_its_size_when_the_picture_arrives(desk: Desk) -> None:
    flow = gated("datasete-large.png")
    desk.load(flow)
    held = []
    desk.page.route("**/datasete_gate/preview/**", lambda route: held.append(route))
    desk.queue()
    gate = desk.gate(flow.gate)
    expect(gate).to_have_class(re.compile("ds-gate-open"))
    desk.wait(lambda: held, "a preview that is asked for")
    before = desk.evaluate(SIZE, flow.gate), gate.bounding_box(), gate.locator(".ds-gate-routes").bounding_box()
    for route in held:
        route.continue_()
    desk.page.unroute("**/datasete_gate/preview/**")
    desk.waiting(flow.gate)
    after = desk.evaluate(SIZE, flow.gate), gate.bounding_box(), gate.locator(".ds-gate-routes").bounding_box()
    assert after == before


def test_answering_does_not_move_what_stands_around_it(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    before = desk.evaluate(SIZE, flow.gate)
    desk.choose(1, flow.gate)
    desk.finished(run)
    desk.idle(flow.gate)
    assert desk.evaluate(SIZE, flow.gate) == before


# A server that goes and comes back


def test_a_server_that_starts_anew_leaves_the_gate_idle_and_ready(own_desk: Desk, own_host: Host) -> None:
    flow = gated()
    own_desk.load(flow).queue()
    own_desk.waiting(flow.gate)
    own_host.restart()
    expect(own_desk.idle(flow.gate).locator(".ds-gate-status")).to_have_text(
        re.compile("The server shut down|No longer waiting")
    )
    own_desk.until("() => !document.title.includes('waits')")
    run = own_desk.queue()
    own_desk.choose(2, flow.gate)
    assert own_desk.ran(run) == {flow.previews[1]}


def test_a_connection_that_comes_back_finds_what_happened_meanwhile(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    desk.page.context.set_offline(True)
    try:
        desk.evaluate("() => app.api?.socket?.close()")
        answer = desk.server.get("/queue")  # the server itself is there
        assert answer
    finally:
        desk.page.context.set_offline(False)
    run = desk.queue()
    desk.waiting(flow.gate)
    desk.choose(1, flow.gate)
    assert desk.ran(run) == {flow.previews[0]}


def test_a_reload_after_the_answer_and_one_at_rest_show_an_idle_gate(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    desk.wait_until_saved()
    desk.reload()
    desk.idle(flow.gate)
    run = desk.queue()
    desk.choose(1, flow.gate)
    desk.finished(run)
    desk.wait_until_saved()
    desk.reload()
    gate = desk.idle(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_have_text("Pauses here when the workflow runs")
    expect(gate.locator(".ds-gate-stage")).to_be_hidden()
