"""A folder is walked with one press of Run, and its loader's card tells how far it is and lets people steer it."""

from __future__ import annotations

import re

from browser_batches import (
    NOT_BEGUN,
    at_gate,
    batch,
    card,
    fill,
    is_over,
    let_pass,
    png,
    press,
    saved,
    says,
    upload,
    walk,
)
from browser_page import ComfyPage
from playwright.sync_api import expect

THREE = ["1.png", "2.png", "3.png"]


def test_one_press_of_run_walks_the_folder_to_its_end(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server, 5))
    comfy.load(flow)
    shown = card(comfy, flow.loader)
    says(shown, NOT_BEGUN)
    comfy.page.get_by_test_id("queue-button").click()
    says(shown, f"Finished · 5 of 5 · {flow.folder}", "5 done")
    bar = shown.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "5")
    expect(bar).to_have_attribute("aria-valuemax", "5")
    expect(shown.locator(".ds-batch-trigger")).to_have_text("Trigger: server (auto)")
    is_over(comfy, flow.folder)
    assert saved(comfy.server, flow.folder) == [f"{n}.png" for n in range(1, 6)]


def test_progress_is_live_with_the_file_and_its_picture(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    for number, counts in ((1, "0 done · 3 left"), (2, "1 done · 2 left"), (3, "2 done · 1 left")):
        shown = at_gate(comfy, flow, number)
        says(shown, f"{number} of 3 · {flow.folder}", counts)
        expect(shown.locator(".ds-batch-file")).to_have_text(f"{number}.png")
        expect(shown.get_by_role("progressbar")).to_have_attribute("aria-valuenow", str(number - 1))
        comfy.until(
            "place => [...document.querySelectorAll('.ds-batch-picture')].some("
            "(image) => image.src.includes(`index=${place}&`) && image.complete && image.naturalWidth === 48)",
            number - 1,
        )
        if number > 1:
            expect(shown.locator(".ds-batch-time")).to_have_text(re.compile("left|almost done"))
        comfy.choose(1, flow.gate)
    says(shown, f"Finished · 3 of 3 · {flow.folder}")
    expect(shown.locator(".ds-batch-time")).to_have_text("")


def test_pause_and_resume(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    shown = at_gate(comfy, flow, 1)
    press(shown, "Pause")
    expect(shown.get_by_role("button", name="Pause", exact=True)).to_be_hidden()
    comfy.choose(1, flow.gate)
    is_over(comfy, flow.folder, "paused")
    says(shown, f"Paused · 2 of 3 · {flow.folder}", "1 done · 2 left")
    press(shown, "Resume")
    let_pass(comfy, flow, 2, 3)
    says(shown, f"Finished · 3 of 3 · {flow.folder}", "3 done")
    assert saved(comfy.server, flow.folder) == THREE


def test_stop_at_a_gate_keeps_the_place_and_continue_goes_on_there(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    let_pass(comfy, flow, 1)
    shown = at_gate(comfy, flow, 2)
    comfy.waiting(flow.gate).get_by_role("button", name="Stop").click()
    says(shown, f"Stopped · 2 of 3 · {flow.folder}", "1 done · 2 left")
    expect(shown.get_by_role("alert")).to_have_text("Stopped at a gate.")
    press(shown, "Continue")
    let_pass(comfy, flow, 2, 3)
    is_over(comfy, flow.folder)
    assert saved(comfy.server, flow.folder) == THREE


def test_a_gate_is_told_which_file_of_how_many_it_has(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    let_pass(comfy, flow, 1)
    at_gate(comfy, flow, 2)
    [gate] = comfy.server.pending()
    assert gate["batch"] == {"index": 1, "total": 3, "filename": "2.png"}


def test_reset_asks_once_and_begins_at_the_beginning(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    let_pass(comfy, flow, 1)
    shown = at_gate(comfy, flow, 2)
    comfy.waiting(flow.gate).get_by_role("button", name="Stop").click()
    says(shown, re.compile("^Stopped"))
    press(shown, "Reset")
    question = comfy.page.get_by_role("dialog").filter(has_text="Start this batch over?")
    expect(question).to_contain_text("is at 2 of 3")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_be_hidden()
    assert batch(comfy.server, flow.folder)["index"] == 1
    press(shown, "Reset")
    question.get_by_role("button", name="Confirm").click()
    says(shown, NOT_BEGUN)
    expect(shown.get_by_role("button", name="Reset")).to_be_hidden()
    comfy.queue()
    at_gate(comfy, flow, 1)


def test_skipped_files_are_listed_with_their_reasons(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server, 5, broken=(2, 4)), errors="Skip on error")
    comfy.load(flow).queue()
    shown = card(comfy, flow.loader)
    says(shown, f"Finished · 5 of 5 · 2 skipped · {flow.folder}", "3 done · 2 skipped")
    toggle = shown.get_by_role("button", name="Skipped (2)")
    toggle.click()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    rows = shown.get_by_role("region", name="Skipped files").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("2.png")
    expect(rows.first).to_contain_text("cannot be read")
    toggle.click()
    expect(rows.first).to_be_hidden()
    assert saved(comfy.server, flow.folder) == ["1.png", "3.png", "5.png"]


def test_a_broken_file_stops_the_batch_and_the_card_names_it(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server, 3, broken=(2,)))
    comfy.load(flow).queue()
    shown = card(comfy, flow.loader)
    says(shown, f"Stopped · 2 of 3 · {flow.folder}", "1 done · 2 left")
    expect(shown.get_by_role("alert")).to_contain_text("“2.png” cannot be loaded")
    expect(shown.get_by_role("button", name="Continue", exact=True)).to_be_visible()


def test_a_run_that_fails_elsewhere_stops_the_batch_and_the_card_says_why(comfy: ComfyPage) -> None:
    folder = fill(comfy.server)
    upload(comfy.server, "", f"{folder}.png", png(1), kind="output")  # a file, where the saver's folder should be
    flow = walk(folder, into=f"{folder}.png")
    comfy.load(flow).queue()
    shown = card(comfy, flow.loader)
    says(shown, f"Stopped · 1 of 3 · {flow.folder}", "0 done · 3 left")
    expect(shown.get_by_role("alert")).to_contain_text("BatchImageSaver")


def test_a_walk_whose_next_run_was_taken_off_the_queue_says_so_and_goes_on(comfy: ComfyPage) -> None:
    flow, other = walk(fill(comfy.server), gate=True), fill(comfy.server, 1)
    comfy.load(flow).queue()
    shown = at_gate(comfy, flow, 1)
    prompt = comfy.evaluate("() => app.graphToPrompt().then(({ output }) => output)")
    prompt[str(flow.loader)]["inputs"]["directory"] = other
    assert (
        comfy.server.post("/prompt", {"prompt": prompt}) == 200
    )  # somebody else's run, before the next one of the walk
    comfy.choose(1, flow.gate)
    comfy.wait(lambda: [gate["batch"]["total"] for gate in comfy.server.pending()] == [1], "the other run's gate")
    assert comfy.server.post("/queue", {"clear": True}) == 200
    [gate] = comfy.server.pending()
    comfy.server.post("/datasete_gate/choice", {"token": gate["token"], "message": 1})
    says(shown, f"Stopped · 2 of 3 · {flow.folder}", "1 done · 2 left")
    expect(shown.get_by_role("alert")).to_have_text("The next run was removed from the queue.")
    press(shown, "Continue")
    let_pass(comfy, flow, 2, 3)
    is_over(comfy, flow.folder)
    assert saved(comfy.server, flow.folder)[-2:] == THREE[1:]


def test_what_cannot_be_done_is_said_and_nothing_is_lost(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    shown = at_gate(comfy, flow, 1)
    comfy.page.route("**/datasete/batch/pause", lambda route: route.abort())
    press(shown, "Pause")
    expect(comfy.toast("The server cannot be reached.")).to_be_visible()
    comfy.page.unroute("**/datasete/batch/pause")
    assert batch(comfy.server, flow.folder)["state"] == "walking"
    press(shown, "Pause")
    comfy.wait(lambda: batch(comfy.server, flow.folder)["state"] == "paused", "a pause")


def test_a_reload_shows_the_batch_as_it_is(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    let_pass(comfy, flow, 1)
    at_gate(comfy, flow, 2)
    comfy.wait_until_saved()
    comfy.reload()
    comfy.until("id => app.graph.getNodeById(id)", flow.loader)
    says(at_gate(comfy, flow, 2), f"2 of 3 · {flow.folder}", "1 done · 2 left")
    comfy.choose(1, flow.gate)
    at_gate(comfy, flow, 3)


def test_a_second_tab_shows_the_batch_and_steers_it(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    flow = walk(fill(comfy.server), gate=True)
    comfy.load(flow).queue()
    shown = at_gate(comfy, flow, 1)
    second_tab.load(flow)
    says(card(second_tab, flow.loader), f"1 of 3 · {flow.folder}")
    press(card(second_tab, flow.loader), "Pause")
    expect(shown.get_by_role("button", name="Pause", exact=True)).to_be_hidden()
    comfy.choose(1, flow.gate)
    for tab in (comfy, second_tab):
        says(card(tab, flow.loader), f"Paused · 2 of 3 · {flow.folder}", "1 done · 2 left")


def test_the_walk_goes_on_when_its_tab_is_closed(second_tab: ComfyPage) -> None:
    flow = walk(fill(second_tab.server, 6), gate=True)
    second_tab.load(flow).queue()
    second_tab.waiting(flow.gate)
    server = second_tab.server
    second_tab.page.close()
    for number in range(6):
        here = [gate for gate in until(server.pending) if gate["batch"]["index"] == number]
        server.post("/datasete_gate/choice", {"token": here[0]["token"], "message": 1})
        until(lambda token=here[0]["token"]: all(gate["token"] != token for gate in server.pending()))
    until(lambda: batch(server, flow.folder)["state"] == "finished")
    assert saved(server, flow.folder) == [f"{n}.png" for n in range(1, 7)]


def until(true: object) -> object:
    """Waits for something that the server says, with no page open to go on working."""
    import time

    for _ in range(1200):
        if found := true():
            return found
        time.sleep(0.05)
    raise AssertionError("did not happen")
