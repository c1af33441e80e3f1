"""Builds answers: JSON that no cache keeps, errors, pictures, pools, and files that are streamed."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import quote

from aiohttp import ETag, web

from datasete.application import Application
from datasete.errors import CorruptData, DataseteError, InvalidInput
from datasete.plugin import ProfileSink
from datasete.pools import Pools
from datasete.pools.manifest import Manifest, Picture, dump, view
from datasete.server.spool import Spool
from datasete.tasks.workers import TRANSFERS, UPLOADS

logger = logging.getLogger(__name__)

STALLED_READER_SECONDS: Final = 300.0
"""How long a browser may stop reading a streamed file before the connection is cut."""

MIN_PREVIEW_SIZE: Final = 16
MAX_PREVIEW_SIZE: Final = 4096
"""Bounds of the longer side of a preview, in pixels."""

EncodedPicture: TypeAlias = tuple[bytes, str]
"""An encoded picture and its media type."""


def uncached_json(body: object) -> web.Response:
    """Answer with JSON that no cache may keep."""
    return uncached_json_bytes(json.dumps(body).encode())


def uncached_json_bytes(data: bytes, status: int = 200) -> web.Response:
    """Answer with JSON that is encoded already: in a thread, or from lines that were at hand."""
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=data, status=status, content_type="application/json", charset="utf-8", headers=headers)


def error_fields(error: DataseteError) -> dict[str, str]:
    """What an answer says about an error."""
    return {"code": error.code, "message": error.message, "hint": error.hint}


def error_response(error: DataseteError) -> web.Response:
    """Answer with an error as ``{"error": {"code", "message", "hint"}}`` and its status."""
    return web.json_response({"error": error_fields(error)}, status=error.status)


def requested_size(request: web.Request, default: int) -> int:
    """Return the longer side that a request asks for, clamped.

    Raises:
        InvalidInput: ``size`` is not a number.
    """
    text = request.query.get("size", "") or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise InvalidInput("The size of a preview is a number of pixels.")
    return min(max(int(text), MIN_PREVIEW_SIZE), MAX_PREVIEW_SIZE)


def picture_response(data: bytes, media_type: str, *, cache: str) -> web.Response:
    """Answer with a picture that a browser may show but not take for anything else."""
    # Without nosniff, a browser might run an uploaded "picture" that reads like a page, in our origin.
    headers = {"Cache-Control": cache, "X-Content-Type-Options": "nosniff"}
    return web.Response(body=data, content_type=media_type, headers=headers)


def is_known(request: web.Request, tag: str) -> bool:
    """Whether the browser has the picture of a tag already."""
    return any(known.value == tag for known in request.if_none_match or ())


async def conditional_picture(
    request: web.Request, tag: str, make: Callable[[], Awaitable[EncodedPicture]], *, cache: str
) -> web.Response:
    """Answer with the picture that `make` returns, or with 304 when the browser has the one of this `tag` already."""
    return tagged_picture(tag, None if is_known(request, tag) else await make(), cache=cache)


def tagged_picture(tag: str, picture: EncodedPicture | None, *, cache: str) -> web.Response:
    """Answer with a picture, or, without one, with 304: the browser has the one of this `tag` already."""
    if picture is None:
        answer = web.Response(status=304, headers={"Cache-Control": cache})
    else:
        answer = picture_response(*picture, cache=cache)
    answer.etag = ETag(tag)
    return answer


def pool_response(
    pools: Pools, manifest: Manifest, offset: int = 0, limit: int | None = None, *, status: int = 200, **more: object
) -> web.Response:
    """Answer with a page of a pool, and with `more`."""
    head = view(manifest, offset, 0) | {"version": pools.versions.remember(manifest)} | more
    end = None if limit is None else offset + limit
    return _pool_json(head, manifest.pictures[offset:end], status)


def pool_change_response(pools: Pools, manifest: Manifest, since: str, **more: object) -> web.Response:
    """Answer with what has changed in a pool since the version that the page knows, or with all of it.

    From ``offset`` on, ``gone`` pictures of that version gave way to ``slots``.
    """
    change = pools.versions.since(since, manifest)
    more["version"] = pools.versions.remember(manifest)
    if change is None:  # that version is not remembered
        return _pool_json(view(manifest, 0, 0) | more, manifest.pictures)
    return _pool_json(view(manifest, change.at, 0) | more | {"since": since, "gone": change.gone}, change.pictures)


def _pool_json(head: dict[str, object], pictures: Sequence[Picture], status: int = 200) -> web.Response:
    # Joined from the lines that the manifest keeps anyway: encoding ten thousand pictures again takes fifteen times as
    # long, for each request.
    del head["slots"]
    lines = b",".join([picture.line for picture in pictures])
    return uncached_json_bytes(b'%b,"slots":[%b]}' % (dump(head)[:-1], lines), status)


def profile_name(application: Application, pool_id: str) -> str | None:
    """Return the name of a profile's pool; None for any other pool, and where the list of names cannot be read."""
    try:
        profile = application.profiles.registry().find(pool_id)
    except CorruptData:  # the pictures can be shown all the same, and the list's own routes report it
        return None
    return profile.name if profile else None


async def stream_file(
    request: web.Request,
    application: Application,
    filename: str,
    media_type: str,
    write: Callable[[ProfileSink], object],
) -> web.StreamResponse:
    """Send a file while `write` writes it, in a thread. When that fails half-way, the connection is cut."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    response = web.StreamResponse(headers=headers)
    response.content_type = media_type
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    spool = Spool(spool_folder(application), asyncio.get_running_loop(), STALLED_READER_SECONDS)
    writing = asyncio.ensure_future(application.workers.of(TRANSFERS).run(_write_all, write, spool))
    writing.add_done_callback(lambda _: spool.stop_waiting())
    try:
        while await spool.arrival():
            block = await application.workers.of(UPLOADS).run(spool.take)
            # A browser may pause for long, but not for ever.
            await asyncio.wait_for(response.write(block), STALLED_READER_SECONDS)
        await writing
        await response.write_eof()
    except Exception:
        logger.warning("Sending %s was cut short.", filename, exc_info=True)
        # The status is sent already, so only a broken connection tells the browser that the file is incomplete.
        if request.transport:
            request.transport.abort()
    finally:
        spool.stop()
        writing.cancel()
    return response


def _write_all(write: Callable[[ProfileSink], object], spool: Spool) -> None:
    write(spool)
    spool.finish()


def spool_folder(application: Application) -> Path | None:
    """Where large temporary files go: beside the host's own files, as a /tmp may be kept in memory."""
    folder = application.host.user_dir
    return folder if folder.is_dir() else None
