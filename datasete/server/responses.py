"""What routes answer with: JSON that nothing may cache, pictures, streamed files, and pools."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from aiohttp import web

from datasete.application import Application
from datasete.errors import CorruptData, InvalidInput
from datasete.plugin import ProfileSink
from datasete.pools import Pools
from datasete.pools.manifest import Manifest, Picture, dump, view


def fresh(body: object) -> web.Response:
    """An answer of whatever JSON can say."""
    return fresh_text(json.dumps(body).encode())


def fresh_text(data: bytes, status: int = 200) -> web.Response:
    """An answer whose JSON was written elsewhere: in a thread, or from lines that were at hand."""
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=data, status=status, content_type="application/json", charset="utf-8", headers=headers)


logger = logging.getLogger(__name__)

BLOCK: Final = 1 << 20
PATIENCE: Final = 300.0
"""Seconds that a browser may take nothing before it is given up."""


class _Sink:
    """A `ProfileSink` in a worker thread, over a response in the server's loop."""

    def __init__(self, response: web.StreamResponse, loop: asyncio.AbstractEventLoop) -> None:
        self._response = response
        self._loop = loop
        self._block = bytearray()

    def write(self, data: bytes) -> int:
        self._block += data
        if len(self._block) >= BLOCK:
            self.flush()
        return len(data)

    def flush(self) -> None:
        block, self._block = bytes(self._block), bytearray()
        if block:
            asyncio.run_coroutine_threadsafe(self._response.write(block), self._loop).result(PATIENCE)


async def stream_file(
    request: web.Request, filename: str, media_type: str, make: Callable[[ProfileSink], object]
) -> web.StreamResponse:
    """Send a file that `make` writes. When that fails half-way the connection is cut: nobody may take it for whole."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(filename)}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    response = web.StreamResponse(headers=headers)
    response.content_type = media_type
    await response.prepare(request)
    sink = _Sink(response, asyncio.get_running_loop())
    try:
        await asyncio.to_thread(make, sink)
        await asyncio.to_thread(sink.flush)
        await response.write_eof()
    except Exception:
        logger.warning("Sending %s was cut short.", filename, exc_info=True)
        if request.transport:
            request.transport.abort()
    return response


SIZES: Final = (16, 4096)
"""Smallest and largest longer side of a preview, in pixels."""


T = TypeVar("T")


async def rendered(application: Application, render: Callable[[], T]) -> T:
    """Run `render` with few others at a time, so that a flood of requests costs time and neither memory nor answers."""
    return await asyncio.get_running_loop().run_in_executor(application.renderers, render)


def requested_size(request: web.Request, default: int) -> int:
    """The longer side that a request asks for, brought into bounds.

    Raises:
        InvalidInput: ``size`` is no number.
    """
    text = request.query.get("size", "") or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise InvalidInput("The size of a preview is a number of pixels.")
    return min(max(int(text), SIZES[0]), SIZES[1])


def picture_response(data: bytes, media_type: str, *, cache: str) -> web.Response:
    """A picture that a browser may show but not take for anything else."""
    headers = {"Cache-Control": cache, "X-Content-Type-Options": "nosniff"}
    return web.Response(body=data, content_type=media_type, headers=headers)


def answer(
    pools: Pools, manifest: Manifest, offset: int = 0, limit: int | None = None, *, status: int = 200, **more: object
) -> web.Response:
    """The view of a pool, and what else there is to say. Takes the pictures' lines as the manifest keeps them anyway:
    an answer about ten thousand of them costs a millisecond, not fifteen.
    """
    head = view(manifest, offset, 0) | {"version": pools.versions.remember(manifest)} | more
    end = None if limit is None else offset + limit
    return _response(head, manifest.pictures[offset:end], status)


def changed(pools: Pools, manifest: Manifest, since: str, **more: object) -> web.Response:
    """The same for one who knows the version `since`: where it is remembered, only the pictures that are others now.
    From ``offset`` on, ``gone`` pictures of that version gave way to ``slots``.
    """
    change = pools.versions.since(since, manifest)
    more["version"] = pools.versions.remember(manifest)
    if change is None:
        return _response(view(manifest, 0, 0) | more, manifest.pictures)
    return _response(view(manifest, change.at, 0) | more | {"since": since, "gone": change.gone}, change.pictures)


def _response(head: dict[str, object], pictures: Sequence[Picture], status: int = 200) -> web.Response:
    del head["slots"]
    lines = b",".join([picture.line for picture in pictures])
    return fresh_text(b'%b,"slots":[%b]}' % (dump(head)[:-1], lines), status)


def profile_name(application: Application, pool_id: str) -> str | None:
    """What a profile's pool is called; None for any other pool, and where the list of names cannot be read: the
    pictures can be shown all the same.
    """
    try:
        profile = application.profiles.registry().find(pool_id)
    except CorruptData:
        return None
    return profile.name if profile else None
