"""Opening a pool in the browser: one with 10,000 pictures beside one with 100, until the pictures in view are there.

Needs Chromium, as the browser tests do. Both take turns; medians of one run are compared.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "kit"))

from browser_host import Host, Server
from browser_page import ComfyPage
from browser_pool_grid import PoolGrid, large_pool, pool_flow
from conftest import ARGUMENTS, CHROMIUM, SETTINGS, new_context
from playwright.sync_api import sync_playwright
from verdict import Figure, conclude

FEW, MANY = 100, 10_000
TURNS = 7
SHOWN = """() => {
    const cells = [...document.querySelectorAll('.dpg-cell')];
    return cells.length > 3 && cells.every((cell) => cell.classList.contains('dpg-there'));
}"""


def opening(comfy: ComfyPage, folder: Path, count: int) -> float:
    """Seconds until a pool that this page has never seen shows all pictures in view."""
    flow = pool_flow(large_pool(folder, count)).json()
    comfy.evaluate("() => app.graph.clear()")
    started = time.perf_counter()
    comfy.evaluate("workflow => app.loadGraphData(workflow)", flow)
    comfy.page.wait_for_function(SHOWN, polling=10)
    taken = time.perf_counter() - started
    PoolGrid(comfy).expect_pictures(0, 1, 2, 3)
    return taken


def measured(host: Host) -> tuple[list[float], list[float]]:
    """Seconds of each turn, with few pictures and with many."""
    server = Server(host.url)
    server.post("/settings", SETTINGS)
    few: list[float] = []
    many: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        comfy = ComfyPage(new_context(browser).new_page(), server, "canvas").open()
        for _ in range(TURNS + 1):
            few.append(opening(comfy, host.data / "input" / "grid_pool", FEW))
            many.append(opening(comfy, host.data / "input" / "grid_pool", MANY))
        browser.close()
    return few[1:], many[1:]  # the first turn warms both up


def main() -> int:
    """Measure in a host of its own."""
    with tempfile.TemporaryDirectory() as folder:
        host = Host(Path(folder) / "data").start()
        try:
            few, many = (statistics.median(times) for times in measured(host))
        finally:
            host.stop()
    print(f"a pool of {FEW} shows in {1000 * few:.0f} ms, one of {MANY:,} in {1000 * many:.0f} ms")
    return conclude(Figure(f"showing a pool of {MANY:,} beside one of {FEW}", many / few, 2, "×"))


if __name__ == "__main__":
    sys.exit(main())
