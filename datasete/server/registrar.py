"""Binds the pack's routes to an aiohttp application, with the checks and the error answers that all of them share."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from aiohttp import web

from datasete.application import Application
from datasete.errors import DataseteError
from datasete.server import cancel as stops
from datasete.server.routes import add_to_pool as keep_routes
from datasete.server.routes import batches as batch_routes
from datasete.server.routes import bus as bus_routes
from datasete.server.routes import gates as gate_routes
from datasete.server.routes import pools as pool_routes
from datasete.server.routes import profiles as profile_routes
from datasete.server.routes import status as status_routes
from datasete.server.security import check_request

logger = logging.getLogger(__name__)

Service: TypeAlias = Callable[[web.Request, Application], Awaitable[web.StreamResponse]]
Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

ROUTES: Final[tuple[tuple[str, str, Service], ...]] = (
    *gate_routes.ROUTES,
    *keep_routes.ROUTES,
    *bus_routes.ROUTES,
    *batch_routes.ROUTES,
    *pool_routes.ROUTES,
    *profile_routes.ROUTES,
    *stops.ROUTES,
    *status_routes.ROUTES,
)


def bind(
    target: web.RouteTableDef | web.Application, application: Application, *, loopback: bool | None = None
) -> None:
    """Register every route.

    Args:
        target: ComfyUI's route table, which it mounts bare and below ``/api`` itself; or an application, where both
            are registered here.
        application: what the handlers are handed.
        loopback: whether the server listens on the loopback alone; None to judge each request by its connection.
    """
    for method, path, service in ROUTES:
        handler = guarded(service, application, loopback=loopback)
        if isinstance(target, web.RouteTableDef):
            target.route(method, path)(handler)
        else:
            target.router.add_route(method, path, handler)
            target.router.add_route(method, f"/api{path}", handler)


def guarded(service: Service, application: Application, *, loopback: bool | None = None) -> Handler:
    """Wrap a handler: foreign requests are refused, and our errors become their status and one JSON form."""
    allowed_hosts = application.settings.server.allowed_hosts

    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            check_request(request, allowed_hosts, loopback=loopback)
            return await service(request, application)
        except DataseteError as error:
            return error_response(error)
        except web.HTTPException:
            raise
        except Exception:
            logger.exception("%s %s failed.", request.method, request.path)
            return error_response(DataseteError("Something went wrong here.", hint="The server's log has the details."))

    return handler


def error_response(error: DataseteError) -> web.Response:
    """An error as ``{"error": {"code", "message", "hint"}}`` with its status."""
    body = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    return web.json_response(body, status=error.status)
