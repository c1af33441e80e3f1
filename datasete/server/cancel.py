"""Cancels what a page has started: an import, or pictures on their way into a pool."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, Final, cast

from aiohttp import web

from datasete.application import Application
from datasete.server.requests import Fields, text_field, threaded_fields
from datasete.tasks.cancellation import Task
from datasete.tasks.workers import CANCELS

CANCEL_WAIT_SECONDS: Final = 60.0
"""How long a request to cancel waits for the task to end."""


def cancellable(file: BinaryIO, task: Task) -> BinaryIO:
    """Return a file that can be read until its task is cancelled: so a format need not know about cancellation."""
    return cast("BinaryIO", _CancellableFile(file, task))


class _CancellableFile(io.RawIOBase):
    def __init__(self, file: BinaryIO, task: Task) -> None:
        self._file = file
        self._task = task

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> bytes:
        self._task.check()
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


@threaded_fields(lambda workers: workers.of(CANCELS))
def cancel(fields: Fields, application: Application) -> web.Response:
    """Cancel what was started under the id ``operation``, and answer what came of it.

    ``over`` is false when it still runs. ``result`` is its answer when it finished before it could be cancelled; else
    null, and nothing of it is left.
    """
    task = application.tasks.cancel(text_field(fields, "operation"), CANCEL_WAIT_SECONDS)
    return web.json_response({"over": task is not None, "result": task.result if task else None})


ROUTES: Final = (("POST", "/grid_pool/stop", cancel),)
