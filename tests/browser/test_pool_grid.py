"""The Image Pool's grid: pictures come in, are ordered, labelled, removed, and one of them goes out."""

from __future__ import annotations

import re

import pytest
from browser_page import ComfyPage
from browser_pictures import shown_in_docs
from browser_pool_grid import PHOTOGRAPHS, PoolGrid, filled, fresh_id, pool_flow, thumbs, view
from playwright.sync_api import Route, expect

DROP = """async ([files, ...where]) => {
    const transfer = new DataTransfer();
    for (const { name, type, bytes } of files) transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
    const target = where.length ? document.elementFromPoint(...where) : document.body;
    for (const kind of ["dragenter", "dragover", "drop"]) {
      target.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true,
        clientX: where[0], clientY: where[1] }));
    }
}"""
PASTE = """files => {
    const transfer = new DataTransfer();
    for (const { name, type, bytes } of files) transfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
    (document.activeElement ?? document.body)
      .dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""


def carried(files: list[dict]) -> list[dict]:
    return [{"name": file["name"], "type": file["mimeType"], "bytes": list(file["buffer"])} for file in files]


def middle(grid: PoolGrid) -> list[float]:
    box = grid.viewport.bounding_box()
    return [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]


def test_a_node_that_a_person_adds_has_an_empty_pool_of_its_own(comfy: ComfyPage) -> None:
    ids = comfy.evaluate(
        """() => [1, 2].map(() => {
             const node = LiteGraph.createNode("GridImagePool");
             app.graph.add(node);
             return node.widgets.find(({ name }) => name === "pool_id").value;
           })"""
    )
    assert len({*ids, "default"}) == 3
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", pool_id) for pool_id in ids)
    grid = PoolGrid(comfy, comfy.evaluate("() => app.graph.nodes[0].id"))
    expect(grid.overlay).to_contain_text("Drop pictures here")
    grid.expect_count(0)


def test_a_node_of_a_workflow_keeps_its_pool_and_so_does_its_copy(comfy: ComfyPage) -> None:
    pool_id = fresh_id()
    grid = PoolGrid(comfy.load(pool_flow(pool_id)))
    assert grid.pool_id == pool_id
    copy = comfy.evaluate(
        """() => {
             const node = app.graph.getNodeById(1).clone();
             app.graph.add(node);
             return [node.id, node.widgets.find(({ name }) => name === "pool_id").value];
           }"""
    )
    assert copy[1] == pool_id
    grid.upload(thumbs(2))
    grid.expect_count(2)
    expect(grid.element.locator(".ds-grid-owner")).to_have_text("Shared with another node")
    PoolGrid(comfy, copy[0]).expect_count(2)


def test_the_id_is_no_field_that_people_see(comfy: ComfyPage) -> None:
    pool_id = fresh_id()
    comfy.load(pool_flow(pool_id))
    widget = "() => app.graph.getNodeById(1).widgets.find(({ name }) => name === 'pool_id')"
    assert comfy.evaluate(f"() => {{ const w = ({widget})(); return Boolean(w.hidden && w.options.hidden); }}")
    expect(comfy.page.get_by_text("pool_id")).to_have_count(0)
    expect(comfy.page.locator(f"input[value='{pool_id}']")).to_have_count(0)


def test_files_are_chosen_with_the_button(comfy: ComfyPage) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    for name in ("Choose files…", "Add pictures"):
        with comfy.page.expect_file_chooser() as chooser:
            grid.button(name).click()
        chooser.value.set_files(thumbs(3))
        expect(grid.bar).to_be_hidden()
        grid.expect_pictures(0, 1, 2)
    grid.expect_count(6)


def test_pictures_are_dropped_from_the_desktop(comfy: ComfyPage) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    comfy.evaluate(DROP, [carried(thumbs(3)), *middle(grid)])
    grid.expect_count(3)
    grid.expect_pictures(0, 1, 2)
    expect(grid.element.locator(".ds-grid-hint")).to_be_hidden()
    assert comfy.evaluate("() => app.graph.nodes.length") == 2  # nothing of it reached the canvas


def test_a_picture_is_dropped_from_comfyuis_own_panels(comfy: ComfyPage) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    comfy.evaluate(
        """([x, y]) => {
             const transfer = new DataTransfer();
             const address = new URL("view?filename=datasete-cat.png&type=input", location.href).href;
             transfer.setData("text/uri-list", address);
             document.elementFromPoint(x, y).dispatchEvent(
               new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
           }""",
        middle(grid),
    )
    grid.expect_count(1)
    grid.expect_pictures(0)


def test_a_picture_of_another_site_is_refused_with_a_sentence(comfy: ComfyPage) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    comfy.evaluate(
        """([x, y]) => {
             const transfer = new DataTransfer();
             transfer.setData("text/uri-list", "http://elsewhere.invalid/cat.png");
             document.elementFromPoint(x, y).dispatchEvent(
               new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
           }""",
        middle(grid),
    )
    expect(grid.bar).to_contain_text("cat.png cannot be loaded from there")
    grid.bar.get_by_role("button", name="Close").click()
    expect(grid.bar).to_be_hidden()


@pytest.mark.parametrize("way", ["selected", "focused"])
def test_pictures_are_pasted_into_the_node_in_use(comfy: ComfyPage, way: str) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    if way == "selected":
        comfy.evaluate("() => { document.activeElement.blur(); app.canvas.selectNode(app.graph.getNodeById(1)); }")
    else:
        comfy.evaluate("() => app.canvas.deselectAll?.()")
        grid.viewport.focus()
    comfy.evaluate(PASTE, carried(thumbs(2)))
    grid.expect_count(2)
    assert comfy.evaluate("() => app.graph.nodes.length") == 2


def test_the_good_files_of_a_mixed_upload_are_added_and_the_bad_ones_listed(comfy: ComfyPage) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    good = thumbs(10)
    cut = {"name": "cut off.jpg", "mimeType": "image/jpeg", "buffer": good[0]["buffer"][:900]}
    text = {"name": "letter.png", "mimeType": "image/png", "buffer": b"Dear reader"}
    grid.upload([*good[:4], text, *good[4:], cut])
    expect(grid.bar).to_contain_text("10 added, 2 refused")
    refused = grid.bar.get_by_role("listitem")
    expect(refused).to_have_count(2)
    expect(refused.nth(0)).to_contain_text("letter.png")
    expect(refused.nth(1)).to_contain_text("cut off.jpg")
    grid.expect_count(10)
    grid.bar.get_by_role("button", name="Close").click()
    expect(grid.bar).to_be_hidden()


def test_an_upload_shows_its_progress_and_keeps_what_had_arrived_when_stopped(comfy: ComfyPage) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    seen = []

    def hold_the_second(route: Route) -> None:
        seen.append(route)
        if len(seen) == 1:
            route.continue_()

    comfy.page.route("**/grid_pool/add", hold_the_second)
    grid.upload(thumbs(20))
    expect(grid.bar).to_contain_text("Adding 8 of 20")
    comfy.wait(lambda: len(seen) == 2, "a second request")
    grid.bar.get_by_role("button", name="Stop").click()
    expect(grid.bar).to_contain_text("8 added, 12 not sent")
    grid.expect_count(8)
    comfy.page.unroute("**/grid_pool/add")
    grid.bar.get_by_role("button", name="Continue").click()
    grid.expect_count(20)
    expect(grid.bar).to_be_hidden()


def test_a_click_activates_and_a_run_hands_that_picture_on(comfy: ComfyPage) -> None:
    grid = filled(comfy, 5)
    grid.expect_active(0)
    grid.cell(3).click()
    grid.expect_active(3)
    expect(grid.cell(3)).to_have_class(re.compile("ds-grid-active"))
    run = comfy.queue()
    [shown] = comfy.finished(run)["outputs"]["2"]["images"]
    assert comfy.server.picture(shown).size == (240, 160)
    assert view(comfy.server, grid.pool_id)["active"] == 3


def test_the_head_says_which_picture_index_hands_on(comfy: ComfyPage) -> None:
    grid = filled(comfy, 3)
    comfy.set(1, "index", 2)
    expect(grid.status).to_have_text("3 pictures · active 0 · index selects 2")
    expect(grid.cell(2)).to_have_class(re.compile("ds-grid-used"))
    comfy.set(1, "index", 9)
    expect(grid.status).to_contain_text("index selects 2")


def test_pictures_are_dragged_to_another_place(comfy: ComfyPage) -> None:
    grid = filled(comfy, 6)
    names = grid.names()
    one, other = grid.cell(0).bounding_box(), grid.cell(2).bounding_box()
    mouse = comfy.page.mouse
    mouse.move(one["x"] + 20, one["y"] + 30)
    mouse.down()
    mouse.move(one["x"] + 40, one["y"] + 32)
    mouse.move(other["x"] + other["width"] - 6, other["y"] + 30, steps=5)
    expect(grid.element.locator(".ds-grid-marker")).to_be_visible()
    mouse.up()
    wanted = [names[1], names[2], names[0], *names[3:]]
    comfy.wait(lambda: grid.server_names() == wanted, "the new order")
    assert grid.names() == wanted
    grid.expect_active(2)  # the active picture stays active wherever it goes
    assert comfy.evaluate("() => [...app.graph.getNodeById(1).pos]") == [40, 60]


def test_escape_ends_a_drag_and_leaves_all_as_it_was(comfy: ComfyPage) -> None:
    grid = filled(comfy, 4)
    names = grid.names()
    box, last = grid.cell(0).bounding_box(), grid.cell(3).bounding_box()
    comfy.page.mouse.move(box["x"] + 20, box["y"] + 30)
    comfy.page.mouse.down()
    comfy.page.mouse.move(last["x"] + 60, last["y"] + 30, steps=4)
    comfy.page.keyboard.press("Escape")
    expect(grid.element.locator(".ds-grid-marker")).to_be_hidden()
    comfy.page.mouse.up()
    assert grid.names() == grid.server_names() == names


def test_several_are_selected_removed_and_brought_back(comfy: ComfyPage) -> None:
    grid = filled(comfy, 8)
    names = grid.names()
    grid.cell(1).click()
    grid.cell(3).click(modifiers=["Shift"])
    grid.cell(6).click(modifiers=["Control"])
    expect(grid.status).to_contain_text("4 selected")
    grid.button("Remove").click()
    grid.expect_count(4)
    expect(grid.bar).to_contain_text("4 pictures removed")
    assert grid.server_names() == [names[0], names[4], names[5], names[7]]
    grid.bar.get_by_role("button", name="Undo").click()
    grid.expect_count(8)
    grid.agrees()
    assert grid.names() == names
    expect(grid.bar).to_be_hidden()


def test_the_label_is_written_and_searched(comfy: ComfyPage) -> None:
    grid = filled(comfy, 4)
    grid.cell(1).click()
    grid.button("Label").click()
    field = grid.element.get_by_role("textbox", name="Label", exact=True)
    field.fill("A red Café cup")
    comfy.page.keyboard.press("Tab")  # saves, and goes on to the next
    expect(grid.element.locator(".ds-grid-label-head")).to_contain_text("Label of picture 2")
    field.fill("A space suit")
    comfy.page.keyboard.press("Enter")
    expect(grid.cell(1).locator(".ds-grid-label")).to_have_text("A red Café cup")
    expect(grid.cell(2).locator(".ds-grid-label")).to_have_text("A space suit")
    grid.element.get_by_role("searchbox").fill("cafe")
    expect(grid.cells).to_have_count(1)
    expect(grid.status).to_contain_text("1 of 4 pictures")
    grid.element.get_by_role("searchbox").fill("no such thing")
    expect(grid.overlay).to_contain_text("No label contains this")
    grid.button("Show all").click()
    expect(grid.cells).to_have_count(4)
    assert [slot["label"] for slot in view(comfy.server, grid.pool_id)["slots"]] == [
        "",
        "A red Café cup",
        "A space suit",
        "",
    ]


def test_a_double_click_writes_the_label_and_escape_leaves_it(comfy: ComfyPage) -> None:
    grid = filled(comfy, 2)
    grid.cell(1).dblclick()
    field = grid.element.get_by_role("textbox", name="Label", exact=True)
    expect(field).to_be_focused()
    field.fill("never mind")
    comfy.page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(grid.viewport).to_be_focused()
    assert view(comfy.server, grid.pool_id)["slots"][1]["label"] == ""


def test_pictures_that_come_while_the_pool_is_being_read_are_added(comfy: ComfyPage) -> None:
    held: list[Route] = []
    comfy.page.route("**/grid_pool/list*", lambda route: held.append(route))
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    expect(grid.overlay).to_have_text("Loading…")
    grid.upload(thumbs(3))
    comfy.wait(lambda: bool(held), "a question for the pool")
    comfy.page.unroute("**/grid_pool/list*")  # what was held goes on
    grid.expect_count(3)


def test_a_private_copy_is_detached(comfy: ComfyPage) -> None:
    grid = filled(comfy, 3)
    before = grid.pool_id
    grid.button("Detach").click()
    comfy.until("id => app.graph.getNodeById(1).widgets.find(({ name }) => name === 'pool_id').value !== id", before)
    grid.expect_count(3)
    grid.cell(0).click()
    comfy.page.keyboard.press("Delete")
    grid.expect_count(2)
    assert view(comfy.server, before)["count"] == 3


def test_the_wheel_scrolls_a_grid_in_use_and_zooms_the_canvas_with_control(comfy: ComfyPage) -> None:
    grid = filled(comfy, 12)
    comfy.evaluate("() => app.graph.getNodeById(1).setSize([400, 440])")
    grid.viewport.focus()
    scale = "() => app.canvas.ds.scale"
    before = comfy.evaluate(scale)
    comfy.page.mouse.move(*middle(grid))
    comfy.page.mouse.wheel(0, 60)
    comfy.until("() => document.querySelector('.ds-grid-viewport').scrollTop > 0")
    assert comfy.evaluate(scale) == before
    comfy.page.keyboard.down("Control")
    comfy.page.mouse.wheel(0, 120)
    comfy.page.keyboard.up("Control")
    comfy.until(f"before => ({scale})() < before", before)


@pytest.mark.parametrize("renderer", ["vue"])
def test_the_readme_shows_a_set(comfy: ComfyPage) -> None:
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    grid.upload(PHOTOGRAPHS)
    grid.expect_pictures(*range(len(PHOTOGRAPHS)))
    grid.cell(1).click()
    grid.expect_active(1)
    run = comfy.queue()
    comfy.finished(run)
    comfy.evaluate("() => { Object.assign(app.canvas.ds, { scale: 1, offset: [110, 160] }); }")
    comfy.until("() => [...document.querySelectorAll('[data-node-id=\"2\"] img')].some((image) => image.complete)")
    shown_in_docs("pool.png", comfy.page.screenshot(clip={"x": 100, "y": 150, "width": 900, "height": 620}))
