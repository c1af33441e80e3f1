"""A gate shows as many outputs as it has routes, under the names that the user gave them."""

from __future__ import annotations

from browser_flows import gated
from browser_gates import lose_and_regain_a_route_of_a_subgraph, wrap
from browser_page import ComfyPage
from playwright.sync_api import expect


def rename(comfy: ComfyPage, node: int, **names: str) -> None:
    gate = comfy.gate(node)
    gate.get_by_role("button", name="Name routes").click()
    for route, name in names.items():
        field = gate.get_by_role("textbox", name=f"Name of route {route[1:]}", exact=True)
        field.fill(name)
        field.press("Enter")
    gate.get_by_role("button", name="Done").click()


def test_a_new_gate_shows_its_mask_and_two_routes(comfy: ComfyPage) -> None:
    node = comfy.evaluate(
        "() => { const node = LiteGraph.createNode('ImageGate'); app.graph.add(node); return Number(node.id); }"
    )
    comfy.expect_outputs(node, "mask", "1", "2")


def test_four_routes_show_two_more_outputs_and_a_reload_keeps_their_labels(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    comfy.set(flow.gate, "routes", 4)
    comfy.expect_outputs(flow.gate, "mask", "1", "2", "3", "4")
    rename(comfy, flow.gate, r1="Keep", r3="Crop again")
    comfy.expect_outputs(flow.gate, "mask", "Keep", "2", "Crop again", "4")
    comfy.wait_until_saved()
    comfy.reload()
    comfy.expect_outputs(flow.gate, "mask", "Keep", "2", "Crop again", "4")
    comfy.queue()
    buttons = comfy.waiting(flow.gate).locator(".ds-gate-route span")
    expect(buttons).to_have_text(["Keep", "Route 2", "Crop again", "Route 4"])


def test_labels_survive_copy_and_paste(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    rename(comfy, flow.gate, r2="Redo")
    copy = comfy.evaluate(
        """id => {
             app.canvas.copyToClipboard([app.graph.getNodeById(id)]);
             app.canvas.pasteFromClipboard();
             return Number(app.graph.nodes.filter(({ type }) => type === "ImageGate").at(-1).id);
           }""",
        flow.gate,
    )
    assert copy != flow.gate
    comfy.expect_outputs(copy, "mask", "1", "Redo")
    rename(comfy, copy, r2="Other")
    comfy.expect_outputs(flow.gate, "mask", "1", "Redo")


def test_a_label_survives_undo_of_something_else(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    rename(comfy, flow.gate, r1="Keep")
    comfy.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState()")
    comfy.set(flow.gate, "routes", 3)
    comfy.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.checkState()")
    comfy.evaluate("() => app.extensionManager.workflow.activeWorkflow.changeTracker.undo()")
    comfy.expect_outputs(flow.gate, "mask", "Keep", "2")


def test_fewer_routes_take_their_links_along_and_more_bring_them_back(comfy: ComfyPage) -> None:
    flow = gated(routes=3)
    comfy.load(flow)
    comfy.set(flow.gate, "routes", 2)
    comfy.expect_outputs(flow.gate, "mask", "1", "2")
    linked = "id => app.graph.getNodeById(id).isInputConnected(0)"
    assert not comfy.evaluate(linked, flow.previews[2])
    comfy.set(flow.gate, "routes", 3)
    assert comfy.evaluate(linked, flow.previews[2])


def test_a_route_into_a_subgraph_comes_back_too(comfy: ComfyPage) -> None:
    flow = gated(routes=3)
    comfy.load(flow)
    subgraph = wrap(comfy, flow.previews[2])
    linked = "id => app.graph.getNodeById(id).isInputConnected(0)"
    assert comfy.evaluate(linked, subgraph)
    comfy.set(flow.gate, "routes", 2)
    comfy.expect_outputs(flow.gate, "mask", "1", "2")
    assert not comfy.evaluate(linked, subgraph)
    comfy.set(flow.gate, "routes", 3)
    assert comfy.evaluate(linked, subgraph)


def test_loading_a_workflow_breaks_no_link_beyond_its_routes(comfy: ComfyPage) -> None:
    flow = gated(routes=3)
    flow.flow.nodes[flow.gate - 1]["widgets_values"] = [1, "", ""]
    comfy.load(flow)
    comfy.expect_outputs(flow.gate, "mask", "1", "2", "3")
    assert comfy.evaluate("() => app.graph.links.size ?? Object.keys(app.graph.links).length") == 4


def test_labels_of_an_older_workflow_are_taken_over(comfy: ComfyPage) -> None:
    flow = gated()
    flow.flow.nodes[flow.gate - 1]["widgets_values"] = [2, "", "", ["Old one", ""]]
    comfy.load(flow)
    comfy.expect_outputs(flow.gate, "mask", "Old one", "2")
    assert comfy.evaluate("id => app.graph.getNodeById(id).serialize().properties.routeLabels", flow.gate) == [
        "Old one",
        "",
    ]


def test_all_eleven_outputs_of_an_older_workflow_are_reduced_to_its_routes(comfy: ComfyPage) -> None:
    flow = gated()
    slots = [{"name": f"route_{number}", "type": "IMAGE", "links": None} for number in range(3, 11)]
    flow.flow.nodes[flow.gate - 1]["outputs"] += slots
    comfy.load(flow)
    comfy.expect_outputs(flow.gate, "mask", "1", "2")


def test_a_name_given_by_renaming_the_slot_is_kept(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    saved = comfy.evaluate(
        "id => { app.graph.getNodeById(id).outputs[2].label = 'By hand'; return app.graph.serialize(); }",
        flow.gate,
    )
    comfy.load(saved)
    comfy.expect_outputs(flow.gate, "mask", "1", "By hand")


def test_labels_hold_when_the_renderer_changes(comfy: ComfyPage) -> None:
    from browser_page import VUE

    flow = gated()
    comfy.load(flow)
    rename(comfy, flow.gate, r1="Keep")
    set_vue = "([id, on]) => app.extensionManager.setting.set(id, on)"
    comfy.evaluate(set_vue, [VUE, comfy.renderer != "vue"])
    rename(comfy, flow.gate, r2="Redo")
    comfy.evaluate(set_vue, [VUE, comfy.renderer == "vue"])
    comfy.expect_outputs(flow.gate, "mask", "Keep", "Redo")


def test_a_route_out_of_a_subgraph_comes_back_too(comfy: ComfyPage) -> None:
    lose_and_regain_a_route_of_a_subgraph(comfy)
