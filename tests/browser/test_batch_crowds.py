"""Many presses, many tabs, many loaders: a folder is walked once all the same."""

from __future__ import annotations

from browser_batches import NOT_BEGUN, batches, card, fill, is_over, let_pass, saved, says, walk
from browser_page import ComfyPage

THREE = ["1.png", "2.png", "3.png"]


def test_run_ten_times_walks_the_folder_once(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server, 4))
    comfy.load(flow)
    comfy.evaluate("() => app.queuePrompt(0, 10)")
    is_over(comfy, flow.folder)
    assert saved(comfy.server, flow.folder) == [f"{n}.png" for n in range(1, 5)]


def choose_mode(comfy: ComfyPage, mode: str) -> None:
    """Says when the Run button presses itself."""
    comfy.page.get_by_test_id("queue-mode-menu-trigger").click()
    comfy.page.get_by_role("menu").get_by_text(mode, exact=True).click()


def test_run_instant_takes_each_file_once_a_pass(second_tab: ComfyPage) -> None:
    comfy = second_tab  # a page that no other test gets: the button would go on by itself
    flow = walk(fill(comfy.server, 4))
    comfy.load(flow)
    says(card(comfy, flow.loader), NOT_BEGUN)
    choose_mode(comfy, "Run (Instant)")
    button = comfy.page.get_by_test_id("queue-button")
    button.click()
    comfy.wait(lambda: len(saved(comfy.server, flow.folder)) > 4, "a second pass")
    button.click()  # it says Stop by now

    def copies() -> list[int]:
        names = [name.split(".")[0].split("_")[0] for name in saved(comfy.server, flow.folder)]
        return [names.count(str(number)) for number in range(1, 5)]

    comfy.wait(lambda: len(set(copies())) == 1, "a pass that ends with each file once")
    is_over(comfy, flow.folder)
    assert len(set(copies())) == 1, copies()


def test_two_tabs_that_press_run_walk_the_folder_once(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    flow = walk(fill(comfy.server, 4), gate=True)
    comfy.load(flow).queue()
    second_tab.load(flow).queue()
    let_pass(comfy, flow, *range(1, 5), of=4)
    is_over(comfy, flow.folder)
    assert saved(comfy.server, flow.folder) == [f"{n}.png" for n in range(1, 5)]


def test_two_loaders_of_one_folder_show_one_batch(comfy: ComfyPage) -> None:
    flow = walk(fill(comfy.server))
    second = flow.flow.add("BatchImageLoader", flow.folder, "All Images", "Continue", "Stop on error", "*.png", 0)
    preview = flow.flow.add("PreviewImage", at=(400, 700))
    flow.flow.link(second, 0, preview, "images")
    comfy.load(flow).queue()
    for loader in (flow.loader, second):
        says(card(comfy, loader), f"Finished · 3 of 3 · {flow.folder}", "3 done")
    is_over(comfy, flow.folder)
    assert len(batches(comfy.server, flow.folder)) == 1
    assert saved(comfy.server, flow.folder) == THREE


def test_two_workflows_over_one_folder_share_its_files(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    flow = walk(fill(comfy.server, 4), gate=True)
    other = walk(flow.folder, gate=True)
    comfy.load(flow).queue()
    second_tab.load(other).queue()
    comfy.wait(comfy.server.pending, "a gate")
    for number in range(4):
        comfy.wait(
            lambda at=number: [gate["batch"]["index"] for gate in comfy.server.pending()] == [at], f"file {number}"
        )
        [gate] = comfy.server.pending()
        comfy.server.post("/datasete_gate/choice", {"token": gate["token"], "message": 1})
    is_over(comfy, flow.folder)
    says(card(comfy, flow.loader), f"Finished · 4 of 4 · {flow.folder}")
    says(card(second_tab, other.loader), f"Finished · 4 of 4 · {flow.folder}")
    assert sorted(saved(comfy.server, flow.folder)) == [f"{n}.png" for n in range(1, 5)]
