"""The routes in a table that ComfyUI mounts, bare and below ``/api``."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from datasete.application import build_application
from datasete.host.api import BareHost
from datasete.server import bind


async def test_comfyui_can_mount_the_table_twice_and_answers_head_for_get(tmp_path: Path) -> None:
    table = web.RouteTableDef()
    application = build_application(BareHost(tmp_path / "input", tmp_path / "output", tmp_path / "user"))
    try:
        bind(table, application)
        api = web.RouteTableDef()
        for route in table:
            assert isinstance(route, web.RouteDef)
            api.route(route.method, "/api" + route.path)(route.handler, **route.kwargs)
        app = web.Application()
        app.add_routes(api)
        app.add_routes(table)
    finally:
        application.close()
    methods = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    for path in ("/datasete_gate/pending", "/api/datasete_gate/pending"):
        assert {("GET", path), ("HEAD", path)} <= methods
