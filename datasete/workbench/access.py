"""The token of a host that other machines reach: who has it may do everything, and nobody else anything."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

PARAMETER: Final = "token"
"""In the address that `datasete serve` prints. A cookie takes its place at once, as addresses end up in histories."""

COOKIE_SECONDS: Final = 30 * 24 * 3600
SAFE_METHODS: Final = frozenset({"GET", "HEAD"})


def require_token(token: str) -> Middleware:
    """Answer only requests with the token: in the address, in the cookie, or as ``Authorization: Bearer``."""
    # A name of its own for each token: cookies are shared by all ports of a machine.
    cookie = f"datasete_{hashlib.sha256(token.encode()).hexdigest()[:12]}"

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        named = request.query.get(PARAMETER, "")
        if named and _same(named, token) and request.method in SAFE_METHODS and _is_page(request):
            return _exchange(request, cookie, token)
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        given = (named, request.cookies.get(cookie, ""), bearer.strip() if scheme.lower() == "bearer" else "")
        if any(value and _same(value, token) for value in given):
            return await handler(request)
        return _refusal(request)

    return checked


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _is_page(request: web.Request) -> bool:
    return request.path in ("/", "/index.html")


def _exchange(request: web.Request, cookie: str, token: str) -> web.Response:
    rest = {key: value for key, value in request.query.items() if key != PARAMETER}
    answer = web.Response(status=303, headers={"Location": str(request.rel_url.with_query(rest))})
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.set_cookie(cookie, token, max_age=COOKIE_SECONDS, path="/", httponly=True, samesite="Lax")
    return answer


def _refusal(request: web.Request) -> web.Response:
    message, hint = "This host asks for its token.", "Open the address that “datasete serve” printed, which carries it."
    headers = {"WWW-Authenticate": 'Bearer realm="Datasete"', "Cache-Control": "no-store"}
    if _is_page(request):
        return web.Response(status=401, text=f"{message} {hint}\n", headers=headers)
    error = {"code": "unauthorized", "message": message, "hint": hint}
    return web.json_response({"error": error}, status=401, headers=headers)
