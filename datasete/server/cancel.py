"""Stopping what a page has begun: an import, or pictures on their way into a pool."""

from __future__ import annotations

import asyncio
import io
from typing import Any, BinaryIO, Final, cast

from aiohttp import web

from datasete.application import Application
from datasete.cancellation import Work
from datasete.server.requests import read_fields, text_field

PATIENCE: Final = 60.0
"""Seconds that a work has to come to its end."""


def stoppable(file: BinaryIO, work: Work) -> BinaryIO:
    """A file that can be read until the work it is read for is stopped: so no format has to know about stopping."""
    return cast("BinaryIO", _StoppableFile(file, work))


class _StoppableFile(io.RawIOBase):
    def __init__(self, file: BinaryIO, work: Work) -> None:
        self._file = file
        self._work = work

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        self._work.check()
        return self._file.read(-1 if size is None else size)

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        return self.read()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


async def stop(request: web.Request, application: Application) -> web.Response:
    """Stop what was begun under the id ``operation``, and say what came of it.

    ``over`` is false when it still goes on. ``result`` is what it was answered with, when it was done before it could
    be stopped; else null, and nothing of it is left.
    """
    operation = text_field(await read_fields(request), "operation")
    work = await asyncio.to_thread(application.stops.stop, operation, PATIENCE)
    return web.json_response({"over": work is not None, "result": work.result if work else None})


ROUTES: Final = (("POST", "/grid_pool/stop", stop),)
