"""Threads for what a publish does beside its caller (side files) and behind its back (what follows the commit)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

logger = logging.getLogger(__name__)

WAITING: Final = 64


class Errands:
    """A few threads that start when first needed. Python finishes what is queued before it ends."""

    def __init__(self, *, beside: int = 8, behind: int = 2) -> None:
        self._beside = ThreadPoolExecutor(beside, "datasete-beside")
        self._behind = ThreadPoolExecutor(behind, "datasete-behind")
        self._room = threading.BoundedSemaphore(WAITING)
        self._open: set[Future[None]] = set()

    def start(self, job: Callable[[], object]) -> Future[object]:
        """Run `job` beside the caller, who collects the result."""
        return self._beside.submit(job)

    def later(self, what: str, job: Callable[[], object]) -> None:
        """Run `job` some time soon; a failure is logged as “`what` was put off”, and harms nobody.

        When too much waits already, the caller is held until there is room.
        """
        self._room.acquire()
        try:
            future = self._behind.submit(self._run, what, job)
        except RuntimeError:  # the interpreter, or this object, is closing: nobody will run it later
            self._run(what, job)
            return
        self._open.add(future)
        future.add_done_callback(self._open.discard)

    def flush(self) -> None:
        """Wait until everything given to `later` so far has run."""
        wait(tuple(self._open))

    def close(self) -> None:
        """Finish what is queued and end the threads."""
        self._behind.shutdown(wait=True)
        self._beside.shutdown(wait=True)

    def _run(self, what: str, job: Callable[[], object]) -> None:
        try:
            job()
        except Exception:
            logger.warning("%s was put off; the next reader or publisher does it.", what, exc_info=True)
        finally:
            self._room.release()
