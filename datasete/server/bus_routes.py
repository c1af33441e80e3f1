"""Routes of the bus: which slots there are, what they show, and removing one."""

from __future__ import annotations

import asyncio
import time
from typing import Final
from urllib.parse import quote

from aiohttp import web

from datasete.application import Application
from datasete.bus import SlotInfo
from datasete.errors import NotFound
from datasete.ids import validate_name
from datasete.imaging.previews import preview_bytes
from datasete.server.bodies import read_fields, text_field
from datasete.server.pictures import picture_response, requested_size

THUMB_SIZE: Final = 256


async def list_slots(request: web.Request, application: Application) -> web.Response:
    """Every slot in natural order: ``ids`` for a dropdown, ``slots`` with what is known of each."""
    del request
    slots = await asyncio.to_thread(_slots, application)
    now = time.time()
    body = {"ids": [slot.name for slot in slots], "slots": [_described(slot, now) for slot in slots]}
    return web.json_response(body, headers={"Cache-Control": "no-store"})


async def delete_slot(request: web.Request, application: Application) -> web.Response:
    """Remove a slot."""
    name = validate_name(text_field(await read_fields(request), "id"))
    if not await asyncio.to_thread(_deleted, application, name):
        raise NotFound(f"There is no slot “{name}”.", hint="It may have been removed by somebody else.")
    return web.json_response({})


async def thumb(request: web.Request, application: Application) -> web.Response:
    """A slot's first picture, small."""
    name = validate_name(request.query.get("id", ""))
    size = requested_size(request, THUMB_SIZE)

    def render() -> tuple[bytes, str]:
        return preview_bytes(application.bus.load(name).images[0], size)

    return picture_response(*await asyncio.to_thread(render), cache="no-cache")


# The bus opens its store on first use, so even reaching for it belongs in a thread.
def _slots(application: Application) -> list[SlotInfo]:
    return application.bus.list()


def _deleted(application: Application, name: str) -> bool:
    return application.bus.delete(name)


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
    ("GET", "/datasete_gate/bus/thumb", thumb),
)
