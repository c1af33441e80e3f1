"""Workflows in which a gate gets several pictures, and what several tests do with them."""

from __future__ import annotations

from dataclasses import dataclass

from browser_flows import Flow, gated
from browser_page import ComfyPage
from playwright.sync_api import Locator, expect

PHOTOGRAPHS = ("datasete-cat.png", "datasete-coffee.png")
NEW_TAB = "() => app.extensionManager.command.execute('Comfy.NewBlankWorkflow')"
SHOW = "() => app.extensionManager.command.execute('Datasete.ShowWaitingGate')"


@dataclass
class Shown:
    """A workflow with a gate and a preview behind its first route."""

    flow: Flow
    gate: int
    preview: int

    def json(self) -> dict:
        return self.flow.json()


def frames(count: int) -> Shown:
    """A batch of so many photographs at one gate."""
    return _gated(*_batch(count))


def listed(count: int) -> Shown:
    """The same as a list: the gate is asked once for each."""
    flow, batch = _batch(count)
    outputs = [{"name": "IMAGE", "type": "IMAGE", "links": []}]
    rebatch = flow.add("RebatchImages", 1, at=(0, 760))
    flow.nodes[rebatch - 1]["outputs"] = outputs
    flow.link(batch, 0, rebatch, "images")
    return _gated(flow, rebatch)


def _batch(count: int) -> tuple[Flow, int]:
    flow = Flow()
    loads = [flow.add("LoadImage", PHOTOGRAPHS[number % 2], "image", at=(-320 * number, 60)) for number in range(count)]
    last = loads[0]
    for number, load in enumerate(loads[1:]):
        batch = flow.add("ImageBatch", at=(0, 440 + 80 * number))
        flow.link(last, 0, batch, "image1")
        flow.link(load, 0, batch, "image2")
        last = batch
    return flow, last


def _gated(flow: Flow, source: int) -> Shown:
    gate = flow.add("ImageGate", 2, "", "", at=(340, 60), outputs=3)
    flow.link(source, 0, gate, "image")
    preview = flow.add("PreviewImage", at=(740, 60))
    flow.link(gate, 1, preview, "images")
    return Shown(flow, gate, preview)


def wrap(comfy: ComfyPage, node: int | str) -> str:
    """Puts a node of the outermost graph into a subgraph; returns the id of the node that stands for it."""
    return comfy.evaluate(
        """id => {
             const before = new Set(app.graph.nodes.map((node) => node.id));
             app.graph.convertToSubgraph(new Set([app.graph.getNodeById(id)]));
             return String(app.graph.nodes.find((node) => !before.has(node.id)).id);
           }""",
        node,
    )


def set_routes_inside(comfy: ComfyPage, host: str, count: int) -> list[int]:
    """Sets the routes of the only gate in a subgraph; returns how many links each of its outputs has then."""
    return comfy.evaluate(
        """([host, count]) => {
             const gate = app.graph.getNodeById(host).subgraph.nodes[0];
             const widget = gate.widgets.find(({ name }) => name === "routes");
             widget.value = count;
             widget.callback(count, app.canvas, gate);
             return gate.outputs.map(({ links }) => links?.length ?? 0);
           }""",
        [host, count],
    )


def lose_and_regain_a_route_of_a_subgraph(comfy: ComfyPage) -> None:
    """Takes a route of a gate in a subgraph away and puts it back; then its link is there again, and is taken."""
    flow = gated(routes=3)
    comfy.load(flow)
    host = wrap(comfy, flow.gate)
    assert set_routes_inside(comfy, host, 2) == [0, 1, 1]
    assert set_routes_inside(comfy, host, 3) == [0, 1, 1, 1]
    run = comfy.queue()
    comfy.wait(comfy.server.pending, "a gate in the subgraph")
    comfy.evaluate(SHOW)
    comfy.choose(3)
    assert comfy.ran(run) == {flow.previews[2]}


def full_size(comfy: ComfyPage) -> Locator:
    """The full-size view, once it is there with its picture."""
    view = comfy.page.get_by_test_id("datasete-viewer")
    expect(view).to_be_visible()
    picture = view.locator(".ds-gate-full-picture")
    comfy.page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=picture.element_handle())
    return view
