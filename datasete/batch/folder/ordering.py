"""How a batch's files are listed: in which order, together with which other folder, and without which results."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from datasete.batch.folder.sources import Location, shown
from datasete.errors import InvalidInput
from datasete.storage import Storage

NAME: Final = "name"
DATE: Final = "date"
SIZE: Final = "size"
RANDOM: Final = "random"
REVERSE: Final = "reverse name"
ORDERS: Final = (NAME, DATE, SIZE, RANDOM, REVERSE)

BY_PLACE: Final = "by place"
BY_NAME: Final = "by name"
PAIRINGS: Final = (BY_PLACE, BY_NAME)


@dataclass(frozen=True)
class ListOptions:
    """What a loader's widgets say about the list. None of it is part of the batch's key.

    Attributes:
        order: one of `ORDERS`.
        seed: for the random order; each number is an order of its own.
        pairing: one of `PAIRINGS`.
        skip_existing: a folder of results; files that have theirs in it count as done. Empty for none.
    """

    order: str = NAME
    seed: int = 0
    pairing: str = BY_PLACE
    skip_existing: str = ""

    @property
    def identity(self) -> str:
        """A text that is the same for options that list a folder in the same way; empty for the plain list."""
        order = f"{self.order}:{self.seed}" if self.order == RANDOM else self.order
        return "" if order == NAME and not self.skip_existing else f"{order}|{self.skip_existing}"


PLAIN: Final = ListOptions()


def list_options(order: str, seed: int, pairing: str, skip_existing: str) -> ListOptions:
    """Return the options that a loader's widgets name.

    Raises:
        InvalidInput: the order or the pairing is unknown.
    """
    for value, choices, what in ((order, ORDERS, "order"), (pairing, PAIRINGS, "pairing")):
        if value not in choices:
            raise InvalidInput(
                f"There is no {what} “{shown(str(value))}”.",
                hint=f"The batch keeps its place. Choose from {', '.join(choices)}.",
            )
    return ListOptions(order, int(seed), pairing, str(skip_existing or "").strip())


def arranged(names: Sequence[str], options: ListOptions, location: Location, storage: Storage | None) -> list[str]:
    """Return `names`, which are in natural order, in the order that `options` ask for.

    The oldest and the smallest come first. Equal ones stay in natural order. A random order depends on the seed and
    the names alone, so files that come later change nothing about the others.
    """
    if options.order == REVERSE:
        return list(reversed(names))
    if options.order == RANDOM:
        return sorted(names, key=lambda name: _shuffled(name, options.seed))
    if options.order in (DATE, SIZE):
        return sorted(names, key=_facts(options.order, location, storage))
    return list(names)


def _shuffled(name: str, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}\0{name}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _facts(order: str, location: Location, storage: Storage | None) -> Callable[[str], float]:
    if storage is None:
        return lambda name: _fact_on_disk(order, os.path.join(location.path, name))  # noqa: PTH118 - bytes, not text
    prefix = f"{location.path}/" if location.path else ""
    entries = {entry.key.removeprefix(prefix): entry for entry in storage.as_found().entries(prefix)}
    if order == SIZE:
        return lambda name: entries[name].size if name in entries else 0
    return lambda name: entries[name].modified if name in entries else 0


def _fact_on_disk(order: str, path: str) -> float:
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return 0  # gone since the folder was listed: the run that comes to it says so
    return status.st_size if order == SIZE else status.st_mtime_ns
