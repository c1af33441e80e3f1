"""A slot's own page: its history, two versions compared, and the way back from everything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser_bus import Panel, bus_page, cats, panel, plain, png
from browser_flows import gated
from browser_page import ComfyPage
from browser_pictures import shown_in_docs
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

__all__ = ["bus_page", "panel"]

GREEN, RED = (0, 128, 0), (255, 0, 0)


def two(panel: Panel) -> Locator:
    panel.fill(cp2=[[plain("green")], [plain("red"), plain("blue")]])
    return panel.show().open("cp2")


class TestHistory:
    def test_it_shows_what_the_slot_holds_and_held(self, panel):
        versions = two(panel)
        expect(panel.page.locator(".ds-bus-now")).to_contain_text("96×64 · 2 frames")
        expect(versions.locator("li")).to_have_count(1)
        expect(versions.locator("li")).to_contain_text("Published")
        expect(versions.locator("img")).to_be_visible()

    def test_an_edit_by_hand_and_a_restore_are_told_apart_from_a_publish(self, panel):
        panel.fill(cp2=[[plain("green")]])
        bus = panel.bus
        bus.restore("cp2", bus.remove("cp2"))
        bus.flush()
        (panel.folder / "cp2" / "image.png").write_bytes(plain("white"))
        bus.publish("cp2", [plain("red")])
        bus.flush()
        panel.show().open("cp2")
        names = panel.page.locator(".ds-bus-versions .ds-panel-name")
        expect(names).to_have_text(["Edited by hand", "Restored", "Published"])

    def test_a_slot_without_history_says_so(self, panel):
        panel.fill(cp2=[[plain("green")]]).show().open("cp2")
        expect(panel.page.locator(".ds-bus-versions")).to_contain_text("Nothing yet")

    def test_a_publish_shows_on_the_open_page(self, panel):
        versions = two(panel)
        panel.bus.publish("cp2", [plain("white")])
        panel.comfy.evaluate("() => app.api.dispatchCustomEvent('datasete-slot-published', { id: 'cp2' })")
        expect(versions.locator("li")).to_have_count(2)
        expect(panel.page.locator(".ds-bus-now")).to_contain_text("1 frame")

    def test_escape_leads_back_to_the_list(self, panel):
        two(panel)
        panel.page.keyboard.press("Escape")
        expect(panel.list).to_be_focused()
        panel.page.keyboard.press("Enter")
        expect(panel.page.locator(".ds-bus-versions")).to_be_visible()

    def test_a_deletion_leads_back_too_and_can_be_undone(self, panel):
        two(panel)
        panel.element.get_by_role("button", name="Delete").click()
        expect(panel.element).to_contain_text("The bus is empty")
        panel.undo.click()
        panel.expect_rows("cp2")
        assert panel.shade("cp2") == RED


class TestRestoring:
    def test_a_version_comes_back_and_so_does_what_it_replaced(self, panel):
        versions = two(panel)
        versions.get_by_role("button", name="Restore").click()
        expect(panel.element).to_contain_text("Restored “cp2”")
        assert panel.shade("cp2") == GREEN
        expect(versions.locator("li")).to_have_count(2)
        panel.undo.click()
        expect(versions.locator("li")).to_have_count(3)
        assert panel.shade("cp2") == RED
        assert len(panel.bus.load("cp2").images) == 2

    def test_a_version_that_was_pruned_meanwhile_is_a_sentence(self, panel):
        versions = two(panel)
        panel.bus.delete("cp2")
        panel.bus.publish("cp2", [plain("white")])
        versions.get_by_role("button", name="Restore").click()
        expect(panel.comfy.toast("“cp2” was not restored")).to_be_visible()
        assert panel.shade("cp2") == (255, 255, 255)


class TestTakingAlong:
    def test_the_name_is_copied(self, panel):
        two(panel)
        panel.element.get_by_role("button", name="Copy the name").click()
        expect(panel.comfy.toast("Copied “cp2”")).to_be_visible()
        assert panel.comfy.evaluate("() => navigator.clipboard.readText()") == "cp2"

    def test_the_picture_is_downloaded_as_it_is(self, panel):
        versions = two(panel)
        for button, color in ((panel.element, RED), (versions, GREEN)):
            with panel.page.expect_download() as download:
                button.get_by_role("button", name="Download").first.click()
            assert download.value.suggested_filename == "cp2.png"
            with Image.open(download.value.path()) as image:
                assert image.format == "PNG"
                assert image.convert("RGB").getpixel((0, 0)) == color


def compare(panel: Panel) -> Locator:
    photographs = [png(image) for image in cats()]
    panel.fill(cat=[[photograph] for photograph in photographs])
    panel.show().open("cat").get_by_role("button", name="Compare").last.click()
    dialog = panel.page.get_by_role("dialog", name="Versions of “cat” compared")
    loaded = "() => [...document.querySelectorAll('.ds-bus-whole')].filter((i) => i.naturalWidth === 451).length === 2"
    panel.comfy.until(loaded)
    return dialog


@pytest.fixture
def no_dialog(panel) -> Iterator[None]:
    """Closes what a test that failed may have left open over the page that others use."""
    yield
    panel.comfy.evaluate("() => document.querySelectorAll('.ds-bus-compare').forEach((dialog) => dialog.close())")


@pytest.mark.usefixtures("no_dialog")
class TestComparing:
    def test_the_divider_follows_keys_and_mouse(self, panel):
        dialog = compare(panel)
        divider = dialog.get_by_role("slider")
        expect(divider).to_be_focused()
        expect(divider).to_have_attribute("aria-valuenow", "50")
        panel.page.keyboard.press("ArrowLeft")
        panel.page.keyboard.press("Shift+ArrowLeft")
        expect(divider).to_have_attribute("aria-valuenow", "38")
        panel.page.keyboard.press("End")
        expect(divider).to_have_attribute("aria-valuenow", "100")
        panel.page.keyboard.press("Home")
        stage, box = dialog.locator(".ds-bus-stage").bounding_box(), divider.bounding_box()
        panel.page.mouse.move(box["x"] + box["width"] - 4, box["y"] + 200)
        panel.page.mouse.down()
        panel.page.mouse.move(stage["x"] + stage["width"] * 0.75, 300, steps=4)
        panel.page.mouse.up()
        expect(divider).to_have_attribute("aria-valuenow", "75")
        panel.page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)

    def test_both_pictures_are_zoomed_and_moved_together(self, panel):
        dialog = compare(panel)
        places = "() => [...document.querySelectorAll('.ds-bus-whole')].map(({ style }) => style.cssText)"
        before = panel.comfy.evaluate(places)
        dialog.get_by_role("button", name="Zoom in").click()
        panel.page.mouse.move(300, 400)
        panel.page.mouse.wheel(0, -400)
        panel.page.mouse.down()
        panel.page.mouse.move(340, 430)
        panel.page.mouse.up()
        one, other = panel.comfy.evaluate(places)
        assert one == other
        assert one != before[0]
        panel.page.keyboard.press("Escape")

    def test_side_by_side_and_any_two(self, panel):
        dialog = compare(panel)
        dialog.get_by_role("button", name="Side by side").click()
        expect(dialog.get_by_role("slider")).to_be_hidden()
        left, right = (pane.bounding_box() for pane in dialog.locator(".ds-bus-pane").all())
        assert left["x"] + left["width"] <= right["x"] + 1
        choice = dialog.get_by_label("Right picture", exact=True)
        choice.select_option(index=1)
        version = choice.input_value()
        assert version
        panel.comfy.until("v => document.querySelectorAll('.ds-bus-whole')[1].src.includes(v)", version)
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_have_count(0)

    def test_a_finger_moves_the_divider(self, panel, browser: Browser):
        from browser_context import new_context

        panel.fill(cat=[[png(image)] for image in cats()])
        context = new_context(browser, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
        phone = Panel(ComfyPage(context.new_page(), panel.comfy.server, "canvas").open(), panel.host).show()
        phone.open("cat").get_by_role("button", name="Compare").first.tap()
        divider = phone.page.get_by_role("slider", name="Divider")
        box = divider.bounding_box()
        x, y = box["x"] + 22, box["y"] + 150
        touch = context.new_cdp_session(phone.page)
        for kind, points in (("touchStart", [x]), ("touchMove", [x + 50]), ("touchMove", [x + 100]), ("touchEnd", [])):
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y} for at in points]})
        expect(divider).to_have_attribute("aria-valuenow", "76")
        assert phone.comfy.faults == []
        context.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_text_stands_out_in_dark_and_light(panel, theme):
    panel.comfy.evaluate("name => app.extensionManager.setting.set('Comfy.ColorPalette', name)", theme)
    two(panel)
    panel.comfy.until(f"() => ({LIGHT})('.ds-panel-title', 'color') {'<' if theme == 'light' else '>'} 0.5")
    ground = panel.comfy.evaluate(f"() => ({LIGHT})('.ds-panel-panel', 'backgroundColor')")
    shades = [
        panel.comfy.evaluate(f"() => ({LIGHT})('{text}', 'color')") for text in (".ds-panel-title", ".ds-panel-facts")
    ]
    panel.comfy.evaluate("() => app.extensionManager.setting.set('Comfy.ColorPalette', 'dark')")
    assert abs(shades[0] - ground) > 0.6
    assert abs(shades[1] - ground) > 0.35


LIGHT = """(selector, property) => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
  pen.fillStyle = getComputedStyle(document.querySelector(selector))[property];
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}"""


def test_the_docs_show_what_the_panel_does(panel):
    """A slot's page beside the canvas."""
    photographs = [png(image) for image in cats()]
    others = {name: [[photographs[0]]] for name in ("Portrait_1", "Portrait_2", "Portrait_10")}
    panel.fill(cat=[[photograph] for photograph in photographs[1:]] + [photographs[:1]], **others)
    panel.comfy.load(gated(None, get="cat"))
    panel.comfy.evaluate("() => { Object.assign(app.canvas.ds, { scale: 1, offset: [150, 160] }); }")
    versions = panel.show().open("cat")
    expect(versions.locator("img:visible")).to_have_count(2)
    panel.comfy.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    shot = panel.page.screenshot(clip={"x": 0, "y": 40, "width": 900, "height": 620})
    shown_in_docs("bus_panel.png", shot)
