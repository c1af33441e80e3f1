"""A progress bar on a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

T = TypeVar("T")

WIDTH: Final = 30
EVERY: Final = 0.1
"""Seconds between two drawings."""


def progress(items: Iterable[T], total: int, what: str, *, quiet: bool = False) -> Iterator[T]:
    """Yield the items while a bar on standard error shows how many of `total` are done."""
    if quiet or total < 1 or not sys.stderr.isatty():
        yield from items
        return
    drawn = 0.0
    for done, item in enumerate(items):
        if time.monotonic() - drawn > EVERY:
            drawn = time.monotonic()
            _draw(done, total, what)
        yield item
    _draw(total, total, what)
    sys.stderr.write("\n")


def _draw(done: int, total: int, what: str) -> None:
    full = WIDTH * done // total
    sys.stderr.write(f"\r{what} [{'#' * full}{' ' * (WIDTH - full)}] {done} of {total}")
    sys.stderr.flush()
