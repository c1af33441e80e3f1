"""A pool's grid under a finger and under a pen: a hold takes a picture along, anything quicker scrolls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_context import new_context
from browser_host import Server
from browser_page import VUE, ComfyPage
from browser_pool_grid import PoolGrid, filled
from browser_touch import SCROLLED, Hand, Point, shown
from playwright.sync_api import Browser, expect

PLACE = "() => [...app.graph.getNodeById(1).pos, ...app.canvas.ds.offset]"


@pytest.fixture
def phone(browser: Browser, idle_server: Server, renderer: str) -> Iterator[ComfyPage]:
    context = new_context(browser, viewport={"width": 430, "height": 860}, has_touch=True, is_mobile=True)
    comfy = ComfyPage(context.new_page(), idle_server, renderer).open()
    comfy.evaluate("([id, on]) => app.extensionManager.setting.set(id, on)", [VUE, renderer == "vue"])
    yield comfy
    assert comfy.faults == []
    context.close()


def middle(grid: PoolGrid, number: int) -> Point:
    box = grid.cell(number).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def behind(grid: PoolGrid, number: int) -> Point:
    """Where something is dropped that goes behind a picture."""
    box = grid.cell(number).bounding_box()
    return box["x"] + box["width"] - 4, box["y"] + box["height"] / 2


def test_a_finger_that_holds_takes_the_picture_along(phone: ComfyPage) -> None:
    grid = shown(phone, 6)
    names, place = grid.names(), phone.evaluate(PLACE)
    finger = Hand(phone)
    finger.hold(*middle(grid, 0))
    finger.move(*behind(grid, 2))
    expect(grid.element.locator(".ds-grid-marker")).to_be_visible()
    finger.up()
    wanted = [names[1], names[2], names[0], *names[3:]]
    phone.wait(lambda: grid.server_names() == wanted, "the new order")
    assert grid.names() == wanted
    assert phone.evaluate(PLACE) == place
    expect(grid.element.locator(".ds-grid-marker")).to_be_hidden()
    expect(phone.page.locator(".litecontextmenu, .p-contextmenu")).to_have_count(0)


def test_a_finger_that_holds_can_go_down_the_rows_and_does_not_scroll(phone: ComfyPage) -> None:
    grid = shown(phone, 40)
    names = grid.server_names()
    columns = int(grid.viewport.get_attribute("aria-colcount"))
    finger = Hand(phone)
    finger.hold(*middle(grid, 0))
    finger.move(*behind(grid, columns))
    finger.up()
    wanted = [*names[1 : columns + 1], names[0], *names[columns + 1 :]]
    phone.wait(lambda: grid.server_names() == wanted, "the new order")
    assert grid.viewport.evaluate(SCROLLED) == 0


def test_a_finger_that_moves_at_once_scrolls_and_leaves_the_order(phone: ComfyPage) -> None:
    grid = shown(phone, 60)
    names, place = grid.server_names(), phone.evaluate(PLACE)
    x, y = middle(grid, int(grid.viewport.get_attribute("aria-colcount")) * 2)
    finger = Hand(phone)
    finger.down(x, y)
    finger.move(x + 4, y - 180)
    finger.up()
    phone.wait(lambda: grid.viewport.evaluate(SCROLLED) > 80, "a grid that has scrolled")
    assert grid.server_names() == names
    assert phone.evaluate(PLACE) == place
    grid.expect_active(0)


def test_a_tap_activates_and_a_finger_that_only_holds_changes_nothing(phone: ComfyPage) -> None:
    grid = shown(phone, 6)
    names = grid.names()
    finger = Hand(phone)
    finger.hold(*middle(grid, 2))
    finger.up()
    grid.expect_active(0)
    finger.down(*middle(grid, 3))
    finger.up()
    grid.expect_active(3)
    assert grid.server_names() == names


def test_a_finger_at_the_border_scrolls_to_where_the_picture_shall_go(phone: ComfyPage) -> None:
    grid = shown(phone, 60)
    names = grid.server_names()
    box = grid.viewport.bounding_box()
    x, _ = middle(grid, 0)
    finger = Hand(phone)
    finger.hold(*middle(grid, 0))
    finger.move(x, box["y"] + box["height"] - 6)
    phone.wait(lambda: grid.viewport.evaluate("v => v.scrollTop + v.clientHeight >= v.scrollHeight - 1"), "the end")
    finger.move(box["x"] + box["width"] - 20, box["y"] + box["height"] - 6)
    finger.up()
    phone.wait(lambda: grid.server_names() == [*names[1:], names[0]], "the picture at the end")


def test_a_second_finger_ends_the_drag(phone: ComfyPage) -> None:
    grid = shown(phone, 6)
    names = grid.names()
    finger = Hand(phone)
    x, y = middle(grid, 0)
    finger.hold(x, y)
    points = [{"x": x, "y": y, "id": 0}, {"x": x + 120, "y": y + 60, "id": 1}]
    finger.session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points})
    expect(grid.element.locator(".ds-grid-marker")).to_be_hidden()
    finger.up()
    assert grid.server_names() == names


def test_a_pen_takes_the_picture_along_without_a_hold(comfy: ComfyPage) -> None:
    grid = filled(comfy, 6)
    names = grid.names()
    pen = Hand(comfy, pen=True)
    pen.down(*middle(grid, 0))
    pen.move(*behind(grid, 2))
    expect(grid.element.locator(".ds-grid-marker")).to_be_visible()
    pen.up()
    wanted = [names[1], names[2], names[0], *names[3:]]
    comfy.wait(lambda: grid.server_names() == wanted, "the new order")
    assert comfy.evaluate("() => [...app.graph.getNodeById(1).pos]") == [40, 60]
