"""Builds the workbench's aiohttp application."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from datasete.application import Application
from datasete.config import ServerSettings
from datasete.errors import DataseteError
from datasete.server import bind
from datasete.server.responses import error_response
from datasete.server.security import check_request
from datasete.storage import DENIED_ERRNOS, FULL_ERRNOS
from datasete.workbench.access import require_token
from datasete.workbench.folders import IN_THE_WAY_ERRNOS, disk_error
from datasete.workbench.routes import add_routes
from datasete.workbench.routes.base import MAX_UPLOAD_BYTES
from datasete.workbench.routes.frontend import POLICY
from datasete.workbench.workbench import Workbench, load_pack_nodes

logger = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 2.0
"""How long the end waits for work in the background: a supervisor may soon kill a process that it asked to end."""

KNOWN_ERRNOS: Final = FULL_ERRNOS | DENIED_ERRNOS | IN_THE_WAY_ERRNOS

WORKBENCH: Final = web.AppKey("workbench", Workbench)


def build_app(
    workbench: Workbench, application: Application, *, loopback: bool = True, token: str = ""
) -> web.Application:
    """Build the application: everything that the frontend asks for, and the pack's own routes.

    Args:
        workbench: what the routes serve. Its queue starts and closes with the application.
        application: the services behind the pack's nodes and routes; closed with the application.
        loopback: whether only this machine can reach the server; then only its own names are answered.
        token: what every request must carry; "" for none.
    """
    guard = _guard(application.settings.server, loopback=loopback)
    middlewares = [require_token(token), guard] if token else [guard]
    app = web.Application(client_max_size=MAX_UPLOAD_BYTES, middlewares=middlewares)
    app[WORKBENCH] = workbench
    bind(app, application, loopback=loopback)
    add_routes(app, workbench)
    app.cleanup_ctx.append(_lifespan(workbench, application))
    app.on_response_prepare.append(_restrict_pages)
    app.on_shutdown.append(lambda _: workbench.sockets.close())
    app.on_shutdown.append(_release_requests(workbench, application))
    return app


async def _restrict_pages(request: web.Request, response: web.StreamResponse) -> None:
    """Whatever page is served, and under whatever address: it connects to this server alone."""
    del request
    if response.content_type == "text/html":
        response.headers.setdefault("Content-Security-Policy", POLICY)


def _guard(settings: ServerSettings, *, loopback: bool) -> Middleware:
    """Refuse other sites' requests, and answer our errors in one form."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            # A link on another site may lead to the page, which does nothing by itself; its own requests are checked.
            if not (request.path == "/" and request.method == "GET"):
                check_request(
                    request, settings.allowed_hosts, loopback=loopback, trusted_origins=settings.trusted_origins
                )
            return await handler(request)
        except DataseteError as error:
            return error_response(error)
        except web.HTTPException:
            raise
        except Exception as error:
            if request.method in ("GET", "HEAD") and _is_impossible_path(error):
                raise web.HTTPNotFound from error
            if isinstance(error, OSError) and error.errno in KNOWN_ERRNOS:
                return error_response(disk_error("The file", error))
            logger.exception("%s %s failed.", request.method, request.path)
            return error_response(DataseteError("Something went wrong here.", hint="The server's log has the details."))

    return guard


def _is_impossible_path(error: Exception) -> bool:
    """Whether no file can be there: a name too long or with a zero byte, or a path through a file."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EINVAL)
    return isinstance(error, UnicodeError) or (isinstance(error, ValueError) and "null" in str(error))


def _release_requests(workbench: Workbench, application: Application) -> Callable[[web.Application], Awaitable[None]]:
    """Before the server waits for its requests, drop those that still wait for a thread."""

    async def release(app: web.Application) -> None:
        del app
        workbench.workers.close()
        application.workers.close()

    return release


def _lifespan(workbench: Workbench, application: Application) -> Callable[[web.Application], AsyncIterator[None]]:
    async def running(app: web.Application) -> AsyncIterator[None]:
        del app
        workbench.sockets.serve(asyncio.get_running_loop())
        workbench.loading = asyncio.create_task(load_pack_nodes(workbench.registry))
        workbench.runs.serve(asyncio.get_running_loop())
        workbench.queue.start()
        reviving = asyncio.create_task(_revive_batches(workbench, application))
        workbench.sampling = asyncio.create_task(_make_samples(application))
        yield
        reviving.cancel()
        # The queue first: a node that still runs may use the application, and its run must end before batches do.
        await asyncio.to_thread(workbench.queue.close)
        await asyncio.to_thread(application.close, CLOSE_SECONDS)
        await asyncio.gather(reviving, workbench.sampling, return_exceptions=True)

    return running


async def _revive_batches(workbench: Workbench, application: Application) -> None:
    """Resume batches that were running when the server last ended."""
    await workbench.nodes()
    try:
        await asyncio.to_thread(application.batches.revive)
    except Exception:
        logger.exception(
            "The batches of the last start could not be resumed. They keep their places; press Queue to go on with one."
        )


async def _make_samples(application: Application) -> None:
    """Give the first start a profile to look at."""
    from datasete.samples import make_samples

    try:
        await asyncio.to_thread(make_samples, application)
    except Exception:
        logger.exception("The profile “samples” could not be made; everything else works without it.")
