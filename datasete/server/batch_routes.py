"""Routes of the batches: seeing where they are, pausing, resuming and resetting them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.batch.items import describe
from datasete.batch.records import Entry
from datasete.errors import InvalidInput
from datasete.server.bodies import read_fields, text_field

KEY_LENGTH: Final = 64
_FRESH: Final = {"Cache-Control": "no-store"}


async def list_batches(request: web.Request, application: Application) -> web.Response:
    """Every batch, the one that changed last first."""
    del request
    entries = await asyncio.to_thread(application.batches.all)
    return web.json_response({"batches": [describe(entry) for entry in entries]}, headers=_FRESH)


async def skipped(request: web.Request, application: Application) -> web.Response:
    """The files of ``?key=`` that were skipped, with their reasons."""
    key = _checked(request.query.get("key", ""))
    items = await asyncio.to_thread(application.batches.skipped, key)
    rows = [{"index": item.index, "name": item.shown_name, "reason": item.reason} for item in items]
    return web.json_response({"key": key, "skipped": rows}, headers=_FRESH)


async def pause(request: web.Request, application: Application) -> web.Response:
    """Trigger nothing more."""
    return await _act(request, application.batches.pause)


async def resume(request: web.Request, application: Application) -> web.Response:
    """Walk on; 409 when the workflow is not known any more."""
    return await _act(request, application.batches.resume)


async def reset(request: web.Request, application: Application) -> web.Response:
    """Forget the place."""
    return await _act(request, application.batches.reset)


async def _act(request: web.Request, action: Callable[[str], Entry]) -> web.Response:
    key = _checked(text_field(await read_fields(request), "key"))
    return web.json_response(describe(await asyncio.to_thread(action, key)))


def _checked(key: str) -> str:
    if not key or len(key) > KEY_LENGTH or not key.isalnum() or not key.isascii():
        raise InvalidInput(
            "A batch is named by its key, which /datasete/batch/list tells.", hint="Nothing was changed."
        )
    return key


ROUTES: Final = (
    ("GET", "/datasete/batch/list", list_batches),
    ("GET", "/datasete/batch/skipped", skipped),
    ("POST", "/datasete/batch/pause", pause),
    ("POST", "/datasete/batch/resume", resume),
    ("POST", "/datasete/batch/reset", reset),
)
