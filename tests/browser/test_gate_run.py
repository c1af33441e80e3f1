"""Run from here: what hangs behind a gate runs with what it needs, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from browser_flows import Gated, gated
from browser_gates import wrap
from browser_host import Server
from browser_page import ComfyPage
from playwright.sync_api import expect

RUN = "() => app.extensionManager.command.execute('Datasete.RunFromHere')"


@pytest.fixture
def slot(server: Server) -> Iterator[str]:
    name = f"run {uuid4().hex[:8]}"
    yield name
    server.post("/datasete_gate/bus/delete", {"id": name})


def beside(flow: Gated) -> int:
    """A preview that has nothing to do with the gate."""
    load = flow.flow.add("LoadImage", "datasete-coffee.png", "image", at=(20, 700))
    preview = flow.flow.add("PreviewImage", at=(340, 800))
    flow.flow.link(load, 0, preview, "images")
    return preview


def started(comfy: ComfyPage, act: object) -> str:
    with comfy.page.expect_response(re.compile(r"/prompt$")) as answer:
        act()
    return answer.value.json()["prompt_id"]


def test_the_button_of_an_idle_gate_runs_its_own_branch_alone(comfy: ComfyPage) -> None:
    flow = gated()
    other = beside(flow)
    comfy.load(flow)
    button = comfy.idle(flow.gate).get_by_role("button", name="Run from here")
    run = started(comfy, button.click)
    expect(button).to_be_hidden()
    comfy.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}
    assert other not in comfy.ran(run)
    expect(button).to_be_visible()


def test_the_command_runs_the_selected_gate_from_the_bus(comfy: ComfyPage, slot: str) -> None:
    first = gated(send=slot)
    comfy.load(first).queue()
    comfy.choose(1)
    comfy.idle(first.gate)
    flow = gated(None, get=slot)
    beside(flow)
    comfy.load(flow)
    comfy.evaluate("id => app.canvas.selectNode(app.graph.getNodeById(id))", flow.gate)
    run = started(comfy, lambda: comfy.evaluate(RUN))
    expect(comfy.waiting(flow.gate).locator(".ds-gate-origin")).to_contain_text(slot)
    comfy.choose(1, flow.gate)
    assert comfy.ran(run) == {flow.previews[0]}


def test_a_gate_in_a_subgraph_of_a_subgraph_runs_what_is_outside(comfy: ComfyPage) -> None:
    flow = gated()
    beside(flow)
    comfy.load(flow)
    wrap(comfy, wrap(comfy, flow.gate))
    run = started(comfy, lambda: comfy.evaluate(RUN))  # the only gate there is
    comfy.wait(comfy.server.pending, "a gate in the subgraph")
    comfy.evaluate("() => app.extensionManager.command.execute('Datasete.ShowWaitingGate')")
    comfy.waiting().locator("button[data-route='1']").click()
    assert comfy.ran(run) == {flow.previews[0]}


def test_the_menu_of_a_gate_offers_it_and_that_of_another_node_does_not(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    offered = """id => app.extensions.filter(({ name }) => name === "Datasete.ImageGate")
        .flatMap((ours) => ours.getNodeMenuItems(app.graph.getNodeById(id))).map(({ content }) => content)"""
    assert comfy.evaluate(offered, flow.gate) == ["Run from here"]
    assert comfy.evaluate(offered, flow.previews[0]) == []


def test_what_cannot_run_is_said_and_nothing_is_queued(comfy: ComfyPage) -> None:
    for flow, reason in (
        (gated(None), "This gate has no picture"),
        (gated(mode=2), "This gate is muted or bypassed"),
    ):
        comfy.load(flow)
        comfy.idle(flow.gate).get_by_role("button", name="Run from here").click()
        expect(comfy.toast(re.compile(reason))).to_be_visible()
    loose = gated()
    loose.flow.links = [link for link in loose.flow.links if link[1] != loose.gate]
    for preview in loose.previews:
        loose.flow.nodes[preview - 1]["inputs"][0]["link"] = None
    for output in loose.flow.nodes[loose.gate - 1]["outputs"]:
        output["links"] = []
    comfy.load(loose)
    comfy.idle(loose.gate).get_by_role("button", name="Run from here").click()
    expect(comfy.toast(re.compile("Nothing to run after this gate"))).to_be_visible()
    assert comfy.server.pending() == []
