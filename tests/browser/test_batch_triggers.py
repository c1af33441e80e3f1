"""Triggers that need a browser, and batches that wait for a person, against the genuine frontend."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from browser_batches import Walk, batch, card, fill, is_idle, is_over, press, saved, says, walk
from browser_context import new_context, use_renderer
from browser_host import Host, Server
from browser_page import ComfyPage
from playwright.sync_api import Browser, expect

Opened = Callable[[str], ComfyPage]
FOUR = [f"{n}.png" for n in range(1, 5)]


@pytest.fixture
def opened(own_host: Host, browser: Browser, renderer: str) -> Iterator[Opened]:
    """Opens a page at a host with batch settings."""
    context = new_context(browser)
    pages = []

    def open_page(settings: str) -> ComfyPage:
        (own_host.data / "user" / "datasete.toml").write_text(f"[batch]\n{settings}\n")
        own_host.restart()
        comfy = ComfyPage(context.new_page(), Server(own_host.url), renderer).open()
        use_renderer(comfy, renderer)
        pages.append(comfy)
        return comfy

    yield open_page
    context.close()
    assert [comfy.faults for comfy in pages] == [[] for _ in pages]


def prompts(server: Server) -> list[list]:
    """What was queued, in order."""
    return sorted((run["prompt"] for run in server.json("/history").values()), key=lambda prompt: prompt[0])


def test_the_tab_that_queued_a_run_presses_run_for_the_next_one_with_its_ticket(opened: Opened) -> None:
    comfy = opened('trigger = "browser"')
    flow = walk(fill(comfy.server, 4))
    seed = flow.flow.add("PrimitiveInt", 40, "increment", at=(20, 700))
    flow.flow.nodes[seed - 1]["outputs"] = [{"name": "INT", "type": "INT", "links": []}]
    preview = flow.flow.add("PreviewAny", at=(300, 700))
    flow.flow.link(seed, 0, preview, "source")
    comfy.load(flow).queue()
    is_over(comfy, flow.folder)
    says(card(comfy, flow.loader), f"Finished · 4 of 4 · {flow.folder}", "4 done")
    expect(card(comfy, flow.loader).locator(".ds-batch-trigger")).to_have_text("Trigger: browser")
    assert saved(comfy.server, flow.folder) == FOUR
    queued = prompts(comfy.server)
    tickets = [prompt[3].get("datasete_ticket") for prompt in queued]
    assert tickets[0] is None
    assert len(set(tickets)) == 4
    assert [prompt[2][str(seed)]["inputs"]["value"] for prompt in queued] == [40, 41, 42, 43]


def test_another_workflow_on_the_canvas_is_not_queued_in_its_place(opened: Opened) -> None:
    comfy = opened('trigger = "browser"')
    flow, other = walk(fill(comfy.server, 2), gate=True), walk(fill(comfy.server, 2))
    comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.load(other)
    [gate] = comfy.server.pending()
    comfy.server.post("/datasete_gate/choice", {"token": gate["token"], "message": 1})
    expect(comfy.toast("A batch is waiting for its workflow")).to_be_visible()
    comfy.wait(lambda: is_idle(comfy.server), "the end of the run, which is told after what follows it")
    assert len(prompts(comfy.server)) == 1
    comfy.load(flow)
    comfy.choose(1, flow.gate)
    is_over(comfy, flow.folder)
    assert saved(comfy.server, flow.folder) == FOUR[:2]


def test_a_tab_that_was_reloaded_at_the_wrong_moment_is_asked_again(opened: Opened) -> None:
    comfy = opened('trigger = "browser"')
    flow = walk(fill(comfy.server, 2), gate=True)
    comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    [gate] = comfy.server.pending()
    comfy.wait_until_saved()
    comfy.page.goto("about:blank")
    comfy.server.post("/datasete_gate/choice", {"token": gate["token"], "message": 1})
    comfy.wait(lambda: batch(comfy.server, flow.folder).get("waits_for") == "browser", "a request that nobody heard")
    comfy.open()
    comfy.load(flow)
    shown = card(comfy, flow.loader)
    expect(shown.locator(".ds-batch-trigger")).to_have_text("Asked the tab that queued the last run to press Run")
    press(shown, "Ask again")
    comfy.choose(1, flow.gate)
    is_over(comfy, flow.folder)
    assert saved(comfy.server, flow.folder) == FOUR[:2]


def test_impact_works_for_a_setup_that_answers_it(opened: Opened) -> None:
    comfy = opened('trigger = "impact"')
    # what Impact Pack's own frontend does with the event
    comfy.evaluate("() => app.api.addEventListener('impact-add-queue', () => app.queuePrompt(0, 1))")
    flow = walk(fill(comfy.server, 4))
    comfy.load(flow).queue()
    is_over(comfy, flow.folder)
    says(card(comfy, flow.loader), f"Finished · 4 of 4 · {flow.folder}", "4 done")
    assert saved(comfy.server, flow.folder) == FOUR


def test_with_manual_each_press_takes_one_picture(opened: Opened) -> None:
    comfy = opened('trigger = "manual"')
    flow = walk(fill(comfy.server, 3))
    comfy.load(flow)
    shown = card(comfy, flow.loader)
    for number in (1, 2):
        comfy.finished(comfy.queue())
        says(shown, f"{number + 1} of 3 · {flow.folder}", f"{number} done · {3 - number} left")
        expect(shown.locator(".ds-batch-trigger")).to_have_text("Press Run for the next picture")
    comfy.finished(comfy.queue())
    says(shown, f"Finished · 3 of 3 · {flow.folder}", "3 done")
    assert saved(comfy.server, flow.folder) == FOUR[:3]


def test_after_a_restart_a_batch_that_is_to_wait_says_so_and_continue_goes_on(opened: Opened, own_host: Host) -> None:
    comfy = opened("resume = false")
    flow = walk(fill(comfy.server, 3), gate=True)
    comfy.load(flow).queue()
    comfy.choose(1, flow.gate)
    comfy.wait(lambda: [gate["batch"]["index"] for gate in comfy.server.pending()] == [1], "the second file")
    own_host.restart()
    shown = card(comfy, flow.loader)
    says(shown, f"Stopped · 2 of 3 · {flow.folder}", "1 done · 2 left")
    expect(shown.get_by_role("alert")).to_contain_text("The server was restarted")
    press(shown, "Continue")
    for _ in (2, 3):
        comfy.choose(1, flow.gate)
    is_over(comfy, flow.folder)
    says(shown, f"Finished · 3 of 3 · {flow.folder}", "3 done")


DYNAMIC = """id => {
  const widget = app.graph.getNodeById(id).widgets.find(({ name }) => name === "value");
  widget.dynamicPrompts = true;
  widget.serializeValue = (node, at) => {
    const text = widget.value.replace(/\\{([^|]*)\\|.*\\}/, "$1");  // as the frontend does it, but always the first
    if (node?.widgets_values) node.widgets_values[at] = text;
    return text;
  };
}"""
MADE_UP = """id => {
  const widget = app.graph.getNodeById(id).widgets.find(({ name }) => name === "value");
  widget.serializeValue = () => 1000 + Math.floor(Math.random() * 1e9);
}"""


def with_text(comfy: ComfyPage, count: int) -> tuple[Walk, int, int]:
    """A walk beside a text with a choice and a number that the page makes up."""
    flow = walk(fill(comfy.server, count))
    text = flow.flow.add("PrimitiveString", "{a|b|c|d|e|f|g|h} coat", at=(1180, 60))
    number = flow.flow.add("PrimitiveInt", 40, "fixed", at=(1180, 240))
    for each, kind in ((text, "STRING"), (number, "INT")):
        flow.flow.nodes[each - 1]["outputs"] = [{"name": kind, "type": kind, "links": []}]
        preview = flow.flow.add("PreviewAny", at=(1500, 60))
        flow.flow.link(each, 0, preview, "source")
    comfy.load(flow)
    comfy.evaluate(DYNAMIC, text)
    comfy.evaluate(MADE_UP, number)
    return flow, text, number


def values(comfy: ComfyPage, node: int) -> list:
    return [prompt[2][str(node)]["inputs"]["value"] for prompt in prompts(comfy.server)]


def test_dynamic_prompts_are_resolved_for_each_run_and_what_only_the_page_chooses_is_said(opened: Opened) -> None:
    comfy = opened('trigger = "server"')
    flow, text, number = with_text(comfy, 5)
    comfy.queue()
    is_over(comfy, flow.folder)
    assert len(set(values(comfy, text))) > 1  # all alike once in 4,096 times
    assert all(re.fullmatch("[a-h] coat", each) for each in values(comfy, text))
    assert len(set(values(comfy, number))) == 1
    note = card(comfy, flow.loader).get_by_role("note")
    expect(note).to_contain_text("Only this page chooses Int · value")
    note.get_by_role("button", name="Let this tab queue the runs").click()
    expect(note).to_contain_text("This tab queues the runs")
    comfy.queue()
    comfy.wait(lambda: len(prompts(comfy.server)) == 10 and is_idle(comfy.server), "a second pass")
    assert len(set(values(comfy, number)[5:])) == 5


def test_a_seed_that_the_page_will_choose_is_said_before_any_run(opened: Opened) -> None:
    comfy = opened('trigger = "auto"')
    flow = walk(fill(comfy.server, 2))
    number = flow.flow.add("PrimitiveInt", 40, "fixed", at=(20, 840))
    comfy.load(flow)
    note = card(comfy, flow.loader).get_by_role("note")
    expect(note).to_be_hidden()
    comfy.evaluate("id => { app.graph.getNodeById(id).widgets[0].name = 'seed'; }", number)
    comfy.set(number, "seed", -1)
    expect(note).to_contain_text("seed: the same for all pictures")
    comfy.set(number, "seed", 7)
    expect(note).to_be_hidden()
