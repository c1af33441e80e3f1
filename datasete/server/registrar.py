"""Binds the pack's routes to an aiohttp application, with the checks and error answers that all of them share."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from aiohttp import web

from datasete.application import Application
from datasete.errors import DataseteError
from datasete.server import cancel
from datasete.server.requests import Abandoned, Service
from datasete.server.responses import error_response
from datasete.server.routes import add_to_pool, batches, bus, gates, pools, profiles, samples, status
from datasete.server.security import check_request

logger = logging.getLogger(__name__)

CLIENT_CLOSED_REQUEST: Final = 499
"""Read by no one but a log: the connection is gone."""

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

ROUTES: Final[tuple[tuple[str, str, Service], ...]] = (
    *gates.ROUTES,
    *add_to_pool.ROUTES,
    *bus.ROUTES,
    *batches.ROUTES,
    *pools.ROUTES,
    *profiles.ROUTES,
    *cancel.ROUTES,
    *samples.ROUTES,
    *status.ROUTES,
)


def bind(
    target: web.RouteTableDef | web.Application,
    application: Application,
    *,
    loopback: bool | None = None,
    trusted_origins: tuple[str, ...] = (),
) -> None:
    """Register every route.

    Args:
        target: ComfyUI's route table, which it mounts bare and below ``/api`` itself; or an application, where both
            are registered here.
        application: what the handlers are handed.
        loopback: whether the server listens on the loopback alone; None to judge each request by its connection.
        trusted_origins: those that the host itself trusts, besides the configured ones.
    """
    for method, path, service in ROUTES:
        handler = guarded(service, application, loopback=loopback, trusted_origins=trusted_origins)
        if isinstance(target, web.RouteTableDef):
            target.route(method, path)(handler)  # one for GET answers HEAD as well, and a second for HEAD ends ComfyUI
            continue
        for each in ("GET", "HEAD") if method == "GET" else (method,):
            target.router.add_route(each, path, handler)
            target.router.add_route(each, f"/api{path}", handler)


def guarded(
    service: Service,
    application: Application,
    *,
    loopback: bool | None = None,
    trusted_origins: tuple[str, ...] = (),
) -> Handler:
    """Wrap a service: requests of other sites are refused, and our errors become their status and one JSON form."""
    # Around each of our handlers, and not as a middleware: in ComfyUI's application one would act on all packs' routes.
    settings = application.settings.server
    trusted = (*settings.trusted_origins, *trusted_origins)

    async def handler(request: web.Request) -> web.StreamResponse:
        try:
            check_request(request, settings.allowed_hosts, loopback=loopback, trusted_origins=trusted)
            return await service(request, application)
        except DataseteError as error:
            return error_response(error)
        except web.HTTPException:
            raise
        except Abandoned:
            return web.Response(status=CLIENT_CLOSED_REQUEST)
        except Exception:
            # The details may name paths or hold credentials, and the answer may end up in a screenshot.
            logger.exception("%s %s failed.", request.method, request.path)
            return error_response(DataseteError("Something went wrong here.", hint="The server's log has the details."))

    return handler
