"""The server holds the gates: a reload, a second tab or several gates at once lose nothing."""

from __future__ import annotations

import re

from browser_desk import Desk
from browser_flows import Flow, gated
from playwright.sync_api import expect


def test_a_reload_while_paused_shows_the_gate_again(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    desk.wait_until_saved()
    desk.reload()
    desk.choose(2, flow.gate)
    assert desk.ran(run) == {flow.previews[1]}


def test_another_tab_can_answer(desk: Desk, second_tab: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    second_tab.load(flow)
    second_tab.choose(1, flow.gate)
    assert desk.ran(run) == {flow.previews[0]}
    expect(desk.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Answered elsewhere")


def test_a_tab_with_the_workflow_open_hears_of_the_gate(desk: Desk, second_tab: Desk) -> None:
    flow = gated()
    second_tab.load(flow)
    run = desk.load(flow).queue()
    second_tab.choose(2, flow.gate)
    assert desk.ran(run) == {flow.previews[1]}


def test_the_second_answer_is_refused_with_a_sentence(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    gate = desk.waiting(flow.gate)
    waiting = desk.server.pending()[0]
    answer = {"id": waiting["id"], "token": waiting["token"], "message": 1}
    # The page does not know yet that somebody else was faster when its button is pressed.
    desk.page.route(
        "**/datasete_gate/choice", lambda route: (desk.server.post("/datasete_gate/choice", answer), route.continue_())
    )
    gate.locator("button[data-route='2']").click()
    expect(desk.toast(re.compile("not open any more"))).to_be_visible()
    desk.page.unroute("**/datasete_gate/choice")
    assert desk.ran(run) == {flow.previews[0]}


def test_two_open_gates_are_answered_in_reverse_order(desk: Desk) -> None:
    flow = Flow()
    gates, previews = [], []
    for row, name in enumerate(("datasete-cat.png", "datasete-coffee.png")):
        load = flow.add("LoadImage", name, "image", at=(20, 60 + 560 * row))
        gate = flow.add("ImageGate", 2, "", "", at=(340, 60 + 560 * row), outputs=3)
        flow.link(load, 0, gate, "image")
        for route in (1, 2):
            preview = flow.add("PreviewImage", at=(740 + 260 * (route - 1), 60 + 560 * row))
            flow.link(gate, route, preview, "images")
            previews.append(preview)
        gates.append(gate)
    run = desk.load(flow).queue()
    desk.waiting(gates[0])
    desk.waiting(gates[1])
    desk.until("() => document.title.startsWith('● 2 gates are waiting')")
    desk.page.keyboard.press("1")  # which of the two is not said
    desk.choose(2, gates[1])
    desk.idle(gates[1])
    desk.choose(1, gates[0])
    assert desk.ran(run) == {previews[0], previews[3]}


def test_the_selected_gate_hears_the_keys(desk: Desk) -> None:
    flow = Flow()
    gates = []
    for row in range(2):
        load = flow.add("LoadImage", "datasete-cat.png", "image", at=(20, 60 + 560 * row))
        gate = flow.add("ImageGate", 2, "", "", at=(340, 60 + 560 * row), outputs=3)
        preview = flow.add("PreviewImage", at=(740, 60 + 560 * row))
        flow.link(load, 0, gate, "image")
        flow.link(gate, 1, preview, "images")
        gates.append(gate)
    run = desk.load(flow).queue()
    desk.waiting(gates[0])
    desk.waiting(gates[1])
    desk.evaluate("id => app.canvas.selectNode(app.graph.getNodeById(id))", gates[1])
    desk.page.keyboard.press("2")
    desk.idle(gates[1])
    assert [gate["id"] for gate in desk.server.pending()] == [str(gates[0])]
    desk.choose(1, gates[0])
    assert len(desk.ran(run)) == 1


def test_a_gate_of_another_workflow_is_not_shown_in_this_one(desk: Desk) -> None:
    flow, other = gated(), gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    desk.load(other)
    desk.idle(other.gate)
    desk.load(flow)
    desk.choose(1, flow.gate)
    assert desk.ran(run) == {flow.previews[0]}


def test_a_gate_in_a_subgraph_is_found_and_answered(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    desk.evaluate("id => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]))", flow.gate)
    desk.until("() => app.graph.nodes.some((node) => node.isSubgraphNode?.())")
    run = desk.queue()
    desk.wait(desk.server.pending, "a gate in the subgraph")
    assert ":" in desk.server.pending()[0]["id"]
    desk.evaluate("() => app.extensionManager.command.execute('Datasete.ShowWaitingGate')")
    desk.waiting().locator("button[data-route='2']").click()
    assert desk.ran(run) == {flow.previews[1]}


def test_what_became_of_a_gate_is_told_in_its_own_workflow_only(desk: Desk) -> None:
    flow, other = gated(), gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    desk.load(other)
    desk.idle(other.gate)
    [waiting] = desk.server.pending()
    desk.server.post("/datasete_gate/choice", {"id": waiting["id"], "token": waiting["token"], "message": 1})
    assert desk.ran(run) == {flow.previews[0]}
    desk.until("() => !document.title.includes('waits')")
    expect(desk.gate(other.gate).locator(".ds-gate-status")).to_have_text("Pauses here when the workflow runs")
    desk.load(flow)
    expect(desk.gate(flow.gate).locator(".ds-gate-status")).to_have_text("Answered elsewhere")
