"""A finger or a pen on a page, and a pool's grid on a phone."""

from __future__ import annotations

from browser_page import ComfyPage
from browser_pool_grid import PoolGrid, fresh_id, pool_flow, thumbs
from playwright.sync_api import CDPSession

HELD = 600  # milliseconds: longer than the grid, the canvas and the browser call a long press
SCROLLED = "viewport => viewport.scrollTop"
Point = tuple[float, float]


class Hand:
    """One finger, or a pen, by the browser's own input events."""

    def __init__(self, comfy: ComfyPage, *, pen: bool = False) -> None:
        self.page, self.pen = comfy.page, pen
        self.session: CDPSession = comfy.page.context.new_cdp_session(comfy.page)
        self.at: Point = (0, 0)

    def down(self, x: float, y: float) -> None:
        self.at = (x, y)
        self._send("touchStart", "mousePressed")

    def move(self, x: float, y: float, steps: int = 8) -> None:
        """Moves there, a frame at a time."""
        from_x, from_y = self.at
        for step in range(1, steps + 1):
            self.at = (from_x + (x - from_x) * step / steps, from_y + (y - from_y) * step / steps)
            self._send("touchMove", "mouseMoved")
            self.page.wait_for_timeout(20)

    def up(self) -> None:
        self._send("touchEnd", "mouseReleased")

    def hold(self, x: float, y: float) -> None:
        self.down(x, y)
        self.page.wait_for_timeout(HELD)

    def _send(self, touch: str, mouse: str) -> None:
        x, y = self.at
        if self.pen:
            pressed = {
                "button": "left",
                "buttons": int(mouse != "mouseReleased"),
                "clickCount": 1,
                "pointerType": "pen",
            }
            self.session.send("Input.dispatchMouseEvent", {"type": mouse, "x": x, "y": y, **pressed})
        else:
            points = [] if touch == "touchEnd" else [{"x": x, "y": y}]
            self.session.send("Input.dispatchTouchEvent", {"type": touch, "touchPoints": points})


def shown(comfy: ComfyPage, count: int) -> PoolGrid:
    """A grid of so many pictures, in the middle of the screen."""
    grid = PoolGrid(comfy.load(pool_flow(fresh_id())))
    grid.upload(thumbs(count))
    grid.expect_count(count)
    grid.expect_pictures(0, 1, 2)
    place = "() => { Object.assign(app.canvas.ds, { scale: 1, offset: [-25, 40] }); app.canvas.setDirty(true, true); }"
    comfy.evaluate(place)
    comfy.wait(lambda: 0 <= grid.viewport.bounding_box()["x"] < 60, "a grid that lies still on the screen")
    return grid
