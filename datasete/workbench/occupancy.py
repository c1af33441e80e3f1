"""Keeps a second host out of a data folder: both would empty `temp`, and walk the same batches."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from datasete.errors import ConfigError, InvalidOption

logger = logging.getLogger(__name__)

LOCK: Final = ".datasete.lock"


@contextmanager
def occupied(data: Path) -> Iterator[None]:
    """Hold a data folder for the length of a block.

    Raises:
        ConfigError: another host works in it, or it cannot be written to.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        # A file lock: the system releases it when the process is killed, so a crashed host blocks no other one.
        lock = FileLock(data / LOCK, thread_local=False)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ConfigError(
            f"Another Datasete works in {data}.",
            hint="Nothing was started. End it first, use its page, or name another folder with --data.",
        ) from error
    except NotImplementedError:
        logger.warning("%s cannot be locked. Start no second Datasete with it.", data)
        yield
        return
    except OSError as error:
        raise InvalidOption(
            f"{data} cannot be used: {error.strerror or error}.", hint="Nothing was started. Name another with --data."
        ) from error
    try:
        yield
    finally:
        lock.release()
