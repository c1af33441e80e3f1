"""Which requests are answered at all: those of our own pages and of programs, never those of another site."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from datasete.errors import Forbidden

FOREIGN: Final = frozenset({"cross-site", "same-site"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def check_request(request: web.Request, allowed_hosts: Collection[str], *, loopback: bool | None = None) -> None:
    """Refuse what a browser sends on behalf of another site, and names this server does not go by.

    A program that sends neither ``Origin`` nor ``Sec-Fetch-Site`` (curl, the command line) passes.

    Args:
        request: only its headers and its socket are looked at.
        allowed_hosts: further Host names to answer on a loopback bind, without or with their port.
        loopback: whether the server listens on the loopback alone; None to judge by the connection.

    Raises:
        Forbidden: with the reason.
    """
    if request.headers.get("Sec-Fetch-Site", "").lower() in FOREIGN:
        raise _refused("It was made by a page of another site.")
    host = request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    if origin is not None and not _same_place(origin, host):
        raise _refused("Its Origin is not its Host.")
    if _on_loopback(request) if loopback is None else loopback:
        _check_host(host, allowed_hosts)


def _check_host(host: str, allowed: Collection[str]) -> None:
    # A name that an attacker points at 127.0.0.1 makes his page same-origin with us; its Host header gives it away.
    name = _name_and_port("http", host)[0]
    if not (_is_loopback(name) or {name, host.lower()} & {entry.lower() for entry in allowed}):
        raise Forbidden(
            "This request is refused: the server does not go by the name in its Host header.",
            hint="Behind a proxy, list that name in server.allowed_hosts.",
        )


def _same_place(origin: str, host: str) -> bool:
    scheme, separator, place = origin.partition("://")
    return bool(separator and host) and _name_and_port(scheme, place) == _name_and_port(scheme, host)


def _name_and_port(scheme: str, place: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(f"//{place}")
        return (parts.hostname or "").rstrip("."), parts.port or _DEFAULT_PORTS.get(scheme.lower())
    except ValueError:
        return "", None


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _on_loopback(request: web.Request) -> bool:
    address = request.transport.get_extra_info("sockname") if request.transport else None
    # A Unix socket has a path for an address, and no browser reaches it without a proxy.
    return isinstance(address, tuple) and _is_loopback(str(address[0]))


def _refused(reason: str) -> Forbidden:
    return Forbidden(f"This request is refused. {reason}", hint="Nothing was changed.")
