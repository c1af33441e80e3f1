"""A person at an Image Pool: pools made of real photographs, and what the node's grid shows of them."""

from __future__ import annotations

import io
import json
import re
import shutil
import urllib.parse
import uuid
from pathlib import Path

from browser_flows import Flow
from browser_host import Server
from browser_page import ComfyPage
from PIL import Image
from playwright.sync_api import Locator, expect

from datasete.samples import photographs as shipped

PHOTOGRAPHS = sorted(Path(next(iter(shipped.__path__))).glob("*.[jp][pn]g"))
OUTPUTS = [("image", "IMAGE"), ("mask", "MASK"), ("index", "INT"), ("count", "INT"), ("label", "STRING")]
ROOM = [400, 540]


def fresh_id() -> str:
    return str(uuid.uuid4())


def pool_flow(pool_id: str, index: int = -1, **more: object) -> Flow:
    """A pool and a preview of the picture it hands on."""
    flow = Flow()
    pool = flow.add("GridImagePool", index, pool_id, at=(40, 60), **more)
    flow.nodes[0]["outputs"] = [{"name": name, "type": of, "links": []} for name, of in OUTPUTS]
    flow.nodes[0]["size"] = list(ROOM)
    preview = flow.add("PreviewImage", at=(520, 60))
    flow.link(pool, 0, preview, "images")
    return flow


def thumbs(count: int) -> list[dict]:
    """So many different photographs, as files for an upload."""
    files = []
    for number in range(count):
        with Image.open(PHOTOGRAPHS[number % len(PHOTOGRAPHS)]) as image:
            width, height = image.size
            cut = 4 * (number // len(PHOTOGRAPHS))
            data = io.BytesIO()
            image.convert("RGB").crop((cut, 0, width, height)).resize((240, 160)).save(data, "JPEG")
        files.append({"name": f"photo-{number:02}.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()})
    return files


class PoolGrid:
    """The grid of one node."""

    def __init__(self, comfy: ComfyPage, node: int = 1) -> None:
        self.comfy, self.page, self.node = comfy, comfy.page, node
        comfy.until("id => app.graph.getNodeById(id)?.widgets?.some(({ type }) => type === 'datasete-pool')", node)
        comfy.evaluate(
            """id => {
                 const widget = app.graph.getNodeById(id).widgets.find(({ type }) => type === "datasete-pool");
                 widget.element.dataset.node = id;
               }""",
            node,
        )
        self.element = self.page.locator(f".ds-grid-pool[data-node='{node}']")
        expect(self.element).to_be_visible()
        self.viewport = self.element.get_by_test_id("datasete-pool-grid")
        self.overlay = self.element.get_by_test_id("datasete-pool-overlay")
        self.bar = self.element.get_by_test_id("datasete-pool-bar")
        self.status = self.element.locator(".ds-grid-status")
        self.cells = self.element.locator(".ds-grid-cell")

    @property
    def pool_id(self) -> str:
        return self.comfy.value(self.node, "pool_id")

    def cell(self, number: int) -> Locator:
        """A picture by its index in the pool."""
        return self.cells.filter(has=self.page.locator(f".ds-grid-number:text-is('{number}')"))

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)

    def upload(self, files: list[dict] | list[Path]) -> None:
        self.element.locator("input[type=file]").set_input_files(files)

    def expect_count(self, count: int) -> None:
        expect(self.status).to_contain_text(
            "Empty" if not count else "1 picture" if count == 1 else f"{count} pictures"
        )

    def expect_active(self, number: int) -> None:
        expect(self.status).to_contain_text(f"active {number}")

    def expect_pictures(self, *numbers: int) -> None:
        """Waits until these pictures have loaded."""
        for number in numbers:
            expect(self.cell(number)).to_have_class(re.compile("ds-grid-loaded"))

    def names(self) -> list[str]:
        """What the grid shows, by name, in order."""
        return self.element.evaluate(
            """element => [...element.querySelectorAll('.ds-grid-cell')]
                 .sort((one, other) => one.dataset.index - other.dataset.index).map((cell) => cell.dataset.image)"""
        )

    def server_names(self) -> list[str]:
        return [slot["image"] for slot in view(self.comfy.server, self.pool_id)["slots"]]

    def agrees(self) -> None:
        """Waits until the grid shows what the server has."""
        self.comfy.wait(lambda: self.names() == self.server_names(), "a grid that shows what the server has")


def view(server: Server, pool_id: str) -> dict:
    return server.json(f"/grid_pool/list?pool_id={urllib.parse.quote(pool_id)}")


def filled(comfy: ComfyPage, count: int = 6, index: int = -1) -> PoolGrid:
    """A node with a pool of so many photographs, all in sight."""
    grid = PoolGrid(comfy.load(pool_flow(fresh_id(), index)))
    grid.upload(thumbs(count))
    grid.expect_count(count)
    expect(grid.cells).to_have_count(count)
    expect(grid.bar).to_be_hidden()
    return grid


def large_pool(folder: Path, count: int) -> str:
    """A pool of so many pictures, made cheaply: few files under many names."""
    pool_id = fresh_id()
    place = folder / pool_id
    place.mkdir(parents=True)
    files = thumbs(len(PHOTOGRAPHS))
    for number, file in enumerate(files):
        (folder / f"source-{number}.jpg").write_bytes(file["buffer"])
    slots = []
    for number in range(1, count + 1):
        name, source = f"img_{number:04d}.jpg", folder / f"source-{number % len(files)}.jpg"
        try:
            (place / name).hardlink_to(source)
        except OSError:
            shutil.copyfile(source, place / name)
        slots.append({"image": name, "mask": None, "label": f"picture {number}", "added": number})
    manifest = {"active": 0, "slots": slots, "next_seq": count + 1, "revision": 1}
    (place / "manifest.json").write_text(json.dumps(manifest))
    return pool_id
