"""A run pauses at a gate, shows its picture, and goes on when somebody decides."""

from __future__ import annotations

from browser_desk import Desk
from browser_flows import Flow, gated
from playwright.sync_api import expect


def test_the_run_button_pauses_at_the_gate_and_shows_the_picture(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    desk.page.get_by_test_id("queue-button").click()
    gate = desk.waiting(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_contain_text("451×300")
    assert gate.locator("img.ds-gate-picture").evaluate("image => image.naturalWidth") == 451
    assert len(desk.server.pending()) == 1


def test_only_the_first_route_runs_when_it_is_chosen(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.choose(1)
    assert desk.ran(run) == {flow.previews[0]}


def test_only_the_second_route_runs_when_it_is_chosen(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.choose(2)
    assert desk.ran(run) == {flow.previews[1]}


def test_the_picture_passes_without_a_loss(desk: Desk, photographs: dict[str, bytes]) -> None:
    import io

    from PIL import Image

    flow = gated()
    run = desk.load(flow).queue()
    desk.choose(1)
    shown = desk.finished(run)["outputs"][str(flow.previews[0])]["images"][0]
    assert (
        desk.server.picture(shown).convert("RGB").tobytes()
        == Image.open(io.BytesIO(photographs["datasete-cat.png"])).tobytes()
    )


def test_stop_ends_the_run_and_nothing_runs_behind_the_gate(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate).get_by_role("button", name="Stop").click()
    ended = desk.finished(run)
    assert ended["outputs"] == {}
    assert "execution_interrupted" in [kind for kind, _ in ended["status"]["messages"]]
    assert "execution_error" not in [kind for kind, _ in ended["status"]["messages"]]
    expect(desk.idle(flow.gate).locator(".ds-gate-status")).to_have_text("Stopped")


def test_queueing_twice_pauses_twice(desk: Desk) -> None:
    flow = gated()
    desk.load(flow)
    first, second = desk.queue(), desk.queue()
    desk.choose(1)
    assert desk.ran(first) == {flow.previews[0]}
    desk.choose(2)
    assert desk.ran(second) == {flow.previews[1]}


def test_a_finished_workflow_pauses_again(desk: Desk) -> None:
    flow = gated()
    desk.load(flow).queue()
    desk.choose(1)
    desk.idle(flow.gate)
    again = desk.queue()
    desk.choose(2)
    assert desk.ran(again) == {flow.previews[1]}


def test_a_digit_chooses_and_the_title_announces(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    desk.until("() => document.title.startsWith('● A gate is waiting')")
    desk.page.keyboard.press("2")
    assert desk.ran(run) == {flow.previews[1]}
    desk.until("() => !document.title.includes('gate is waiting')")


def test_escape_stops_the_run(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    desk.waiting(flow.gate)
    desk.page.keyboard.press("Escape")
    assert desk.finished(run)["outputs"] == {}


def test_keys_are_left_alone_while_somebody_types_or_no_gate_has_that_route(desk: Desk) -> None:
    flow = gated()
    run = desk.load(flow).queue()
    gate = desk.waiting(flow.gate)
    desk.page.keyboard.press("7")
    gate.get_by_role("button", name="Name routes").click()
    field = gate.get_by_role("textbox", name="Name of route 1")
    field.press("1")
    field.press("Escape")
    assert len(desk.server.pending()) == 1
    gate.get_by_role("button", name="Done").click()
    desk.choose(2)
    assert desk.ran(run) == {flow.previews[1]}


def test_a_picture_of_4k_is_shown_bounded(desk: Desk) -> None:
    flow = gated("datasete-large.png")
    desk.load(flow).queue()
    gate = desk.waiting(flow.gate)
    expect(gate.locator(".ds-gate-status")).to_contain_text("3840×2160")
    assert gate.locator("img.ds-gate-picture").evaluate("image => image.naturalWidth") <= 2048


def test_a_batch_shows_its_frames(desk: Desk) -> None:
    flow = Flow()
    loads = [flow.add("LoadImage", name, "image") for name in ("datasete-cat.png", "datasete-coffee.png")]
    batch = flow.add("ImageBatch", at=(0, 400))
    flow.link(loads[0], 0, batch, "image1")
    flow.link(loads[1], 0, batch, "image2")
    gate = flow.add("ImageGate", 2, "", "", at=(340, 60), outputs=3)
    flow.link(batch, 0, gate, "image")
    preview = flow.add("PreviewImage", at=(740, 60))
    flow.link(gate, 1, preview, "images")
    run = desk.load(flow).queue()
    shown = desk.waiting(gate)
    thumbs = shown.get_by_role("option")
    expect(thumbs).to_have_count(2)
    thumbs.nth(1).click()
    expect(shown.locator(".ds-gate-frame-label")).to_have_text("2 / 2")
    desk.until("() => document.querySelector('.ds-gate-open .ds-gate-picture').src.includes('/1?')")
    desk.choose(1)
    assert len(desk.finished(run)["outputs"][str(preview)]["images"]) == 2


def test_without_a_picture_nothing_pauses_and_nothing_runs(desk: Desk) -> None:
    flow = gated(None, get="no such slot")
    run = desk.load(flow).queue()
    assert desk.ran(run) == set()
    assert desk.finished(run)["status"]["status_str"] == "success"


def test_a_muted_gate_passes_nothing(desk: Desk) -> None:
    flow = gated(mode=2)
    other = flow.flow.add("PreviewImage", at=(20, 500))
    flow.flow.link(1, 0, other, "images")
    run = desk.load(flow).queue()
    assert desk.ran(run) == {other}


def test_a_bypassed_gate_passes_to_the_first_route_only(desk: Desk) -> None:
    flow = gated(mode=4)
    run = desk.load(flow).queue()
    assert desk.ran(run) == {flow.previews[0]}
