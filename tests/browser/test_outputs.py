"""A gate shows as many outputs as it has routes, under the names that the user gave them."""

from __future__ import annotations

from browser_desk import Desk
from browser_flows import gated
from gate_flows import lose_and_regain_a_route_of_a_subgraph, wrap
from playwright.sync_api import expect


def rename(desk: Desk, node: int, **names: str) -> None:
    gate = desk.gate(node)
    gate.get_by_role("button", name="Name routes").click()
    for route, name in names.items():
        field = gate.get_by_role("textbox", name=f"Name of route {route[1:]}", exact=True)
        field.fill(name)
        field.press("Enter")
    gate.get_by_role("button", name="Done").click()


def test_a_new_gate_shows_its_mask_and_two_routes(desk: Desk) -> None:
    node = desk.evaluate(
        "() => { const node = LiteGraph.createNode('ImageGate'); app.graph.add(node); return Number(node.id); }"
    )
    desk.expect_outputs(node, "mask", "1", "2")


def test_four_routes_show_two_more_outputs_and_a_reload_keeps_their_labels(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    desk.set(flow.gate, "routes", 4)
    desk.expect_outputs(flow.gate, "mask", "1", "2", "3", "4")
    rename(desk, flow.gate, r1="Keep", r3="Crop again")
    desk.expect_outputs(flow.gate, "mask", "Keep", "2", "Crop again", "4")
    desk.wait_until_saved()
    desk.reload()
    desk.expect_outputs(flow.gate, "mask", "Keep", "2", "Crop again", "4")
    desk.queue()
    buttons = desk.waiting(flow.gate).locator(".ds-gate-route span")
    expect(buttons).to_have_text(["Keep", "Route 2", "Crop again", "Route 4"])


def test_labels_survive_copy_and_paste(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    rename(desk, flow.gate, r2="Redo")
    copy = desk.evaluate(
        """id => {
             app.canvas.copyToClipboard([app.graph.getNodeById(id)]);
             app.canvas.pasteFromClipboard();
             return Number(app.graph.nodes.filter(({ type }) => type === "ImageGate").at(-1).id);
           }""",
        flow.gate,
    )
    assert copy != flow.gate
    desk.expect_outputs(copy, "mask", "1", "Redo")
    rename(desk, copy, r2="Other")
    desk.expect_outputs(flow.gate, "mask", "1", "Redo")


def test_a_label_survives_undo_of_something_else(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    rename(desk, flow.gate, r1="Keep")
    desk.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState()")
    desk.set(flow.gate, "routes", 3)
    desk.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState()")
    desk.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.undo()")
    desk.expect_outputs(flow.gate, "mask", "Keep", "2")


def test_fewer_routes_take_their_links_along_and_more_bring_them_back(desk: Desk) -> None:
    flow = gated(routes=3)
    desk.load(flow)
    desk.set(flow.gate, "routes", 2)
    desk.expect_outputs(flow.gate, "mask", "1", "2")
    linked = "id => app.graph.getNodeById(id).isInputConnected(0)"
    assert not desk.evaluate(linked, flow.previews[2])
    desk.set(flow.gate, "routes", 3)
    assert desk.evaluate(linked, flow.previews[2])


def test_a_route_into_a_subgraph_comes_back_too(desk: Desk) -> None:
    flow = gated(routes=3)
    desk.load(flow)
    subgraph = wrap(desk, flow.previews[2])
    linked = "id => app.graph.getNodeById(id).isInputConnected(0)"
    assert desk.evaluate(linked, subgraph)
    desk.set(flow.gate, "routes", 2)
    desk.expect_outputs(flow.gate, "mask", "1", "2")
    assert not desk.evaluate(linked, subgraph)
    desk.set(flow.gate, "routes", 3)
    assert desk.evaluate(linked, subgraph)


def test_loading_a_workflow_breaks_no_link_beyond_its_routes(desk: Desk) -> None:
    flow = gated(routes=3)
    flow.flow.nodes[flow.gate - 1]["widgets_values"] = [1, "", ""]
    desk.load(flow)
    desk.expect_outputs(flow.gate, "mask", "1", "2", "3")
    assert desk.evaluate("() => app.graph.links.size ?? Object.keys(app.graph.links).length") == 4


def test_labels_of_an_older_workflow_are_taken_over(desk: Desk) -> None:
    flow = gated()
    flow.flow.nodes[flow.gate - 1]["widgets_values"] = [2, "", "", ["Old one", ""]]
    desk.load(flow)
    desk.expect_outputs(flow.gate, "mask", "Old one", "2")
    assert desk.evaluate("id => app.graph.getNodeById(id).serialize().properties.routeLabels", flow.gate) == [
        "Old one",
        "",
    ]


def test_all_eleven_outputs_of_an_older_workflow_are_reduced_to_its_routes(desk: Desk) -> None:
    flow = gated()
    slots = [{"name": f"route_{number}", "type": "IMAGE", "links": None} for number in range(3, 11)]
    flow.flow.nodes[flow.gate - 1]["outputs"] += slots
    desk.load(flow)
    desk.expect_outputs(flow.gate, "mask", "1", "2")


def test_a_name_given_by_renaming_the_slot_is_kept(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    saved = desk.evaluate(
        "id => { app.graph.getNodeById(id).outputs[2].label = 'By hand'; return app.graph.serialize(); }",
        flow.gate,
    )
    desk.load(saved)
    desk.expect_outputs(flow.gate, "mask", "1", "By hand")


def test_labels_hold_when_the_renderer_changes(desk: Desk) -> None:
    from browser_desk import VUE

    flow = gated()
    desk.load(flow)
    rename(desk, flow.gate, r1="Keep")
    set_vue = "([id, on]) => app.extensionManager.setting.set(id, on)"
    desk.evaluate(set_vue, [VUE, desk.renderer != "vue"])
    rename(desk, flow.gate, r2="Redo")
    desk.evaluate(set_vue, [VUE, desk.renderer == "vue"])
    desk.expect_outputs(flow.gate, "mask", "Keep", "Redo")


def test_a_route_out_of_a_subgraph_comes_back_too(desk: Desk) -> None:
    lose_and_regain_a_route_of_a_subgraph(desk)
