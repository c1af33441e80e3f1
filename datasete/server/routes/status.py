"""The status page: what runs here, from where, over which stores. It tells no secret and no place."""

from __future__ import annotations

import asyncio
import platform
import sys
from dataclasses import asdict
from typing import Final

from aiohttp import web

import datasete
from datasete.application import Application
from datasete.batch.state import Status
from datasete.doctor import examine
from datasete.errors import DataseteError, NotFound, StoreUnavailable
from datasete.plugin import Space
from datasete.server.requests import read_fields, text_field
from datasete.server.responses import fresh

PATIENCE: Final = 5.0
"""Seconds that a page waits for a store to say what it guarantees; a probe may take as long as its store does."""


async def status(request: web.Request, application: Application) -> web.Response:
    """Version, plugins, spaces with what their stores guarantee, how many gates are open and batches walk."""
    del request
    spaces = application.spaces().values()
    described, walking = await asyncio.gather(
        asyncio.gather(*(_described(application, space) for space in spaces)),
        asyncio.to_thread(_walking, application),
    )
    return fresh(
        {
            "version": datasete.__version__,
            "host": application.host.name,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "packages": _packages(),
            "plugins": [asdict(plugin) for plugin in application.hooks.plugins],
            "spaces": described,
            "gates": len(application.gates),
            "batches": walking,
        }
    )


async def probe(request: web.Request, application: Application) -> web.Response:
    """Try one space out, as ``datasete doctor`` does: with a small object that is written, read and removed again."""
    name = text_field(await read_fields(request), "space")
    space = application.spaces().get(name)
    if space is None:
        raise NotFound(f"No space is named “{name[:80]}”.", hint="Nothing was tried.")
    report = (await asyncio.to_thread(examine, space, application.storage)).as_dict()
    del report["url"]
    return fresh(report)


async def _described(application: Application, space: Space) -> dict[str, object]:
    # The scheme only: a URL may carry credentials, and where a store is concerns nobody who reads a bug report.
    described: dict[str, object] = {"name": space.name, "scheme": space.scheme}
    asked = asyncio.ensure_future(asyncio.to_thread(_capabilities, application, space.name))
    done, _ = await asyncio.wait({asked}, timeout=PATIENCE)
    return described | (asked.result() if done else _failed(_late(space.name)))


def _capabilities(application: Application, name: str) -> dict[str, object]:
    try:
        return {"capabilities": asdict(application.storage(name).capabilities)}
    except DataseteError as error:
        return _failed(error)


def _failed(error: DataseteError) -> dict[str, object]:
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def _late(name: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"The space “{name}” has not answered for {PATIENCE:g} seconds.", hint="Look again, or check it."
    )


def _walking(application: Application) -> int | None:
    try:
        return sum(entry.batch.status is Status.RUNNING for entry in application.batches.all())
    except DataseteError:  # a damaged ledger has an answer of its own, at its own routes
        return None


def _packages() -> dict[str, str]:
    """Versions of what matters in a bug report, of what is imported already."""
    names = ("torch", "PIL", "numpy", "fsspec", "pluggy", "aiohttp", "botocore", "smbprotocol", "isal")
    found = {name: getattr(sys.modules.get(name), "__version__", None) for name in names}
    return {name: str(version) for name, version in found.items() if version}


ROUTES: Final = (("GET", "/datasete/status", status), ("POST", "/datasete/status/probe", probe))
