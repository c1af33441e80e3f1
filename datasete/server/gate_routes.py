"""Routes of the gates: answering them, painting at them, seeing what they show and which are open."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.errors import InvalidInput, NotFound
from datasete.gates import read_message
from datasete.server.bodies import Fields, file_field, read_fields, text_field
from datasete.server.painted import normalize_mask
from datasete.server.pictures import picture_response, requested_size

PREVIEW_SIZE: Final = 1024


async def choice(request: web.Request, application: Application) -> web.Response:
    """Answer a gate: ``message`` is a 1-based route or ``__cancel__``; ``token`` or ``id`` says which gate."""
    fields = await read_fields(request)
    node_id, token = _address(fields)
    application.gates.choose(read_message(text_field(fields, "message", "")), node_id, token)
    return web.json_response({})


async def mask(request: web.Request, application: Application) -> web.Response:
    """Keep a painted mask until the gate is answered; an earlier one is replaced."""
    limits = application.settings.limits
    fields = await read_fields(request, file_limit=limits.image_bytes)
    session = application.gates.locate(*_address(fields))
    painted = await asyncio.to_thread(normalize_mask, file_field(fields, "mask"), limits)
    application.gates.attach_mask(session.token, painted)
    return web.json_response({})


async def pending(request: web.Request, application: Application) -> web.Response:
    """List the open gates, oldest first; with ``client_id``, each says whether that tab queued its run."""
    gates = application.gates.pending(request.query.get("client_id"))
    return web.json_response({"gates": gates}, headers={"Cache-Control": "no-store"})


async def preview(request: web.Request, application: Application) -> web.Response:
    """One frame of what a gate shows, as a small picture."""
    session = application.gates.find(request.match_info["token"])
    frame = request.match_info["frame"]
    if not (frame.isascii() and frame.isdecimal() and len(frame) <= 6 and int(frame) < session.gate.frames):
        raise NotFound(f"The gate shows {session.gate.frames} pictures, and this is none of them.")
    data, media_type = await asyncio.to_thread(session.preview, int(frame), requested_size(request, PREVIEW_SIZE))
    return picture_response(data, media_type, cache="no-store")


def _address(fields: Fields) -> tuple[str, str]:
    node_id, token = text_field(fields, "id", ""), text_field(fields, "token", "")
    if not (node_id or token):
        raise InvalidInput("The request does not say which gate is meant.", hint="Send its node id, its token or both.")
    return node_id, token


ROUTES: Final = (
    ("POST", "/datasete_gate/choice", choice),
    ("POST", "/datasete_gate/mask", mask),
    ("GET", "/datasete_gate/pending", pending),
    ("GET", "/datasete_gate/preview/{token}/{frame}", preview),
)
