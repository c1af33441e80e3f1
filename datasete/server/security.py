"""Decides which requests are answered at all: those of our own pages and of programs, never those of another site."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from datasete.errors import Forbidden

FOREIGN_SITES: Final = frozenset({"cross-site", "same-site"})
"""What ``Sec-Fetch-Site`` says of another page. A same-site one is another server, on another port of this machine."""

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


ANY_ORIGIN: Final = "*"
"""Among trusted origins: every page may use the routes."""


def check_request(
    request: web.Request,
    allowed_hosts: Collection[str],
    *,
    loopback: bool | None = None,
    trusted_origins: Collection[str] = (),
) -> None:
    """Refuse what a browser sends on behalf of another site, and names that this server does not go by.

    A program that sends neither ``Origin`` nor ``Sec-Fetch-Site`` (curl, the command line) passes.

    Args:
        request: only its headers and its socket are read.
        allowed_hosts: further Host names to answer on a loopback bind, and the only ones on another, with or without
            their port.
        loopback: whether the server listens on the loopback alone; None to judge by the connection.
        trusted_origins: whole origins of pages that may use the routes, such as ``https://nas:8443``: what the browser
            shows where a proxy rewrites the Host header. `ANY_ORIGIN` trusts every page.

    Raises:
        Forbidden: with the reason.
    """
    host = request.headers.get("Host", "")
    origin = request.headers.get("Origin")
    if ANY_ORIGIN not in trusted_origins and not (origin and _is_trusted(origin, trusted_origins)):
        if request.headers.get("Sec-Fetch-Site", "").lower() in FOREIGN_SITES:
            raise _refused("It was made by a page of another site.")
        # Compared as well: older browsers send no Sec-Fetch-Site, but an Origin with every POST.
        if origin is not None and not _same_origin(origin, host):
            raise _refused("Its Origin is not its Host.")
    if allowed_hosts or (_on_loopback(request) if loopback is None else loopback):
        _check_host(host, allowed_hosts)


def is_loopback(name: str) -> bool:
    """Whether an address, or the name ``localhost``, is this machine's own."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _check_host(host: str, allowed: Collection[str]) -> None:
    # DNS rebinding: a page whose name an attacker points at 127.0.0.1 is same-origin with us, and only its Host header
    # gives it away. Browsers resolve names below localhost themselves, so no attacker can use one.
    name = _name_and_port("http", host)[0]
    own = is_loopback(name) or name.endswith(".localhost")
    if not (own or {name, host.lower()} & {entry.lower() for entry in allowed}):
        raise Forbidden(
            "This request is refused: the server does not go by the name in its Host header.",
            hint="Nothing was changed. Behind a proxy, list that name in server.allowed_hosts.",
        )


def _same_origin(origin: str, host: str) -> bool:
    scheme, separator, address = origin.partition("://")
    # Host names no scheme: a proxy may speak https to the browser and http to us. The origin's own decides the port.
    name, port = _name_and_port(scheme, address)
    own_name, own_port = _name_and_port(scheme, host)
    if not (separator and name and name == own_name):
        return False
    # Proxies drop or add the port in Host, and ComfyUI then ignores it. Not on this machine's own names: another
    # server on another port of them is another site.
    unknown_port = not (_names_port(address) and _names_port(host))
    return port == own_port or (unknown_port and not is_loopback(name))


def _is_trusted(origin: str, trusted: Collection[str]) -> bool:
    parts = _origin_parts(origin)
    return bool(parts[1]) and parts in map(_origin_parts, trusted)  # names that cannot be parsed all look alike


def _origin_parts(origin: str) -> tuple[str, str, int | None]:
    scheme, _, address = origin.strip().rstrip("/").partition("://")
    return (scheme.lower(), *_name_and_port(scheme, address))


def _names_port(address: str) -> bool:
    return address.rpartition(":")[2].isdecimal()


def _name_and_port(scheme: str, address: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(f"//{address}")
        return (parts.hostname or "").rstrip("."), parts.port or DEFAULT_PORTS.get(scheme.lower())
    except ValueError:
        return "", None


def _on_loopback(request: web.Request) -> bool:
    address = request.transport.get_extra_info("sockname") if request.transport else None
    # A Unix socket has a path for an address, and no browser reaches it without a proxy.
    return isinstance(address, tuple) and is_loopback(str(address[0]))


def _refused(reason: str) -> Forbidden:
    hint = (
        "Nothing was changed. Behind a proxy, list the address that the browser shows, such as https://nas:8443, in "
        "server.trusted_origins."
    )
    return Forbidden(f"This request is refused. {reason}", hint=hint)
