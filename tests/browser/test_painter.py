"""Our own mask painter at a gate: what is painted there is what leaves it, to the pixel."""

from __future__ import annotations

import pytest
from browser_page import ComfyPage
from browser_painter import greys, opened, passed
from playwright.sync_api import expect


def test_a_stroke_arrives_where_it_was_painted_and_nowhere_else(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.brush(20)
    painter.stroke((100, 150), (300, 150))
    painter.save()
    mask = passed(ours, flow, run)
    assert mask.size == (451, 300)
    assert greys(mask, [(100, 150), (200, 150), (300, 150), (200, 143), (200, 157)]) == [255] * 5
    assert greys(mask, [(200, 136), (200, 164), (85, 150), (315, 150), (5, 5)]) == [0] * 5
    left, top, right, bottom = mask.getbbox()
    assert (abs(left - 90) <= 2, abs(top - 140) <= 2, abs(right - 310) <= 2, abs(bottom - 160) <= 2) == (True,) * 4


def test_a_soft_brush_leaves_greys_that_fall_towards_its_edge(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.brush(100, hardness=0)
    painter.stroke((225, 150), (225, 150))
    painter.save()
    mask = passed(ours, flow, run)
    fall = greys(mask, [(225 + distance, 150) for distance in (0, 12, 25, 37, 48)])
    assert fall == sorted(fall, reverse=True)
    assert (fall[0] >= 254, 90 < fall[2] < 165, fall[4] < 10) == (True,) * 3


def test_strokes_over_one_another_do_not_harden_a_soft_edge(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.brush(60, hardness=0)
    for _ in range(3):
        painter.stroke((100, 150), (350, 150))
    painter.save()
    assert 90 < passed(ours, flow, run).getpixel((225, 165)) < 165


@pytest.mark.parametrize("way", ["E", "button", "right button"])
def test_erasing_takes_away(ours: ComfyPage, way: str) -> None:
    flow, run, painter = opened(ours)
    painter.press("f")
    painter.brush(20)
    if way == "E":
        painter.press("e")
    elif way == "button":
        painter.button("Eraser").click()
    painter.stroke((100, 150), (300, 150), button="right" if way == "right button" else "left")
    painter.save()
    mask = passed(ours, flow, run)
    assert greys(mask, [(100, 150), (300, 150), (200, 130), (20, 20)]) == [0, 0, 255, 255]


def test_keys_fill_invert_clear_undo_and_redo(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.brush(20)
    painter.stroke((100, 150), (300, 150))
    painter.press("i", "x", "Control+z")  # cleared and taken back: inverted
    painter.press("Control+z", "Control+z")
    expect(painter.button("Undo")).to_be_disabled()
    painter.press("Control+Shift+z", "Control+Shift+z", "Control+Shift+z")
    expect(painter.button("Redo")).to_be_disabled()
    painter.press("Control+z")
    painter.save()
    mask = passed(ours, flow, run)
    assert greys(mask, [(200, 150), (200, 100), (5, 5)]) == [0, 255, 255]


def test_buttons_do_what_the_keys_do(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    for name in ("Fill", "Clear", "Undo", "Invert", "Undo", "Redo", "Undo"):
        painter.button(name).click()
    painter.button("Save").click()
    expect(painter.dialog).to_be_hidden()
    assert passed(ours, flow, run).getextrema() == (255, 255)


def test_a_step_after_an_undo_ends_what_could_be_redone(ours: ComfyPage) -> None:
    _, _, painter = opened(ours)
    painter.press("f", "Control+z")
    expect(painter.button("Redo")).to_be_enabled()
    painter.press("i")
    expect(painter.button("Redo")).to_be_disabled()


def test_keys_change_size_and_hardness(ours: ComfyPage) -> None:
    _, _, painter = opened(ours)
    painter.brush(50, hardness=50)
    size, hardness = (painter.dialog.locator(".ds-painter-value").nth(place) for place in (0, 1))
    before = size.inner_text()
    painter.press("]")
    assert int(size.inner_text().split()[0]) > int(before.split()[0])
    painter.press("[", "[")
    assert int(size.inner_text().split()[0]) < int(before.split()[0])
    painter.press("}")
    expect(hardness).to_have_text("60 %")
    painter.press("{", "{", "{")
    expect(hardness).to_have_text("30 %")


def test_without_painting_escape_closes_at_once_and_with_it_asks(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.press("Escape")
    expect(painter.dialog).to_be_hidden()
    painter.open(flow.gate)
    painter.press("f", "Control+z", "Escape")  # all of it taken back: nothing to lose
    expect(painter.dialog).to_be_hidden()
    painter.open(flow.gate)
    painter.press("f", "Escape")
    expect(painter.button("Discard")).to_be_visible()
    painter.press("Escape")
    expect(painter.button("Discard")).to_be_hidden()
    painter.button("Cancel").click()
    painter.button("Discard").click()
    expect(painter.dialog).to_be_hidden()
    assert len(ours.server.pending()) == 1
    assert passed(ours, flow, run).getextrema() == (0, 0)


def test_no_key_reaches_what_lies_behind(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    ours.evaluate("id => app.canvas.selectNode(app.graph.getNodeById(id))", flow.gate)
    before = ours.evaluate(
        "() => JSON.stringify(app.graph.serialize().nodes.map(({ id, mode, pos }) => [id, mode, pos]))"
    )
    ours.evaluate(
        "() => { window.heard = []; document.addEventListener('keydown', ({ key }) => window.heard.push(key)); }"
    )
    painter.press(
        "1", "2", "Delete", "Backspace", "Control+z", "Control+b", "Control+m", "p", "r", "w", "q", ".", "Escape"
    )
    assert ours.evaluate("() => window.heard") == []
    after = ours.evaluate(
        "() => JSON.stringify(app.graph.serialize().nodes.map(({ id, mode, pos }) => [id, mode, pos]))"
    )
    assert after == before
    assert len(ours.server.pending()) == 1
    ours.page.keyboard.press("1")  # behind it, keys are keys again
    assert ours.ran(run) == {flow.previews[0], flow.mask}


def test_the_focus_stays_inside_and_goes_back(ours: ComfyPage) -> None:
    flow, _, painter = opened(ours)
    inside = "() => Boolean(document.activeElement?.closest('.ds-painter'))"
    seen = set()
    for key in ["Tab"] * 18 + ["Shift+Tab"] * 18:
        painter.press(key)
        assert ours.evaluate(inside)
        seen.add(
            ours.evaluate(
                "() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
            )
        )
    assert {"Brush", "Eraser", "Size", "Hardness", "Undo", "Fill", "Cancel", "Save"} - seen <= {
        "Undo"
    }  # disabled: skipped
    painter.stage.focus()
    painter.press("Escape")
    expect(painter.dialog).to_be_hidden()
    expect(ours.gate(flow.gate).get_by_role("button", name="Edit mask")).to_be_focused()


def test_zoomed_and_moved_a_stroke_still_lands_under_the_pointer(ours: ComfyPage) -> None:
    flow, run, painter = opened(ours)
    painter.brush(10)
    fitted = painter.dialog.locator(".ds-painter-picture").bounding_box()
    ours.page.mouse.move(*painter.on_page((300, 200)))
    before = painter.on_page((300, 200))
    ours.page.mouse.wheel(0, -500)
    ours.until(
        "width => document.querySelector('.ds-painter-picture').getBoundingClientRect().width > width * 1.5",
        fitted["width"],
    )
    after = painter.on_page((300, 200))
    assert (abs(after[0] - before[0]) < 2, abs(after[1] - before[1]) < 2) == (True, True)  # it grows around the pointer
    ours.page.keyboard.down(" ")
    ours.page.mouse.down()
    ours.page.mouse.move(before[0] - 80, before[1] - 40, steps=3)
    ours.page.mouse.up()
    ours.page.keyboard.up(" ")
    moved = painter.on_page((300, 200))
    assert (round(after[0] - moved[0]), round(after[1] - moved[1])) == (80, 40)
    painter.stroke((280, 200), (320, 200))
    painter.press("0")
    back = painter.dialog.locator(".ds-painter-picture").bounding_box()
    assert back == pytest.approx(fitted)
    painter.stroke((100, 200), (140, 200))
    painter.save()
    mask = passed(ours, flow, run)
    assert greys(mask, [(280, 200), (320, 200), (300, 210), (100, 200), (140, 200)]) == [255, 255, 0, 255, 255]


def test_keys_zoom_in_and_out(ours: ComfyPage) -> None:
    _, _, painter = opened(ours)
    zoom = painter.dialog.get_by_role("status", name="Zoom")
    fitted = zoom.inner_text()
    painter.press("+")
    expect(zoom).not_to_have_text(fitted)
    painter.press("-")
    expect(zoom).to_have_text(fitted)
