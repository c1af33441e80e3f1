"""Which batch a loader shows: that of the folder which its widgets name now, wherever the name comes from."""

from __future__ import annotations

from batch_kit import at_gate, card, fill, is_over, let_pass, says, walk
from browser_desk import Desk
from playwright.sync_api import Route, expect


def test_the_card_shows_the_batch_of_the_folder_that_is_named_now(desk: Desk) -> None:
    flow, other = walk(fill(desk.server)), fill(desk.server, 2)
    desk.load(flow).queue()
    shown = card(desk, flow.loader)
    says(shown, f"Finished · 3 of 3 · {flow.folder}")
    desk.set(flow.loader, "directory", other)
    says(shown, "Not started: Run walks this folder")
    desk.queue()
    says(shown, f"Finished · 2 of 2 · {other}")
    desk.set(flow.loader, "directory", f"./{flow.folder}/")
    says(shown, f"Finished · 3 of 3 · {flow.folder}")
    desk.set(flow.loader, "filter_preset", "PNG Only")
    says(shown, "Not started: Run walks this folder")


def test_a_folder_that_cannot_be_used_is_said_before_any_run(desk: Desk) -> None:
    flow = walk("../..")
    desk.load(flow)
    shown = card(desk, flow.loader)
    expect(shown.get_by_role("alert")).to_contain_text("leads out of the input and output folders")
    desk.set(flow.loader, "directory", "")
    says(shown, "Enter a folder in “directory”")
    expect(shown.get_by_role("alert")).to_be_hidden()


def test_a_loader_with_a_wired_folder_shows_what_it_did_last(desk: Desk) -> None:
    flow = walk(fill(desk.server), gate=True)
    text = flow.flow.add("PrimitiveString", flow.folder, at=(20, 700))
    flow.flow.link(text, 0, flow.loader, "directory")
    flow.flow.nodes[flow.loader - 1]["inputs"][-1]["widget"] = {"name": "directory"}
    desk.load(flow)
    shown = card(desk, flow.loader)
    says(shown, "The folder comes through a wire, with the next run")
    desk.queue()
    let_pass(desk, flow, 1)
    at_gate(desk, flow, 2)


def test_a_loader_in_a_subgraph_shows_its_batch(desk: Desk) -> None:
    flow = walk(fill(desk.server))
    desk.load(flow)
    desk.evaluate("id => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]))", flow.loader)
    desk.until("() => app.graph.nodes.some((node) => node.isSubgraphNode?.())")
    desk.queue()
    is_over(desk, flow.folder)
    desk.evaluate("() => app.canvas.setGraph(app.graph.nodes.find((node) => node.isSubgraphNode?.()).subgraph)")
    says(desk.page.locator(".ds-batch-card:visible"), f"Finished · 3 of 3 · {flow.folder}")


def test_a_folder_that_is_named_outside_of_the_subgraph_counts(desk: Desk) -> None:
    flow, other = walk(fill(desk.server)), fill(desk.server, 2)
    text = flow.flow.add("PrimitiveString", flow.folder, at=(20, 700))
    flow.flow.link(text, 0, flow.loader, "directory")
    flow.flow.nodes[flow.loader - 1]["inputs"][-1]["widget"] = {"name": "directory"}
    desk.load(flow)
    desk.evaluate("id => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]))", flow.loader)
    desk.until("() => app.graph.nodes.some((node) => node.isSubgraphNode?.())")
    desk.evaluate(
        """folder => {
             const outside = app.graph.nodes.find((node) => node.isSubgraphNode?.());
             outside.disconnectInput(outside.inputs.findIndex(({ name }) => name === "directory"));
             outside.widgets.find(({ name }) => name === "directory").value = folder;
             app.canvas.setGraph(outside.subgraph);
           }""",
        other,
    )
    says(desk.page.locator(".ds-batch-card:visible"), "Not started: Run walks this folder")
    desk.queue()
    is_over(desk, other)
    says(desk.page.locator(".ds-batch-card:visible"), f"Finished · 2 of 2 · {other}")


def test_undo_keeps_the_card(desk: Desk) -> None:
    flow = walk(fill(desk.server))
    desk.load(flow).queue()
    says(card(desk, flow.loader), f"Finished · 3 of 3 · {flow.folder}")
    json = desk.evaluate("() => app.graph.serialize()")
    desk.evaluate("json => app.loadGraphData(json)", json)
    says(card(desk, flow.loader), f"Finished · 3 of 3 · {flow.folder}")
    assert (
        desk.evaluate("id => app.graph.serialize().nodes.find((node) => node.id === id).widgets_values.length", 1) == 6
    )


def test_a_walk_that_begins_while_the_loader_asks_for_its_batch_is_not_missed(desk: Desk) -> None:
    first, flow = walk(fill(desk.server, 1)), walk(fill(desk.server), gate=True)
    desk.load(first).queue()  # the first run of a page has it ask for everything once more
    is_over(desk, first.folder)
    held = []

    def hold_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch().json()))

    desk.page.route("**/datasete/batch/find*", hold_first)
    desk.load(flow)
    desk.wait(lambda: held, "a question")
    desk.queue()
    desk.waiting(flow.gate)
    route, answer = held[0]
    assert answer["batch"] is None  # it is from before the walk
    route.fulfill(json=answer)
    at_gate(desk, flow, 1)
    desk.page.unroute("**/datasete/batch/find*")
