"""The status page tells what runs, and no secrets."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

import datasete
from datasete.application import build_application
from datasete.config import BusSettings, Settings, SpaceSettings
from datasete.host.api import BareHost
from datasete.plugin import Capabilities, Space, hookimpl
from datasete.server import bind


async def test_status_lists_version_plugins_spaces_and_open_gates(client: Any, waiting: Any) -> None:
    await waiting.open()
    status = await (await client.get("/datasete/status")).json()
    assert (status["version"], status["host"], status["gates"]) == (datasete.__version__, "script", 1)
    bundled = next(plugin for plugin in status["plugins"] if plugin["name"] == "datasete_fsspec")
    assert (bundled["origin"], bundled["hooks"], bundled["fault"]) == (
        "bundled",
        ["datasete_open_store", "datasete_schemes"],
        "",
    )
    bus = next(space for space in status["spaces"] if space["name"] == "bus")
    assert bus["scheme"] == "memory"
    assert bus["capabilities"]["atomic_replace"] is True


async def test_status_shows_no_option_and_no_place(client: Any) -> None:
    text = await (await client.get("/datasete/status")).text()
    assert "hunter2" not in text
    assert "memory://" not in text


async def test_status_has_what_a_bug_report_needs(client: Any) -> None:
    status = await (await client.get("/datasete/status")).json()
    assert status["python"].startswith("3.")
    assert status["system"]
    assert status["packages"]["aiohttp"] == aiohttp.__version__


async def test_a_probe_tells_health_and_no_place(client: Any) -> None:
    answer = await client.post("/datasete/status/probe", json={"space": "bus"})
    report = await answer.json()
    assert (report["ok"], report["reachable"], report["slots"], report["foreign"]) == (True, True, 0, 0)
    assert report["verdict"] == "Safe to share between tabs, and gone when this program ends."
    assert report["round_trip_ms"] >= 0
    assert "memory://" not in await answer.text()
    assert (await (await client.get("/datasete_gate/bus/list")).json())["ids"] == [], "nothing is left behind"


async def test_a_probe_of_no_space_is_not_found(client: Any) -> None:
    answer = await client.post("/datasete/status/probe", json={"space": "hunter2"})
    assert answer.status == 404
    assert "No space is named" in (await answer.json())["error"]["message"]


async def test_a_probe_changes_things_and_so_is_no_get(client: Any) -> None:
    assert (await client.get("/datasete/status/probe?space=bus")).status == 405


class Stuck:
    """A store that finds out what it guarantees when `let_go` is set, and not before."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    @property
    def capabilities(self) -> Capabilities:
        self.let_go.wait(60)
        return Capabilities(atomic_replace=True, conditional_write=True, server_copy=True)

    @hookimpl
    def datasete_open_store(self, space: Space) -> Any:
        return self if space.name == "stuck" else None

    def close(self) -> None:
        pass


async def test_a_store_that_hangs_does_not_hang_the_page(aiohttp_client: Any, tmp_path: Path) -> None:
    settings = Settings(
        bus=BusSettings(url=f"memory://{uuid.uuid4()}"), spaces={"stuck": SpaceSettings(url="memory://s")}
    )
    stuck = Stuck()
    application = build_application(BareHost(tmp_path, tmp_path, tmp_path), settings, {"stuck": stuck})
    served = web.Application()
    bind(served, application)
    status = await (await (await aiohttp_client(served)).get("/datasete/status")).json()
    stuck.let_go.set()
    spaces = {space["name"]: space for space in status["spaces"]}
    assert spaces["stuck"]["error"]["message"] == "The space “stuck” has not answered for 5 seconds."
    assert "capabilities" in spaces["bus"]
    application.close()


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
