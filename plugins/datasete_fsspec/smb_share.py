"""Where a space is on an SMB server, how to log on, and a few connections to share between threads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from queue import LifoQueue
from typing import Final

from datasete.plugin import ConfigError, InvalidInput, Space
from datasete_fsspec.keys import check_key
from datasete_fsspec.options import options_of
from datasete_fsspec.smb_line import Line

OPTIONS: Final = {
    "username": "as user, DOMAIN\\user or user@domain; the machine's own Kerberos ticket without it",
    "password": "its password",
    "port": "445 if not given",
    "encrypt": "whether to insist on encryption",
    "auth_protocol": "negotiate, ntlm or kerberos",
    "timeout": "seconds to wait for an answer, 10 if not given",
}

LINES: Final = 6
"""How many connections a space has at most."""

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
        self._lines: LifoQueue[Line] = LifoQueue()
        for _ in range(LINES):
            self._lines.put(Line(f"The share of the space “{space.name}”", options, timeout))

    def path(self, key: str) -> str:
        r"""The UNC path of a key.

        Raises:
            InvalidInput: it leads outside, or has a name that a Windows server does not know: ``< > : " | ? *``, or a
                dot or space at the end.
        """
        if _FORBIDDEN.search(check_key(key)):
            raise InvalidInput(f"The key {key[:80]!a} cannot be a file on an SMB share.", hint="Nothing was done.")
        return f"{self.root}\\{key}".replace("/", "\\")

    @contextmanager
    def line(self) -> Iterator[Line]:
        """Borrow a connection; the one that was used last comes first."""
        line = self._lines.get()
        try:
            yield line
        finally:
            self._lines.put(line)

    def close(self) -> None:
        """End all connections."""
        while not self._lines.empty():
            self._lines.get().close()


def _place(space: Space) -> re.Match[str]:
    if "@" in space.url:
        raise ConfigError(
            f"The space “{space.name}” has a user in its URL.",
            hint="Write smb://server/share/path, and put username and password into the options.",
        )
    place = _PLACE.fullmatch(space.url)
    if place is None:
        raise ConfigError(f"The space “{space.name}” names no share.", hint="Write smb://server/share/path.")
    return place


def _checked(space: Space, folder: str) -> str:
    try:
        return check_key(folder).replace("/", "\\")
    except InvalidInput as error:
        raise ConfigError(f"The space “{space.name}” has an unusable folder.", hint=str(error)) from None
