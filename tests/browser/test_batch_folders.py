"""Which batch a loader shows: that of the folder which its widgets name now, wherever the name comes from."""

from __future__ import annotations

from browser_batches import NOT_BEGUN, at_gate, card, fill, is_over, let_pass, press, says, walk
from browser_page import ComfyPage
from playwright.sync_api import Route, expect


def test_the_card_shows_the_batch_of_the_folder_that_is_named_now(comfy: ComfyPage) -> None:
    flow, other = walk(fill(comfy.server)), fill(comfy.server, 2)
    comfy.load(flow).queue()
    shown = card(comfy, flow.loader)
    says(shown, f"Finished · 3 of 3 · {flow.folder}")
    comfy.set(flow.loader, "directory", other)
    says(shown, NOT_BEGUN)
    comfy.queue()
    # Both folders have the same names, and are saved to one: no file's result replaces another's.
    says(shown, f"Finished · 2 of 2 · 2 renamed · {other}")
    comfy.set(flow.loader, "directory", f"./{flow.folder}/")
    says(shown, f"Finished · 3 of 3 · {flow.folder}")
    comfy.set(flow.loader, "filter_preset", "PNG Only")
    says(shown, NOT_BEGUN)


def test_a_folder_that_cannot_be_used_is_said_before_any_run(comfy: ComfyPage) -> None:
    flow = walk("../..")
    comfy.load(flow)
    shown = card(comfy, flow.loader)
    expect(shown.get_by_role("alert")).to_contain_text("leads out of the input and output folders")
    comfy.set(flow.loader, "directory", "")
    says(shown, "Enter a folder in “directory”")
    expect(shown.get_by_role("alert")).to_be_hidden()


def test_a_folder_is_shown_with_its_first_picture_before_any_run_and_a_missing_one_is_said(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server, 4))
    comfy.load(flow)
    shown = card(comfy, flow.loader)
    says(shown, "4 pictures · not begun", "comes first")
    expect(shown.locator(".ds-batch-file")).to_have_text("1.png")
    comfy.until("() => document.querySelector('.ds-batch-picture')?.naturalWidth > 0")
    comfy.set(flow.loader, "order", "reverse name")
    expect(shown.locator(".ds-batch-file")).to_have_text("4.png")
    comfy.set(flow.loader, "directory", "nowhere")
    expect(shown.get_by_role("alert")).to_contain_text("There is no folder")
    expect(shown.locator(".ds-batch-file")).to_be_hidden()


def test_a_folder_is_chosen_in_a_dialog(comfy: ComfyPage) -> None:
    flow, other = walk(fill(comfy.server)), fill(comfy.server, 2)
    comfy.load(flow)
    shown = card(comfy, flow.loader)
    press(shown, "Browse…")
    dialog = comfy.page.get_by_test_id("datasete-folders")
    expect(dialog.locator(".ds-folders-where")).to_have_text(flow.folder)
    expect(dialog.get_by_text("No folders in here")).to_be_visible()
    dialog.get_by_role("button", name="Up").click()
    dialog.get_by_role("button", name="Up").click()
    expect(dialog.get_by_role("button", name="Choose this folder")).to_be_disabled()
    dialog.get_by_role("button", name="input").click()
    expect(dialog.get_by_role("button", name=other)).to_be_visible()
    dialog.get_by_role("button", name=other).click()
    dialog.get_by_role("button", name="Choose this folder").click()
    says(shown, "2 pictures · not begun")
    assert comfy.evaluate("id => app.graph.getNodeById(id).widgets[0].value", flow.loader) == other


def test_a_loader_with_a_wired_folder_shows_what_it_did_last(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    text = flow.flow.add("PrimitiveString", flow.folder, at=(20, 700))
    flow.flow.link(text, 0, flow.loader, "directory")
    flow.flow.nodes[flow.loader - 1]["inputs"][-1]["widget"] = {"name": "directory"}
    comfy.load(flow)
    shown = card(comfy, flow.loader)
    says(shown, "The folder comes through a wire, with the next run")
    comfy.queue()
    let_pass(comfy, flow, 1)
    at_gate(comfy, flow, 2)


def test_a_loader_in_a_subgraph_shows_its_batch(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server))
    comfy.load(flow)
    comfy.evaluate("id => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]))", flow.loader)
    comfy.until("() => app.graph.nodes.some((node) => node.isSubgraphNode?.())")
    comfy.queue()
    is_over(comfy, flow.folder)
    comfy.evaluate("() => app.canvas.setGraph(app.graph.nodes.find((node) => node.isSubgraphNode?.()).subgraph)")
    says(comfy.page.locator(".ds-batch-card:visible"), f"Finished · 3 of 3 · {flow.folder}")


def test_a_folder_that_is_named_outside_of_the_subgraph_counts(comfy: ComfyPage) -> None:
    flow, other = walk(fill(comfy.server)), fill(comfy.server, 2)
    text = flow.flow.add("PrimitiveString", flow.folder, at=(20, 700))
    flow.flow.link(text, 0, flow.loader, "directory")
    flow.flow.nodes[flow.loader - 1]["inputs"][-1]["widget"] = {"name": "directory"}
    comfy.load(flow)
    comfy.evaluate("id => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]))", flow.loader)
    comfy.until("() => app.graph.nodes.some((node) => node.isSubgraphNode?.())")
    comfy.evaluate(
        """folder => {
             const outside = app.graph.nodes.find((node) => node.isSubgraphNode?.());
             outside.disconnectInput(outside.inputs.findIndex(({ name }) => name === "directory"));
             outside.widgets.find(({ name }) => name === "directory").value = folder;
             app.canvas.setGraph(outside.subgraph);
           }""",
        other,
    )
    says(comfy.page.locator(".ds-batch-card:visible"), NOT_BEGUN)
    comfy.queue()
    is_over(comfy, other)
    says(comfy.page.locator(".ds-batch-card:visible"), f"Finished · 2 of 2 · {other}")


def test_undo_keeps_the_card(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server))
    comfy.load(flow).queue()
    says(card(comfy, flow.loader), f"Finished · 3 of 3 · {flow.folder}")
    json = comfy.evaluate("() => app.graph.serialize()")
    comfy.evaluate("json => app.loadGraphData(json)", json)
    says(card(comfy, flow.loader), f"Finished · 3 of 3 · {flow.folder}")
    values = "json => json.nodes.find((node) => node.id === 1).widgets_values.length"
    assert comfy.evaluate(values, comfy.evaluate("() => app.graph.serialize()")) == comfy.evaluate(values, json)


def test_a_walk_that_begins_while_the_loader_asks_for_its_batch_is_not_missed(comfy: ComfyPage) -> None:
    first, flow = walk(fill(comfy.server, 1)), walk(fill(comfy.server), gate=True)
    comfy.load(first).queue()  # the first run of a page has it ask for everything once more
    is_over(comfy, first.folder)
    held = []

    def hold_first(route: Route) -> None:
        if held or flow.folder not in route.request.url:  # the first loader may ask once more
            route.continue_()
        else:
            held.append((route, route.fetch().json()))

    comfy.page.route("**/datasete/batch/find*", hold_first)
    comfy.load(flow)
    comfy.wait(lambda: held, "a question")
    comfy.queue()
    comfy.waiting(flow.gate)
    route, answer = held[0]
    assert answer["batch"] is None  # it is from before the walk
    route.fulfill(json=answer)
    at_gate(comfy, flow, 1)
    comfy.page.unroute("**/datasete/batch/find*")


def test_a_workflow_from_before_the_tail_of_the_loader_opens_with_its_defaults(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server))
    comfy.load(flow)
    values = """id => Object.fromEntries(app.graph.getNodeById(id).widgets
      .filter(({ type }) => type !== "datasete-batch").map(({ name, value }) => [name, value]))"""
    got = comfy.evaluate(values, flow.loader)
    tail = {"order": "name", "seed": 0, "frames": "first", "pairing": "by place", "skip_existing": ""}
    assert list(got)[4:] == ["custom_pattern", "start_index", *tail]
    assert {name: got[name] for name in tail} == tail
    comfy.set(flow.loader, "order", "reverse name")
    saved = comfy.evaluate("() => app.graph.serialize()")
    comfy.evaluate("saved => app.loadGraphData(saved)", saved)
    assert comfy.evaluate(values, flow.loader) == {**got, "order": "reverse name"}
    comfy.queue()
    is_over(comfy, flow.folder)
