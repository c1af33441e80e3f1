"""What the ledger holds, as plain values; importing them does not import SQLite."""

from __future__ import annotations

from dataclasses import dataclass

from datasete.batch.sources import shown
from datasete.batch.state import Batch


@dataclass(frozen=True)
class Entry:
    """A batch in the ledger.

    Attributes:
        id: its number in this ledger.
        key: its public name, made from folder and filter.
        space: the configured space its folder is in; empty for the local disk.
        path: the folder.
        filter: which files count, for people.
        batch: its state.
        updated: when it last changed, in Unix milliseconds.
    """

    id: int
    key: str
    space: str
    path: str
    filter: str
    batch: Batch
    updated: int


@dataclass(frozen=True)
class Item:
    """What became of a file: `state` is ``todo``, ``done`` or ``skipped``; `ended` is in Unix milliseconds."""

    index: int
    name: str
    state: str = "todo"
    reason: str = ""
    run: str = ""
    ended: int = 0

    @property
    def shown_name(self) -> str:
        """The name, fit for people and for JSON."""
        return shown(self.name)
