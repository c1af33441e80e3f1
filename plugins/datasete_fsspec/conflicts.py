"""The errors for a condition that did not hold, and for a copy of nothing: said once for all stores."""

from __future__ import annotations

from typing import Literal

from datasete.plugin import Conflict, NotFound


def changed(key: str, undone: Literal["written", "copied"]) -> Conflict:
    """The error for a key that is not at the expected version; `undone` is what was not done because of that."""
    return Conflict(
        f"“{key}” was changed by another writer.", hint=f"Nothing was {undone}. Read it again, then try again."
    )


def nothing_to_copy(source: str) -> NotFound:
    """The error for a copy whose source does not exist."""
    return NotFound(f"There is nothing at “{source}”.", hint="Nothing was copied. It may have been removed meanwhile.")
