"""A mask painted in the page lies over the same part of the picture in the run, wherever its orientation stands."""

from __future__ import annotations

import re

import numpy as np
import pytest
from browser_flows import Flow
from browser_page import ComfyPage
from browser_painter import Painter
from browser_pool_grid import OUTPUTS, PoolGrid, fresh_id
from oriented import CARRIERS, arrow, turned
from playwright.sync_api import Locator, expect

SCALE = 8
CHOSEN = ["jpeg", "jpeg, long", "jpeg, XMP alone", "png, behind the pixels", "png, raw profile", "webp"]


def flow_with_mask() -> tuple[Flow, int, int]:
    """A pool, a preview of its picture and one of its mask."""
    flow = Flow()
    pool = flow.add("GridImagePool", -1, fresh_id(), at=(40, 60))
    flow.nodes[0]["outputs"] = [{"name": name, "type": of, "links": []} for name, of in OUTPUTS]
    flow.nodes[0]["size"] = [400, 540]
    picture = flow.add("PreviewImage", at=(520, 60))
    flow.link(pool, 0, picture, "images")
    image = flow.add("MaskToImage", at=(520, 400))
    flow.link(pool, 1, image, "mask")
    mask = flow.add("PreviewImage", at=(800, 60))
    flow.link(image, 0, mask, "images")
    return flow, picture, mask


TIP = """image => {
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight), context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let [count, x, y] = [0, 0, 0];
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] < data[at + 1] + 99) continue;
    count += 1;
    x += (at / 4) % canvas.width;
    y += Math.floor(at / 4 / canvas.width);
  }
  return [x / count / canvas.width, y / count / canvas.height, canvas.width / canvas.height];
}"""


def shown(image: Locator) -> tuple[float, float, float]:
    """Where a person sees the tip, as shares of width and height, and the picture's shape."""
    expect(image).to_have_js_property("complete", value=True)
    return tuple(image.evaluate(TIP))


def middle(marked: np.ndarray) -> tuple[float, float, float]:
    """The same in pixels that are true where something is marked."""
    (rows, columns), (height, width) = np.nonzero(marked), marked.shape
    return columns.mean() / width, rows.mean() / height, width / height


@pytest.mark.parametrize("renderer", ["canvas"], indirect=True)
@pytest.mark.parametrize("carrier", CHOSEN)
def test_a_mask_over_the_tip_of_an_arrow_is_over_its_tip_in_the_run(comfy: ComfyPage, carrier: str) -> None:
    pixels = arrow().repeat(SCALE, 0).repeat(SCALE, 1)
    flow, picture, mask = flow_with_mask()
    grid = PoolGrid(comfy.load(flow))
    grid.upload([{"name": "arrow.png", "mimeType": "image/png", "buffer": CARRIERS[carrier].make(pixels, 6)}])
    grid.expect_pictures(0)
    tip = shown(grid.cell(0).locator("img"))
    grid.cell(0).click()
    grid.page.keyboard.press("m")
    height, width = turned(pixels, 6 if CARRIERS[carrier].counts else 1).shape[:2]
    painter = Painter(comfy, (width, height)).ready()
    assert shown(painter.dialog.locator(".ds-painter-picture")) == pytest.approx(tip, abs=0.02)
    place = (tip[0] * width, tip[1] * height)
    painter.brush(20)
    painter.stroke(place, place)
    painter.save()
    expect(grid.cell(0)).to_have_class(re.compile("ds-grid-masked"))
    outputs = comfy.finished(comfy.queue())["outputs"]
    ran, painted = (comfy.server.picture(outputs[str(node)]["images"][0]).convert("RGB") for node in (picture, mask))
    red, green = (np.asarray(ran)[..., channel].astype(int) for channel in (0, 1))
    assert middle(red > green + 99) == pytest.approx(tip, abs=0.02)
    assert middle(np.asarray(painted)[..., 0] > 128) == pytest.approx(tip, abs=0.02)
