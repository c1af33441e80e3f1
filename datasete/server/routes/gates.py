"""Routes of the gates: answering them, painting at them, seeing what they show and which are open."""

from __future__ import annotations

from functools import partial
from typing import Final

from aiohttp import web

from datasete.application import Application
from datasete.config import LimitSettings
from datasete.errors import InvalidInput, NotFound
from datasete.gates import RETRY, Session, read_message
from datasete.server.masks import editable_mask, normalize_mask, plain_mask, tinted_mask
from datasete.server.requests import Fields, file_field, read_fields, run_unless_abandoned, text_field
from datasete.server.responses import picture_response, requested_size, uncached_json
from datasete.tasks.workers import RENDERING

PREVIEW_SIZE: Final = 1024

# The gates live on the loop, so these services answer there; only decoding and encoding goes to threads.


async def choose(request: web.Request, application: Application) -> web.Response:
    """Answer a gate: ``message`` is a 1-based route, ``__cancel__`` or ``__retry__``; ``token`` or ``id`` names it."""
    fields = await read_fields(request)
    node_id, token = _address(fields)
    message = text_field(fields, "message", "")
    if message == RETRY:
        application.gates.retry(node_id, token)
    else:
        application.gates.choose(read_message(message), node_id, token)
    return web.json_response({})


async def hold(request: web.Request, application: Application) -> web.Response:
    """End the countdown of a gate for good, as a person is looking at it. Addressed as a choice is."""
    application.gates.cancel_countdown(*_address(await read_fields(request)))
    return web.json_response({})


async def attach_mask(request: web.Request, application: Application) -> web.Response:
    """Keep a painted mask until the gate is answered: for one ``frame`` (from 0), or, without it, for all of them."""
    limits = application.settings.limits
    fields = await read_fields(request, file_limit=limits.image_bytes)
    session = application.gates.locate(*_address(fields))
    frame = _optional_frame(text_field(fields, "frame", ""))
    painted = await application.workers.of(RENDERING).run(normalize_mask, file_field(fields, "mask"), limits)
    application.gates.attach_mask(session.token, painted, frame, max_bytes=limits.image_bytes)
    return web.json_response({})


async def current_mask(request: web.Request, application: Application) -> web.Response:
    """Show the mask of a frame as it would leave the gate now, at the picture's size: a grey PNG, white is painted."""
    session = application.gates.find(request.match_info["token"])
    gate, frame = session.gate, _frame(request.match_info["frame"], session.gate.frames)
    encode = partial(plain_mask, session.mask_of(frame), gate.width, gate.height, application.settings.limits.of_slots)
    data = await run_unless_abandoned(request, application, application.workers.of(RENDERING), encode)
    return picture_response(data, "image/png", cache="no-store")


async def pending(request: web.Request, application: Application) -> web.Response:
    """List the open gates, oldest first; with ``client_id``, each says whether that tab queued its run."""
    gates = application.gates.pending(request.query.get("client_id"))
    return uncached_json({"gates": gates})


async def preview(request: web.Request, application: Application) -> web.Response:
    """Show one frame of what a gate shows, as a small picture.

    With ``channel=a``, show what is masked of it so far, for an editor; with ``channel=tint``, the same to lay over it.
    """
    session = application.gates.find(request.match_info["token"])
    frame = _frame(request.match_info["frame"], session.gate.frames)
    size = requested_size(request, PREVIEW_SIZE)
    renderers = application.workers.of(RENDERING)
    if request.query.get("channel") in {"a", "tint"}:
        shape = _alpha if request.query["channel"] == "a" else _tint
        encode = partial(shape, session, frame, size, application.settings.limits.of_slots)
        alpha = await run_unless_abandoned(request, application, renderers, encode)
        return picture_response(alpha, "image/png", cache="no-store")
    picture = await run_unless_abandoned(request, application, renderers, session.view.preview, frame, size)
    return picture_response(*picture, cache="no-store")


def _alpha(session: Session, frame: int, size: int, limits: LimitSettings) -> bytes:
    return editable_mask(session.mask_of(frame), *_preview_size(session, size), limits)


def _tint(session: Session, frame: int, size: int, limits: LimitSettings) -> bytes:
    return tinted_mask(session.mask_of(frame), *_preview_size(session, size), limits)


def _preview_size(session: Session, size: int) -> tuple[int, int]:
    # A mask is as large as the preview, because one lies over the other.
    gate = session.gate
    scale = min(1.0, size / max(gate.width, gate.height))
    return max(1, round(gate.width * scale)), max(1, round(gate.height * scale))


def _frame(text: str, frames: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6 and int(text) < frames):
        raise NotFound(f"The gate shows {frames} pictures, and this is none of them.")
    return int(text)


def _optional_frame(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise InvalidInput("A frame is a number, from 0.", hint="Nothing was changed. Leave it out to mean all frames.")
    return int(text)


def _address(fields: Fields) -> tuple[str, str]:
    node_id, token = text_field(fields, "id", ""), text_field(fields, "token", "")
    if not (node_id or token):
        raise InvalidInput(
            "The request does not say which gate is meant.",
            hint="All gates still wait. Send the gate's node id, its token or both.",
        )
    return node_id, token


ROUTES: Final = (
    ("POST", "/datasete_gate/choice", choose),
    ("POST", "/datasete_gate/hold", hold),
    ("POST", "/datasete_gate/mask", attach_mask),
    ("GET", "/datasete_gate/mask/{token}/{frame}", current_mask),
    ("GET", "/datasete_gate/pending", pending),
    ("GET", "/datasete_gate/preview/{token}/{frame}", preview),
)
