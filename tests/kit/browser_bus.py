"""A host whose bus holds known slots, and a person at its Bus panel."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser_host import Host, Server
from browser_page import ComfyPage
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Locator, Page, expect
from reruns import is_rerun

from datasete.bus import Bus
from datasete.config import load_settings
from datasete.hooks.manager import build_hooks
from datasete.plugin import Space
from datasete.storage import Storage

ROWS = ".ds-bus-row:not([hidden])"


@dataclass
class Panel:
    """The panel on a page, and the bus behind it as the disk has it."""

    comfy: ComfyPage
    host: Host

    @property
    def page(self) -> Page:
        return self.comfy.page

    @property
    def folder(self) -> Path:
        return self.host.data / "input" / "gate_bus"

    @property
    def bus(self) -> Bus:
        """Another process's view: the page hears nothing of what is done through it."""
        space = Space("bus", str(self.folder), {})
        hooks = build_hooks(load_settings(self.host.data, self.host.data).plugins, None)
        return Bus(Storage(hooks.open_store(space), space, deadline=30))

    def fill(self, **slots: list[list[bytes]]) -> Panel:
        """Empties the bus, and publishes to each slot in turn what is given: publishes, of frames."""
        for place in self.folder.glob("*"):
            if place.name != ".locks":  # which has the marker that a space is missed by
                shutil.rmtree(place) if place.is_dir() else place.unlink()
        bus = self.bus
        for name, publishes in slots.items():
            for frames in publishes:
                bus.publish(name.replace("_", " "), frames)
                bus.flush()
        return self

    def show(self) -> Panel:
        """Opens the panel; anew, when it is open."""
        tab = "tab => { app.extensionManager.sidebarTab.activeSidebarTabId = tab; }"
        self.comfy.evaluate(tab, None)
        expect(self.page.locator(".ds-panel-panel")).to_have_count(0)
        self.comfy.evaluate("() => app.extensionManager.command.execute('Datasete.OpenBus')")
        expect(self.page.locator(".ds-panel-panel")).to_be_visible()
        return self

    @property
    def element(self) -> Locator:
        return self.page.get_by_role("region", name="Bus")

    @property
    def list(self) -> Locator:
        return self.element.get_by_role("grid", name="Slots")

    def row(self, slot: str) -> Locator:
        return self.page.locator(ROWS).filter(has=self.page.get_by_text(slot, exact=True))

    def expect_rows(self, *slots: str) -> None:
        """Waits until exactly these are listed, in this order."""
        wanted = list(slots)
        self.comfy.until(
            """([rows, wanted]) => {
                 const shown = [...document.querySelectorAll(rows)];
                 shown.sort((one, other) => Number(one.ariaRowIndex) - Number(other.ariaRowIndex));
                 const names = shown.map((row) => row.querySelector(".ds-panel-name").textContent);
                 return JSON.stringify(names) === JSON.stringify(wanted);
               }""",
            [ROWS, wanted],
        )

    def open(self, slot: str) -> Locator:
        """A slot's own page, once its history is there."""
        self.row(slot).click()
        versions = self.page.locator(".ds-bus-versions")
        expect(versions.locator("li").first).to_be_visible()
        expect(self.page.locator(".ds-bus-hero-picture")).to_have_attribute("src", re.compile("^blob:"))
        return versions

    @property
    def undo(self) -> Locator:
        return self.page.get_by_role("button", name="Undo", exact=True)

    def shade(self, slot: str) -> tuple[int, int, int]:
        """The first pixel of what a slot holds, as the disk has it."""
        with Image.open(io.BytesIO(self.bus.load(slot).images[0])) as image:
            return image.convert("RGB").getpixel((0, 0))

    def gates(self) -> list[tuple[str, list[float]]]:
        """What the gates on the canvas take up, and where they are."""
        return self.comfy.evaluate(
            """() => app.graph.nodes.filter(({ comfyClass }) => comfyClass === "ImageGate").map(({ widgets, pos }) =>
                 [widgets.find(({ name }) => name === "get_id").value, [...pos]])"""
        )


def plain(color: str, size: tuple[int, int] = (96, 64)) -> bytes:
    return png(Image.new("RGB", size, color))


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def cats() -> list[Image.Image]:
    """A photograph, and what somebody made of it."""
    from skimage import data

    cat = Image.fromarray(data.chelsea())
    return [cat, ImageOps.grayscale(cat).convert("RGB"), ImageOps.solarize(cat)]


@pytest.fixture(scope="module")
def bus_page(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[tuple[ComfyPage, Host]]:
    """A host of this module's own, whose folder a test can reach, and a page on it."""
    from browser_context import COMFYUI_URL, SETTINGS, new_context

    if COMFYUI_URL:
        pytest.skip("the folders of a ComfyUI that somebody else started cannot be reached from here")
    host = Host(tmp_path_factory.mktemp("bus") / "data").start()
    server = Server(host.url)
    server.post("/settings", SETTINGS)
    context = new_context(browser, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True)
    yield ComfyPage(context.new_page(), server, "canvas").open(), host
    context.close()
    host.stop()


@pytest.fixture
def panel(request: pytest.FixtureRequest, bus_page: tuple[ComfyPage, Host]) -> Iterator[Panel]:
    """The panel over an empty bus, and an empty canvas in the canvas renderer."""
    from browser_context import use_renderer

    comfy, host = bus_page
    if is_rerun(request.node):
        comfy.open()
    use_renderer(comfy, "canvas")
    yield Panel(comfy, host).fill()
    assert comfy.faults == []
    comfy.faults.clear()
