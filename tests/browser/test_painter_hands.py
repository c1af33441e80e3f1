"""The painter under fingers and pens, in the window of a phone."""

from __future__ import annotations

import pytest
from browser_flows import gated
from browser_page import ComfyPage
from browser_painter import Painter, greys, masks_of, opened, passed, window
from PIL import Image
from playwright.sync_api import expect

PHONE = (390, 844)
TARGETS = "button, input[type='range'], .ds-painter-all"


@pytest.fixture
def painter(ours: ComfyPage) -> Painter:
    """The painter, open on a gate, in an ordinary window."""
    flow, run, made = opened(ours)
    made.flow, made.run = flow, run
    return made


def saved(painter: Painter) -> Image.Image:
    painter.save()
    return passed(painter.comfy, painter.flow, painter.run)


def test_a_finger_paints(painter: Painter) -> None:
    painter.brush(20)
    painter.swipe((100, 150), (150, 150), (200, 150), (300, 150))
    mask = saved(painter)
    assert greys(mask, [(100, 150), (200, 150), (300, 150), (200, 170)]) == [255, 255, 255, 0]


def test_two_fingers_move_and_zoom_and_leave_no_mark(painter: Painter) -> None:
    before = painter.dialog.locator(".ds-painter-picture").bounding_box()
    painter.fingers((200, 150))
    painter.fingers((205, 150))  # what one finger began …
    painter.fingers((205, 150), (260, 150))
    for step in range(1, 5):
        painter.fingers((205 - 4 * step, 150), (260 + 4 * step, 150))
    painter.fingers((189, 150), lift=True)
    painter.fingers((150, 100))  # … nor the one that stays longer than the other
    painter.fingers(lift=True)
    after = painter.dialog.locator(".ds-painter-picture").bounding_box()
    assert after["width"] > 1.2 * before["width"]
    assert not painter.button("Undo").is_enabled()
    assert saved(painter).getextrema() == (0, 0)


def test_a_pen_draws_as_thick_as_it_presses(painter: Painter) -> None:
    painter.brush(60)
    for row, force in ((80, 0.1), (220, 1.0)):
        painter.pen("mousePressed", (100, row), force)
        for column in range(120, 320, 20):
            painter.pen("mouseMoved", (column, row), force)
        painter.pen("mouseReleased", (300, row), force)
    mask = saved(painter)
    thick = [sum(value > 127 for value in mask.crop((200, top, 201, top + 100)).tobytes()) for top in (30, 170)]
    assert (12 <= thick[0] <= 24, 56 <= thick[1] <= 64) == (True, True), thick


def test_a_palm_beside_the_pen_counts_for_nothing(painter: Painter) -> None:
    painter.brush(20)
    painter.pen("mousePressed", (100, 100), 1)
    painter.pen("mouseMoved", (200, 100), 1)
    painter.swipe((100, 250), (200, 250), (300, 250))
    painter.pen("mouseMoved", (300, 100), 1)
    painter.pen("mouseReleased", (300, 100), 1)
    mask = saved(painter)
    assert greys(mask, [(100, 100), (290, 100), (200, 250), (120, 250)]) == [255, 255, 0, 0]


def test_a_pen_takes_over_from_the_hand_that_came_down_before_it(painter: Painter) -> None:
    painter.brush(20)
    painter.fingers((100, 250))
    painter.fingers((200, 250))
    painter.pen("mousePressed", (100, 100), 1)
    painter.pen("mouseMoved", (200, 100), 1)
    painter.fingers((300, 250))
    painter.pen("mouseMoved", (300, 100), 1)
    painter.pen("mouseReleased", (300, 100), 1)
    painter.fingers(lift=True)
    mask = saved(painter)
    assert greys(mask, [(100, 100), (290, 100), (200, 250), (100, 250)]) == [255, 255, 0, 0]


def test_a_window_like_a_phones_gets_our_painter_with_its_tools_within_a_thumbs_reach(comfy: ComfyPage) -> None:
    flow = gated(mask=True)
    run = comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    with window(comfy, *PHONE):
        comfy.evaluate("() => app.extensionManager.command.execute('Datasete.ShowWaitingGate')")
        painter = Painter(comfy).open(flow.gate)
        tools = painter.dialog.get_by_role("toolbar").bounding_box()
        stage = painter.stage.bounding_box()
        assert tools["y"] >= stage["y"] + stage["height"] - 1
        assert tools["y"] + tools["height"] <= PHONE[1]
        boxes = [
            (one.get_attribute("aria-label"), one.bounding_box())
            for one in painter.dialog.locator(TARGETS).all()
            if one.is_visible()
        ]
        assert len(boxes) >= 12
        for name, box in boxes:
            assert box["height"] >= 40, name
            assert box["width"] >= 40, name
            assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE[0]) == (True, True), name
        painter.brush(20)
        painter.swipe((100, 150), (200, 150), (300, 150))
        painter.button("Save").click()
        expect(painter.dialog).to_be_hidden()
    comfy.choose(1, flow.gate)
    [mask] = masks_of(comfy, run, flow)
    assert greys(mask, [(100, 150), (290, 150), (200, 200)]) == [255, 255, 0]
