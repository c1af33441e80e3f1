"""The order in which the items of a node's list open their gates: that of the list, whichever is ready first."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """One lock for each node of each run. A lock is fair, and items start in the order of their list."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def of(self, prompt_id: str, node_id: str) -> asyncio.Lock:
        """The lock of a node; ask for it before anything else is awaited. Call this on the run's loop."""
        key = (prompt_id, node_id)
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock
