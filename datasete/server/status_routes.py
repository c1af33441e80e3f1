"""The status page: what runs here, from where, over which stores. It holds no secrets and no paths of options."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Final

from aiohttp import web

import datasete
from datasete.application import Application
from datasete.batch.state import Status
from datasete.errors import DataseteError


async def status(request: web.Request, application: Application) -> web.Response:
    """Version, plugins, spaces with what their stores guarantee, how many gates are open and batches walk."""
    del request
    spaces = await asyncio.to_thread(_spaces, application)
    return web.json_response(
        {
            "version": datasete.__version__,
            "host": application.host.name,
            "plugins": [asdict(plugin) for plugin in application.hooks.plugins],
            "spaces": spaces,
            "gates": len(application.gates),
            "batches": await asyncio.to_thread(_walking, application),
        },
        headers={"Cache-Control": "no-store"},
    )


def _walking(application: Application) -> int | None:
    try:
        return sum(entry.batch.status is Status.WALKING for entry in application.batches.all())
    except DataseteError:  # a damaged ledger has an answer of its own, at its own routes
        return None


def _spaces(application: Application) -> list[dict[str, object]]:
    return [_space(application, name, space.scheme) for name, space in application.spaces().items()]


def _space(application: Application, name: str, scheme: str) -> dict[str, object]:
    # The scheme only: an URL may carry credentials.
    described: dict[str, object] = {"name": name, "scheme": scheme}
    try:
        return described | {"capabilities": asdict(application.storage(name).capabilities)}
    except DataseteError as error:
        return described | {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


ROUTES: Final = (("GET", "/datasete/status", status),)
