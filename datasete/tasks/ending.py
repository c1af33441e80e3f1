"""Ends several things at once, and gives up what a store holds up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)


def call_all(calls: Sequence[Callable[[], object]], until: float) -> None:
    """Make some calls at once, each in a thread of its own, and wait for them until a time."""
    threads = [threading.Thread(target=_logged, args=(call,), name="datasete-close", daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.1, until - time.monotonic()))
        if thread.is_alive():
            logger.warning("A store does not answer; what waits for it in the background is given up.")


def _logged(call: Callable[[], object]) -> None:
    try:
        call()
    except Exception:  # the others are still closed
        logger.exception("Something could not be closed.")
