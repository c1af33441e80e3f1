"""What routes that answer with a picture share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from aiohttp import web

from datasete.application import Application
from datasete.errors import InvalidInput

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
