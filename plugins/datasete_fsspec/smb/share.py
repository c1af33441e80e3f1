"""A space's folder on an SMB server: its path, the logon, and a few connections that threads share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from queue import LifoQueue
from typing import Final

from datasete.plugin import ConfigError, InvalidInput, Space
from datasete_fsspec.keys import Sound, check_key, is_sound
from datasete_fsspec.options import options_of
from datasete_fsspec.smb.connection import SmbConnection

OPTIONS: Final = {
    "username": "as user, DOMAIN\\user or user@domain; the machine's own Kerberos ticket without it",
    "password": "its password",
    "port": "445 if not given",
    "encrypt": "whether to insist on encryption",
    "auth_protocol": "negotiate, ntlm or kerberos",
    "timeout": "seconds to wait for an answer, 10 if not given",
}

MAX_CONNECTIONS: Final = 6
"""The most connections that a space has."""

_PLACE: Final = re.compile(r"smb://(?P<host>[^/@:]+)(?::(?P<port>\d+))?/(?P<share>[^/]+)(?P<path>/.*)?", re.IGNORECASE)
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]|[. ](/|$)')


class Share:
    """A folder on a share. `root` is its UNC path, `top` the share's own."""

    def __init__(self, space: Space) -> None:
        options = options_of(space, OPTIONS, "SMB")
        place = _place(space)
        self.top = f"\\\\{place['host']}\\{place['share']}"
        folder = (place["path"] or "").strip("/")
        self.root = f"{self.top}\\{_checked(space, folder)}" if folder else self.top
        timeout = options.pop("timeout", 10.0)
        options["port"] = int(place["port"] or options.get("port", 445))
        address = f"{place['host']}:{options['port']}"
        self._idle: LifoQueue[SmbConnection] = LifoQueue()
        for _ in range(MAX_CONNECTIONS):
            self._idle.put(SmbConnection(f"The share of the space “{space.name}”", options, timeout, address))

    def path(self, key: str, sound: Sound = is_sound) -> str:
        r"""The UNC path of a key.

        Raises:
            InvalidInput: it leads outside, or has a name that a Windows server does not know: ``< > : " | ? *``, or a
                dot or space at the end.
        """
        if _FORBIDDEN.search(check_key(key, sound)):
            raise InvalidInput(
                f"The key {key[:80]!a} cannot be a file on an SMB share.", hint="Nothing was done. Choose another name."
            )
        return f"{self.root}\\{key}".replace("/", "\\")

    @contextmanager
    def connection(self) -> Iterator[SmbConnection]:
        """Borrow a connection. The one used last comes first, so that few are ever opened."""
        connection = self._idle.get()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        """End all connections."""
        while not self._idle.empty():
            self._idle.get().close()


def _place(space: Space) -> re.Match[str]:
    if "@" in space.url:
        raise ConfigError(
            f"The space “{space.name}” has a user in its URL.",
            hint="Nothing was opened. Write smb://server/share/path, and put username and password into the options.",
        )
    place = _PLACE.fullmatch(space.url)
    if place is None:
        raise ConfigError(
            f"The space “{space.name}” names no share.", hint="Nothing was opened. Write smb://server/share/path."
        )
    return place


def _checked(space: Space, folder: str) -> str:
    try:
        return check_key(folder).replace("/", "\\")
    except InvalidInput as error:
        raise ConfigError(f"The space “{space.name}” has an unusable folder.", hint=str(error)) from None
