"""Stopping an import, and pictures on their way into a pool: nothing of it is left, or it is said that it was done."""

from __future__ import annotations

import asyncio
import io
import threading
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import FormData, web
from PIL import Image

from datasete.application import Application, build_application
from datasete.config import Settings, SpaceSettings
from datasete.host.api import BareHost
from datasete.plugin import ProfileFormat, ProfileItem, hookimpl
from datasete.server import bind

BOUNDARY = {"Content-Type": "multipart/form-data; boundary=b"}


def png(number: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 6), (number, 3, 4)).save(file, "PNG")
    return file.getvalue()


class Endless:
    """A format whose files have a picture at their beginning, and no end."""

    def __init__(self) -> None:
        self.reached = threading.Event()

    @hookimpl
    def datasete_profile_formats(self) -> list[ProfileFormat]:
        return [ProfileFormat("endless", "Without end", ".endless", can_pack=False)]

    @hookimpl
    def datasete_profile_unpack(self, format: str, source: Any, target: Any) -> None:  # noqa: A002 - the hook's name
        if format != "endless":
            return
        target.describe("endless")
        target.add(ProfileItem("a.png", lambda: io.BytesIO(png()), "", "", None))
        self.reached.set()
        while True:
            source.seek(0)
            source.read()


@pytest.fixture
def endless() -> Endless:
    return Endless()


@pytest.fixture
async def made(tmp_path: Any, endless: Endless) -> AsyncIterator[Application]:
    settings = Settings(pools=SpaceSettings(url=f"memory://{uuid.uuid4()}"))
    host = BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user")
    application = build_application(host, settings, {"endless": endless})
    yield application
    await asyncio.to_thread(application.close)


@pytest.fixture
async def browser(aiohttp_client: Any, made: Application) -> Any:
    served = web.Application()
    bind(served, made)
    return await aiohttp_client(served)


def stored(made: Application) -> set[str]:
    return {entry.key for entry in made.pools.storage.entries()}


async def stop(browser: Any, operation: str = "op") -> dict[str, Any]:
    response = await browser.post("/grid_pool/stop", json={"operation": operation})
    assert response.status == 200
    answer: dict[str, Any] = await response.json()
    return answer


def import_form(**fields: str) -> FormData:
    form = FormData(default_to_multipart=True)
    form.add_field("file", png(), filename="a.endless")
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def test_an_import_is_stopped_while_the_server_reads_it(
    browser: Any, made: Application, endless: Endless
) -> None:
    await browser.post("/grid_pool/profiles/create", json={"name": "kept"})
    before, registry = stored(made), made.profiles.registry()
    path = "/grid_pool/profiles/import?operation=op"
    importing = asyncio.create_task(browser.post(path, data=import_form(format="endless")))
    assert await asyncio.to_thread(endless.reached.wait, 60)
    assert await stop(browser) == {"over": True, "result": None}
    response = await importing
    assert response.status == 409
    assert (await response.json())["error"]["message"] == "This was stopped."
    assert made.profiles.registry() == registry
    assert stored(made) == before


async def test_an_import_is_stopped_while_it_is_being_sent(browser: Any, made: Application) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nPK'
        begun.set()
        await go_on.wait()
        yield b"\r\n--b--\r\n"

    path = "/grid_pool/profiles/import?operation=op"
    importing = asyncio.create_task(browser.post(path, data=body(), headers=BOUNDARY))
    await begun.wait()
    made.tasks.cancel("op", 0)  # as the request that follows does, which then waits for the end
    stopping = asyncio.create_task(stop(browser))
    go_on.set()
    assert await stopping == {"over": True, "result": None}
    assert (await importing).status == 409
    assert stored(made) == set()


async def test_an_import_that_is_done_is_said_to_be_there(browser: Any, made: Application) -> None:
    profile = made.profiles.create("one")
    response = await browser.get("/grid_pool/profiles/export", params={"id": profile.id})
    form = FormData(default_to_multipart=True)
    form.add_field("file", await response.read(), filename="one.zip")
    response = await browser.post("/grid_pool/profiles/import?operation=op", data=form)
    imported = await response.json()
    assert imported["name"] == "one (2)"
    assert await stop(browser) == {"over": True, "result": imported}


def upload(stopped: asyncio.Event) -> Any:
    """Pictures, one after the other, until the event."""

    async def body() -> AsyncIterator[bytes]:
        for name, value in (("pool_id", "p"), ("operation", "op")):
            yield f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n'
        yield head + png() + b"\r\n"
        while not stopped.is_set():
            yield head + png() + b"\r\n"
            await asyncio.sleep(0.02)
        yield b"--b--\r\n"

    return body()


async def test_pictures_on_their_way_are_stopped_and_leave_nothing(browser: Any, made: Application) -> None:
    stopped = asyncio.Event()
    adding = asyncio.create_task(browser.post("/grid_pool/add", data=upload(stopped), headers=BOUNDARY))
    while not stored(made):
        await asyncio.sleep(0.01)
    assert await stop(browser) == {"over": True, "result": None}
    stopped.set()
    assert (await adding).status == 409
    assert stored(made) == set()
    response = await browser.post("/grid_pool/add", data=upload(stopped), headers=BOUNDARY)  # another attempt
    assert (await response.json())["count"] == 1


async def test_pictures_that_were_added_are_said_to_be_there(browser: Any) -> None:
    stopped = asyncio.Event()
    stopped.set()
    response = await browser.post("/grid_pool/add", data=upload(stopped), headers=BOUNDARY)
    view = await response.json()
    assert (await stop(browser))["result"] == {name: view[name] for name in ("added", "images", "errors")}


@pytest.mark.parametrize("body", [{}, {"operation": ["op"]}, {"operation": None}])
async def test_a_stop_without_an_id_is_refused(browser: Any, body: dict[str, Any]) -> None:
    response = await browser.post("/grid_pool/stop", json=body)
    assert response.status == 400
