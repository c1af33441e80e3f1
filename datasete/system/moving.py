"""Moves that other programs hold up: on Windows, virus scanners, indexers and previews open a new file for a moment.

The move then fails with a PermissionError, and succeeds some milliseconds later. What was written would be lost if it
were not tried again. On other systems such an error is rare once the file could be made beside its target.
"""

from __future__ import annotations

import errno
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")

ATTEMPTS: Final = 50
PAUSE_SECONDS: Final = 0.02


def move(source: str | Path, target: str | Path) -> None:
    """Rename `source` to `target`, over whatever is there."""
    patiently(lambda: os.replace(source, target))  # noqa: PTH105 - either may be a text or a path


def link(source: str | Path, target: str | Path) -> None:
    """Give a file a second name that must be free. A file system without links says so at once."""
    patiently(lambda: os.link(source, target), final=errno.EPERM)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give a free path beside `target`. What is written there replaces it at the end; an error leaves nothing of it."""
    # A name of its own, so that two writers of one name never share it; short, since `target` may be as long as the
    # file system allows; hidden, so that no list of pictures shows it.
    beside = target.with_name(f".{uuid.uuid4().hex}.new")
    try:
        yield beside
        move(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def patiently(change: Callable[[], T], final: int | None = None) -> T:
    """Repeat for about a second what is refused with a PermissionError, unless its number is `final`."""
    for _ in range(ATTEMPTS - 1):
        try:
            return change()
        except PermissionError as error:
            if error.errno == final:
                raise
        time.sleep(PAUSE_SECONDS)
    return change()
