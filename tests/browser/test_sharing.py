"""The server holds the gates: a reload, a second tab or several gates at once lose nothing."""

from __future__ import annotations

import re

from browser_flows import Flow, gated
from browser_page import ComfyPage
from playwright.sync_api import expect


def test_a_reload_while_paused_shows_the_gate_again(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.wait_until_saved()
    comfy.reload()
    comfy.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}


def test_another_tab_can_answer(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    second_tab.load(flow)
    second_tab.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}
    expect(comfy.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Answered elsewhere")


def test_a_tab_with_the_workflow_open_hears_of_the_gate(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    flow = gated()
    second_tab.load(flow)
    run = comfy.load(flow).queue()
    second_tab.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}


def test_the_second_answer_is_refused_with_a_sentence(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    waiting = comfy.server.pending()[0]
    answer = {"id": waiting["id"], "token": waiting["token"], "message": 1}
    # The page does not know yet that somebody else was faster when its button is pressed.
    comfy.page.route(
        "**/datasete_gate/choice", lambda route: (comfy.server.post("/datasete_gate/choice", answer), route.continue_())
    )
    gate.locator("button[data-route='2']").click()
    expect(comfy.toast(re.compile("not open any more"))).to_be_visible()
    comfy.page.unroute("**/datasete_gate/choice")
    assert comfy.ran(run) == {flow.previews[0]}


def test_two_open_gates_are_answered_in_reverse_order(comfy: ComfyPage) -> None:
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
    run = comfy.load(flow).queue()
    comfy.waiting(gates[0])
    comfy.waiting(gates[1])
    comfy.until("() => document.title.startsWith('● 2 gates are waiting')")
    comfy.page.keyboard.press("1")  # which of the two is not said
    comfy.choose(2, gates[1])
    comfy.idle(gates[1])
    comfy.choose(1, gates[0])
    assert comfy.ran(run) == {previews[0], previews[3]}


def test_the_selected_gate_hears_the_keys(comfy: ComfyPage) -> None:
    flow = Flow()
    gates = []
    for row in range(2):
        load = flow.add("LoadImage", "datasete-cat.png", "image", at=(20, 60 + 560 * row))
        gate = flow.add("ImageGate", 2, "", "", at=(340, 60 + 560 * row), outputs=3)
        preview = flow.add("PreviewImage", at=(740, 60 + 560 * row))
        flow.link(load, 0, gate, "image")
        flow.link(gate, 1, preview, "images")
        gates.append(gate)
    run = comfy.load(flow).queue()
    comfy.waiting(gates[0])
    comfy.waiting(gates[1])
    comfy.evaluate("id => app.canvas.selectNode(app.graph.getNodeById(id))", gates[1])
    comfy.page.keyboard.press("2")
    comfy.idle(gates[1])
    assert [gate["id"] for gate in comfy.server.pending()] == [str(gates[0])]
    comfy.choose(1, gates[0])
    assert len(comfy.ran(run)) == 1


def test_a_gate_of_another_workflow_is_not_shown_in_this_one(comfy: ComfyPage) -> None:
    flow, other = gated(), gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.load(other)
    comfy.idle(other.gate)
    comfy.load(flow)
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


def test_a_gate_in_a_subgraph_is_found_and_answered(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    comfy.evaluate("id => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]))", flow.gate)
    comfy.until("() => app.graph.nodes.some((node) => node.isSubgraphNode?.())")
    run = comfy.queue()
    comfy.wait(comfy.server.pending, "a gate in the subgraph")
    assert ":" in comfy.server.pending()[0]["id"]
    comfy.evaluate("() => app.extensionManager.command.execute('Datasete.ShowWaitingGate')")
    comfy.waiting().locator("button[data-route='2']").click()
    assert comfy.ran(run) == {flow.previews[1]}


def test_what_became_of_a_gate_is_told_in_its_own_workflow_only(comfy: ComfyPage) -> None:
    flow, other = gated(), gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.load(other)
    comfy.idle(other.gate)
    [waiting] = comfy.server.pending()
    comfy.server.post("/datasete_gate/choice", {"id": waiting["id"], "token": waiting["token"], "message": 1})
    assert comfy.ran(run) == {flow.previews[0]}
    comfy.until("() => !document.title.includes('waits')")
    expect(comfy.gate(other.gate).locator(".ds-gate-status")).to_have_text("Pauses here when the workflow runs")
    comfy.load(flow)
    expect(comfy.gate(flow.gate).locator(".ds-gate-status")).to_have_text("Answered elsewhere")
