"""Long-running tasks that their initiator can cancel. A cancelled task leaves nothing behind."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from datasete.errors import Conflict

MAX_REMEMBERED_TASKS: Final = 64
"""How many tasks are known by their ids, finished ones included: a late cancel gets the result."""


class Task:
    """One task.

    Attributes:
        result: what it led to, as JSON; None while it runs, and when it led to nothing.
        started: whether it ever ran.
    """

    def __init__(self) -> None:
        self.started = False
        self.result: dict[str, object] | None = None
        self._cancelled = threading.Event()
        self._idle = threading.Event()
        self._idle.set()

    def check(self) -> None:
        """Call this between the task's steps, the last time right before its result becomes visible.

        Raises:
            Conflict: it was cancelled.
        """
        if self._cancelled.is_set():
            raise Conflict("This was stopped.", hint="Nothing of it was kept.")

    def cancel(self, wait_seconds: float) -> bool:
        """Ask the task to end, and wait; return whether it ended in time."""
        self._cancelled.set()
        return self._idle.wait(wait_seconds)

    @contextmanager
    def running(self) -> Iterator[Task]:
        """Mark the task as running for the length of a block."""
        self._idle.clear()
        try:
            yield self
        finally:
            self._idle.set()


class TaskRegistry:
    """The tasks of a process by their operation ids, which the initiators choose. Thread-safe."""

    def __init__(self) -> None:
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def running(self, operation: str | None) -> Iterator[Task]:
        """Run a task for the length of a block; one without an id cannot be cancelled.

        A cancel may overtake the request that it is for. The task then starts cancelled; the same id used again
        afterwards is another attempt.
        """
        task = self._start(operation) if operation else Task()
        with task.running():
            yield task

    def cancel(self, operation: str, wait_seconds: float) -> Task | None:
        """Cancel a task and wait until it has ended; return None when it still runs after `wait_seconds`.

        Its ``result`` is set when it finished before it could be cancelled.
        """
        with self._lock:
            task = self._tasks.get(operation) or self._remember(operation)
        # Outside the lock: a task that takes a minute to end must not keep others from starting.
        return task if task.cancel(wait_seconds) else None

    def _start(self, operation: str) -> Task:
        with self._lock:
            known = self._tasks.get(operation)
            task = known if known and not known.started else self._remember(operation)
            task.started = True
            return task

    def _remember(self, operation: str) -> Task:
        task = self._tasks[operation] = Task()
        self._tasks.move_to_end(operation)
        # Pages make up the ids, so the registry would grow without bound; anyone who holds a forgotten task keeps it.
        while len(self._tasks) > MAX_REMEMBERED_TASKS:
            self._tasks.popitem(last=False)
        return task
