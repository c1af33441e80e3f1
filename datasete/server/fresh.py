"""Answers that tell how things are at this moment, in JSON: nobody is to keep them."""

from __future__ import annotations

import json

from aiohttp import web


def fresh(body: object) -> web.Response:
    """An answer of whatever JSON can say."""
    return fresh_text(json.dumps(body).encode())


def fresh_text(data: bytes, status: int = 200) -> web.Response:
    """An answer whose JSON was written elsewhere: in a thread, or from lines that were at hand."""
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=data, status=status, content_type="application/json", charset="utf-8", headers=headers)
