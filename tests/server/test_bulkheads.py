"""What hangs, pauses or was given up holds up nothing else."""

from __future__ import annotations

import asyncio
import io
import threading
import time
import uuid
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientSession, TCPConnector
from PIL import Image

from datasete.application import Application, build_application
from datasete.config import BUS, POOLS, BusSettings, Settings, SpaceSettings
from datasete.host.api import BareHost
from datasete.pools import Upload
from datasete.server.routes import status

PROMPTLY = 20
"""Seconds: far less than what hangs here, and more than a busy machine takes."""


class Hanging:
    """A store that answers nothing until it is let go."""

    def __init__(self, store: Any, go_on: threading.Event) -> None:
        self._store = store
        self._go_on = go_on

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found) or name == "close":
            return found

        def call(*arguments: Any, **options: Any) -> Any:
            self._go_on.wait(300)
            return found(*arguments, **options)

        return call


@pytest.fixture
async def application(tmp_path: Path) -> AsyncIterator[Application]:
    """Bus and pools in memory."""
    settings = Settings(
        bus=BusSettings(url=f"memory://{uuid.uuid4()}"), pools=SpaceSettings(url=f"memory://{uuid.uuid4()}")
    )
    made = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"), settings)
    yield made
    await asyncio.to_thread(made.close, 1)


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
async def many(client: Any) -> AsyncIterator[ClientSession]:
    """Connections of one's own, as many as one likes."""
    async with ClientSession(client.make_url("/"), connector=TCPConnector(limit=0)) as session:
        yield session


def hang(application: Application, space: str, go_on: threading.Event) -> None:
    storage = application.storage(space)
    storage.store = Hanging(storage.store, go_on)  # type: ignore[assignment]


def noise(seed: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (400, 600, 3), np.uint8)).save(out, "PNG")
    return out.getvalue()


async def give_up(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_bus_that_hangs_holds_up_nothing_but_the_bus(
    application: Application,
    client: Any,
    many: ClientSession,
    waiting: Any,
    go_on: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status, "STORE_WAIT_SECONDS", 0.1)
    await asyncio.to_thread(hang, application, BUS, go_on)
    token = await waiting.open()
    asked = ("/datasete_gate/bus/list", "/datasete_gate/bus/thumb?id=a", "/datasete_gate/bus/history?id=a")
    stuck = [asyncio.create_task(many.get(path)) for path in asked for _ in range(20)]
    await asyncio.sleep(0.2)
    for path in (
        "/grid_pool/list?pool_id=p",
        "/grid_pool/profiles/list",
        "/datasete/batch/list",
        "/datasete/batch/find?directory=photos",
        f"/datasete_gate/preview/{token}/0",
        "/datasete_gate/pending",
        "/datasete/status",
    ):
        assert (await asyncio.wait_for(many.get(path), PROMPTLY)).status == 200
    answered = await asyncio.wait_for(client.post("/datasete_gate/choice", data={"id": "7", "message": "1"}), PROMPTLY)
    assert answered.status == 200
    await give_up(stuck)


async def test_a_store_that_hangs_does_not_hold_up_the_end(application: Application, go_on: threading.Event) -> None:
    await asyncio.to_thread(hang, application, BUS, go_on)
    bus = application.bus
    stuck = [asyncio.ensure_future(application.workers.space(BUS).run(bus.list)) for _ in range(20)]
    await asyncio.sleep(0.1)
    bus._context.tasks.defer("Something", bus.list)
    begun = time.monotonic()
    await asyncio.to_thread(application.close, 0.5)
    assert time.monotonic() - begun < PROMPTLY
    await give_up(stuck)


async def test_a_retry_ends_with_the_program(application: Application) -> None:
    class Away:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionError("away")

        def close(self) -> None:
            """Nothing is open."""

    storage = await asyncio.to_thread(application.storage, POOLS)
    storage.store = Away()  # type: ignore[assignment]
    reading = asyncio.ensure_future(asyncio.to_thread(storage.get, "x"))
    await asyncio.sleep(0.1)
    storage.stop_retrying()
    done, _ = await asyncio.wait({reading}, timeout=PROMPTLY)
    assert done
    assert "could not be reached" in str(reading.exception())


async def test_a_folder_that_hangs_holds_up_no_other_batch(
    application: Application, client: Any, go_on: threading.Event, tmp_path: Any
) -> None:
    loaders = application.batches.loaders
    loaders.names = lambda _: go_on.wait(300) and []  # type: ignore[method-assign, func-returns-value]
    source = loaders.source(str(tmp_path))
    stuck = asyncio.ensure_future(asyncio.to_thread(loaders.begin, source, loaders.current_call("Continue", "", 0)))
    await asyncio.sleep(0.2)
    for path in ("/datasete/batch/list", f"/datasete/batch/skipped?key={'a' * 24}"):
        assert (await asyncio.wait_for(client.get(path), PROMPTLY)).status in (200, 404)
    go_on.set()
    await asyncio.gather(stuck, return_exceptions=True)


@pytest.fixture
async def profile(application: Application) -> str:
    """A profile that no socket's buffer can hold."""

    def make() -> str:
        made = application.profiles.create("large")
        application.pools.add(made.id, [Upload(noise(n)) for n in range(16)])
        return made.id

    return await asyncio.to_thread(make)


async def test_paused_downloads_hold_up_nobody_and_are_whole_in_the_end(
    application: Application, client: Any, many: ClientSession, profile: str
) -> None:
    path = f"/grid_pool/profiles/export?id={profile}"
    paused = [await many.get(path, read_bufsize=1024) for _ in range(12)]
    another = await asyncio.wait_for(many.get(path), PROMPTLY)
    whole = await asyncio.wait_for(another.read(), PROMPTLY)
    for other in ("/grid_pool/list?pool_id=p", "/grid_pool/profiles/list", "/datasete_gate/bus/list"):
        assert (await asyncio.wait_for(many.get(other), PROMPTLY)).status == 200
    for answer in paused[:6]:
        found = await asyncio.wait_for(answer.read(), PROMPTLY)
        with zipfile.ZipFile(io.BytesIO(found)) as one, zipfile.ZipFile(io.BytesIO(whole)) as two:
            assert one.testzip() is None
            assert one.namelist() == two.namelist()
    for answer in paused[6:]:
        answer.close()


async def test_previews_that_were_given_up_are_not_rendered(client: Any, many: ClientSession, waiting: Any) -> None:
    rendered, begun, hold = [], threading.Event(), threading.Event()

    def slow(frame: int, size: int) -> tuple[bytes, str]:
        rendered.append(size)
        begun.set()
        hold.wait(60)
        return b"picture", "image/png"

    waiting.preview = slow
    token = await waiting.open()
    path = f"/datasete_gate/preview/{token}/0"
    asked = [asyncio.create_task(many.get(path, params={"size": 100 + number})) for number in range(200)]
    await asyncio.to_thread(begun.wait, 60)
    await asyncio.sleep(0.5)
    await give_up(asked)
    await asyncio.sleep(0.1)
    hold.set()
    assert (await asyncio.wait_for(client.get(path, params={"size": 64}), PROMPTLY)).status == 200
    assert len(rendered) < 20
    assert rendered[-1] == 64
