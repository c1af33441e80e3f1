"""ComfyUI's routes, as far as its frontend needs them here; each is mounted bare and below ``/api``."""

from __future__ import annotations

from aiohttp import web

from datasete.workbench.routes import files, frontend, information, jobs, queueing, settings, socket, userdata
from datasete.workbench.workbench import Workbench


def add_routes(app: web.Application, workbench: Workbench) -> None:
    """Add every route; the frontend's static files come last, since they match every path."""
    for part in (socket, information, queueing, jobs, files, settings, userdata, frontend):
        for method, path, handler in part.routes(workbench):
            app.router.add_route(method, path, handler)
            app.router.add_route(method, f"/api{path}", handler)
    frontend.add_static(app, workbench)
