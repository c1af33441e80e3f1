"""One subgraph with a gate in it, placed twice in a workflow: one node stands for both, and mixes nothing up."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from browser_desk import Desk
from browser_flows import gated
from gate_flows import SHOW, wrap
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
def twice(desk: Desk) -> Twice:
    """The workflow, with a photograph of its own for each place."""
    flow = gated()
    coffee = flow.flow.add("LoadImage", "datasete-coffee.png", "image", at=(20, 700))
    previews = [flow.flow.add("PreviewImage", at=(x, 700)) for x in (740, 1000)]
    desk.load(flow)
    cats = wrap(desk, flow.gate)
    return Twice(cats, desk.evaluate(AGAIN, [cats, coffee, previews]), flow.previews, previews)


def paused(desk: Desk) -> str:
    """A run that waits at both."""
    run = desk.queue()
    desk.wait(lambda: len(desk.server.pending()) == 2, "a gate in both places")
    desk.until("() => document.title.startsWith('● 2 gates are waiting · ')")
    return run


def shown(desk: Desk, size: str, place: str) -> Locator:
    gate = desk.waiting()
    expect(gate.locator(".ds-gate-status")).to_contain_text(size)
    expect(gate.locator(".ds-gate-origin")).to_contain_text(place)
    return gate


def test_both_pause_and_each_answer_goes_where_it_is_meant(desk: Desk, twice: Twice) -> None:
    run = paused(desk)
    assert {gate["id"].split(":")[0] for gate in desk.server.pending()} == {twice.cats, twice.cups}
    desk.evaluate(ENTER, twice.cats)
    shown(desk, CATS, f"In “Cats” (#{twice.cats})").locator("button[data-route='2']").click()
    gate = shown(desk, CUPS, f"In “Cups” (#{twice.cups})")
    desk.until("() => document.title.startsWith('● A gate is waiting · ')")
    gate.locator("button[data-route='1']").click()
    assert desk.ran(run) == {twice.behind_cats[1], twice.behind_cups[0]}
    status = desk.page.locator(".ds-gate-gate .ds-gate-status")
    expect(status).to_have_text("Sent to Route 1")  # the newest answer
    desk.until("() => !document.title.includes('waits')")


def test_whoever_enters_through_one_place_meets_its_gate_first(desk: Desk, twice: Twice) -> None:
    run = paused(desk)
    desk.evaluate(ENTER, twice.cups)
    shown(desk, CUPS, "In “Cups”")
    desk.evaluate("() => app.canvas.setGraph(app.rootGraph)")
    desk.evaluate(ENTER, twice.cats)
    shown(desk, CATS, "In “Cats”").locator("button[data-route='1']").click()
    shown(desk, CUPS, "In “Cups”").get_by_role("button", name="Stop").click()
    desk.finished(run)


def test_the_command_takes_turns_and_the_keys_answer_what_is_shown(desk: Desk, twice: Twice) -> None:
    run = paused(desk)
    desk.evaluate(SHOW)
    first = desk.waiting().locator(".ds-gate-origin").text_content()
    desk.evaluate(SHOW)
    gate = desk.waiting()
    expect(gate.locator(".ds-gate-origin")).not_to_have_text(first)
    is_cups = "Cups" in gate.locator(".ds-gate-origin").text_content()
    desk.page.keyboard.press("2")
    desk.wait(lambda: len(desk.server.pending()) == 1, "one answer")
    [left] = desk.server.pending()
    assert left["id"].split(":")[0] == (twice.cats if is_cups else twice.cups)
    expect(gate.locator(".ds-gate-origin")).to_have_text(first)
    desk.page.keyboard.press("1")
    routes = (0, 1) if is_cups else (1, 0)
    assert desk.ran(run) == {twice.behind_cats[routes[0]], twice.behind_cups[routes[1]]}


def test_names_are_those_of_both(desk: Desk, twice: Twice) -> None:
    desk.evaluate(ENTER, twice.cups)
    gate = desk.page.get_by_test_id("datasete-gate")
    gate.get_by_role("button", name="Name routes").click()
    gate.get_by_role("textbox", name="Name of route 2").fill("Retouch")
    gate.get_by_role("textbox", name="Name of route 2").press("Enter")
    gate.get_by_role("button", name="Done").click()
    desk.evaluate("() => app.canvas.setGraph(app.rootGraph)")
    paused(desk)
    for place, size in ((twice.cats, CATS), (twice.cups, CUPS)):
        desk.evaluate(ENTER, place)
        expect(shown(desk, size, "In “").locator(".ds-gate-route span")).to_have_text(["Route 1", "Retouch"])
        desk.evaluate("() => app.canvas.setGraph(app.rootGraph)")


def test_a_reload_finds_both(desk: Desk, twice: Twice) -> None:
    run = paused(desk)
    desk.wait_until_saved()
    desk.reload()
    desk.until("() => document.title.startsWith('● 2 gates are waiting · ')")
    desk.evaluate(ENTER, twice.cups)
    shown(desk, CUPS, "In “Cups”").locator("button[data-route='2']").click()
    next_one = shown(desk, CATS, "In “Cats”")
    desk.look()  # it took the place of the first, in the same node
    next_one.locator("button[data-route='2']").click()
    assert desk.ran(run) == {twice.behind_cats[1], twice.behind_cups[1]}
