"""Presents the embedded host's queue to batches."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any, Final

from datasete.errors import InvalidInput, StoreUnavailable
from datasete.host.runs import CLEARED, Listener, QueuedPrompt, RunEnd, now, run_end
from datasete.workbench.prompt_queue import Entry, PromptQueue, QueuedRun
from datasete.workbench.prompts.validation import InThread, validate
from datasete.workbench.registry import Registry

logger = logging.getLogger(__name__)

VALIDATION_TIMEOUT_SECONDS: Final = 60.0


class WorkbenchRuns:
    """Implements `datasete.host.runs.RunQueue`.

    Args:
        queue: the queue.
        registry: the nodes; the pack's own are among them once `loaded` has been awaited.
        loaded: waits for them.
        number: returns the next place in the queue.
        in_thread: runs what nodes check that is not asynchronous.
    """

    def __init__(
        self,
        queue: PromptQueue,
        registry: Registry,
        loaded: Callable[[], Coroutine[Any, Any, Registry]],
        number: Callable[[], float],
        in_thread: InThread = asyncio.to_thread,
    ) -> None:
        self._in_thread = in_thread
        self._queue = queue
        self._registry = registry
        self._loaded = loaded
        self._number = number
        self._listeners: list[Listener] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        queue.ending = self._notify

    def serve(self, loop: asyncio.AbstractEventLoop) -> None:
        """Validate on `loop` from now on."""
        self._loop = loop

    def prompt(self, prompt_id: str) -> QueuedPrompt | None:
        """Return a prompt that runs or waits, or None."""
        running = self._queue.running()
        jobs = [*([running] if running else []), *self._queue.pending()]
        return next((_read(job) for job in jobs if job.prompt_id == prompt_id), None)

    def ended(self, prompt_id: str) -> RunEnd | None:
        """Return how a run ended, from the history; None when it has not."""
        entry = self._queue.finished(prompt_id)
        return run_end(prompt_id, entry["status"]) if entry else None

    def enqueue(self, prompt: QueuedPrompt) -> None:
        """Queue a prompt, as ``POST /prompt`` does.

        Raises:
            InvalidInput: it is not valid.
            StoreUnavailable: the workbench is closed, or too busy to validate it.
        """
        # On the server's loop, since nodes may validate asynchronously; a batch calls this from a thread of its own.
        verdict = self._run_on_loop(self._validated(prompt))
        if verdict.error is not None:
            text = f"{verdict.error['message']} {verdict.error['details']}".strip().rstrip(".")
            raise InvalidInput(
                f"The next run is refused: {text}.",
                hint="The batch keeps its place. Mend the workflow, then press Queue.",
            )
        extra = {**prompt.extra_data, "create_time": now()}
        self._queue.put(QueuedRun(self._number(), prompt.prompt_id, dict(prompt.graph), verdict.outputs, extra))

    def watch(self, listener: Listener) -> None:
        """Have `listener` called at the end of every run."""
        self._listeners.append(listener)

    def node_inputs(self, class_type: str) -> Mapping[str, Any]:
        """Return what a class declares as its inputs; nothing for an unknown class."""
        node_class = self._registry.classes.get(class_type)
        return dict(node_class.INPUT_TYPES()) if node_class is not None else {}

    async def _validated(self, prompt: QueuedPrompt) -> Any:
        classes = (await self._loaded()).classes
        return await validate(dict(prompt.graph), classes, list(prompt.targets) or None, self._in_thread)

    def _run_on_loop(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None or self._loop.is_closed():
            coroutine.close()
            raise StoreUnavailable(
                "The workbench is not running.",
                hint="The batch keeps its place. Start the workbench, then press Queue.",
            )
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(VALIDATION_TIMEOUT_SECONDS)
        except concurrent.futures.TimeoutError as error:
            raise StoreUnavailable(
                "The next run was not validated in time.", hint="The batch keeps its place. Press Queue to try again."
            ) from error

    def _notify(self, job: QueuedRun, entry: Entry) -> None:
        end = run_end(job.prompt_id, entry["status"])
        if end is None:
            return
        end = replace(end, stop=CLEARED) if job.is_cleared else end
        for listener in self._listeners:
            # One batch's fault must not keep the end of the run from the others.
            try:
                listener(end)
            except Exception:
                logger.exception("A batch could not be notified that a run ended. It finds out at its next run.")


def _read(job: QueuedRun) -> QueuedPrompt:
    return QueuedPrompt(
        job.prompt_id, job.prompt, job.extra_data, {}, tuple(job.outputs), job.extra_data.get("create_time")
    )
