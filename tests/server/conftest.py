"""A real aiohttp server with the pack's routes, over a bus in memory, and gates that wait behind it."""

from __future__ import annotations

import asyncio
import io
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from PIL import Image

from datasete.application import Application, build_application
from datasete.config import BusSettings, LimitSettings, ServerSettings, Settings, SpaceSettings
from datasete.gates import Answer, GateView
from datasete.host.api import BareHost
from datasete.plugin import Gate
from datasete.server import bind

PIXELS = 1_000_000


@pytest.fixture
async def application(tmp_path: Path) -> AsyncIterator[Application]:
    settings = Settings(
        bus=BusSettings(url=f"memory://{uuid.uuid4()}"),
        pools=SpaceSettings(url=f"memory://{uuid.uuid4()}", options={"secret": "hunter2"}),
        limits=LimitSettings(image_bytes=2_000_000, image_pixels=PIXELS),
        server=ServerSettings(allowed_hosts=("gate.example", "proxied.example:8443")),
    )
    made = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"), settings)
    yield made
    await asyncio.to_thread(made.close)


@pytest.fixture
async def client(aiohttp_client: Any, application: Application) -> TestClient[web.Request, web.Application]:
    served = web.Application()
    bind(served, application)
    made: TestClient[web.Request, web.Application] = await aiohttp_client(served)
    return made


class Waiting:
    """Gates that are open, as nodes would have opened them."""

    def __init__(self, application: Application) -> None:
        self.gates = application.gates
        self.tasks: list[asyncio.Task[Answer]] = []

    async def open(
        self,
        node_id: str = "7",
        prompt_id: str = "p",
        routes: int = 2,
        frames: int = 2,
        slot: str = "",
        slot_masks: tuple[bytes, ...] = (),
    ) -> str:
        """Open one; return its token."""
        gate = Gate(prompt_id, node_id, 0, routes, frames, width=64, height=48, slot=slot)
        view = GateView(self.preview, "tab", slot_masks=slot_masks)
        self.tasks.append(asyncio.create_task(self.gates.ask(gate, view, lambda: False)))
        await asyncio.sleep(0)
        token: object = self.gates.pending()[-1]["token"]
        assert isinstance(token, str)
        return token

    def preview(self, frame: int, size: int) -> tuple[bytes, str]:
        return png(Image.new("RGB", (size, size), (frame, 0, 0))), "image/png"

    async def answer(self, index: int = -1) -> Answer:
        return await asyncio.wait_for(self.tasks[index], 10)


@pytest.fixture
async def waiting(application: Application) -> AsyncIterator[Waiting]:
    made = Waiting(application)
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)


def png(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


@pytest.fixture
def mask_png() -> bytes:
    image = Image.new("L", (64, 48))
    image.paste(255, (8, 8, 24, 24))
    return png(image)
