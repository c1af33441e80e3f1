"""The examples work where nobody has prepared anything: each one brings what it needs when it is opened."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_context import COMFYUI_URL, new_context
from browser_host import Host, Server
from browser_page import ComfyPage
from playwright.sync_api import Browser, expect

EXAMPLES = Path(__file__).parents[2] / "example_workflows"
MISSING = re.compile(r"input missing|missing a required|is missing|could not be found", re.IGNORECASE)

# Until then a page may show what it restored, or nodes that are not connected yet.
OPENED = """([types, links]) =>
  String(app.graph.nodes.map(({ type }) => type).sort()) === String(types) && app.graph.links.size === links"""


@pytest.fixture
def unprepared(tmp_path: Path) -> Iterator[Server]:
    """A server without photographs and profiles; of a ComfyUI that somebody started, as it is."""
    if COMFYUI_URL:
        yield Server(COMFYUI_URL)
        return
    data = tmp_path / "data"
    (data / "input").mkdir(parents=True)  # then it is not the first start, which copies the photographs
    pools = data / "user" / "datasete" / "pools"
    pools.mkdir(parents=True)
    (pools / "profiles.json").write_text('{"profiles": []}')
    host = Host(data).start()
    yield Server(host.url)
    host.stop()


class Examples:
    def __init__(self, comfy: ComfyPage) -> None:
        self.comfy = comfy

    def open(self, name: str) -> ComfyPage:
        """Opens it as the templates dialog's own links do."""
        workflow = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
        with self.comfy.page.expect_response(re.compile("/datasete/samples$")) as placed:
            self.comfy.page.goto(f"{self.comfy.server.url}/?template={name}&source=datasete")
            self.comfy.settle()
        assert placed.value.ok
        self.comfy.until(OPENED, [sorted(node["type"] for node in workflow["nodes"]), len(workflow["links"])])
        return self.comfy

    def run(self, name: str) -> dict:
        """Opens it, runs it, sends its picture to the first route, and returns the run's history."""
        comfy = self.open(name)
        run = comfy.queue()
        comfy.choose(1)
        return comfy.finished(run)


def walked(server: Server) -> list[tuple[str, int]]:
    return [(batch["state"], batch["done"]) for batch in server.json("/datasete/batch/list")["batches"]]


def test_the_examples_run_in_their_order_where_nothing_was_prepared(unprepared: Server, browser: Browser) -> None:
    context = new_context(browser)
    examples = Examples(ComfyPage(context.new_page(), unprepared, "canvas"))
    for name in sorted(path.stem for path in EXAMPLES.glob("[1-5]*.json")):
        history = examples.run(name)
        assert history["status"]["status_str"] == "success", name
        assert history["outputs"], name
        expect(examples.comfy.page.get_by_text(MISSING)).to_have_count(0)
    walk = examples.open("6-walk-a-folder")
    walk.queue()
    walk.wait(lambda: ("finished", 5) in walked(unprepared), "the walk over the five photographs")
    assert examples.comfy.faults == []
    context.close()
