"""Reads requests and writes JSON, for all route modules of the workbench."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from datasete.errors import InvalidInput, TooLarge, UnsupportedType
from datasete.system import strict_json

MAX_UPLOAD_BYTES: Final = 100 * 1024 * 1024
MAX_CONTAINERS: Final = 400_000
"""Lists and objects in a request: a workflow of ten thousand nodes has half as many. More of them would hold up all
other requests, as Python holds its lock while it makes and collects them."""

LARGE_BYTES: Final = 1 << 18
MAX_DIGITS: Final = 15
UTF_8_NAMES: Final = frozenset({"utf-8", "utf8", "ascii", "us-ascii"})

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route: TypeAlias = tuple[str, str, Handler]
"""Method, path, handler."""


def json_response(value: object, *, status: int = 200) -> web.Response:
    """Answer with JSON that a browser can read, whatever nodes returned."""
    return web.json_response(value, status=status, dumps=strict_json.dump)


async def json_body(request: web.Request) -> Any:
    """Return the request's JSON; an empty body counts as an empty object.

    Raises:
        InvalidInput: it is not JSON.
        TooLarge: it has more bytes than the host takes.
        UnsupportedType: it is in another encoding than UTF-8.
    """
    charset = (request.charset or "utf-8").lower().replace("_", "-")
    if charset not in UTF_8_NAMES:
        raise UnsupportedType(
            f"A body in the encoding “{charset[:40]}” is not read here.", hint="Nothing was changed. Send UTF-8."
        )
    data = await read_body(request)
    if not data.strip():
        return {}
    if data.count(b"{") + data.count(b"[") > MAX_CONTAINERS:
        raise TooLarge(
            f"The request's JSON has more than {MAX_CONTAINERS:,} lists and objects.",
            hint="Nothing was changed. Send less at once.",
        )
    try:
        # Large texts in a thread, so that others are answered meanwhile.
        return strict_json.load(data) if len(data) < LARGE_BYTES else await asyncio.to_thread(strict_json.load, data)
    except ValueError as error:
        raise InvalidInput(
            f"The request's body cannot be read as JSON: {error}", hint="Nothing was changed. Correct it."
        ) from None


async def read_body(request: web.Request) -> bytes:
    """Return the request's body.

    Raises:
        InvalidInput: it is cut off, or compressed in a way that cannot be undone.
        TooLarge: it has more bytes than the host takes.
    """
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise TooLarge(
            f"The request's body has more than {MAX_UPLOAD_BYTES / 1e6:,.0f} MB.", hint="Nothing was changed."
        ) from error
    except RequestPayloadError as error:
        raise InvalidInput("The request's body cannot be read.", hint="Nothing was changed. Send it again.") from error


async def json_object(request: web.Request) -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        InvalidInput: it is something else.
    """
    body = await json_body(request)
    if not isinstance(body, dict):
        raise InvalidInput("The request's body must be a JSON object.", hint="Nothing was changed.")
    return body


def whole_number(request: web.Request, name: str) -> int | None:
    """Return a query parameter as a number; None when it is absent.

    Raises:
        InvalidInput: it is not a whole number.
    """
    text = request.query.get(name)
    if text is None:
        return None
    # Bounded, as int() takes seconds for a million digits, and refuses more with a text of its own.
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= MAX_DIGITS):
        raise InvalidInput(f"The parameter {name} must be a whole number.", hint="Nothing was changed.")
    return int(text)
