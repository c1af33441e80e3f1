"""Notices to plugins, delivered one by one on a bounded background thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

from datasete.hooks.calling import PluginCall

logger = logging.getLogger(__name__)

CAPACITY_NOTICES: Final = 1000


class Observers:
    """Delivers notices in order, off the caller's thread: what one raises is logged, and a slow one delays no gate.

    The thread starts with the first notice and is a daemon. When `capacity` notices wait, further ones are dropped and
    counted in `dropped`.
    """

    def __init__(self, capacity: int = CAPACITY_NOTICES) -> None:
        self.dropped = 0
        self._waiting: queue.Queue[PluginCall | None] = queue.Queue(capacity)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def tell(self, plugin: str, call: Callable[[], object]) -> None:
        """Queue one notice; never blocks, never raises."""
        self._start()
        try:
            self._waiting.put_nowait(PluginCall(plugin, call))
        except queue.Full:
            self.dropped += 1
            logger.warning(
                "The observers lag behind: a notice for plugin %s was dropped (%d so far).", plugin, self.dropped
            )

    def drain(self) -> None:
        """Wait until every notice so far is delivered."""
        self._waiting.join()

    def close(self) -> None:
        """Deliver what waits, then end the thread; a later notice starts another."""
        # taken out under the lock, so that a notice from now on starts a thread of its own
        with self._starting:
            thread, self._thread = self._thread, None
        if thread:
            self._waiting.put(None)
            thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="datasete-observers", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            notice = self._waiting.get()
            try:
                if notice is None:
                    return
                _deliver(*notice)
            finally:
                self._waiting.task_done()  # also for the notice that raised, or `drain` would wait for ever


def _deliver(plugin: str, call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:
        logger.exception("Plugin %s failed as an observer; nothing else was affected.", plugin)
