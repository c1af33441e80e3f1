"""What SQLite's errors mean to a person. Datasete shows the sentences as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from datasete.plugin import ConfigError, DataseteError, StoreDenied, StoreError, StoreFull, StoreUnavailable, TooLarge

UNHARMED = "What was stored before is unharmed."


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn what SQLite raises about the file `name` into Datasete's family of errors."""
    try:
        yield
    except (sqlite3.DataError, OverflowError):
        raise TooLarge("SQLite keeps no picture as large as this.", hint="Nothing was written.") from None
    except sqlite3.Error as error:
        raise _meaning(name, str(error)) from error


def _meaning(name: str, text: str) -> DataseteError:
    if "locked" in text or "busy" in text:
        return StoreUnavailable(f"Another program is writing to {name}.", hint=UNHARMED)
    if "full" in text:
        return StoreFull(f"There is no room for {name} to grow.", hint=f"{UNHARMED} Free some, then try again.")
    if "readonly" in text:
        return StoreDenied(f"{name} may not be written to.", hint=f"{UNHARMED} Check its permissions and its folder's.")
    if "unable to open" in text:
        return ConfigError(f"{name} cannot be opened.", hint="Check that its folder exists and may be written to.")
    if "not a database" in text or "malformed" in text:
        return ConfigError(f"{name} is no SQLite file, or a damaged one.", hint="It was left as it is.")
    if "no such column" in text or "has no column" in text or "already another table" in text:
        return ConfigError(f"{name} is another program's SQLite file.", hint="It was left as it is. Name a new one.")
    return StoreError(f"{name} failed: {text}.", hint=UNHARMED)
