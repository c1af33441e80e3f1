"""Turns SQLite's errors into sentences for people, which Datasete shows unchanged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from datasete.plugin import ConfigError, DataseteError, StoreDenied, StoreError, StoreFull, StoreUnavailable, TooLarge

UNHARMED = "What was stored before is unharmed."


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what SQLite raises about the file `name` into Datasete's errors."""
    try:
        yield
    except (sqlite3.DataError, OverflowError):
        raise TooLarge(
            "This picture is too large for SQLite.", hint="Nothing was written. Use another store for it."
        ) from None
    except sqlite3.Error as error:
        raise _meaning(name, str(error)) from error


def _meaning(name: str, text: str) -> DataseteError:
    if "locked" in text or "busy" in text:
        return StoreUnavailable(f"Another program is writing to {name}.", hint=f"{UNHARMED} Try again.")
    if "full" in text:
        return StoreFull(f"There is no room for {name} to grow.", hint=f"{UNHARMED} Free some room, then try again.")
    if "readonly" in text:
        return StoreDenied(f"{name} cannot be written to.", hint=f"{UNHARMED} Check its permissions and its folder's.")
    if "unable to open" in text:
        return ConfigError(
            f"{name} cannot be opened.", hint=f"{UNHARMED} Check that its folder exists and can be written to."
        )
    if "not a database" in text or "malformed" in text:
        return ConfigError(
            f"{name} is not an SQLite file, or a damaged one.", hint="It was left as it is. Name another one."
        )
    if "no such column" in text or "has no column" in text or "already another table" in text:
        return ConfigError(f"{name} is another program's SQLite file.", hint="It was left as it is. Name a new one.")
    return StoreError(f"{name} failed: {text}.", hint=UNHARMED)
