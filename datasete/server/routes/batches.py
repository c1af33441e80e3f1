"""Routes of the batches: seeing how far they are, pausing, resuming and resetting them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.batch.browse import browse
from datasete.batch.folder.ordering import BY_PLACE, NAME, list_options
from datasete.batch.folder.sources import Location, read_file, shown
from datasete.batch.views import Source
from datasete.errors import InvalidInput, NotFound
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
from datasete.tasks.workers import FOLDERS, LEDGER

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


async def look(request: web.Request, application: Application) -> web.Response:
    """Say what a folder holds before any run: how many files match, and which is first; 404 when it is not there."""
    source = await application.workers.of(FOLDERS).run(_source, request.query, application)
    workers = application.workers.thumbs(source.location.space or FOLDERS)
    names = await run_unless_abandoned(request, application, workers, _names, application, source)
    return uncached_json({"key": source.key, "count": len(names), "first": shown(names[0]) if names else ""})


@threaded(on_folders)
def folders(request: web.Request, application: Application) -> web.Response:
    """List the folders of one folder, ``at`` as a loader's ``directory``; without it, where one can begin."""
    host, paths = application.host, application.settings.paths
    named = {"input": host.input_dir, "output": host.output_dir}
    roots = [*named.values(), *(path.expanduser() for path in paths.allow_write)]
    linked = [named[name] for name in paths.follow_links if name in named]
    found = browse(request.query.get("at", ""), roots, application.spaces().keys(), application.storage, linked)
    return uncached_json(found)


async def first_picture(request: web.Request, application: Application) -> web.Response:
    """Show the first file of a folder that no run has listed yet, small."""
    source = await application.workers.of(FOLDERS).run(_source, request.query, application)
    size = requested_size(request, THUMB_SIZE)
    workers = application.workers.thumbs(source.location.space or FOLDERS)
    picture = await run_unless_abandoned(request, application, workers, _first, application, source, size)
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
    return _source(query, application).key


def _source(query: Mapping[str, str], application: Application) -> Source:
    preset, custom = query.get("filter_preset", "All Images"), query.get("custom_pattern", "")
    seed = query.get("seed", "0")
    options = list_options(query.get("order", NAME), int(seed) if seed.isdecimal() else 0, BY_PLACE, "")
    return application.batches.loaders.source(query.get("directory", ""), preset, custom, options=options)


def _names(application: Application, source: Source) -> list[str]:
    return application.batches.loaders.names(source)


def _first(application: Application, source: Source, size: int) -> EncodedPicture:
    names = _names(application, source)
    if not names:
        raise NotFound("No file in this folder matches.", hint="Nothing was changed. Check the filter.")
    return _thumb(application, source.location, names[0], size)


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
    ("GET", "/datasete/batch/look", look),
    ("GET", "/datasete/batch/folders", folders),
    ("GET", "/datasete/batch/first", first_picture),
    ("GET", "/datasete/batch/skipped", list_skipped),
    ("GET", "/datasete/batch/thumb", thumb),
    ("POST", "/datasete/batch/pause", pause),
    ("POST", "/datasete/batch/resume", resume),
    ("POST", "/datasete/batch/reset", reset),
)
