"""ComfyUI's routes, as far as its frontend needs them here; each is mounted bare and below ``/api``."""

from __future__ import annotations

from aiohttp import web

from datasete.workbench.routes import files, frontend, information, jobs, queueing, settings, socket, userdata
from datasete.workbench.routes.base import Handler
from datasete.workbench.workbench import Workbench


def add_route(app: web.Application, method: str, path: str, handler: Handler) -> None:
    """Add a route; one for GET answers HEAD as well, as ComfyUI's do, but for the websocket."""
    if method == "GET":
        app.router.add_get(path, handler, allow_head=not path.endswith("/ws"))
    else:
        app.router.add_route(method, path, handler)


def add_routes(app: web.Application, workbench: Workbench) -> None:
    """Add every route; the frontend's static files come last, since they match every path."""
    for part in (socket, information, queueing, jobs, files, settings, userdata, frontend):
        for method, path, handler in part.routes(workbench):
            for prefix in ("", "/api"):
                add_route(app, method, f"{prefix}{path}", handler)
    frontend.add_static(app, workbench)
