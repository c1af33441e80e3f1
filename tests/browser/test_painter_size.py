"""The painter with large pictures, and what is left of it once it is closed."""

from __future__ import annotations

import base64
import io

import pytest
from browser_page import ComfyPage
from browser_painter import Painter
from PIL import Image
from playwright.sync_api import expect

WIDE, HIGH = 7680, 4320
FOLDER = """() => {
    const styles = [...document.querySelectorAll("link")].find(({ href }) => href.endsWith("/painter.css"));
    return styles.href.replace("painter.css", "lib/painter/");
}"""
OPEN = """async ([folder, order]) => {
    const { openPainter } = await import(folder + "painter.js");
    window.painted = "open";
    void openPainter(order).then((painted) => { window.painted = painted; });
}"""
PAINTED = """async () => {
    const bytes = new Uint8Array(await window.painted.mask.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return [btoa(text), window.painted.all];
}"""


@pytest.fixture
def renderer() -> str:
    """One is enough: the painter lies over the page, whatever draws the nodes."""
    return "canvas"


@pytest.fixture
def folder(comfy: ComfyPage) -> str:
    return comfy.evaluate(FOLDER)


def open_on(comfy: ComfyPage, folder: str, width: int, height: int, **order: object) -> Painter:
    order = {"title": "A picture", "picture": picture(comfy), "mask": None, "width": width, "height": height} | order
    comfy.evaluate(OPEN, [folder, order])
    return Painter(comfy, (width, height)).ready()


def picture(comfy: ComfyPage) -> str:
    return f"{comfy.server.url}/view?filename=datasete-cat.png&type=input"


def painted(comfy: ComfyPage) -> Image.Image:
    comfy.until("() => window.painted?.mask")
    data, _ = comfy.evaluate(PAINTED)
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_8k_is_painted_pixel_by_pixel(comfy: ComfyPage, folder: str) -> None:
    painter = open_on(comfy, folder, WIDE, HIGH)
    painter.brush(400)
    painter.stroke((1000, 1000), (6000, 3000))
    painter.press("i", "f", "Control+z", "Control+z", "Control+z", "Control+Shift+z", "Control+Shift+z", "Control+z")
    painter.save()
    mask = painted(comfy)
    assert (mask.mode, mask.size) == ("L", (WIDE, HIGH))
    assert [mask.getpixel(place) for place in ((3500, 2000), (3500, 2300), (10, 10))] == [255, 0, 0]


def test_a_mask_goes_in_and_comes_out_unchanged_to_the_bit(comfy: ComfyPage, folder: str) -> None:
    noise = Image.effect_noise((701, 999), 90)
    out = io.BytesIO()
    noise.save(out, "PNG")
    mask = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    painter = open_on(comfy, folder, 701, 999, mask=mask)
    painter.press("i", "i", "f", "Control+z")
    painter.save()
    assert painted(comfy).tobytes() == noise.tobytes()


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (3, 2), (513, 1025)])
def test_any_size_comes_out_as_it_is(comfy: ComfyPage, folder: str, size: tuple[int, int]) -> None:
    painter = open_on(comfy, folder, *size)
    painter.press("f", "x", "i")
    painter.save()
    mask = painted(comfy)
    assert (mask.size, mask.getextrema()) == (size, (255, 255))


def test_a_mask_of_another_size_is_scaled(comfy: ComfyPage, folder: str) -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "PNG")
    painter = open_on(
        comfy, folder, 512, 512, mask="data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    )
    painter.press("i", "i")
    painter.save()
    column = [painted(comfy).getpixel((256, row)) for row in range(0, 512, 64)]
    assert column == sorted(column)
    assert (column[0] < 4, abs(column[4] - 128) < 4) == (True, True)


def test_without_the_mask_so_far_nobody_paints_over_it(comfy: ComfyPage, folder: str) -> None:
    order = {
        "title": "A",
        "picture": picture(comfy),
        "mask": f"{comfy.server.url}/nothing-there",
        "width": 9,
        "height": 9,
    }
    comfy.evaluate(OPEN, [folder, order])
    painter = Painter(comfy, (9, 9))
    expect(painter.button("Try again")).to_be_visible()
    expect(painter.button("Save")).to_be_disabled()
    painter.stage.focus()
    painter.press("f", "Enter", "Escape")
    comfy.until("() => window.painted === null")


def test_a_mask_saved_unchanged_is_still_saved(comfy: ComfyPage, folder: str) -> None:
    open_on(comfy, folder, 20, 10).save()
    assert painted(comfy).getextrema() == (0, 0)


def test_history_forgets_the_oldest_steps_and_never_the_last(comfy: ComfyPage, folder: str) -> None:
    steps = comfy.evaluate(
        """async (folder) => {
             const { Mask } = await import(folder + "mask.js");
             const { History } = await import(folder + "history.js");
             const mask = new Mask(512, 512);
             const history = new History(mask, 300000);
             const noise = () => mask.bytes.set(mask.bytes.map(() => Math.random() * 256));
             const counts = [];
             for (let step = 0; step < 4; step++) {
               history.begin();
               history.keep(mask.whole);
               noise();
               history.commit();
               counts.push(history.done.length);
             }
             const undone = [history.undo(), history.undo()].map(Boolean);
             return { counts, undone, isChanged: history.isChanged };
           }""",
        folder,
    )
    # The first step began with nothing and takes no room; the others take 262,144 bytes each.
    assert steps == {"counts": [1, 2, 1, 1], "undone": [True, False], "isChanged": True}


def test_nothing_is_kept_after_closing(own_comfy: ComfyPage) -> None:
    def alive() -> dict[str, int]:
        wire = comfy.page.context.new_cdp_session(comfy.page)
        wire.send("HeapProfiler.enable")
        for _ in range(2):
            wire.send("HeapProfiler.collectGarbage")
        counts = {}
        for module, name in (("mask", "Mask"), ("view", "View"), ("gestures", "Gestures"), ("history", "History")):
            script = f"import('{folder}{module}.js').then((module) => module.{name}.prototype)"
            prototype = wire.send("Runtime.evaluate", {"expression": script, "awaitPromise": True})["result"][
                "objectId"
            ]
            objects = wire.send("Runtime.queryObjects", {"prototypeObjectId": prototype})["objects"]
            length = {"objectId": objects["objectId"], "functionDeclaration": "function () { return this.length; }"}
            counts[name] = wire.send("Runtime.callFunctionOn", length | {"returnByValue": True})["result"]["value"]
        wire.detach()
        return counts

    comfy, folder = (
        own_comfy,
        own_comfy.evaluate(FOLDER),
    )  # a page of its own: collecting a long day's garbage takes minutes
    painter = open_on(comfy, folder, 800, 600)
    comfy.page.mouse.move(*painter.on_page((5, 5)))
    assert min(alive().values()) >= 1
    painter.stroke((100, 100), (400, 300))
    painter.save()
    for _ in range(3):
        open_on(comfy, folder, 800, 600).press("f", "Escape")
        painter.button("Discard").click()
        expect(painter.dialog).to_be_hidden()
    comfy.page.mouse.click(5, 700)
    after = alive()
    assert max(after.values()) <= 1, after  # the browser lets go of the last dialog when it pleases
    assert comfy.page.locator("dialog.ds-painter").count() == 0
