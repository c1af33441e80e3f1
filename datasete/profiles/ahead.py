"""Files of a pool, read one ahead: while one is being packed, the next is already on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import Final

LARGEST: Final = 16_000_000
"""Bytes of a file that is read before anybody asked for it."""


class Ahead:
    """Reads files that will be asked for in a known order; other orders only cost time.

    Args:
        read: gives a file's bytes.
        names: in the order in which they will be taken.
        sizes: their bytes, as far as they are known; what is large or unknown is read when it is asked for.
    """

    def __init__(self, read: Callable[[str], bytes], names: list[str], sizes: Mapping[str, int]) -> None:
        self._read = read
        self._next = dict(pairwise(names))
        self._sizes = sizes
        self._threads = ThreadPoolExecutor(1, "datasete-ahead")
        self._coming: tuple[str, Future[bytes]] | None = None

    def take(self, name: str) -> bytes:
        """A file's bytes; what reading it raises is raised here."""
        coming, self._coming = self._coming, None
        data = coming[1].result() if coming and coming[0] == name else self._read(name)
        following = self._next.get(name)
        if following and self._sizes.get(following, LARGEST + 1) <= LARGEST:
            self._coming = following, self._threads.submit(self._read, following)
        return data

    def close(self) -> None:
        """Stop."""
        self._threads.shutdown(wait=True, cancel_futures=True)
