"""A run pauses at a gate, shows its picture, and goes on when somebody decides."""

from __future__ import annotations

from browser_flows import Flow, gated
from browser_page import ComfyPage
from playwright.sync_api import expect


def test_the_run_button_pauses_at_the_gate_and_shows_the_picture(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    comfy.page.get_by_test_id("queue-button").click()
    gate = comfy.waiting(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_contain_text("451×300")
    assert gate.locator("img.ds-gate-picture").evaluate("image => image.naturalWidth") == 451
    assert len(comfy.server.pending()) == 1


def test_only_the_first_route_runs_when_it_is_chosen(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.choose(1)
    assert comfy.ran(run) == {flow.previews[0]}


def test_only_the_second_route_runs_when_it_is_chosen(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.choose(2)
    assert comfy.ran(run) == {flow.previews[1]}


def test_the_picture_passes_without_a_loss(comfy: ComfyPage, photographs: dict[str, bytes]) -> None:
    import io

    from PIL import Image

    flow = gated()
    run = comfy.load(flow).queue()
    comfy.choose(1)
    shown = comfy.finished(run)["outputs"][str(flow.previews[0])]["images"][0]
    assert (
        comfy.server.picture(shown).convert("RGB").tobytes()
        == Image.open(io.BytesIO(photographs["datasete-cat.png"])).tobytes()
    )


def test_stop_ends_the_run_and_nothing_runs_behind_the_gate(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate).get_by_role("button", name="Stop").click()
    ended = comfy.finished(run)
    assert ended["outputs"] == {}
    assert "execution_interrupted" in [kind for kind, _ in ended["status"]["messages"]]
    assert "execution_error" not in [kind for kind, _ in ended["status"]["messages"]]
    expect(comfy.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Stopped")


def test_queueing_twice_pauses_twice(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow)
    first, second = comfy.queue(), comfy.queue()
    comfy.choose(1)
    assert comfy.ran(first) == {flow.previews[0]}
    comfy.choose(2)
    assert comfy.ran(second) == {flow.previews[1]}


def test_a_finished_workflow_pauses_again(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow).queue()
    comfy.choose(1)
    comfy.idle(flow.gate)
    again = comfy.queue()
    comfy.choose(2)
    assert comfy.ran(again) == {flow.previews[1]}


def test_a_digit_chooses_and_the_title_announces(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.until("() => document.title.startsWith('● A gate is waiting')")
    comfy.page.keyboard.press("2")
    assert comfy.ran(run) == {flow.previews[1]}
    comfy.until("() => !document.title.includes('gate is waiting')")


def test_escape_stops_the_run(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    comfy.page.keyboard.press("Escape")
    assert comfy.finished(run)["outputs"] == {}


def test_keys_are_left_alone_while_somebody_types_or_no_gate_has_that_route(comfy: ComfyPage) -> None:
    flow = gated()
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    comfy.page.keyboard.press("7")
    gate.get_by_role("button", name="Name routes").click()
    field = gate.get_by_role("textbox", name="Name of route 1")
    field.press("1")
    field.press("Escape")
    assert len(comfy.server.pending()) == 1
    gate.get_by_role("button", name="Done").click()
    comfy.choose(2)
    assert comfy.ran(run) == {flow.previews[1]}


def test_a_picture_of_4k_is_shown_bounded(comfy: ComfyPage) -> None:
    flow = gated("datasete-large.png")
    comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_contain_text("3840×2160")
    assert gate.locator("img.ds-gate-picture").evaluate("image => image.naturalWidth") <= 2048


def test_a_batch_shows_its_frames(comfy: ComfyPage) -> None:
    flow = Flow()
    loads = [flow.add("LoadImage", name, "image") for name in ("datasete-cat.png", "datasete-coffee.png")]
    batch = flow.add("ImageBatch", at=(0, 400))
    flow.link(loads[0], 0, batch, "image1")
    flow.link(loads[1], 0, batch, "image2")
    gate = flow.add("ImageGate", 2, "", "", at=(340, 60), outputs=3)
    flow.link(batch, 0, gate, "image")
    preview = flow.add("PreviewImage", at=(740, 60))
    flow.link(gate, 1, preview, "images")
    run = comfy.load(flow).queue()
    shown = comfy.waiting(gate)
    thumbs = shown.get_by_role("option")
    expect(thumbs).to_have_count(2)
    thumbs.nth(1).click()
    expect(shown.locator(".ds-gate-frame-label")).to_have_text("2 / 2")
    comfy.until("() => document.querySelector('.ds-gate-open .ds-gate-picture').src.includes('/1?')")
    comfy.choose(1)
    assert len(comfy.finished(run)["outputs"][str(preview)]["images"]) == 2


def test_without_a_picture_nothing_pauses_and_nothing_runs(comfy: ComfyPage) -> None:
    flow = gated(None, get="no such slot")
    run = comfy.load(flow).queue()
    assert comfy.ran(run) == set()
    assert comfy.finished(run)["status"]["status_str"] == "success"


def test_a_muted_gate_passes_nothing(comfy: ComfyPage) -> None:
    flow = gated(mode=2)
    other = flow.flow.add("PreviewImage", at=(20, 500))
    flow.flow.link(1, 0, other, "images")
    run = comfy.load(flow).queue()
    assert comfy.ran(run) == {other}


def test_a_bypassed_gate_passes_to_the_first_route_only(comfy: ComfyPage) -> None:
    flow = gated(mode=4)
    run = comfy.load(flow).queue()
    assert comfy.ran(run) == {flow.previews[0]}
