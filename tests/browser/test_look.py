"""How a gate looks: bounded in every window and theme. One test here takes the picture at the top of the README."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_context import new_context
from browser_contrast import faint
from browser_flows import Flow, gated
from browser_gates import full_size
from browser_host import Server
from browser_page import VUE, ComfyPage
from browser_painter import Painter, our_painter
from PIL import Image
from playwright.sync_api import Browser, Page, expect

IMAGES = Path(__file__).parents[2] / "docs" / "images"
TEXT = {"light": "#222", "dark": "#ddd"}  # of ComfyUI's own palettes
OPEN = "tab => { app.extensionManager.sidebarTab.activeSidebarTabId = tab; }"
FRAME = {"x": 75, "y": 145, "width": 1080, "height": 640}


def inside(comfy: ComfyPage, inner: str, outer: str) -> bool:
    """Whether an element lies within another, by a pixel's grace."""
    return comfy.evaluate(
        """([inner, outer]) => {
             const [a, b] = [inner, outer].map((selector) => document.querySelector(selector).getBoundingClientRect());
             return a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
           }""",
        [inner, outer],
    )


@pytest.mark.parametrize("routes", [1, 2, 10])
def test_every_button_lies_inside_the_gate(comfy: ComfyPage, routes: int) -> None:
    flow = gated(routes=routes)
    comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    expect(gate.locator(".ds-gate-route")).to_have_count(routes)
    comfy.until("() => document.querySelector('.ds-gate-open').clientHeight >= 330")
    for selector in (
        f".ds-gate-open [data-route='{routes}']",
        ".ds-gate-open .ds-gate-stop",
        ".ds-gate-open .ds-gate-stage",
    ):
        assert inside(comfy, selector, ".ds-gate-open")


def test_the_picture_keeps_its_shape_and_the_node_its_bounds(comfy: ComfyPage) -> None:
    flow = gated("datasete-large.png")
    comfy.load(flow).queue()
    comfy.waiting(flow.gate)
    width, height = comfy.evaluate("id => [...app.graph.getNodeById(id).size]", flow.gate)
    assert width < 500
    assert height < 700
    fit = "() => getComputedStyle(document.querySelector('.ds-gate-open .ds-gate-picture')).objectFit"
    assert comfy.evaluate(fit) == "contain"


@pytest.fixture(params=["light", "dark"])
def palette(request: pytest.FixtureRequest, comfy: ComfyPage) -> Iterator[str]:
    """Both of ComfyUI's own palettes."""
    _paint_all(comfy, request.param)
    yield request.param
    _paint_all(comfy, "dark")


def _paint_all(comfy: ComfyPage, palette: str) -> None:
    comfy.evaluate("name => app.extensionManager.setting.set('Comfy.ColorPalette', name)", palette)
    text = "() => getComputedStyle(document.documentElement).getPropertyValue('--input-text').trim()"
    comfy.until(f"wanted => ({text})() === wanted", TEXT[palette])
    comfy.page.wait_for_timeout(300)  # colours fade into each other


def test_every_text_of_a_gate_can_be_read(comfy: ComfyPage, palette: str) -> None:
    assert palette
    flow = gated()
    comfy.load(flow)
    comfy.idle(flow.gate)
    assert faint(comfy) == []
    comfy.queue()
    gate = comfy.waiting(flow.gate)
    assert faint(comfy) == []
    gate.locator(".ds-gate-picture").click()
    full_size(comfy)
    assert faint(comfy, ".ds-gate-viewer") == []
    comfy.page.keyboard.press("Escape")
    with our_painter(comfy):
        painter = Painter(comfy).open(flow.gate)
        assert faint(comfy, ".ds-painter") == []
        painter.button("Cancel").click()


def test_every_text_of_the_panels_can_be_read(comfy: ComfyPage, palette: str) -> None:
    assert palette
    for tab in ("datasete-bus", "datasete-batches", "datasete-status"):
        comfy.evaluate(OPEN, tab)
        panel = comfy.page.locator(".ds-panel-panel")
        expect(panel).to_have_count(1)
        expect(panel).not_to_contain_text("Asking")
        assert faint(comfy) == []
    comfy.evaluate(OPEN, None)


def test_a_phone_shows_the_gate_that_waits(browser: Browser, idle_server: Server, renderer: str) -> None:
    context = new_context(browser, viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    comfy = ComfyPage(context.new_page(), idle_server, renderer).open()
    comfy.evaluate("([id, on]) => app.extensionManager.setting.set(id, on)", [VUE, renderer == "vue"])
    flow = gated()
    run = comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    comfy.evaluate("() => app.extensionManager.command.execute('Datasete.ShowWaitingGate')")
    comfy.until("() => document.querySelector('.ds-gate-open').getBoundingClientRect().width > 150")
    gate.locator("button[data-route='1']").tap()
    assert comfy.ran(run) == {flow.previews[0]}
    context.close()


def test_the_keyboard_reaches_every_button_by_name(comfy: ComfyPage) -> None:
    flow = gated()
    comfy.load(flow).queue()
    gate = comfy.waiting(flow.gate)
    expect(gate).to_have_attribute("role", "group")
    first = gate.get_by_role("button", name="Route 1")
    first.focus()
    expect(first).to_be_focused()
    comfy.page.keyboard.press("Tab")
    expect(gate.get_by_role("button", name="Route 2")).to_be_focused()
    comfy.page.keyboard.press("Enter")
    comfy.wait(lambda: not comfy.server.pending(), "the answer by keyboard")


@pytest.mark.parametrize("renderer", ["vue"])
def test_the_readme_shows_what_a_gate_does(comfy: ComfyPage) -> None:
    """Pause, choose, routed. ``DATASETE_PICTURES=1`` writes what is seen to docs/images; else it is only looked at."""
    flow = _story()
    comfy.load(flow)
    page = comfy.page
    comfy.evaluate(
        "() => { Object.assign(app.canvas.ds, { scale: 1, offset: [110, 205] }); app.canvas.setDirty(true, true); }"
    )
    _calm(comfy)
    frames = [(_shot(page), 900)]
    run = comfy.queue()
    gate = comfy.waiting(2)
    _calm(comfy)
    frames.append((_shot(page), 1800))
    gate.locator("button[data-route='1']").hover()
    frames.append((_shot(page), 900))
    comfy.choose(1, 2)
    comfy.finished(run)
    comfy.until("() => [...document.querySelectorAll('[data-node-id=\"3\"] img')].some((image) => image.complete)")
    _calm(comfy)
    frames.append((_shot(page), 2400))
    assert len({image.tobytes() for image, _ in frames}) == len(frames)
    if os.environ.get("DATASETE_PICTURES"):
        _write(frames)
    with Image.open(IMAGES / "gate.webp") as moving, Image.open(IMAGES / "gate.png") as still:
        assert moving.n_frames == len(frames)
        assert moving.size == still.size == frames[0][0].size


def _story() -> Flow:
    flow = Flow()
    load = flow.add("LoadImage", "datasete-cat.png", "image", at=(0, 0))
    gate = flow.add("ImageGate", 2, "", "", at=(330, 0), outputs=3, properties={"routeLabels": ["Keep", "Try again"]})
    flow.nodes[gate - 1]["size"] = [340, 540]
    keep = flow.add("PreviewImage", at=(730, 0), title="Keep")
    again = flow.add("PreviewImage", at=(730, 290), title="Try again")
    for node in (keep, again):
        flow.nodes[node - 1]["size"] = [280, 250]
    flow.link(load, 0, gate, "image")
    flow.link(gate, 1, keep, "images")
    flow.link(gate, 2, again, "images")
    return flow


def _calm(comfy: ComfyPage) -> None:
    """Waits until everything is drawn as it will stay."""
    comfy.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def _shot(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(clip=FRAME))).convert("RGB")


def _write(frames: list[tuple[Image.Image, int]]) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    first, *others = [image for image, _ in frames]
    durations = [duration for _, duration in frames]
    moving = {"save_all": True, "append_images": others, "duration": durations, "loop": 0}
    first.save(IMAGES / "gate.webp", quality=82, method=6, **moving)
    others[0].save(IMAGES / "gate.png", optimize=True)
