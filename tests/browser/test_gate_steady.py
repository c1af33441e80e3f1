"""A gate keeps its place when it is answered, so that a click too many presses nothing."""

from __future__ import annotations

from browser_flows import gated
from browser_page import ComfyPage
from playwright.sync_api import expect

STARTED = "() => window.datasetePrompts ?? 0"
COUNT = """() => {
  const queue = app.queuePrompt;
  window.datasetePrompts = 0;
  app.queuePrompt = function counted() { window.datasetePrompts++; return queue.apply(this, arguments); };
}"""


def rows(comfy: ComfyPage, node: int) -> list[float]:
    """Where the rows of a gate lie, and how high it is."""
    gate = comfy.gate(node)
    boxes = [gate.locator(name).bounding_box() for name in (".ds-gate-routes", ".ds-gate-foot")] + [gate.bounding_box()]
    return [round(box[side]) for box in boxes for side in ("y", "height")]


def test_nothing_moves_when_a_gate_is_answered_and_clicks_too_many_start_nothing(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    route = comfy.waiting(flow.gate).locator("button[data-route='1']")
    comfy.page.wait_for_timeout(300)
    before, box = rows(comfy, flow.gate), route.bounding_box()
    comfy.evaluate(COUNT)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    comfy.page.mouse.click(x, y)
    comfy.idle(flow.gate)
    for _ in range(3):
        assert rows(comfy, flow.gate) == before
        comfy.page.wait_for_timeout(400)
        comfy.page.mouse.click(x, y)
    assert comfy.ran(run) == {flow.previews[0]}
    assert rows(comfy, flow.gate) == before
    assert comfy.evaluate(STARTED) == 0


def test_a_second_click_does_not_reach_what_lay_behind_the_full_size_view(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).get_by_role("button", name="View full size").focus()
    comfy.page.keyboard.press("Enter")
    view = comfy.page.get_by_test_id("datasete-viewer")
    expect(view).to_be_visible()
    box = view.locator("button[data-route='2']").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    comfy.evaluate(
        "() => { window.pressed = 0; document.addEventListener('pointerdown', () => window.pressed++, true); }"
    )
    comfy.page.mouse.click(x, y)
    expect(view).to_be_hidden()
    comfy.evaluate("() => { window.pressed = 0; }")
    comfy.page.mouse.click(x, y)
    assert comfy.evaluate("() => window.pressed") == 0
    comfy.page.mouse.click(x, y - 200)
    assert comfy.evaluate("() => window.pressed") >= 1
    assert comfy.ran(run) == {flow.previews[1]}


def test_words_that_change_move_no_button(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    gate = comfy.gate(flow.gate)
    left = gate.locator(".ds-gate-tools > *").evaluate_all("all => all.map((one) => one.getBoundingClientRect().left)")
    gate.get_by_role("button", name="Name routes").click()
    expect(gate.get_by_role("button", name="Done")).to_be_visible()
    assert left == gate.locator(".ds-gate-tools > *").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().left)"
    )
    gate.get_by_role("button", name="Done").click()


def test_a_new_gate_has_the_room_for_its_picture_from_the_start(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    node = comfy.evaluate(
        """() => {
             const node = LiteGraph.createNode("ImageGate");
             app.graph.add(node);
             node.pos = [340, 700];
             return node.id;
           }"""
    )
    size = comfy.evaluate("id => [...app.graph.getNodeById(id).size]", node)
    comfy.evaluate("([id, from]) => app.graph.getNodeById(from).connect(0, app.graph.getNodeById(id), 0)", [node, 1])
    comfy.evaluate(
        "([id, to]) => app.graph.getNodeById(id).connect(1, app.graph.getNodeById(to), 0)", [node, flow.previews[0]]
    )
    run = comfy.queue()
    comfy.waiting(node)
    assert comfy.evaluate("id => [...app.graph.getNodeById(id).size]", node) == size
    comfy.server.quiet()
    comfy.finished(run)
