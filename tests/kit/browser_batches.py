"""Folders and workflows for the batch tests, and what a person does at a loader's card."""

from __future__ import annotations

import io
import re
import urllib.request
import uuid
from dataclasses import dataclass

from browser_flows import OUTPUTS, SIZES, Flow
from browser_host import Server
from browser_page import ComfyPage
from PIL import Image
from playwright.sync_api import Locator, expect

LOADER = [
    ("IMAGE", "IMAGE"),
    *[(name, "INT") for name in ("TOTAL_COUNT", "INDEX", "CURRENT_INDEX")],
    *[(name, "STRING") for name in ("FILENAME", "BASENAME", "STATUS")],
    ("BATCH_COMPLETE", "BOOLEAN"),
    ("MASK", "MASK"),
    *[(name, "STRING") for name in ("TEXT", "DIRECTORY", "EXTENSION")],
]
SAVER = [("OUTPUT_IMAGE", "IMAGE"), ("SAVED_FILENAME", "STRING"), ("SAVED_PATH", "STRING")]
OUTPUTS.update(BatchImageLoader=LOADER, BatchImageSaver=SAVER, PrimitiveString=[("STRING", "STRING")])
SIZES.update(BatchImageLoader=[340, 600], BatchImageSaver=[320, 420])
BASENAME, STATUS = 5, 6
NOT_BEGUN = re.compile(r"^\d+ pictures? · not begun$")
"""What a card says before the first run."""


def png(level: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 32), (level % 256, 80, 120)).save(out, "PNG")
    return out.getvalue()


def fill(server: Server, count: int = 3, broken: tuple[int, ...] = ()) -> str:
    """A new folder below the input folder, with pictures ``1.png``, ``2.png``…; returns its name."""
    folder = f"walk-{uuid.uuid4().hex[:12]}"
    for number in range(1, count + 1):
        upload(server, folder, f"{number}.png", b"broken" if number in broken else png(40 * number))
    return folder


def upload(server: Server, folder: str, name: str, data: bytes, kind: str = "input") -> None:
    border = uuid.uuid4().hex
    part = f'--{border}\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
    head = (
        part % ("type", "")
        + kind
        + "\r\n"
        + part % ("subfolder", "")
        + folder
        + "\r\n"
        + part % ("image", f'; filename="{name}"')
    )
    body = head.encode() + data + f"\r\n--{border}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={border}"}
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/upload/image", body, headers), timeout=60):
        pass


@dataclass
class Walk:
    """A loader, a gate if asked for, and a saver that writes into a folder named like the walked one."""

    flow: Flow
    folder: str
    loader: int
    saver: int
    gate: int = 0

    def json(self) -> dict:
        return self.flow.json()


def walk(
    folder: str, *, gate: bool = False, mode: str = "Continue", errors: str = "Stop on error", into: str | None = None
) -> Walk:
    flow = Flow()
    values = (folder, "All Images", mode, errors, "*.png", 0)
    loader = flow.add("BatchImageLoader", *values, at=(20, 60))
    saver = flow.add(
        "BatchImageSaver", 100, "Rename", folder if into is None else into, "", "png", "", "", True, at=(800, 60)
    )
    between = flow.add("ImageGate", 2, "", "", at=(400, 60), outputs=3) if gate else 0
    if gate:
        flow.link(loader, 0, between, "image")
    flow.link(between or loader, 1 if gate else 0, saver, "image")
    flow.link(loader, BASENAME, saver, "output_base_name")
    flow.nodes[saver - 1]["inputs"][-1]["widget"] = {"name": "output_base_name"}
    return Walk(flow, folder, loader, saver, between)


def batches(server: Server, folder: str) -> list[dict]:
    return [batch for batch in server.json("/datasete/batch/list")["batches"] if batch["name"] == folder]


def batch(server: Server, folder: str) -> dict:
    found = batches(server, folder)
    return found[0] if found else {"state": "none"}


def is_over(comfy: ComfyPage, folder: str, state: str = "finished") -> None:
    """Waits until the batch is in `state` and nothing runs."""

    def over() -> bool:
        return is_idle(comfy.server) and batch(comfy.server, folder)["state"] == state

    comfy.wait(over, f"the batch over {folder} is {state}")


def is_idle(server: Server) -> bool:
    """Whether no run is under way or waits; the last one is in the history then."""
    queue = server.json("/queue")
    return not queue["queue_running"] and not queue["queue_pending"]


def saved(server: Server, folder: str) -> list[str]:
    """The names of the files that the runs in the history saved into `folder`, in their order."""
    outputs = [node for run in server.json("/history").values() for node in run["outputs"].values()]
    images = [image for node in outputs for image in node.get("images", [])]
    return [image["filename"] for image in images if image["subfolder"] == folder]


def card(comfy: ComfyPage, node: int) -> Locator:
    """The card of a loader."""
    comfy.evaluate(
        """id => {
             const widget = app.graph.getNodeById(id).widgets.find(({ type }) => type === "datasete-batch");
             widget.element.dataset.node = id;
           }""",
        node,
    )
    return comfy.page.locator(f".ds-batch-card[data-node='{node}']")


def says(shown: Locator, status: str | re.Pattern[str], counts: str | None = None) -> None:
    expect(shown.locator(".ds-batch-status")).to_have_text(status)
    if counts is not None:
        expect(shown.locator(".ds-batch-counts")).to_have_text(counts)


def press(shown: Locator, name: str) -> None:
    shown.get_by_role("button", name=name, exact=True).click()


def at_gate(comfy: ComfyPage, flow: Walk, number: int, of: int = 3) -> Locator:
    """The loader's card while the file of that number waits at the gate."""
    shown = card(comfy, flow.loader)
    says(shown, f"{number} of {of} · {flow.folder}")
    comfy.waiting(flow.gate)
    comfy.wait(lambda: [gate["batch"]["index"] for gate in comfy.server.pending()] == [number - 1], f"file {number}")
    return shown


def let_pass(comfy: ComfyPage, flow: Walk, *numbers: int, of: int = 3) -> None:
    """Lets the files of those numbers through the gate, one after the other."""
    for number in numbers:
        at_gate(comfy, flow, number, of)
        comfy.choose(1, flow.gate)
