"""What passes a gate is published to a slot, and picked up by another workflow, another day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from browser_flows import gated
from browser_host import Host, Server
from browser_page import ComfyPage
from playwright.sync_api import Browser, expect


@pytest.fixture
def slot(server: Server) -> Iterator[str]:
    """A slot name of the test's own."""
    name = f"test {uuid4().hex[:8]}"
    yield name
    server.post("/datasete_gate/bus/delete", {"id": name})


def publish(comfy: ComfyPage, slot: str, photograph: str = "datasete-coffee.png") -> None:
    flow = gated(photograph, send=slot)
    run = comfy.load(flow).queue()
    comfy.choose(1)
    assert comfy.ran(run) == {flow.previews[0]}


def test_a_slot_is_picked_up_by_a_new_workflow(comfy: ComfyPage, slot: str) -> None:
    publish(comfy, slot)
    again = gated(None, get=slot)
    run = comfy.load(again).queue()
    gate = comfy.waiting(again.gate)
    expect(gate.locator(".ds-gate-origin")).to_have_text(f"From “{slot}”, published just now")
    expect(gate.locator(".ds-gate-status")).to_contain_text("600×400")
    comfy.choose(2)
    assert comfy.ran(run) == {again.previews[1]}


def test_nothing_is_published_when_the_run_is_stopped(comfy: ComfyPage, slot: str) -> None:
    flow = gated(send=slot)
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).get_by_role("button", name="Stop").click()
    comfy.finished(run)
    assert slot not in comfy.server.slots()


def test_a_wired_picture_wins_over_the_bus(comfy: ComfyPage, slot: str) -> None:
    publish(comfy, slot)
    flow = gated("datasete-cat.png", get=slot)
    comfy.load(flow).queue()
    expect(comfy.waiting(flow.gate).locator(".ds-gate-status")).to_contain_text("451×300")


VALUES = "id => app.graph.getNodeById(id).widgets.find(({ name }) => name === 'get_id').options.values()"
OFFERED = f"([id, name]) => ({VALUES})(id).includes(name)"


def test_the_dropdown_lists_the_slots_and_refreshes(comfy: ComfyPage, slot: str) -> None:
    listed = gated(None)
    comfy.load(listed)
    assert slot not in comfy.evaluate(VALUES, listed.gate)
    publish(comfy, slot)
    comfy.load(listed)
    comfy.until(OFFERED, [listed.gate, slot])
    comfy.server.post("/datasete_gate/bus/delete", {"id": slot})
    comfy.until(f"what => !({OFFERED})(what)", [listed.gate, slot])


def test_a_person_picks_a_slot_from_the_dropdown(comfy: ComfyPage, slot: str) -> None:
    publish(comfy, slot)
    flow = gated(None)
    comfy.load(flow)
    comfy.until(OFFERED, [flow.gate, slot])  # the news of a publish takes a quarter of a second
    open_dropdown(comfy, flow.gate)
    comfy.page.get_by_text(slot, exact=True).last.click()
    assert comfy.value(flow.gate, "get_id") == slot
    run = comfy.queue()
    comfy.choose(1)
    assert comfy.ran(run) == {flow.previews[0]}


def test_a_person_types_the_name_of_a_slot_that_is_not_there_yet(comfy: ComfyPage) -> None:
    flow = gated(None)
    comfy.load(flow)
    open_dropdown(comfy, flow.gate)
    comfy.page.get_by_text("Other name…").last.click()
    dialog = comfy.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("later today")
    dialog.get_by_role("textbox").press("Enter")
    expect(dialog).to_be_hidden()
    assert comfy.value(flow.gate, "get_id") == "later today"
    saved = comfy.evaluate("() => app.graph.serialize()")
    assert saved["nodes"][flow.gate - 1]["widgets_values"] == [2, "", "later today"]
    comfy.load(saved)
    assert comfy.value(flow.gate, "get_id") == "later today"


def point_at_dropdown(comfy: ComfyPage, node: int) -> None:
    if comfy.renderer == "vue":
        comfy.page.locator(f"[data-node-id='{node}']").get_by_role("combobox", name="get_id").hover()
        return
    x, y = comfy.evaluate(
        """id => {
             const node = app.graph.getNodeById(id);
             const widget = node.widgets.find(({ name }) => name === "get_id");
             const { scale, offset } = app.canvas.ds;
             const { left, top } = app.canvas.canvas.getBoundingClientRect();
             const at = [node.pos[0] + node.size[0] / 2, node.pos[1] + widget.last_y + 10];
             return [left + (at[0] + offset[0]) * scale, top + (at[1] + offset[1]) * scale];
           }""",
        node,
    )
    comfy.page.mouse.move(x, y)


def open_dropdown(comfy: ComfyPage, node: int) -> None:
    point_at_dropdown(comfy, node)
    comfy.page.mouse.down()
    comfy.page.mouse.up()


def test_a_bad_name_is_refused_before_anything_runs(comfy: ComfyPage) -> None:
    flow = gated(send="../escape")
    comfy.load(flow)
    with comfy.page.expect_response(re.compile(r"/prompt$")) as answer:
        comfy.evaluate("() => void app.queuePrompt(0, 1)")
    assert answer.value.status == 400
    assert "send_id" in answer.value.text() or "slot" in answer.value.text()
    assert comfy.server.pending() == []
    comfy.evaluate(
        "() => document.querySelectorAll('[role=dialog] button[aria-label=Close]').forEach((b) => b.click())"
    )


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_slot_outlives_the_server(own_host: Host, browser: Browser, renderer: str) -> None:
    from browser_context import new_context

    context = new_context(browser)
    comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
    publish(comfy, "kept")
    own_host.restart()
    comfy.reload()
    flow = gated(None, get="kept")
    run = comfy.load(flow).queue()
    comfy.choose(2)
    assert comfy.ran(run) == {flow.previews[1]}
    context.close()


def test_what_another_machine_published_is_there_when_the_dropdown_opens(
    own_host: Host, browser: Browser, renderer: str, photographs: dict[str, bytes]
) -> None:
    from browser_context import new_context, use_renderer

    context = new_context(browser)
    comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
    use_renderer(comfy, renderer)
    flow = gated(None)
    comfy.load(flow)
    comfy.page.wait_for_timeout(2100)  # the list that came with the node is old by now
    folder = own_host.data / "input" / "gate_bus" / "from afar"
    folder.mkdir(parents=True)
    (folder / "image.png").write_bytes(photographs["datasete-coffee.png"])
    with comfy.page.expect_response(re.compile(r"/bus/list$")):
        point_at_dropdown(comfy, flow.gate)
    open_dropdown(comfy, flow.gate)
    comfy.page.get_by_text("from afar", exact=True).last.click()
    assert comfy.value(flow.gate, "get_id") == "from afar"
    context.close()


def test_until_a_far_list_is_there_the_dropdown_offers_what_was_seen_last(
    own_host: Host, browser: Browser, renderer: str, photographs: dict[str, bytes]
) -> None:
    from browser_context import new_context, use_renderer

    folder = own_host.data / "input" / "gate_bus" / "seen before"
    folder.mkdir(parents=True)
    (folder / "image.png").write_bytes(photographs["datasete-coffee.png"])
    assert Server(own_host.url).slots() == ["seen before"]
    context = new_context(browser)
    comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer)
    comfy.page.route(re.compile(r"/bus/list$"), lambda route: None)  # an answer that never comes
    use_renderer(comfy.open(), renderer)
    flow = gated(None)
    comfy.load(flow)
    open_dropdown(comfy, flow.gate)
    comfy.page.get_by_text("seen before", exact=True).last.click()
    assert comfy.value(flow.gate, "get_id") == "seen before"
    comfy.page.unroute_all(behavior="ignoreErrors")
    context.close()
