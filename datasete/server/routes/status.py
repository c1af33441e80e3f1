"""The status route: what runs here and over which stores. It reveals no secret, and not where a store is."""

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
from datasete.server.responses import error_fields, uncached_json
from datasete.tasks.workers import LEDGER

STORE_WAIT_SECONDS: Final = 5.0
"""How long the answer waits for a store to say what it guarantees; a probe may take as long as its store does."""


async def status(request: web.Request, application: Application) -> web.Response:
    """Report version, plugins, spaces with what their stores guarantee, and how many gates and batches are open."""
    del request
    spaces = application.spaces().values()
    described, running = await asyncio.gather(
        asyncio.gather(*(_describe_space(application, space) for space in spaces)),
        application.workers.of(LEDGER).run(_count_running_batches, application),
    )
    return uncached_json(
        {
            "version": datasete.__version__,
            "host": application.host.name,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "packages": _packages(),
            "plugins": [asdict(plugin) for plugin in application.hooks.plugins],
            "spaces": described,
            "gates": len(application.gates),
            "batches": running,
        }
    )


async def probe(request: web.Request, application: Application) -> web.Response:
    """Probe one space as ``datasete doctor`` does: with a small object that is written, read and removed again."""
    name = text_field(await read_fields(request), "space")
    space = application.spaces().get(name)
    if space is None:
        raise NotFound(f"No space is named “{name[:80]}”.", hint="Nothing was tried. /datasete/status lists them.")
    report = (await application.workers.space(name).run(examine, space, application.storage)).as_dict()
    del report["url"]
    return uncached_json(report)


async def _describe_space(application: Application, space: Space) -> dict[str, object]:
    # The scheme only: a URL may carry credentials, and where a store is does not belong in a bug report.
    described: dict[str, object] = {"name": space.name, "scheme": space.scheme}
    asked = asyncio.ensure_future(application.workers.space(space.name).run(_capabilities, application, space.name))
    # Not wait_for, which would wait for the thread after all: one that hangs in a store cannot be cancelled.
    done, _ = await asyncio.wait({asked}, timeout=STORE_WAIT_SECONDS)
    if not done:
        asked.cancel()
        return described | {"error": error_fields(_no_answer(space.name))}
    return described | asked.result()


def _capabilities(application: Application, name: str) -> dict[str, object]:
    try:
        return {"capabilities": asdict(application.storage(name).capabilities)}
    except DataseteError as error:
        return {"error": error_fields(error)}


def _no_answer(name: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"The space “{name}” has not answered for {STORE_WAIT_SECONDS:g} seconds.", hint="Look again, or probe it."
    )


def _count_running_batches(application: Application) -> int | None:
    try:
        return sum(entry.batch.status is Status.RUNNING for entry in application.batches.all())
    except DataseteError:  # a damaged ledger is reported by its own routes
        return None


def _packages() -> dict[str, str]:
    """Return the versions of what matters in a bug report, of what is imported already."""
    names = ("torch", "PIL", "numpy", "fsspec", "pluggy", "aiohttp", "botocore", "smbprotocol", "isal")
    found = {name: getattr(sys.modules.get(name), "__version__", None) for name in names}
    return {name: str(version) for name, version in found.items() if version}


ROUTES: Final = (("GET", "/datasete/status", status), ("POST", "/datasete/status/probe", probe))
