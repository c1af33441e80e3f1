"""The grid by keyboard: everything is reachable, and nothing of it reaches the canvas or a gate that waits."""

from __future__ import annotations

import re

import pytest
from browser_flows import gated
from browser_page import ComfyPage
from browser_painter import Painter
from browser_pool_grid import OUTPUTS, PoolGrid, filled, fresh_id, pool_flow, view
from playwright.sync_api import expect

CURSOR = "element => element.querySelector('.ds-grid-cursor .ds-grid-number')?.textContent"


@pytest.fixture
def grid(comfy: ComfyPage) -> PoolGrid:
    """Nine photographs, the grid having the focus, the keyboard at the first one."""
    made = filled(comfy, 9)
    made.cell(0).click()
    made.expect_active(0)
    return made


def press(grid: PoolGrid, *keys: str) -> None:
    for key in keys:
        grid.page.keyboard.press(key)


def expect_cursor(grid: PoolGrid, number: int) -> None:
    grid.comfy.wait(lambda: grid.element.evaluate(CURSOR) == str(number), f"the keyboard at {number}")


def columns(grid: PoolGrid) -> int:
    return int(grid.viewport.get_attribute("aria-colcount"))


def test_arrows_home_and_end_go_through_the_pictures(grid: PoolGrid) -> None:
    press(grid, "ArrowRight", "ArrowRight", "ArrowLeft")
    expect_cursor(grid, 1)
    press(grid, "ArrowDown")
    expect_cursor(grid, 1 + columns(grid))
    press(grid, "ArrowUp")
    expect_cursor(grid, 1)
    press(grid, "End")
    expect_cursor(grid, 8)
    press(grid, "ArrowRight", "Home")
    expect_cursor(grid, 0)
    grid.expect_active(0)  # looking around activates nothing
    press(grid, "ArrowRight", "Enter")
    grid.expect_active(1)


def test_shift_and_control_select_more(grid: PoolGrid) -> None:
    press(grid, "Shift+ArrowRight", "Shift+ArrowRight")
    expect(grid.status).to_contain_text("3 selected")
    press(grid, "Control+a")
    expect(grid.status).to_contain_text("9 selected")
    press(grid, "Escape")
    expect(grid.status).not_to_contain_text("selected")
    press(grid, "Home", "Control+ArrowRight", "Control+ArrowRight", " ")
    expect(grid.status).to_contain_text("2 selected")
    selected = grid.element.locator("[aria-selected='true'] .ds-grid-number")
    expect(selected).to_have_text(["0", "2"])


def test_alt_and_arrows_move_pictures(grid: PoolGrid) -> None:
    names = grid.names()
    press(grid, "Shift+ArrowRight", "Alt+ArrowRight")
    wanted = [names[2], names[0], names[1], *names[3:]]
    grid.comfy.wait(lambda: grid.server_names() == wanted, "two pictures one place further")
    press(grid, "Alt+ArrowLeft")
    grid.comfy.wait(lambda: grid.server_names() == names, "them back in their places")
    press(grid, "Alt+End")
    grid.comfy.wait(lambda: grid.server_names() == [*names[2:], *names[:2]], "them at the end")


def test_delete_removes_and_control_z_takes_edits_back_one_by_one(grid: PoolGrid) -> None:
    names = grid.names()
    press(grid, "Alt+ArrowRight")
    grid.comfy.wait(lambda: grid.server_names()[:2] == [names[1], names[0]], "the move")
    press(grid, "Delete")
    grid.expect_count(8)
    press(grid, "Backspace")
    grid.expect_count(7)
    for count in (8, 9):
        press(grid, "Control+z")
        grid.expect_count(count)
    grid.comfy.wait(lambda: grid.server_names() == [names[1], names[0], *names[2:]], "both removals undone")
    press(grid, "Control+z")
    grid.comfy.wait(lambda: grid.server_names() == names, "the move undone")
    press(grid, "Control+z")
    expect(grid.comfy.toast("Nothing to undo")).to_be_visible()
    grid.agrees()


def test_f2_writes_the_label_and_control_z_restores_it(grid: PoolGrid) -> None:
    press(grid, "F2")
    grid.page.keyboard.type("first")
    press(grid, "Enter")
    expect(grid.cell(0).locator(".ds-grid-label")).to_have_text("first")
    expect(grid.viewport).to_be_focused()
    press(grid, "Control+z")
    expect(grid.cell(0).locator(".ds-grid-label")).to_have_text("")


def test_m_paints_a_mask_that_a_run_hands_on(grid: PoolGrid) -> None:
    press(grid, "m")
    painter = Painter(grid.comfy, (240, 160)).ready()
    box = painter.stage.bounding_box()
    mouse = grid.page.mouse
    mouse.move(box["x"] + box["width"] / 2 - 40, box["y"] + box["height"] / 2)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2, steps=6)
    mouse.up()
    painter.button("Save").click()
    expect(painter.dialog).to_be_hidden()
    expect(grid.cell(0)).to_have_class(re.compile("ds-grid-masked"))
    [first, *_] = view(grid.comfy.server, grid.pool_id)["slots"]
    assert first["mask"]
    expect(grid.viewport).to_be_focused()
    press(grid, "Control+z")
    expect(grid.cell(0)).not_to_have_class(re.compile("ds-grid-masked"))


def test_a_slash_searches_and_escape_comes_back(grid: PoolGrid) -> None:
    press(grid, "/")
    search = grid.element.get_by_role("searchbox")
    expect(search).to_be_focused()
    grid.page.keyboard.type("xyz")
    expect(grid.cells).to_have_count(0)
    press(grid, "Escape")
    expect(grid.cells).to_have_count(9)
    expect(grid.viewport).to_be_focused()


def test_no_key_reaches_the_canvas(grid: PoolGrid) -> None:
    comfy = grid.comfy
    comfy.evaluate("() => app.canvas.selectNode(app.graph.getNodeById(1))")
    grid.viewport.focus()
    before = comfy.evaluate("() => [app.graph.nodes.length, app.graph.getNodeById(1).mode, app.canvas.ds.scale]")
    press(
        grid, "Delete", "Control+z", "Control+m", "Control+b", "r", ".", "Control+a", "Escape", "p", "Alt+c", "q", "n"
    )
    assert (
        comfy.evaluate("() => [app.graph.nodes.length, app.graph.getNodeById(1).mode, app.canvas.ds.scale]") == before
    )
    assert not comfy.evaluate("() => Boolean(app.graph.getNodeById(1).flags.collapsed)")
    grid.expect_count(9)


def test_keys_in_the_search_reach_neither_the_pictures_nor_the_canvas(grid: PoolGrid) -> None:
    search = grid.element.get_by_role("searchbox")
    search.click()
    grid.page.keyboard.type("pm")
    press(grid, "Backspace", "Backspace", "Delete")
    expect(search).to_have_value("")
    grid.expect_count(9)
    assert grid.comfy.evaluate("() => app.graph.nodes.length") == 2


def test_keys_in_the_grid_answer_no_gate(comfy: ComfyPage) -> None:
    flow = gated()
    pool = flow.flow.add("GridImagePool", -1, fresh_id(), at=(-380, 60), outputs=0)
    flow.flow.nodes[-1]["outputs"] = [{"name": name, "type": of, "links": []} for name, of in OUTPUTS]
    flow.flow.nodes[-1]["size"] = [360, 480]
    comfy.load(flow)
    run = comfy.queue()
    comfy.waiting(flow.gate)
    grid = PoolGrid(comfy, pool)
    grid.viewport.focus()
    press(grid, "1", "2", "Escape")
    comfy.page.wait_for_timeout(300)
    assert len(comfy.server.pending()) == 1
    comfy.choose(2, flow.gate)
    assert comfy.ran(run) == {flow.previews[1]}


def test_the_workflow_can_still_be_queued_from_the_grid(grid: PoolGrid) -> None:
    with grid.page.expect_response(re.compile(r"/prompt$")) as answer:
        press(grid, "Control+Enter")
    assert "2" in grid.comfy.finished(answer.value.json()["prompt_id"])["outputs"]


def test_a_pool_outlives_its_node(comfy: ComfyPage) -> None:
    grid = filled(comfy, 3)
    pool_id = grid.pool_id
    comfy.evaluate("() => app.graph.remove(app.graph.getNodeById(1))")
    assert view(comfy.server, pool_id)["count"] == 3
    PoolGrid(comfy.load(pool_flow(pool_id))).expect_count(3)
