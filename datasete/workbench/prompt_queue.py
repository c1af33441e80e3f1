"""Queues prompts, runs them one after the other in a thread, and keeps their history."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from datasete.tasks.workers import Workers
from datasete.workbench.execution import Execution, RunResult
from datasete.workbench.prompts.graph import Prompt

logger = logging.getLogger(__name__)

MAX_FINISHED_RUNS = 1000
"""How many finished runs the history keeps."""

Entry: TypeAlias = dict[str, Any]


@dataclass(order=True)
class QueuedRun:
    """A queued run; the lowest number runs first, among equals the older.

    Attributes:
        outputs: the output nodes that it is run for.
        stop: set when it is asked to stop.
        is_cleared: the queue was cleared while it ran.
        arrival: how many were queued before it.
        node: the node that started last.
    """

    number: float
    prompt_id: str = field(compare=False)
    prompt: Prompt = field(compare=False)
    outputs: list[str] = field(compare=False)
    extra_data: dict[str, Any] = field(compare=False, default_factory=dict)
    stop: threading.Event = field(compare=False, default_factory=threading.Event)
    is_cleared: bool = field(compare=False, default=False)
    arrival: int = 0
    node: str | None = field(compare=False, default=None)

    @property
    def client_id(self) -> str | None:
        """The browser tab that queued the run."""
        return self.extra_data.get("client_id")

    def stopping(self) -> bool:
        """Whether the run was asked to stop."""
        return self.stop.is_set()

    def row(self) -> list[Any]:
        """Return it as ComfyUI's queue and history list it."""
        return [self.number, self.prompt_id, self.prompt, self.extra_data, self.outputs]


class PromptQueue:
    """Queued, running and finished prompts. Every method may be called from any thread.

    Args:
        execution: makes the execution of a job, given the function that runs synchronous nodes in the worker thread.
        changed: called whenever a run is queued, starts or ends.
        ended: called with each job when it has ended and is in the history.

    Attributes:
        ending: called in the worker thread with each job and its history entry, while it still counts as running.
    """

    def __init__(
        self,
        execution: Callable[[QueuedRun, Callable[..., Any]], Execution],
        changed: Callable[[], None] = lambda: None,
        ended: Callable[[QueuedRun], None] = lambda _: None,
    ) -> None:
        self._execution = execution
        self._changed = changed
        self._ended = ended
        self.ending: Callable[[QueuedRun, Entry], None] = lambda *_: None
        self._condition = threading.Condition()
        self._pending: list[QueuedRun] = []
        self._arrivals = itertools.count()
        self._running: QueuedRun | None = None
        self._history: dict[str, Entry] = {}
        self._closing = False
        self._cancel: Callable[[], object] = lambda: None
        # A daemon, as a node that never returns must not keep the process alive.
        self._thread = threading.Thread(target=self._work, name="workbench-runs", daemon=True)

    def start(self) -> None:
        """Start to run what is queued."""
        self._thread.start()

    def close(self, grace_seconds: float = 1.0) -> None:
        """Stop the running prompt, run no other, and wait for the thread.

        Nodes that have not noticed after `grace_seconds` are cancelled where they await.
        """
        with self._condition:
            self._closing = True
            self._pending.clear()
            self._condition.notify_all()
        # Politely first: most nodes notice an interrupt, and leave nothing half-written.
        self.interrupt()
        if self._thread.is_alive():
            self._thread.join(grace_seconds)
            self._cancel()
            self._thread.join(grace_seconds)

    def put(self, job: QueuedRun) -> None:
        """Queue a run."""
        with self._condition:
            job.arrival = next(self._arrivals)
            heapq.heappush(self._pending, job)
            self._condition.notify_all()
        self._changed()

    def running(self) -> QueuedRun | None:
        """Return the run in progress, or None."""
        return self._running

    def pending(self) -> list[QueuedRun]:
        """Return the waiting runs, in the order in which they will run."""
        with self._condition:
            return sorted(self._pending)

    def remaining(self) -> int:
        """Return how many runs have not ended."""
        with self._condition:
            return len(self._pending) + (self._running is not None)

    def interrupt(self, prompt_id: str | None = None) -> bool:
        """Ask the current run to stop, if it is `prompt_id` or none is named; return whether it was asked."""
        with self._condition:
            hit = self._running is not None and prompt_id in (None, self._running.prompt_id)
            if hit and self._running is not None:
                self._running.stop.set()
            return hit

    def remove(self, prompt_ids: Iterable[str]) -> int:
        """Remove waiting runs; return how many there were."""
        unwanted = set(prompt_ids)
        with self._condition:
            kept = [job for job in self._pending if job.prompt_id not in unwanted]
            removed = len(self._pending) - len(kept)
            heapq.heapify(kept)
            self._pending = kept
        self._changed()
        return removed

    def clear(self) -> None:
        """Remove all waiting runs."""
        with self._condition:
            if self._running is not None:
                self._running.is_cleared = True
        self.remove([job.prompt_id for job in self.pending()])

    def history(self, max_items: int | None = None, offset: int = -1) -> dict[str, Entry]:
        """Return finished runs, oldest first: the last `max_items`, or that many from `offset` on."""
        with self._condition:
            ids = list(self._history)
            start = max(len(ids) - max_items, 0) if offset < 0 and max_items is not None else max(offset, 0)
            return {key: self._history[key] for key in ids[start:][:max_items]}

    def finished(self, prompt_id: str) -> Entry | None:
        """Return one finished run, or None."""
        with self._condition:
            return self._history.get(prompt_id)

    def forget(self, prompt_ids: Iterable[str] | None = None) -> None:
        """Drop runs from the history; all of them when none are named."""
        with self._condition:
            for key in list(self._history) if prompt_ids is None else prompt_ids:
                self._history.pop(key, None)

    # --- the worker thread -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        with Workers(1, "workbench-node") as nodes:
            while (job := self._next()) is not None:
                self._changed()
                self._finish(job, self._run(job, nodes))

    def _next(self) -> QueuedRun | None:
        with self._condition:
            self._condition.wait_for(lambda: self._pending or self._closing)
            if self._closing:
                return None
            self._running = heapq.heappop(self._pending)
            return self._running

    def _run(self, job: QueuedRun, nodes: Workers) -> RunResult:
        async def main() -> RunResult:
            loop = asyncio.get_running_loop()
            task = asyncio.ensure_future(self._execution(job, _in_thread(loop, nodes)).run())
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
            return await task

        try:
            return asyncio.run(main())
        except BaseException:  # InterruptedRun included: the thread must survive for the next run
            logger.exception("The run %s failed outside of its nodes.", job.prompt_id)
            return RunResult(status="error")
        finally:
            self._cancel = lambda: None

    def _finish(self, job: QueuedRun, result: RunResult) -> None:
        messages = [list(message) for message in result.messages]
        status = {"status_str": result.status, "completed": result.status == "success", "messages": messages}
        entry = {"prompt": job.row(), "outputs": result.outputs, "status": status, "meta": result.meta}
        # A run that ends with the server was not cancelled by a person, and its batch resumes at the next start.
        if not self._closing:
            self.ending(job, entry)
        # In one step: a page that asks meanwhile finds the run either in the queue or in the history. What a batch
        # queued in `ending` waits by now, so between two runs of a batch the queue never looks empty.
        with self._condition:
            self._history[job.prompt_id] = entry
            while len(self._history) > MAX_FINISHED_RUNS:
                self._history.pop(next(iter(self._history)))
            self._running = None
        self._changed()
        self._ended(job)


def _in_thread(loop: asyncio.AbstractEventLoop, nodes: Workers) -> Callable[..., Any]:
    def call(function: Callable[..., Any], *arguments: Any) -> Any:
        return loop.run_in_executor(nodes, _without_gradients, function, *arguments)

    return call


def _without_gradients(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a node as ComfyUI does: without autograd's bookkeeping."""
    import torch

    with torch.inference_mode():
        return function(*arguments)
