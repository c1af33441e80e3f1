"""The status page tells what runs, and no secrets."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from aiohttp import web

import datasete
from datasete.application import build_application
from datasete.config import BusSettings, Settings, SpaceSettings
from datasete.host import BareHost
from datasete.server import bind


async def test_status_lists_version_plugins_spaces_and_open_gates(client: Any, waiting: Any) -> None:
    await waiting.open()
    status = await (await client.get("/datasete/status")).json()
    assert (status["version"], status["host"], status["gates"]) == (datasete.__version__, "script", 1)
    bundled = next(plugin for plugin in status["plugins"] if plugin["name"] == "datasete_fsspec")
    assert (bundled["origin"], bundled["hooks"], bundled["fault"]) == ("bundled", ["datasete_open_store"], "")
    bus = next(space for space in status["spaces"] if space["name"] == "bus")
    assert bus["scheme"] == "memory"
    assert bus["capabilities"]["atomic_replace"] is True


async def test_status_shows_no_option_and_no_place(client: Any) -> None:
    text = await (await client.get("/datasete/status")).text()
    assert "hunter2" not in text
    assert "memory://" not in text


async def test_a_space_that_cannot_be_opened_is_reported_beside_the_others(aiohttp_client: Any, tmp_path: Path) -> None:
    broken = SpaceSettings(url="gopher://host/", options={"key": "hunter2"})
    settings = Settings(bus=BusSettings(url=f"memory://{uuid.uuid4()}"), spaces={"old": broken})
    application = build_application(BareHost(tmp_path, tmp_path, tmp_path), settings)
    served = web.Application()
    bind(served, application)
    answer = await (await aiohttp_client(served)).get("/datasete/status")
    assert answer.status == 200
    spaces = {space["name"]: space for space in (await answer.json())["spaces"]}
    assert "gopher" in spaces["old"]["error"]["message"]
    assert "capabilities" in spaces["bus"]
    assert "hunter2" not in await answer.text()
    application.close()
