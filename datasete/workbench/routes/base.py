"""Reads requests and writes JSON, for all route modules of the workbench."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from aiohttp import web

from datasete.errors import InvalidInput

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
Route: TypeAlias = tuple[str, str, Handler]
"""Method, path, handler."""


def dumps(value: object) -> str:
    """Encode what nodes returned as JSON; what JSON does not know becomes text."""
    return json.dumps(value, default=str)


async def json_body(request: web.Request) -> Any:
    """Return the request's JSON; an empty body counts as an empty object.

    Raises:
        InvalidInput: it is not JSON.
    """
    text = await request.text()
    if not text.strip():
        return {}
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput("The request's body is not JSON.", hint=str(error)) from None


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
    try:
        return int(text)
    except ValueError:
        raise InvalidInput(f"The parameter {name} must be a whole number.") from None
