"""A function over many strips at once, on as many threads as there are processors to use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

T = TypeVar("T")
S = TypeVar("S")

MAX_THREADS: Final = 8
"""Beyond this the memory bus is the limit, and a server has other things to do."""


def each(function: Callable[[S], T], items: Sequence[S], *, threads: int = MAX_THREADS) -> Iterator[T]:
    """Yield ``function(item)`` for each item, in order; the calls run on `threads` at most where that can pay.

    The work is in numpy, zlib and Pillow, which let other threads run. A pool of its own per call costs 0.1 ms, and
    leaves nothing behind at a fork or at exit.
    """
    threads = min(len(items), threads, processors())
    if threads < 2:
        yield from map(function, items)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="datasete-imaging") as pool:
        yield from pool.map(function, items)


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows or macOS
        return os.cpu_count() or 1
