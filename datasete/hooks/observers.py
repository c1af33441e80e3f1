"""Notices to plugins, delivered one by one on a bounded background thread."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

logger = logging.getLogger(__name__)

CAPACITY: Final = 1000

Notice = tuple[str, Callable[[], object]]
"""The name of the plugin that is told, and the call that tells it."""


class Observers:
    """Runs notices in order, off the caller's thread: what one raises is logged, a slow one delays nobody's gate.

    The thread starts with the first notice and is a daemon. When `capacity` notices wait, further ones are dropped and
    counted in `dropped`.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.dropped = 0
        self._waiting: queue.Queue[Notice | None] = queue.Queue(capacity)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def tell(self, plugin: str, call: Callable[[], object]) -> None:
        """Queue one notice; never blocks, never raises."""
        self._start()
        try:
            self._waiting.put_nowait((plugin, call))
        except queue.Full:
            self.dropped += 1
            logger.warning(
                "The observers lag behind: a notice for plugin %s was dropped (%d so far).", plugin, self.dropped
            )

    def drain(self) -> None:
        """Wait until everything told so far was delivered."""
        self._waiting.join()

    def close(self) -> None:
        """Deliver what waits, then end the thread."""
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
                self._waiting.task_done()


def _deliver(plugin: str, call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:
        logger.exception("Plugin %s failed as an observer; nothing else was affected.", plugin)
