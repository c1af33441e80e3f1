"""Routes of the batches: seeing where they are, pausing, resuming and resetting them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.batch.sources import read_file
from datasete.batch.state import Entry
from datasete.errors import InvalidInput
from datasete.server.requests import read_fields, text_field
from datasete.server.responses import fresh, picture_response, rendered, requested_size

KEY_LENGTH: Final = 64
THUMB_SIZE: Final = 256


async def list_batches(request: web.Request, application: Application) -> web.Response:
    """Every batch, the one that changed last first; with ``key``, which may be given more than once, only those."""
    keys = [_checked(key) for key in request.query.getall("key", [])]
    batches = await asyncio.to_thread(lambda: application.batches.describe_all(keys))
    return fresh({"batches": batches, "trigger": application.settings.batch.trigger})


async def find_batch(request: web.Request, application: Application) -> web.Response:
    """The batch of a loader: by its widgets, or, when ``directory`` is wired, by what ``workflow`` and ``node`` did.

    The folder itself is not looked into: what is told comes from the ledger.
    """
    key = await asyncio.to_thread(_key_of, request.query, application)
    batches = await asyncio.to_thread(lambda: application.batches.describe_all([key])) if key else []
    answer = {"key": key, "batch": batches[0] if batches else None, "trigger": application.settings.batch.trigger}
    return fresh(answer)


async def thumb(request: web.Request, application: Application) -> web.Response:
    """The file at the 0-based place ``index`` of a batch's list, small."""
    key, index = _checked(request.query.get("key", "")), _index(request.query.get("index", ""))
    size = requested_size(request, THUMB_SIZE)
    picture = await rendered(application, partial(_thumb, application, key, index, size))
    return picture_response(*picture, cache="no-cache")


async def skipped(request: web.Request, application: Application) -> web.Response:
    """The files of ``?key=`` that were skipped, with their reasons."""
    key = _checked(request.query.get("key", ""))
    items = await asyncio.to_thread(application.batches.skipped, key)
    rows = [{"index": item.index, "name": item.shown_name, "reason": item.reason} for item in items]
    return fresh({"key": key, "skipped": rows})


async def pause(request: web.Request, application: Application) -> web.Response:
    """Trigger nothing more."""
    return await _act(request, application, lambda app, key: app.batches.pause(key))


async def resume(request: web.Request, application: Application) -> web.Response:
    """Walk on; 409 when the workflow is not known any more."""
    return await _act(request, application, lambda app, key: app.batches.resume(key))


async def reset(request: web.Request, application: Application) -> web.Response:
    """Forget the place."""
    return await _act(request, application, lambda app, key: app.batches.reset(key))


async def _act(
    request: web.Request, application: Application, action: Callable[[Application, str], Entry]
) -> web.Response:
    key = _checked(text_field(await read_fields(request), "key"))
    return web.json_response(await asyncio.to_thread(lambda: application.batches.describe(action(application, key))))


def _key_of(query: Mapping[str, str], application: Application) -> str:
    if "directory" not in query:
        return application.batches.last_batch(query.get("workflow", ""), query.get("node", ""))
    preset, custom = query.get("filter_preset", "All Images"), query.get("custom_pattern", "")
    return application.batches.loaders.source(query["directory"], preset, custom).key


def _thumb(application: Application, key: str, index: int, size: int) -> tuple[bytes, str]:
    limits = application.settings.limits
    data = read_file(application.storage, *application.batches.file(key, index), limits)
    from datasete.imaging.previews import preview_bytes  # when the first one is asked for

    return preview_bytes(data, size, limits)


def _index(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise InvalidInput("A place in a batch's list is a number, from 0.")
    return int(text)


def _checked(key: str) -> str:
    if not key or len(key) > KEY_LENGTH or not key.isalnum() or not key.isascii():
        raise InvalidInput(
            "A batch is named by its key, which /datasete/batch/list tells.", hint="Nothing was changed."
        )
    return key


ROUTES: Final = (
    ("GET", "/datasete/batch/list", list_batches),
    ("GET", "/datasete/batch/find", find_batch),
    ("GET", "/datasete/batch/skipped", skipped),
    ("GET", "/datasete/batch/thumb", thumb),
    ("POST", "/datasete/batch/pause", pause),
    ("POST", "/datasete/batch/resume", resume),
    ("POST", "/datasete/batch/reset", reset),
)
