"""Work that takes a while and that whoever began it may stop: it then ends as if it had never begun, or it was done."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from datasete.errors import Conflict

REMEMBERED: Final = 64
"""How many works are known, so that one that is over can still be asked what came of it."""


class Work:
    """One work.

    Attributes:
        result: what it has led to, as JSON; None while it is under way, and when it led to nothing.
        begun: whether it ever ran.
    """

    def __init__(self) -> None:
        self.begun = False
        self.result: dict[str, object] | None = None
        self._stopped = threading.Event()
        self._over = threading.Event()
        self._over.set()

    def check(self) -> None:
        """To be called between its steps, the last time right before it counts.

        Raises:
            Conflict: it was stopped.
        """
        if self._stopped.is_set():
            raise Conflict("This was stopped.", hint="Nothing of it was kept.")

    def stop(self, patience: float) -> bool:
        """Let it end, and wait for that; whether it ended within so many seconds."""
        self._stopped.set()
        return self._over.wait(patience)

    @contextmanager
    def under_way(self) -> Iterator[Work]:
        """While it runs."""
        self._over.clear()
        try:
            yield self
        finally:
            self._over.set()


class Stops:
    """The works of a program by their ids, which those make up who begin them. Safe from several threads."""

    def __init__(self) -> None:
        self._works: OrderedDict[str, Work] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def running(self, operation: str | None) -> Iterator[Work]:
        """A work for the length of a block; nobody can stop one without an id.

        One that was stopped before it began, because the request that stops it was faster, is stopped all the same; an
        id that comes back afterwards is another attempt.
        """
        work = self._begin(operation) if operation else Work()
        with work.under_way():
            yield work

    def stop(self, operation: str, patience: float) -> Work | None:
        """Stop a work and wait until it is over; None when it goes on after so many seconds.

        Its ``result`` is there when it was done before it could be stopped.
        """
        with self._lock:
            work = self._works.get(operation) or self._remember(operation)
        return work if work.stop(patience) else None

    def _begin(self, operation: str) -> Work:
        with self._lock:
            known = self._works.get(operation)
            work = known if known and not known.begun else self._remember(operation)
            work.begun = True
            return work

    def _remember(self, operation: str) -> Work:
        work = self._works[operation] = Work()
        self._works.move_to_end(operation)
        while len(self._works) > REMEMBERED:
            self._works.popitem(last=False)
        return work
