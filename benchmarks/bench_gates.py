"""How long it takes from a person's answer to the node that runs on, with many gates open.

As in ComfyUI, nodes run on a loop of their own in a worker thread, and the answer arrives at the server's loop. The
clock runs from the moment the browser sends its request to the moment the node has its answer.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
import time
from concurrent.futures import Future
from pathlib import Path
from statistics import median, quantiles

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from verdict import Figure, conclude

from datasete.application import Application, build_application
from datasete.config import BusSettings, Settings
from datasete.gates import GateView
from datasete.host.api import BareHost
from datasete.plugin import Gate
from datasete.server import bind

ROUNDS = 200


def no_preview(frame: int, size: int) -> tuple[bytes, str]:
    """Nobody looks."""
    del frame, size
    return b"", "image/jpeg"


class Nodes:
    """Nodes that wait at gates, on a loop in a thread of their own."""

    def __init__(self, application: Application) -> None:
        self.gates = application.gates
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    async def start(self, node_id: int) -> Future[float]:
        """Let a node wait, and return when it does; the future holds the time at which it ran on."""
        waiting = asyncio.run_coroutine_threadsafe(self._node(str(node_id)), self.loop)
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self.loop))
        return waiting

    async def _node(self, node_id: str) -> float:
        gate = Gate("p", node_id, 0, routes=2, frames=1, width=64, height=64)
        await self.gates.ask(gate, GateView(no_preview, "tab"), lambda: False)
        return time.perf_counter()

    def stop(self) -> None:
        """End the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def measure(count: int) -> list[float]:
    """Milliseconds from answer to resumed node, `ROUNDS` times, with `count` gates open."""
    folder = Path(tempfile.gettempdir())
    application = build_application(BareHost(folder, folder, folder), Settings(bus=BusSettings(url="memory://bench")))
    served, nodes = web.Application(), Nodes(application)
    bind(served, application)
    async with TestClient(TestServer(served)) as client:
        waiting = {node_id: await nodes.start(node_id) for node_id in range(count)}
        took = []
        for number in range(ROUNDS):
            node_id = number % count
            sent = time.perf_counter()
            await client.post("/datasete_gate/choice", data={"id": str(node_id), "message": "1"})
            took.append(1000 * (await asyncio.wrap_future(waiting[node_id]) - sent))
            waiting[node_id] = await nodes.start(node_id)
        assert len(application.gates) == count
    application.close()
    await asyncio.gather(*map(asyncio.wrap_future, waiting.values()))
    nodes.stop()
    return took


def main() -> int:
    """Measure with 50 and with 200 open gates."""
    fifty, many = asyncio.run(measure(50)), asyncio.run(measure(200))
    print(
        f"95th percentile: {quantiles(fifty, n=20)[-1]:.2f} ms with 50 gates, {quantiles(many, n=20)[-1]:.2f} with 200"
    )
    return conclude(
        Figure("answer to resumed node, median, 50 gates open", median(fifty), 5, "ms"),
        Figure("answer to resumed node, median, 200 gates open", median(many), 10, "ms"),
    )


if __name__ == "__main__":
    sys.exit(main())
