"""Routes of the bus: which slots there are, what they show, what they held before, and changing that."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from functools import partial
from hashlib import blake2b
from typing import Final
from urllib.parse import quote

from aiohttp import ETag, web

from datasete.application import Application
from datasete.bus import FirstFrame, Published, SlotInfo, Version
from datasete.errors import NotFound
from datasete.ids import validate_name
from datasete.imaging.image_header import read_header
from datasete.imaging.previews import preview_bytes
from datasete.server.requests import read_fields, text_field
from datasete.server.responses import fresh, fresh_text, picture_response, rendered, requested_size

THUMB_SIZE: Final = 256
MEDIA_TYPES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}
"""What a browser may be told; an editor may have saved another format under a PNG's name."""
FRAMES: Final = "Datasete-Frames"
PIXELS: Final = "Datasete-Pixels"
"""The list of slots says neither of these: they are written in the files, which a listing never opens."""


async def list_slots(request: web.Request, application: Application) -> web.Response:
    """Every slot in natural order: ``ids`` for a dropdown, ``slots`` with what is known of each, and how many versions
    each keeps: with none, a deletion cannot be undone.

    With ``seen`` in the query, the ``ids`` alone, as they were when somebody last looked, at once: a far store may take
    seconds for thousands of slots. Whoever shows them asks for the real list behind that.
    """
    if "seen" in request.query:
        return fresh({"ids": await asyncio.to_thread(_seen, application)})
    return fresh_text(await asyncio.to_thread(_listed, application))


async def delete_slot(request: web.Request, application: Application) -> web.Response:
    """Take a slot off the bus; ``version`` is what to restore to undo it, empty where no history is kept."""
    name = validate_name(text_field(await read_fields(request), "id"))
    version = await asyncio.to_thread(_remove, application, name)
    if version is None:
        raise NotFound(f"There is no slot “{name}”.", hint="It may have been removed by somebody else.")
    application.host.send("datasete-slot-deleted", {"id": name})
    return web.json_response({"version": version})


async def list_versions(request: web.Request, application: Application) -> web.Response:
    """What a slot held before, newest first."""
    name = validate_name(request.query.get("id", ""))
    versions = await asyncio.to_thread(_history, application, name)
    return fresh({"versions": [asdict(version) for version in versions]})


async def restore_version(request: web.Request, application: Application) -> web.Response:
    """Publish an old version again; what it replaces is in the history."""
    fields = await read_fields(request)
    name, version = validate_name(text_field(fields, "id")), text_field(fields, "version")
    published = await asyncio.to_thread(_restore, application, name, version)
    return web.json_response({"id": published.slot, "version": published.token})


async def thumb(request: web.Request, application: Application) -> web.Response:
    """A slot's first picture, small; with ``version``, that of its history. How many there are is in a header."""
    name = validate_name(request.query.get("id", ""))
    size, version = requested_size(request, THUMB_SIZE), request.query.get("version", "")
    cover = await asyncio.to_thread(_cover, application, name, version)
    tag = _tag(cover, size)
    if _is_known(request, tag):
        return _described_as(web.Response(status=304, headers={"Cache-Control": "no-cache"}), tag, cover)
    picture = await rendered(application, partial(preview_bytes, cover.image, size, application.settings.limits))
    return _described_as(picture_response(*picture, cache="no-cache"), tag, cover)


async def image(request: web.Request, application: Application) -> web.Response:
    """A slot's first picture as the store has it; with ``version``, that of its history."""
    name = validate_name(request.query.get("id", ""))
    cover = await asyncio.to_thread(_cover, application, name, request.query.get("version", ""))
    tag = _tag(cover, 0)
    if _is_known(request, tag):
        return _described_as(web.Response(status=304, headers={"Cache-Control": "no-cache"}), tag, cover)
    kind = MEDIA_TYPES.get(read_header(cover.image).format, "application/octet-stream")
    return _described_as(picture_response(cover.image, kind, cache="no-cache"), tag, cover)


def _tag(cover: FirstFrame, size: int) -> str:
    return blake2b(f"{cover.version}/{size}".encode(), digest_size=16).hexdigest()


def _is_known(request: web.Request, tag: str) -> bool:
    return any(known.value == tag for known in request.if_none_match or ())


def _described_as(answer: web.Response, tag: str, cover: FirstFrame) -> web.Response:
    answer.etag = ETag(tag)
    width, height = read_header(cover.image).shown_size
    answer.headers[FRAMES] = str(cover.frames)
    answer.headers[PIXELS] = f"{width}x{height}"
    return answer


# The bus opens its store on first use, so even reaching for it belongs in a thread.
def _listed(application: Application) -> bytes:
    # encoded here as well: thousands of slots are a megabyte and more, and the loop has gates to answer
    found, now = application.bus.list_slots(), time.time()
    body = {
        "ids": [slot.name for slot in found.slots],
        "slots": [_described(slot, now) for slot in found.slots],
        "foreign": found.foreign,
        "history": application.settings.bus.history,
    }
    return json.dumps(body).encode()


def _seen(application: Application) -> tuple[str, ...]:
    return application.bus.listed_names


def _remove(application: Application, name: str) -> str | None:
    return application.bus.remove(name)


def _history(application: Application, name: str) -> list[Version]:
    return application.bus.history(name)


def _restore(application: Application, name: str, version: str) -> Published:
    return application.bus.restore(name, version)


def _cover(application: Application, name: str, version: str) -> FirstFrame:
    return application.bus.first_frame(name, version)


def _described(slot: SlotInfo, now: float) -> dict[str, object]:
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
