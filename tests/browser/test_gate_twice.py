"""One subgraph with a gate in it, placed twice in a workflow: one node stands for both, and mixes nothing up."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from browser_flows import gated
from browser_gates import SHOW, wrap
from browser_page import ComfyPage
from playwright.sync_api import Locator, expect

AGAIN = """([host, source, targets]) => {
  const node = (id) => app.graph.getNodeById(id);
  const twin = LiteGraph.createNode(node(host).type);
  app.graph.add(twin);
  twin.pos = [340, 700];
  [node(host).title, twin.title] = ["Cats", "Cups"];
  node(source).connect(0, twin, 0);
  targets.forEach((id, slot) => twin.connect(slot, node(id), 0));
  return String(twin.id);
}"""
ENTER = "id => { const host = app.graph.getNodeById(id); app.canvas.openSubgraph(host.subgraph, host); }"
CATS, CUPS = "451×300", "600×400"


@dataclass
class Twice:
    """The ids of the nodes that stand for the subgraph, and of the previews behind the routes of each."""

    cats: str
    cups: str
    behind_cats: list[int]
    behind_cups: list[int]


@pytest.fixture
def twice(comfy: ComfyPage) -> Twice:
    """The workflow, with a photograph of its own for each place."""
    flow = gated()
    coffee = flow.flow.add("LoadImage", "datasete-coffee.png", "image", at=(20, 700))
    previews = [flow.flow.add("PreviewImage", at=(x, 700)) for x in (740, 1000)]
    comfy.load(flow)
    cats = wrap(comfy, flow.gate)
    return Twice(cats, comfy.evaluate(AGAIN, [cats, coffee, previews]), flow.previews, previews)


def paused(comfy: ComfyPage) -> str:
    """A run that waits at both."""
    run = comfy.queue()
    comfy.wait(lambda: len(comfy.server.pending()) == 2, "a gate in both places")
    comfy.until("() => document.title.startsWith('● 2 gates are waiting · ')")
    return run


def shown(comfy: ComfyPage, size: str, place: str) -> Locator:
    gate = comfy.waiting()
    expect(gate.locator(".ds-gate-status")).to_contain_text(size)
    expect(gate.locator(".ds-gate-origin")).to_contain_text(place)
    return gate


def test_both_pause_and_each_answer_goes_where_it_is_meant(comfy: ComfyPage, twice: Twice) -> None:
    run = paused(comfy)
    assert {gate["id"].split(":")[0] for gate in comfy.server.pending()} == {twice.cats, twice.cups}
    comfy.evaluate(ENTER, twice.cats)
    shown(comfy, CATS, f"In “Cats” (#{twice.cats})").locator("button[data-route='2']").click()
    gate = shown(comfy, CUPS, f"In “Cups” (#{twice.cups})")
    comfy.until("() => document.title.startsWith('● A gate is waiting · ')")
    gate.locator("button[data-route='1']").click()
    assert comfy.ran(run) == {twice.behind_cats[1], twice.behind_cups[0]}
    status = comfy.page.locator(".ds-gate-gate .ds-gate-status")
    expect(status).to_have_text("Sent to Route 1")  # the newest answer
    comfy.until("() => !document.title.includes('waits')")


def test_whoever_enters_through_one_place_meets_its_gate_first(comfy: ComfyPage, twice: Twice) -> None:
    run = paused(comfy)
    comfy.evaluate(ENTER, twice.cups)
    shown(comfy, CUPS, "In “Cups”")
    comfy.evaluate("() => app.canvas.setGraph(app.rootGraph)")
    comfy.evaluate(ENTER, twice.cats)
    shown(comfy, CATS, "In “Cats”").locator("button[data-route='1']").click()
    shown(comfy, CUPS, "In “Cups”").get_by_role("button", name="Stop").click()
    comfy.finished(run)


def test_the_command_takes_turns_and_the_keys_answer_what_is_shown(comfy: ComfyPage, twice: Twice) -> None:
    run = paused(comfy)
    comfy.evaluate(SHOW)
    first = comfy.waiting().locator(".ds-gate-origin").text_content()
    comfy.evaluate(SHOW)
    gate = comfy.waiting()
    expect(gate.locator(".ds-gate-origin")).not_to_have_text(first)
    is_cups = "Cups" in gate.locator(".ds-gate-origin").text_content()
    comfy.page.keyboard.press("2")
    comfy.wait(lambda: len(comfy.server.pending()) == 1, "one answer")
    [left] = comfy.server.pending()
    assert left["id"].split(":")[0] == (twice.cats if is_cups else twice.cups)
    expect(gate.locator(".ds-gate-origin")).to_have_text(first)
    comfy.page.keyboard.press("1")
    routes = (0, 1) if is_cups else (1, 0)
    assert comfy.ran(run) == {twice.behind_cats[routes[0]], twice.behind_cups[routes[1]]}


def test_names_are_those_of_both(comfy: ComfyPage, twice: Twice) -> None:
    comfy.evaluate(ENTER, twice.cups)
    gate = comfy.page.get_by_test_id("datasete-gate")
    gate.get_by_role("button", name="Name routes").click()
    gate.get_by_role("textbox", name="Name of route 2").fill("Retouch")
    gate.get_by_role("textbox", name="Name of route 2").press("Enter")
    gate.get_by_role("button", name="Done").click()
    comfy.evaluate("() => app.canvas.setGraph(app.rootGraph)")
    paused(comfy)
    for place, size in ((twice.cats, CATS), (twice.cups, CUPS)):
        comfy.evaluate(ENTER, place)
        expect(shown(comfy, size, "In “").locator(".ds-gate-route span")).to_have_text(["Route 1", "Retouch"])
        comfy.evaluate("() => app.canvas.setGraph(app.rootGraph)")


def test_a_reload_finds_both(comfy: ComfyPage, twice: Twice) -> None:
    run = paused(comfy)
    comfy.wait_until_saved()
    comfy.reload()
    comfy.until("() => document.title.startsWith('● 2 gates are waiting · ')")
    comfy.evaluate(ENTER, twice.cups)
    shown(comfy, CUPS, "In “Cups”").locator("button[data-route='2']").click()
    next_one = shown(comfy, CATS, "In “Cats”")
    comfy.look()  # it took the place of the first, in the same node
    next_one.locator("button[data-route='2']").click()
    assert comfy.ran(run) == {twice.behind_cats[1], twice.behind_cups[1]}
