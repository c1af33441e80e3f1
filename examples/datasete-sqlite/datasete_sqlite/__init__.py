"""Stores a space of Datasete in one SQLite file: ``sqlite:///home/me/slots.db``."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from datasete.plugin import ConfigError, Space, Store, hookimpl

from datasete_sqlite.faults import translated
from datasete_sqlite.store import SqliteStore

__all__ = ["SqliteStore", "datasete_open_store", "datasete_schemes"]

OPTIONS = {"timeout"}
OLDEST = (3, 24, 0)
"""The first SQLite that knows ``on conflict do nothing``."""


@hookimpl
def datasete_schemes() -> Sequence[str]:
    """The URLs to allow where this plugin is installed."""
    return ("sqlite",)


@hookimpl
def datasete_open_store(space: Space) -> Store | None:
    """Open the file behind a ``sqlite://`` URL; decline any other URL.

    Raises:
        ConfigError: the URL names no file, or an option is unknown.
    """
    if space.scheme != "sqlite":
        return None
    path, timeout = place(space), _timeout(space)
    if sqlite3.sqlite_version_info < OLDEST:
        raise ConfigError("This Python's SQLite is older than 3.24.", hint="Nothing was opened. Use a newer Python.")
    with translated(path.name):
        return SqliteStore(path, timeout=timeout)


def place(space: Space) -> Path:
    """The file that the URL names.

    Raises:
        ConfigError: it names no file, or has parts that a file does not have.
    """
    url = urlsplit(space.url)
    if url.netloc or url.query or url.fragment or not url.path.strip("/") or url.path.endswith("/"):
        raise ConfigError(
            f"The space “{space.name}” names no SQLite file.",
            hint="Nothing was opened. Write sqlite:///home/me/slots.db, or sqlite:///C:/slots.db on Windows.",
        )
    # the URL has a slash before a drive letter, the path has none
    return Path(url2pathname(url.path[1:] if re.match(r"/[A-Za-z]:/", url.path) else url.path))


def _timeout(space: Space) -> float:
    unknown = set(space.store_options) - OPTIONS
    if unknown:
        raise ConfigError(
            f"The space “{space.name}” has options that SQLite does not know: {', '.join(sorted(unknown))}.",
            hint="Nothing was opened. The only option is timeout, in seconds.",
        )
    try:
        return float(str(space.store_options.get("timeout", 10.0)))
    except ValueError:
        raise ConfigError(
            f"The option timeout of the space “{space.name}” is not a number.",
            hint="Nothing was opened. Write it in seconds.",
        ) from None
