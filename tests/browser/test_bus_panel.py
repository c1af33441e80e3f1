"""The Bus panel's list: what is there, found, deleted, brought back, and carried onto the canvas."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from browser_bus import ROWS, Panel, bus_page, panel, plain
from browser_flows import gated
from browser_host import Server
from browser_page import VUE, ComfyPage
from playwright.sync_api import Browser, expect

__all__ = ["bus_page", "panel"]

MANY = 10_000


def three(panel: Panel) -> Panel:
    panel.fill(cp10=[[plain("red")]], cp2=[[plain("green")] * 3], Cat=[[plain("blue")]])
    return panel.show()


class TestTheList:
    def test_slots_are_shown_with_picture_age_size_and_frames(self, panel):
        three(panel).expect_rows("Cat", "cp2", "cp10")
        row = panel.row("cp2")
        expect(row.locator("img")).to_have_attribute("src", re.compile("^blob:"))
        expect(row).to_contain_text(re.compile(r"just now.*3 frames.*\d B|just now.*3 frames.*KB"))
        expect(panel.row("Cat")).to_contain_text("1 frame")

    def test_the_newest_come_first_when_asked_and_that_is_remembered(self, panel):
        three(panel)
        order = panel.element.get_by_role("button", name="Newest first")
        order.click()
        panel.expect_rows("Cat", "cp2", "cp10")
        panel.bus.publish("cp10", [plain("white")])
        panel.show().expect_rows("cp10", "Cat", "cp2")
        order.click()
        panel.expect_rows("Cat", "cp2", "cp10")

    def test_an_empty_bus_says_how_to_fill_it(self, panel):
        panel.show()
        expect(panel.element).to_contain_text("The bus is empty")
        expect(panel.element).to_contain_text("send_id")

    def test_what_others_did_shows_when_the_panel_is_opened_again(self, panel):
        three(panel).expect_rows("Cat", "cp2", "cp10")
        panel.bus.publish("cp3", [plain("white")])
        panel.show().expect_rows("Cat", "cp2", "cp3", "cp10")

    def test_a_deletion_elsewhere_shows_at_once(self, panel):
        three(panel).expect_rows("Cat", "cp2", "cp10")
        assert panel.comfy.server.post("/datasete_gate/bus/delete", {"id": "cp2"}) == 200
        panel.expect_rows("Cat", "cp10")

    def test_a_slot_that_is_no_picture_says_so(self, panel):
        three(panel)
        (panel.folder / "cp2" / "image.png").write_bytes(b"no picture")
        panel.show()
        expect(panel.row("cp2")).to_contain_text("not readable")
        expect(panel.row("Cat")).to_contain_text("1 frame")

    def test_a_server_that_is_away_is_an_error_with_a_way_back(self, panel):
        three(panel).expect_rows("Cat", "cp2", "cp10")
        panel.host.stop()
        panel.element.get_by_role("button", name="Refresh").click()
        alert = panel.element.get_by_role("alert")
        expect(alert).to_contain_text("Nothing was changed")
        panel.host.start()
        alert.get_by_role("button", name="Retry").click()
        expect(alert).to_have_count(0)
        panel.expect_rows("Cat", "cp2", "cp10")

    def test_what_passes_a_gate_shows_at_once(self, comfy: ComfyPage, slot: str):
        comfy.evaluate("() => app.extensionManager.command.execute('Datasete.OpenBus')")
        flow = gated("datasete-coffee.png", send=slot)
        run = comfy.load(flow).queue()
        comfy.choose(1)
        comfy.finished(run)
        row = comfy.page.locator(ROWS).filter(has_text=slot)
        expect(row).to_contain_text("1 frame")
        comfy.evaluate("() => { app.extensionManager.sidebarTab.activeSidebarTabId = null; }")


@pytest.fixture
def slot(server: Server) -> Iterator[str]:
    yield "0 bus panel"
    server.post("/datasete_gate/bus/delete", {"id": "0 bus panel"})


class TestTenThousandSlots:
    def test_only_what_is_in_sight_is_made_and_asked_for(self, panel):
        picture = panel.fill(seed=[[plain("teal")]]).folder / "seed" / "image.png"
        for number in range(MANY - 1):
            (panel.folder / f"slot {number}").mkdir()
            os.link(picture, panel.folder / f"slot {number}" / "image.png")
        asked: list[str] = []
        note = lambda request: asked.append(request.url) if "/bus/thumb?id=s" in request.url else None  # noqa: E731
        panel.page.on("request", note)
        panel.show()
        expect(panel.element.get_by_role("heading", name="Bus · 10,000")).to_be_visible()
        expect(panel.row("slot 3")).to_contain_text("1 frame")
        seen = panel.page.locator(ROWS).count()
        assert seen < 30
        assert len(asked) <= seen
        self.rush(panel)
        expect(panel.row("slot 9998")).to_contain_text("1 frame")
        made = panel.page.locator(".ds-bus-row").count()
        assert made < 60
        panel.page.remove_listener("request", note)
        print(f"\n    {seen} rows at first, {made} elements and {len(asked)} pictures after a rush to the end")
        assert len(asked) < MANY / 20

    @staticmethod
    def rush(panel: Panel) -> None:
        panel.list.evaluate(
            """async (list) => {
                 for (let step = 1; step <= 60; step++) {
                   list.scrollTop = (step / 60) * list.scrollHeight;
                   await new Promise(requestAnimationFrame);
                 }
               }"""
        )


class TestFinding:
    def test_a_search_shows_the_names_that_contain_every_word(self, panel):
        three(panel).expect_rows("Cat", "cp2", "cp10")
        search = panel.element.get_by_role("searchbox")
        search.fill("CP 0")
        panel.expect_rows("cp10")
        expect(panel.element.get_by_role("heading", name="Bus · 1 of 3")).to_be_visible()
        search.fill("nobody")
        expect(panel.element).to_contain_text("No slot's name contains “nobody”")
        panel.element.get_by_role("button", name="Show all").click()
        panel.expect_rows("Cat", "cp2", "cp10")

    def test_the_slash_leads_to_the_search_and_escape_clears_it(self, panel):
        three(panel).list.focus()
        panel.page.keyboard.press("/")
        search = panel.element.get_by_role("searchbox")
        expect(search).to_be_focused()
        panel.page.keyboard.type("cp")
        panel.expect_rows("cp2", "cp10")
        panel.page.keyboard.press("Escape")
        panel.expect_rows("Cat", "cp2", "cp10")
        panel.page.keyboard.press("ArrowDown")
        expect(panel.list).to_be_focused()


class TestDeleting:
    def test_a_deleted_slot_comes_back_with_undo(self, panel):
        three(panel).row("cp2").hover()
        panel.row("cp2").get_by_role("button", name="Delete").click()
        panel.expect_rows("Cat", "cp10")
        expect(panel.element.get_by_role("status").filter(has_text="Deleted “cp2”")).to_be_visible()
        assert panel.bus.history("cp2")
        panel.undo.click()
        panel.expect_rows("Cat", "cp2", "cp10")
        assert len(panel.bus.load("cp2").images) == 3

    def test_by_keyboard_and_the_canvas_keeps_what_is_selected(self, panel):
        panel.comfy.load(gated(None))
        panel.comfy.evaluate("() => app.canvas.selectNode(app.graph.nodes[0])")
        count = panel.comfy.evaluate("() => app.graph.nodes.length")
        three(panel).expect_rows("Cat", "cp2", "cp10")
        panel.list.focus()
        panel.page.keyboard.press("ArrowDown")
        panel.page.keyboard.press("Delete")
        panel.expect_rows("Cat", "cp10")
        panel.page.keyboard.press("Control+z")
        panel.expect_rows("Cat", "cp2", "cp10")
        assert panel.comfy.evaluate("() => app.graph.nodes.length") == count

    def test_a_refusal_is_told_and_the_slot_stays(self, panel):
        three(panel).expect_rows("Cat", "cp2", "cp10")
        panel.page.route("**/bus/delete", lambda route: route.fulfill(status=503, json={"error": {"message": "Full."}}))
        panel.list.focus()
        panel.page.keyboard.press("Delete")
        expect(panel.comfy.toast("“Cat” was not deleted")).to_be_visible()
        panel.page.unroute("**/bus/delete")
        panel.expect_rows("Cat", "cp2", "cp10")


class TestOntoTheCanvas:
    @pytest.mark.parametrize("renderer", ["canvas", "vue"])
    def test_a_row_that_is_dragged_becomes_a_gate_there(self, panel, renderer):
        panel.comfy.evaluate("([id, on]) => app.extensionManager.setting.set(id, on)", [VUE, renderer == "vue"])
        three(panel)
        panel.row("cp2").drag_to(panel.page.locator("#graph-canvas"), target_position={"x": 700, "y": 400})
        panel.comfy.until("() => app.graph.nodes.length === 1")
        [(slot, at)] = panel.gates()
        assert slot == "cp2"
        x, y = panel.comfy.evaluate("at => app.canvasPosToClientPos(at)", at)
        assert abs(x - 700) < 60
        assert abs(y - 400) < 60

    @pytest.mark.parametrize("renderer", ["vue"])
    def test_a_drop_on_a_node_that_the_page_draws_counts_as_well(self, panel, renderer):
        panel.comfy.evaluate("([id, on]) => app.extensionManager.setting.set(id, on)", [VUE, renderer == "vue"])
        panel.comfy.load(gated(None))
        panel.comfy.evaluate("() => { Object.assign(app.canvas.ds, { scale: 1, offset: [0, 0] }); }")
        three(panel)
        node = panel.page.locator(f"[data-node-id='{panel.comfy.evaluate('() => app.graph.nodes.at(-1).id')}']")
        panel.row("cp2").drag_to(node)
        panel.comfy.until("() => app.graph.nodes.some((n) => n.widgets?.some((w) => w.value === 'cp2'))")

    def test_a_row_dropped_elsewhere_does_nothing(self, panel):
        three(panel)
        panel.row("cp2").drag_to(panel.element.get_by_role("searchbox"))
        assert panel.gates() == []

    def test_gates_that_are_added_do_not_hide_each_other_and_are_undone_one_by_one(self, panel):
        three(panel).open("cp2")
        add = panel.element.get_by_role("button", name="Add gate")
        add.click()
        add.click()
        panel.comfy.until("() => app.graph.nodes.length === 2")
        [(_, one), (_, other)] = panel.gates()
        assert one != other
        box = panel.element.bounding_box()
        x, _ = panel.comfy.evaluate("at => app.canvasPosToClientPos(at)", one)
        assert x > box["x"] + box["width"]
        panel.comfy.evaluate("() => app.extensionManager.command.execute('Comfy.Undo')")
        panel.comfy.until("() => app.graph.nodes.length === 1")

    def test_by_keyboard(self, panel):
        three(panel).expect_rows("Cat", "cp2", "cp10")
        panel.list.focus()
        panel.page.keyboard.press("End")
        panel.page.keyboard.press("Shift+Enter")
        assert [slot for slot, _ in panel.gates()] == ["cp10"]

    def test_a_gate_from_the_panel_takes_up_the_slot(self, panel):
        three(panel).expect_rows("Cat", "cp2", "cp10")
        panel.list.focus()
        panel.page.keyboard.press("Shift+Enter")
        panel.comfy.evaluate(
            """() => {
                 const preview = LiteGraph.createNode("PreviewImage");
                 app.graph.add(preview);
                 app.graph.nodes[0].connect(1, preview, 0);
               }"""
        )
        run = panel.comfy.queue()
        expect(panel.comfy.waiting().locator(".ds-gate-status")).to_contain_text("96×64")
        panel.comfy.choose(1)
        panel.comfy.finished(run)

    def test_a_finger_that_holds_a_row_carries_it(self, panel, browser: Browser):
        from browser_context import new_context

        panel.fill(cp2=[[plain("green")]])
        context = new_context(browser, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
        phone = Panel(ComfyPage(context.new_page(), panel.comfy.server, "canvas").open(), panel.host).show()
        box = phone.row("cp2").bounding_box()
        x, y = box["x"] + 60, box["y"] + 20
        touch = context.new_cdp_session(phone.page)
        finger = lambda kind, *at: touch.send(  # noqa: E731
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in at]}
        )
        finger("touchStart", (x, y))
        expect(phone.page.locator(".ds-bus-ghost")).to_be_visible()
        for step in range(1, 9):
            finger("touchMove", (x + (340 - x) * step / 8, y + 40 * step))
        finger("touchEnd")
        expect(phone.page.locator(".ds-bus-ghost")).to_have_count(0)
        phone.comfy.until("() => app.graph.nodes.length === 1")
        assert phone.gates()[0][0] == "cp2"
        assert phone.comfy.faults == []
        context.close()


def test_a_phone_shows_the_list_and_a_slot(panel, browser: Browser):
    from browser_context import new_context

    panel.fill(cp2=[[plain("green")], [plain("red")]])
    context = new_context(browser, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    phone = Panel(ComfyPage(context.new_page(), panel.comfy.server, "canvas").open(), panel.host).show()
    expect(phone.row("cp2")).to_contain_text("1 frame")
    phone.row("cp2").tap()
    expect(phone.element.get_by_role("button", name="Add gate")).to_be_visible()
    restore = phone.element.get_by_role("button", name="Restore")
    expect(restore).to_be_visible()
    inside = "panel => panel.scrollWidth <= panel.clientWidth && panel.getBoundingClientRect().right <= innerWidth"
    assert phone.element.evaluate(inside)
    phone.element.get_by_role("button", name="Back to all slots").tap()
    expect(phone.row("cp2")).to_be_visible()
    context.close()
