"""Workflows as ComfyUI saves them, written down briefly."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

ROUTES = [f"route_{number}" for number in range(1, 11)]
OUTPUTS = {
    "LoadImage": [("IMAGE", "IMAGE"), ("MASK", "MASK")],
    "ImageGate": [("mask", "MASK"), *[(name, "IMAGE") for name in ROUTES]],
    "MaskToImage": [("IMAGE", "IMAGE")],
    "ImageInvert": [("IMAGE", "IMAGE")],
    "ImageBatch": [("IMAGE", "IMAGE")],
    "LoadImageMask": [("MASK", "MASK")],
}
SIZES = {"LoadImage": [280, 320], "ImageGate": [340, 260], "PreviewImage": [240, 250]}


@dataclass
class Flow:
    """A workflow in the making: `add` nodes, `link` them, then hand `json()` to the page."""

    nodes: list[dict] = field(default_factory=list)
    links: list[list] = field(default_factory=list)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def add(
        self, kind: str, *widgets: object, at: tuple[int, int] = (0, 0), outputs: int | None = None, **more: object
    ) -> int:
        slots = OUTPUTS.get(kind, [])[:outputs]
        node = {
            "id": len(self.nodes) + 1,
            "type": kind,
            "pos": list(at),
            "size": list(SIZES.get(kind, [220, 60])),
            "flags": {},
            "order": len(self.nodes),
            "mode": 0,
            "inputs": [],
            "outputs": [{"name": name, "type": of, "links": []} for name, of in slots],
            "properties": {},
            "widgets_values": list(widgets),
        }
        self.nodes.append(node | more)
        return node["id"]

    def link(self, source: int, slot: int, target: int, name: str) -> int:
        of = self.nodes[source - 1]["outputs"][slot]["type"]
        number = len(self.links) + 1
        inputs = self.nodes[target - 1]["inputs"]
        inputs.append({"name": name, "type": of, "link": number})
        self.nodes[source - 1]["outputs"][slot]["links"].append(number)
        self.links.append([number, source, slot, target, len(inputs) - 1, of])
        return number

    def json(self) -> dict:
        return {
            "id": self.id,
            "revision": 0,
            "last_node_id": len(self.nodes),
            "last_link_id": len(self.links),
            "nodes": self.nodes,
            "links": self.links,
            "groups": [],
            "config": {},
            "extra": {},
            "version": 0.4,
        }


@dataclass
class Gated:
    """The usual workflow: a photograph, a gate, a preview behind each route and, if asked for, one of the mask."""

    flow: Flow
    gate: int
    previews: list[int]
    mask: int | None = None

    def json(self) -> dict:
        return self.flow.json()


def gated(
    photograph: str | None = "datasete-cat.png",
    routes: int = 2,
    send: str = "",
    get: str = "",
    *,
    mask: bool = False,
    **more: object,
) -> Gated:
    flow = Flow()
    source = flow.add("LoadImage", photograph, "image", at=(20, 60)) if photograph else None
    gate = flow.add("ImageGate", routes, send, get, at=(340, 60), outputs=1 + routes, **more)
    if source:
        flow.link(source, 0, gate, "image")
    previews = []
    for route in range(1, routes + 1):
        preview = flow.add("PreviewImage", at=(740 + 260 * ((route - 1) % 2), 60 + 290 * ((route - 1) // 2)))
        flow.link(gate, route, preview, "images")
        previews.append(preview)
    return Gated(flow, gate, previews, _mask_preview(flow, gate) if mask else None)


def _mask_preview(flow: Flow, gate: int) -> int:
    image = flow.add("MaskToImage", at=(740, 640))
    flow.link(gate, 0, image, "mask")
    preview = flow.add("PreviewImage", at=(1000, 640))
    flow.link(image, 0, preview, "images")
    return preview
