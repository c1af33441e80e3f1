"""A pool belongs to all who show it: two tabs, other programs, profiles, subgraphs, and what happens when it breaks."""

from __future__ import annotations

import json
import re

import pytest
from browser_context import new_context, use_renderer
from browser_host import Host, Server
from browser_page import ComfyPage
from browser_pool_grid import PoolGrid, filled, fresh_id, large_pool, pool_flow, thumbs, view
from playwright.sync_api import Browser, Response, Route, expect

FEW = 200  # cells: what a large pool may cost the page


def test_two_tabs_edit_one_pool_and_lose_nothing(comfy: ComfyPage, second_tab: ComfyPage) -> None:
    mine = filled(comfy, 6)
    names = mine.names()
    theirs = PoolGrid(second_tab.load(pool_flow(mine.pool_id)))
    theirs.expect_count(6)
    # Both begin from the same pictures; the news of the one does not reach the other before it acts.
    held: list[Route] = []
    second_tab.page.route("**/grid_pool/list*", lambda route: held.append(route))
    mine.cell(1).click()
    comfy.page.keyboard.press("Delete")
    mine.expect_count(5)
    theirs.cell(5).click()
    second_tab.page.keyboard.press("Alt+Home")
    theirs.expect_active(0)
    second_tab.page.unroute("**/grid_pool/list*")  # what was held goes on
    wanted = [names[5], names[0], *names[2:5]]
    comfy.wait(lambda: theirs.server_names() == wanted, "both edits")
    theirs.agrees()
    mine.agrees()
    comfy.page.keyboard.press("Control+z")  # takes back its own edit, not the latest
    comfy.wait(lambda: set(mine.server_names()) == set(names), "the picture back")
    mine.agrees()
    theirs.agrees()
    assert mine.names()[0] == names[5]


def test_the_grid_follows_what_others_do(comfy: ComfyPage) -> None:
    grid = filled(comfy, 3)
    first, *_ = grid.names()
    comfy.server.post("/grid_pool/label", {"pool_id": grid.pool_id, "image": first, "label": "from elsewhere"})
    expect(grid.cell(0).locator(".ds-grid-label")).to_have_text("from elsewhere")
    comfy.server.post("/grid_pool/active", {"pool_id": grid.pool_id, "index": 2})
    grid.expect_active(2)
    comfy.server.post("/grid_pool/remove", {"pool_id": grid.pool_id, "index": 0})
    grid.expect_count(2)


def test_a_refused_edit_is_told_and_shown_as_it_is(comfy: ComfyPage) -> None:
    grid = filled(comfy, 3)
    first, *_ = grid.names()
    grid.cell(0).click()
    grid.expect_active(0)
    # Somebody removes the picture while its label is being written, and the news is late.
    comfy.page.route("**/grid_pool/list*", lambda route: route.abort())
    comfy.page.keyboard.press("F2")
    comfy.server.post("/grid_pool/remove", {"pool_id": grid.pool_id, "image": first})
    comfy.page.unroute("**/grid_pool/list*")
    grid.element.get_by_role("textbox", name="Label", exact=True).fill("too late")
    comfy.page.keyboard.press("Enter")
    expect(comfy.toast(re.compile("not in this pool any more"))).to_be_visible()
    grid.expect_count(2)


def test_a_lost_answer_is_asked_for_again_and_counts_once(comfy: ComfyPage) -> None:
    grid = filled(comfy, 4)
    lost = []

    def lose_the_first(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch())  # the server has done it
        return route.abort()

    comfy.page.route("**/grid_pool/remove_many", lose_the_first)
    grid.cell(1).click()
    comfy.page.keyboard.press("Delete")
    grid.expect_count(3)
    expect(grid.bar).to_contain_text("Picture removed")
    grid.agrees()
    comfy.page.unroute("**/grid_pool/remove_many")
    assert view(comfy.server, grid.pool_id)["count"] == 3


def test_the_pool_shows_in_a_subgraph(comfy: ComfyPage) -> None:
    grid = filled(comfy, 3)
    pool_id = grid.pool_id
    comfy.evaluate("() => void app.graph.convertToSubgraph(new Set([app.graph.getNodeById(1)]))")
    comfy.until("() => app.graph.nodes.some((node) => node.isSubgraphNode?.())")
    run = comfy.queue()
    assert "2" in comfy.finished(run)["outputs"]
    comfy.evaluate("() => app.canvas.setGraph(app.graph.nodes.find((node) => node.isSubgraphNode?.()).subgraph)")
    shown = comfy.page.get_by_test_id("datasete-pool").locator("visible=true")
    expect(shown.locator(".ds-grid-status")).to_contain_text("3 pictures")
    expect(shown.locator(".ds-grid-cell.ds-grid-loaded")).to_have_count(3)
    shown.locator(".ds-grid-cell").nth(2).click()
    comfy.wait(lambda: view(comfy.server, pool_id)["active"] == 2, "the picture that was clicked in the subgraph")


def test_undo_of_the_workflow_keeps_the_pool(comfy: ComfyPage) -> None:
    grid = filled(comfy, 3)
    pool_id = grid.pool_id
    comfy.load(pool_flow(fresh_id()))
    PoolGrid(comfy).expect_count(0)
    comfy.load(pool_flow(pool_id))
    again = PoolGrid(comfy)
    again.expect_count(3)
    again.expect_pictures(0, 1, 2)


def test_another_pool_shows_as_soon_as_the_node_is_told(comfy: ComfyPage) -> None:
    grid = filled(comfy, 2)
    first = grid.pool_id
    other = fresh_id()
    comfy.set(1, "pool_id", other)
    comfy.evaluate("() => app.graph.getNodeById(1)._datasetePoolRefresh()")
    grid.expect_count(0)
    comfy.set(1, "pool_id", first)
    comfy.evaluate("() => app.graph.getNodeById(1)._datasetePoolRefresh()")
    grid.expect_count(2)


def test_a_store_that_cannot_be_reached_is_no_empty_pool(comfy: ComfyPage) -> None:
    grid = filled(comfy, 2)
    comfy.page.route("**/grid_pool/list*", lambda route: route.abort())
    comfy.evaluate("() => app.graph.getNodeById(1)._datasetePoolRefresh()")
    expect(grid.overlay).to_contain_text("The pool cannot be reached")
    expect(grid.button("Add pictures")).to_be_disabled()
    comfy.page.unroute("**/grid_pool/list*")
    grid.button("Try again").click()
    expect(grid.overlay).to_be_hidden()
    grid.expect_count(2)


def test_a_resized_node_shows_as_many_columns_as_fit(comfy: ComfyPage) -> None:
    grid = filled(comfy, 9)
    columns = int(grid.viewport.get_attribute("aria-colcount"))
    comfy.evaluate("() => app.graph.getNodeById(1).setSize([760, 540])")
    expect(grid.viewport).not_to_have_attribute("aria-colcount", str(columns))
    assert int(grid.viewport.get_attribute("aria-colcount")) > columns
    comfy.evaluate("() => app.graph.getNodeById(1).setSize([400, 540])")
    expect(grid.viewport).to_have_attribute("aria-colcount", str(columns))


class Opened:
    """A page at a host whose folder the test may look into and break."""

    def __init__(self, host: Host, browser: Browser, renderer: str) -> None:
        self.context = new_context(browser)
        self.folder = host.data / "input" / "grid_pool"
        self.comfy = ComfyPage(self.context.new_page(), Server(host.url), renderer).open()
        use_renderer(self.comfy, renderer)


@pytest.fixture
def opened(own_host: Host, browser: Browser, renderer: str) -> Opened:
    made = Opened(own_host, browser, renderer)
    yield made
    assert made.comfy.faults == []
    made.context.close()


def test_a_corrupt_manifest_is_rebuilt_on_demand_and_never_shown_as_empty(opened: Opened) -> None:
    grid = filled(opened.comfy, 3)
    names = grid.names()
    (opened.folder / grid.pool_id / "manifest.json").write_text("{torn")
    opened.comfy.evaluate("() => app.graph.getNodeById(1)._datasetePoolRefresh()")
    expect(grid.overlay).to_contain_text("This pool cannot be read")
    grid.button("Rebuild it").click()
    grid.expect_count(3)
    assert sorted(grid.names()) == sorted(names)
    assert list((opened.folder / grid.pool_id).glob("manifest-corrupt-*"))


def test_a_deleted_pool_is_said_to_be_gone(opened: Opened) -> None:
    server = opened.comfy.server
    server.post("/grid_pool/profiles/create", {"name": "holiday"})
    [profile] = [entry for entry in server.json("/grid_pool/profiles/list")["profiles"] if entry["name"] == "holiday"]
    grid = PoolGrid(opened.comfy.load(pool_flow(profile["id"])))
    grid.upload(thumbs(2))
    grid.expect_count(2)
    expect(grid.element.locator(".ds-grid-owner")).to_have_text("Profile “holiday”")
    server.post("/grid_pool/profiles/delete", {"id": profile["id"]})
    expect(grid.overlay).to_contain_text("This pool is gone")
    expect(grid.button("Add pictures")).to_be_disabled()
    grid.button("Start a new one").click()
    expect(grid.overlay).to_contain_text("Drop pictures here")
    assert grid.pool_id != profile["id"]


def test_a_profile_of_another_machine_leaves_the_grid_read_only(opened: Opened) -> None:
    flow = pool_flow(fresh_id())
    profile = flow.add("PoolProfile", "holiday", fresh_id(), at=(40, 640))
    flow.nodes[profile - 1]["outputs"] = [{"name": "profile", "type": "POOL_PROFILE", "links": []}]
    flow.link(profile, 0, 1, "profile")
    grid = PoolGrid(opened.comfy.load(flow))
    expect(grid.overlay).to_contain_text("This profile is not on this machine")
    expect(grid.button("Add pictures")).to_be_disabled()
    expect(grid.element).to_have_class(re.compile("ds-grid-read-only"))


def scroll_through(grid: PoolGrid, stops: int) -> int:
    """Scrolls to so many places of the grid; returns the most cells that there ever were."""
    return grid.viewport.evaluate(
        """async (viewport, stops) => {
             let most = 0;
             for (let stop = 0; stop <= stops; stop++) {
               viewport.scrollTop = (viewport.scrollHeight - viewport.clientHeight) * stop / stops;
               await new Promise(requestAnimationFrame);
               most = Math.max(most, viewport.querySelectorAll(".ds-grid-cell").length);
             }
             return most;
           }""",
        stops,
    )


def test_ten_thousand_pictures_cost_a_few_elements_and_requests(opened: Opened) -> None:
    pool_id = large_pool(opened.folder, 10_000)
    asked: list[str] = []
    opened.comfy.page.on("request", lambda request: asked.append(request.url))
    grid = PoolGrid(opened.comfy.load(pool_flow(pool_id)))
    expect(grid.status).to_contain_text("10,000 pictures")
    grid.expect_pictures(0, 1, 2, 3)
    opened.comfy.page.wait_for_load_state("networkidle")
    visible = grid.cells.count()
    assert sum("/grid_pool/thumb" in url for url in asked) <= visible < FEW
    assert sum("/grid_pool/list" in url for url in asked) <= 4
    asked.clear()
    assert scroll_through(grid, 150) < FEW
    opened.comfy.page.wait_for_load_state("networkidle")
    grid.expect_pictures(9_999)
    assert sum("/grid_pool/thumb" in url for url in asked) < 2 * FEW  # not those that were flown past
    grid.element.get_by_role("searchbox").fill("picture 7777")
    expect(grid.cells).to_have_count(1)
    expect(grid.cells.first.locator(".ds-grid-number")).to_have_text("7776")


def relabel(grid: PoolGrid, number: int, text: str) -> dict:
    """Writes a label as a person does; returns what the server answered."""
    grid.cell(number).click()
    grid.page.keyboard.press("F2")
    grid.element.get_by_role("textbox", name="Label", exact=True).fill(text)
    with grid.page.expect_response("**/grid_pool/label") as answer:
        grid.page.keyboard.press("Enter")
    return answer.value.json()


def test_an_edit_of_ten_thousand_is_answered_with_what_it_changed(opened: Opened) -> None:
    pool_id = large_pool(opened.folder, 10_000)
    server = opened.comfy.server
    grid = PoolGrid(opened.comfy.load(pool_flow(pool_id)))
    opened.comfy.until("() => document.querySelector('.ds-grid-viewport').scrollHeight > 10_000")
    opened.comfy.page.wait_for_load_state("networkidle")
    assert len(relabel(grid, 1, "mine")["slots"]) == 1
    asked: list[Response] = []
    opened.comfy.page.on("response", lambda answer: asked.append(answer) if "/grid_pool/list" in answer.url else None)
    server.post("/grid_pool/label", {"pool_id": pool_id, "index": 2, "label": "theirs"})
    expect(grid.cell(2).locator(".ds-grid-label")).to_have_text("theirs")
    answers = [len(answer.json()["slots"]) for answer in asked]
    assert [count for count in answers if count] == [1]  # the news of its own edit may still ask, and brings nothing
    server.post("/grid_pool/remove", {"pool_id": pool_id, "index": 0})
    expect(grid.status).to_contain_text("9,999 pictures")
    expect(grid.cell(0).locator(".ds-grid-label")).to_have_text("mine")
    assert len(relabel(grid, 3, "again")["slots"]) == 1
    shown = grid.cells.locator(".ds-grid-label").all_text_contents()[:4]
    assert (
        shown
        == [slot["label"] for slot in view(server, pool_id)["slots"][:4]]
        == ["mine", "theirs", "picture 4", "again"]
    )


def test_an_edit_after_another_program_wrote_the_pool_shows_all_of_it(opened: Opened) -> None:
    grid = filled(opened.comfy, 6)
    names = grid.names()
    path = opened.folder / grid.pool_id / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps(manifest | {"slots": manifest["slots"][::-1]}))  # under the same revision
    relabel(grid, 2, "new")
    grid.agrees()
    assert grid.names() == names[::-1]


def test_pictures_seen_before_are_not_asked_for_again(opened: Opened) -> None:
    pool_id = large_pool(opened.folder, 60)
    grid = PoolGrid(opened.comfy.load(pool_flow(pool_id)))
    grid.expect_pictures(0, 1, 2, 3)
    scroll_through(grid, 3)
    grid.expect_pictures(59)
    asked: list[str] = []
    opened.comfy.page.on("requestfinished", lambda request: asked.append(request) if from_server(request) else None)
    scroll_through(grid, 3)
    grid.viewport.evaluate("viewport => { viewport.scrollTop = 0; }")
    grid.expect_pictures(0, 1, 2, 3)
    assert [request.url for request in asked if "/grid_pool/thumb" in request.url] == []


def from_server(request: object) -> bool:
    """Whether a picture came over the wire, and not from what the browser keeps."""
    return request.sizes()["responseBodySize"] > 0
