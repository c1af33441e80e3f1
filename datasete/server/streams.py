"""Answers that are made in a thread while they are being sent, no faster than the browser takes them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from aiohttp import web

from datasete.plugin import ProfileSink

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
