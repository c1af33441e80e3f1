"""Routes of the batches: seeing how far they are, pausing, resuming and resetting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.batch.sources import Location, read_file
from datasete.errors import InvalidInput
from datasete.server.requests import (
    Fields,
    on_folders,
    on_ledger,
    run_unless_abandoned,
    text_field,
    threaded,
    threaded_fields,
)
from datasete.server.responses import EncodedPicture, picture_response, requested_size, uncached_json
from datasete.workers import FOLDERS, LEDGER

MAX_KEY_LENGTH: Final = 64
MAX_CLIENT_LENGTH: Final = 128
THUMB_SIZE: Final = 256


@threaded(on_ledger)
def list_batches(request: web.Request, application: Application) -> web.Response:
    """List the batches, the one that changed last first; with ``key``, which may be given repeatedly, only those."""
    keys = [_checked_key(key) for key in request.query.getall("key", [])]
    batches = application.batches.describe_all(keys)
    return uncached_json({"batches": batches, "trigger": application.settings.batch.trigger})


@threaded(on_folders)
def find_batch(request: web.Request, application: Application) -> web.Response:
    """Find a loader's batch: by its widgets, or, when ``directory`` is wired, by what ``workflow`` and ``node`` ran.

    The answer comes from the ledger; the folder itself is not read.
    """
    key = _loader_key(request.query, application)
    batches = application.batches.describe_all([key]) if key else []
    trigger = application.settings.batch.trigger
    return uncached_json({"key": key, "batch": batches[0] if batches else None, "trigger": trigger})


async def thumb(request: web.Request, application: Application) -> web.Response:
    """Show the file at the 0-based ``index`` of a batch's list, small."""
    key, index = _checked_key(request.query.get("key", "")), _index(request.query.get("index", ""))
    size = requested_size(request, THUMB_SIZE)
    location, name = await application.workers.of(LEDGER).run(_file, application, key, index)
    workers = application.workers.thumbs(location.space or FOLDERS)
    picture = await run_unless_abandoned(request, application, workers, _thumb, application, location, name, size)
    return picture_response(*picture, cache="no-cache")


@threaded(on_ledger)
def list_skipped(request: web.Request, application: Application) -> web.Response:
    """List the files of the batch ``key`` that were skipped, with their reasons."""
    key = _checked_key(request.query.get("key", ""))
    items = application.batches.skipped(key)
    rows = [{"index": item.index, "name": item.shown_name, "reason": item.reason} for item in items]
    return uncached_json({"key": key, "skipped": rows})


@threaded_fields(on_ledger)
def pause(fields: Fields, application: Application) -> web.Response:
    """Trigger no further run; the current one finishes."""
    batches = application.batches
    return web.json_response(batches.describe(batches.pause(_key(fields))))


@threaded_fields(on_ledger)
def resume(fields: Fields, application: Application) -> web.Response:
    """Trigger the next run, for the tab ``client_id`` if named; 409 when the workflow is not known any more."""
    batches = application.batches
    client_id = text_field(fields, "client_id", "")[:MAX_CLIENT_LENGTH]
    return web.json_response(batches.describe(batches.resume(_key(fields), client_id)))


@threaded_fields(on_ledger)
def reset(fields: Fields, application: Application) -> web.Response:
    """Start the batch over with its next run."""
    batches = application.batches
    return web.json_response(batches.describe(batches.reset(_key(fields))))


def _key(fields: Fields) -> str:
    return _checked_key(text_field(fields, "key"))


def _loader_key(query: Mapping[str, str], application: Application) -> str:
    if "directory" not in query:
        return application.batches.last_batch(query.get("workflow", ""), query.get("node", ""))
    preset, custom = query.get("filter_preset", "All Images"), query.get("custom_pattern", "")
    return application.batches.loaders.source(query["directory"], preset, custom).key


def _file(application: Application, key: str, index: int) -> tuple[Location, str]:
    return application.batches.file(key, index)


def _thumb(application: Application, location: Location, name: str, size: int) -> EncodedPicture:
    limits = application.settings.limits
    data = read_file(application.storage, location, name, limits)
    from datasete.imaging.previews import preview_bytes  # on first use, so that the host starts quickly

    return preview_bytes(data, size, limits)


def _index(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise InvalidInput("An index in a batch's list is a whole number from 0 on.")
    return int(text)


def _checked_key(key: str) -> str:
    if not key or len(key) > MAX_KEY_LENGTH or not key.isalnum() or not key.isascii():
        raise InvalidInput(
            "A batch is named by its key.", hint="Nothing was changed. /datasete/batch/list lists the keys."
        )
    return key


ROUTES: Final = (
    ("GET", "/datasete/batch/list", list_batches),
    ("GET", "/datasete/batch/find", find_batch),
    ("GET", "/datasete/batch/skipped", list_skipped),
    ("GET", "/datasete/batch/thumb", thumb),
    ("POST", "/datasete/batch/pause", pause),
    ("POST", "/datasete/batch/resume", resume),
    ("POST", "/datasete/batch/reset", reset),
)
