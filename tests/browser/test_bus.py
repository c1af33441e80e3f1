"""What passes a gate is published to a slot, and picked up by another workflow, another day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from browser_desk import Desk
from browser_flows import gated
from browser_host import Host, Server
from playwright.sync_api import Browser, expect


@pytest.fixture
def slot(server: Server) -> Iterator[str]:
    """A slot name of the test's own."""
    name = f"test {uuid4().hex[:8]}"
    yield name
    server.post("/datasete_gate/bus/delete", {"id": name})


def publish(desk: Desk, slot: str, photograph: str = "datasete-coffee.png") -> None:
    flow = gated(photograph, send=slot)
    run = desk.load(flow).queue()
    desk.choose(1)
    assert desk.ran(run) == {flow.previews[0]}


def test_a_slot_is_picked_up_by_a_new_workflow(desk: Desk, slot: str) -> None:
    publish(desk, slot)
    again = gated(None, get=slot)
    run = desk.load(again).queue()
    gate = desk.waiting(again.gate)
    expect(gate.locator(".ds-gate-origin")).to_have_text(f"From “{slot}”, published just now")
    expect(gate.locator(".ds-gate-status")).to_contain_text("600×400")
    desk.choose(2)
    assert desk.ran(run) == {again.previews[1]}


def test_nothing_is_published_when_the_run_is_stopped(desk: Desk, slot: str) -> None:
    flow = gated(send=slot)
    run = desk.load(flow).queue()
    desk.waiting(flow.gate).get_by_role("button", name="Stop").click()
    desk.finished(run)
    assert slot not in desk.server.slots()


def test_a_wired_picture_wins_over_the_bus(desk: Desk, slot: str) -> None:
    publish(desk, slot)
    flow = gated("datasete-cat.png", get=slot)
    desk.load(flow).queue()
    expect(desk.waiting(flow.gate).locator(".ds-gate-status")).to_contain_text("451×300")


VALUES = "id => app.graph.getNodeById(id).widgets.find(({ name }) => name === 'get_id').options.values()"
OFFERED = f"([id, name]) => ({VALUES})(id).includes(name)"


def test_the_dropdown_lists_the_slots_and_refreshes(desk: Desk, slot: str) -> None:
    listed = gated(None)
    desk.load(listed)
    assert slot not in desk.evaluate(VALUES, listed.gate)
    publish(desk, slot)
    desk.load(listed)
    desk.until(OFFERED, [listed.gate, slot])
    desk.server.post("/datasete_gate/bus/delete", {"id": slot})
    desk.until(f"what => !({OFFERED})(what)", [listed.gate, slot])


def test_a_person_picks_a_slot_from_the_dropdown(desk: Desk, slot: str) -> None:
    publish(desk, slot)
    flow = gated(None)
    desk.load(flow)
    desk.until(OFFERED, [flow.gate, slot])  # the news of a publish takes a quarter of a second
    open_dropdown(desk, flow.gate)
    desk.page.get_by_text(slot, exact=True).last.click()
    assert desk.value(flow.gate, "get_id") == slot
    run = desk.queue()
    desk.choose(1)
    assert desk.ran(run) == {flow.previews[0]}


def test_a_person_types_the_name_of_a_slot_that_is_not_there_yet(desk: Desk) -> None:
    flow = gated(None)
    desk.load(flow)
    open_dropdown(desk, flow.gate)
    desk.page.get_by_text("Other name…").last.click()
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("later today")
    dialog.get_by_role("textbox").press("Enter")
    expect(dialog).to_be_hidden()
    assert desk.value(flow.gate, "get_id") == "later today"
    saved = desk.evaluate("() => app.graph.serialize()")
    assert saved["nodes"][flow.gate - 1]["widgets_values"] == [2, "", "later today"]
    desk.load(saved)
    assert desk.value(flow.gate, "get_id") == "later today"


def point_at_dropdown(desk: Desk, node: int) -> None:
    if desk.renderer == "vue":
        desk.page.locator(f"[data-node-id='{node}']").get_by_role("combobox", name="get_id").hover()
        return
    x, y = desk.evaluate(
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
    desk.page.mouse.move(x, y)


def open_dropdown(desk: Desk, node: int) -> None:
    point_at_dropdown(desk, node)
    desk.page.mouse.down()
    desk.page.mouse.up()


def test_a_bad_name_is_refused_before_anything_runs(desk: Desk) -> None:
    flow = gated(send="../escape")
    desk.load(flow)
    with desk.page.expect_response(re.compile(r"/prompt$")) as answer:
        desk.evaluate("() => void app.queuePrompt(0, 1)")
    assert answer.value.status == 400
    assert "send_id" in answer.value.text() or "slot" in answer.value.text()
    assert desk.server.pending() == []
    desk.evaluate("() => document.querySelectorAll('[role=dialog] button[aria-label=Close]').forEach((b) => b.click())")


@pytest.mark.parametrize("renderer", ["canvas"])
def test_a_slot_outlives_the_server(own_host: Host, browser: Browser, renderer: str) -> None:
    from conftest import new_context

    context = new_context(browser)
    desk = Desk(context.new_page(), Server(own_host.url), renderer).open()
    publish(desk, "kept")
    own_host.restart()
    desk.reload()
    flow = gated(None, get="kept")
    run = desk.load(flow).queue()
    desk.choose(2)
    assert desk.ran(run) == {flow.previews[1]}
    context.close()


def test_what_another_machine_published_is_there_when_the_dropdown_opens(
    own_host: Host, browser: Browser, renderer: str, photographs: dict[str, bytes]
) -> None:
    from conftest import new_context, use_renderer

    context = new_context(browser)
    desk = Desk(context.new_page(), Server(own_host.url), renderer).open()
    use_renderer(desk, renderer)
    flow = gated(None)
    desk.load(flow)
    desk.page.wait_for_timeout(2100)  # the list that came with the node is old by now
    folder = own_host.data / "input" / "gate_bus" / "from afar"
    folder.mkdir(parents=True)
    (folder / "image.png").write_bytes(photographs["datasete-coffee.png"])
    with desk.page.expect_response(re.compile(r"/bus/list$")):
        point_at_dropdown(desk, flow.gate)
    open_dropdown(desk, flow.gate)
    desk.page.get_by_text("from afar", exact=True).last.click()
    assert desk.value(flow.gate, "get_id") == "from afar"
    context.close()


def test_until_a_far_list_is_there_the_dropdown_offers_what_was_seen_last(
    own_host: Host, browser: Browser, renderer: str, photographs: dict[str, bytes]
) -> None:
    from conftest import new_context, use_renderer

    folder = own_host.data / "input" / "gate_bus" / "seen before"
    folder.mkdir(parents=True)
    (folder / "image.png").write_bytes(photographs["datasete-coffee.png"])
    assert Server(own_host.url).slots() == ["seen before"]
    context = new_context(browser)
    desk = Desk(context.new_page(), Server(own_host.url), renderer)
    desk.page.route(re.compile(r"/bus/list$"), lambda route: None)  # an answer that never comes
    use_renderer(desk.open(), renderer)
    flow = gated(None)
    desk.load(flow)
    open_dropdown(desk, flow.gate)
    desk.page.get_by_text("seen before", exact=True).last.click()
    assert desk.value(flow.gate, "get_id") == "seen before"
    desk.page.unroute_all(behavior="ignoreErrors")
    context.close()
