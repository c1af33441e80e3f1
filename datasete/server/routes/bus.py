"""Routes of the bus: which slots there are, what they show, what they held before, and changing that."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from hashlib import blake2b
from typing import Final
from urllib.parse import quote

from aiohttp import web

from datasete.application import Application
from datasete.bus import SlotInfo
from datasete.config import BUS
from datasete.errors import NotFound
from datasete.ids import validate_name
from datasete.imaging.image_header import read_header
from datasete.imaging.previews import preview_bytes
from datasete.server import responses
from datasete.server.requests import Fields, in_space, run_unless_abandoned, text_field, threaded, threaded_fields

THUMB_SIZE: Final = 256
MEDIA_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
"""By what the file is and not by its name: an editor may have saved another format under a PNG's name."""

FRAMES_HEADER: Final = "Datasete-Frames"
PIXELS_HEADER: Final = "Datasete-Pixels"
"""The list of slots has neither of these: they are written in the files, which a listing never opens."""


@threaded(in_space(BUS))
def list_slots(request: web.Request, application: Application) -> web.Response:
    """List the slots in natural order: ``ids`` for a dropdown, ``slots`` with what is known of each, and how many
    versions each keeps: with none, a deletion cannot be undone.

    With ``seen`` in the query, only the ``ids``, as the last listing found them, at once: a remote store may take
    seconds for thousands of slots. A page that shows them asks for the real list afterwards.
    """
    bus = application.bus
    if "seen" in request.query:
        return responses.uncached_json({"ids": bus.listed_names})
    found, now = bus.list_slots(), time.time()
    body = {
        "ids": [slot.name for slot in found.slots],
        "slots": [_describe(slot, now) for slot in found.slots],
        "foreign": found.foreign,
        "history": application.settings.bus.history,
    }
    # Encoded in the thread as well: thousands of slots are a megabyte and more.
    return responses.uncached_json_bytes(json.dumps(body).encode())


@threaded_fields(in_space(BUS))
def delete_slot(fields: Fields, application: Application) -> web.Response:
    """Delete a slot; ``version`` is what to restore to undo it, empty where no history is kept."""
    name = validate_name(text_field(fields, "id"))
    version = application.bus.remove(name)
    if version is None:
        raise NotFound(f"The slot “{name}” does not exist.", hint="Nothing was removed. It may be gone already.")
    application.host.send("datasete-slot-deleted", {"id": name})
    return web.json_response({"version": version})


@threaded(in_space(BUS))
def list_versions(request: web.Request, application: Application) -> web.Response:
    """List what a slot held before, newest first."""
    versions = application.bus.history(validate_name(request.query.get("id", "")))
    return responses.uncached_json({"versions": [asdict(version) for version in versions]})


@threaded_fields(in_space(BUS))
def restore_version(fields: Fields, application: Application) -> web.Response:
    """Publish an old version again; what it replaces goes to the history."""
    name = validate_name(text_field(fields, "id"))
    published = application.bus.restore(name, text_field(fields, "version"))
    return web.json_response({"id": published.slot, "version": published.token})


async def thumb(request: web.Request, application: Application) -> web.Response:
    """Show a slot's first picture, small; with ``version``, that of its history. A header says how many there are."""
    size, limits = responses.requested_size(request, THUMB_SIZE), application.settings.limits.of_slots
    return await _picture(request, application, size, lambda data: preview_bytes(data, size, limits))


async def image(request: web.Request, application: Application) -> web.Response:
    """Show a slot's first picture as the store has it; with ``version``, that of its history."""
    return await _picture(request, application, 0, lambda data: (data, _media_type(data)))


async def _picture(
    request: web.Request, application: Application, size: int, show: Callable[[bytes], responses.EncodedPicture]
) -> web.Response:
    name, version = validate_name(request.query.get("id", "")), request.query.get("version", "")

    # Read and rendered in one thread, as many as there are threads: what is read but waits would fill the memory.
    def found() -> tuple[str, str, responses.EncodedPicture | None]:
        first = application.bus.first_frame(name, version)
        tag = blake2b(f"{first.version}/{size}".encode(), digest_size=16).hexdigest()
        width, height = read_header(first.image).shown_size
        shown = None if responses.is_known(request, tag) else show(first.image)
        return tag, f"{first.frames} {width}x{height}", shown

    tag, described, shown = await run_unless_abandoned(request, application, application.workers.thumbs(BUS), found)
    answer = responses.tagged_picture(tag, shown, cache="no-cache")
    answer.headers[FRAMES_HEADER], answer.headers[PIXELS_HEADER] = described.split()
    return answer


def _media_type(data: bytes) -> str:
    return MEDIA_TYPES.get(read_header(data).format, "application/octet-stream")


def _describe(slot: SlotInfo, now: float) -> dict[str, object]:
    return {
        "id": slot.name,
        "modified": slot.modified,
        "age": max(0.0, now - slot.modified),
        "size": slot.size,
        "thumb": f"/datasete_gate/bus/thumb?id={quote(slot.name)}",
    }


ROUTES: Final = (
    ("GET", "/datasete_gate/bus/list", list_slots),
    ("POST", "/datasete_gate/bus/delete", delete_slot),
    ("GET", "/datasete_gate/bus/history", list_versions),
    ("POST", "/datasete_gate/bus/restore", restore_version),
    ("GET", "/datasete_gate/bus/thumb", thumb),
    ("GET", "/datasete_gate/bus/image", image),
)
