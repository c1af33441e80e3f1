"""Hands at our own mask painter: strokes in pixels of the picture, with a mouse, a pen or fingers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from browser_flows import Flow, Gated, gated
from browser_page import OPENING, ComfyPage
from PIL import Image
from playwright.sync_api import CDPSession, Locator, expect

SETTING = "Datasete.Gate.Painter"
Place = tuple[float, float]


class Painter:
    """The painter while it is open."""

    def __init__(self, comfy: ComfyPage, size: tuple[int, int] = (451, 300)) -> None:
        self.comfy, self.page, self.size = comfy, comfy.page, size
        self.dialog = comfy.page.get_by_test_id("datasete-painter")
        self.stage = self.dialog.locator(".ds-painter-stage")
        self._wire: CDPSession | None = None

    def open(self, node: int | None = None) -> Painter:
        self.comfy.waiting(node).get_by_role("button", name="Edit mask").click()
        return self.ready()

    def ready(self) -> Painter:
        """Waits until one can paint."""
        expect(self.stage).to_have_attribute("aria-busy", "false")
        return self

    def button(self, name: str) -> Locator:
        return self.dialog.get_by_role("button", name=name, exact=True)

    def slide(self, name: str, place: int) -> None:
        slider = self.dialog.get_by_role("slider", name=name)
        slider.evaluate(
            "(slider, place) => { slider.value = place; slider.dispatchEvent(new Event('input', { bubbles: true })); }",
            str(place),
        )

    def brush(self, pixels: int, hardness: int = 100) -> None:
        """Takes a brush about as thick as this, and exactly as hard."""
        value = self.dialog.locator(".ds-painter-value").first
        largest = min(2000, max(64, *self.size))
        for place in range(201):
            if round(largest ** (place / 200)) >= pixels:
                self.slide("Size", place)
                break
        expect(value).to_have_text(f"{round(largest ** (place / 200))} px")
        self.slide("Hardness", hardness)

    def on_page(self, place: Place) -> Place:
        """Where a pixel of the picture is on the page."""
        box = self.dialog.locator(".ds-painter-picture").bounding_box()
        width, height = self.size
        return box["x"] + place[0] * box["width"] / width, box["y"] + place[1] * box["height"] / height

    def stroke(self, *places: Place, button: str = "left") -> None:
        mouse = self.page.mouse
        mouse.move(*self.on_page(places[0]))
        mouse.down(button=button)
        for place in places[1:]:
            mouse.move(*self.on_page(place), steps=4)
        mouse.up(button=button)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def save(self) -> None:
        self.press("Enter")
        expect(self.dialog).to_be_hidden(timeout=OPENING)

    # Fingers and pens, which Playwright has no hands for

    @property
    def wire(self) -> CDPSession:
        self._wire = self._wire or self.page.context.new_cdp_session(self.page)
        return self._wire

    def fingers(self, *places: Place, lift: bool = False) -> None:
        """Puts fingers down, moves those that are there, or (`lift`) takes away all that are not named."""
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(map(self.on_page, places))]
        kind = "touchEnd" if lift else "touchMove" if len(points) == getattr(self, "_down", 0) else "touchStart"
        self._down = len(points)
        self.wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def swipe(self, *places: Place) -> None:
        for place in places:
            self.fingers(place)
        self.fingers(lift=True)

    def pen(self, kind: str, place: Place, force: float = 0.5) -> None:
        """``mousePressed``, ``mouseMoved`` or ``mouseReleased``, with a pen."""
        x, y = self.on_page(place)
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
        if kind == "mouseReleased":
            event["buttons"] = 0
        self.wire.send("Input.dispatchMouseEvent", event | {"pointerType": "pen", "force": force})


@contextmanager
def our_painter(comfy: ComfyPage, choice: str = "painter") -> Iterator[None]:
    """While the setting says that masks are painted here."""
    comfy.evaluate("([id, value]) => app.extensionManager.setting.set(id, value)", [SETTING, choice])
    try:
        yield
    finally:
        comfy.evaluate("id => app.extensionManager.setting.set(id, 'automatic')", SETTING)


@contextmanager
def window(comfy: ComfyPage, width: int, height: int) -> Iterator[None]:
    """While the window has another size."""
    before = comfy.page.viewport_size
    comfy.page.set_viewport_size({"width": width, "height": height})
    try:
        yield
    finally:
        comfy.page.set_viewport_size(before)


def opened(comfy: ComfyPage) -> tuple[Gated, str, Painter]:
    """A gate that waits, its run, and the painter open on it."""
    flow = gated(mask=True)
    run = comfy.load(flow).queue()
    return flow, run, Painter(comfy).open(flow.gate)


def passed(comfy: ComfyPage, flow: Gated, run: str) -> Image.Image:
    """The mask that leaves the gate when it is answered."""
    comfy.choose(1, flow.gate)
    [mask] = masks_of(comfy, run, flow)
    return mask


def masks_of(comfy: ComfyPage, run: str, flow: Gated) -> list[Image.Image]:
    """What came out of the gate's mask output, frame by frame."""
    shown = comfy.finished(run)["outputs"][str(flow.mask)]["images"]
    return [comfy.server.picture(image).convert("L") for image in shown]


def batch_gated(frames: int, *, get: str = "", send: str = "") -> Gated:
    """A gate behind a batch of the same photograph, with a preview of its mask."""
    flow = Flow()
    source = flow.add("LoadImage", "datasete-cat.png", "image", at=(20, 60))
    batch = source
    for _ in range(frames - 1):
        joined = flow.add("ImageBatch", at=(20, 420))
        flow.link(batch, 0, joined, "image1")
        flow.link(source, 0, joined, "image2")
        batch = joined
    gate = flow.add("ImageGate", 1, send, get, at=(340, 60), outputs=2)
    flow.link(batch, 0, gate, "image")
    preview = flow.add("PreviewImage", at=(740, 60))
    flow.link(gate, 1, preview, "images")
    image = flow.add("MaskToImage", at=(740, 640))
    flow.link(gate, 0, image, "mask")
    shown = flow.add("PreviewImage", at=(1000, 640))
    flow.link(image, 0, shown, "images")
    return Gated(flow, gate, [preview], shown)


def greys(mask: Image.Image, places: Sequence[Place]) -> list[int]:
    return [mask.getpixel((int(x), int(y))) for x, y in places]
