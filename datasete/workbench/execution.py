"""Executes one run of a prompt. A node that awaits holds up its own branch and no other."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
import traceback
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from datasete.errors import DataseteError
from datasete.host.api import Run
from datasete.workbench import node_calls
from datasete.workbench.caching import OutputCache, signature
from datasete.workbench.prompts.graph import NodeClass, Prompt, is_output, sources, upstream

logger = logging.getLogger(__name__)

Send: TypeAlias = Callable[[str, Mapping[str, Any], "str | None"], None]


class Job(Protocol):
    """What an execution needs of a queued run."""

    prompt_id: str
    prompt: Prompt
    outputs: list[str]
    extra_data: dict[str, Any]
    node: str | None

    @property
    def client_id(self) -> str | None:
        """The browser tab that queued the run."""

    def stopping(self) -> bool:
        """Whether the run was asked to stop."""


@dataclass
class RunResult:
    """What the history keeps of a run. `status` is ``success`` or ``error``; an interrupted run is an error too."""

    status: str = "success"
    outputs: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)
    messages: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


class Execution:
    """Executes one job, on an event loop of its own."""

    def __init__(
        self, job: Job, classes: Mapping[str, NodeClass], cache: OutputCache, send: Send, in_thread: Callable[..., Any]
    ) -> None:
        self._job = job
        self._classes = classes
        self._cache = cache
        self._send = send
        self._in_thread = in_thread
        self._outputs: dict[str, list[list[Any]]] = {}
        self._signatures: dict[str, str | None] = {}
        self._executed: list[str] = []
        self._progress: dict[str, dict[str, Any]] = {}
        self._inputs: dict[str, node_calls.Inputs] = {}
        self.result = RunResult()

    async def run(self) -> RunResult:
        """Run the job to its end and send every step to its client; never raises for what a node does."""
        self._record("execution_start", {})
        # All signatures come before the first node: what is cached decides which nodes have to run at all.
        order = upstream(self._job.prompt, self._job.outputs)
        await self._compute_signatures(order)
        cached = [node_id for node_id in order if self._cache.get(self._signatures[node_id]) is not None]
        self._record("execution_cached", {"nodes": cached})
        failed = await self._run_all(self._needed(order))
        if failed is None:
            self._record("execution_success", {})
        else:
            self.result.status = "error"
            self._record_failure(*failed)
        return self.result

    # --- what has to run -------------------------------------------------------------------------------------------

    async def _compute_signatures(self, order: list[str]) -> None:
        for node_id in order:
            changed = await self._is_changed(node_id)
            node_class = self._class(node_id)
            self._signatures[node_id] = signature(self._job.prompt, node_id, node_class, changed, self._signatures)
        # Before the run and not after it: what it cannot use frees its memory for what it makes.
        self._cache.keep_only(self._signatures)

    async def _is_changed(self, node_id: str) -> object:
        node_class = self._class(node_id)
        if not hasattr(node_class, "IS_CHANGED"):
            return False
        inputs = node_calls.gather_inputs(self._job.prompt, node_id, node_class, {}, {})
        try:
            return await self._caller(node_id).map(node_class, "IS_CHANGED", inputs)
        except Exception:  # as in ComfyUI: a node that cannot say counts as changed, and its run shows the fault
            logger.warning("IS_CHANGED of node %s failed; it runs again.", node_id, exc_info=True)
            return float("nan")

    def _needed(self, order: list[str]) -> list[str]:
        """Return the nodes to run: the outputs, and upstream from there until something is cached."""
        needed = set(self._job.outputs)
        for node_id in reversed(order):
            if node_id in needed and self._cache.get(self._signatures[node_id]) is None:
                needed |= sources(self._job.prompt, node_id)
        return [node_id for node_id in order if node_id in needed]

    # --- scheduling ------------------------------------------------------------------------------------------------

    async def _run_all(self, waiting: list[str]) -> tuple[str, BaseException] | None:
        """Run all of `waiting`; return the node that failed, with its error, or None."""
        running: dict[asyncio.Task[None], str] = {}
        try:
            while waiting or running:
                for node_id in self._startable(waiting, running.values()):
                    waiting.remove(node_id)
                    running[asyncio.create_task(self._run_node(node_id))] = node_id
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    node_id = running.pop(task)
                    error = task.exception()
                    # The first error ends the run, as in ComfyUI; the nodes that still await are cancelled below.
                    if error is not None:
                        return node_id, error
        finally:
            await _cancel(running)
        return None

    def _startable(self, waiting: list[str], running: Any) -> list[str]:
        """Return the ready nodes to start: all asynchronous ones, and one synchronous one unless one is running."""
        ready = [
            node_id
            for node_id in waiting
            if all(source in self._outputs for source in sources(self._job.prompt, node_id))
            or self._cache.get(self._signatures[node_id]) is not None
        ]
        # Synchronous nodes share one worker thread, as in ComfyUI: they hold the GPU, and many are not thread-safe.
        # Output nodes go first, so that a picture is saved before the next long step begins.
        chosen = [node_id for node_id in ready if self._is_async(node_id)]
        plain = sorted((n for n in ready if n not in chosen), key=lambda n: not is_output(self._class(n)))
        busy = any(not self._is_async(node_id) for node_id in running)
        return chosen + ([] if busy else plain[:1])

    def _is_async(self, node_id: str) -> bool:
        node_class = self._class(node_id)
        return inspect.iscoroutinefunction(getattr(node_class, node_class.FUNCTION))

    # --- one node --------------------------------------------------------------------------------------------------

    async def _run_node(self, node_id: str) -> None:
        result = self._cache.get(self._signatures[node_id])
        if result is None:
            result = await self._execute(node_id)
            self._executed.append(node_id)
        self._outputs[node_id] = result.outputs
        self._send_result(node_id, result)
        self._send_progress(node_id, "finished")

    async def _execute(self, node_id: str) -> node_calls.NodeResult:
        self._job.node = node_id
        self._send_progress(node_id, "running")
        self._send_to_client("executing", {"node": node_id, "display_node": node_id})
        node_class = self._class(node_id)
        extra_data = self._job.extra_data
        inputs = node_calls.gather_inputs(self._job.prompt, node_id, node_class, self._outputs, extra_data)
        self._inputs[node_id] = inputs
        results = await self._caller(node_id).map(node_class(), node_class.FUNCTION, inputs)
        result = node_calls.collect(results, node_class)
        self._cache.put(self._signatures[node_id], result)
        return result

    def _caller(self, node_id: str) -> node_calls.Caller:
        run = Run(self._job.prompt_id, node_id, 0, self._job.client_id)
        return node_calls.Caller(
            run, self._call_in_thread, self._check, lambda blocker: self._blocked(node_id, blocker)
        )

    async def _call_in_thread(self, function: Callable[[], Any]) -> Any:
        # An executor's thread has no context of its own, and the node asks `current_run` where it is.
        return await self._in_thread(copy_context().run, function)

    def _check(self) -> None:
        if self._job.stopping():
            raise node_calls.InterruptedRun

    def _blocked(self, node_id: str, blocker: node_calls.ExecutionBlocker) -> node_calls.ExecutionBlocker:
        # Reported once: what is passed on is silent, or each node downstream would report it again.
        if blocker.message is None:
            return blocker
        error = RuntimeError(f"Execution Blocked: {blocker.message}")
        self._send_to_client(
            "execution_error", self._describe_error(node_id, error) | {"exception_type": "ExecutionBlocked"}
        )
        return node_calls.ExecutionBlocker(None)

    def _class(self, node_id: str) -> NodeClass:
        return self._classes[self._job.prompt[node_id]["class_type"]]

    # --- messages --------------------------------------------------------------------------------------------------

    def _send_to_client(self, event: str, data: Mapping[str, Any]) -> None:
        if self._job.client_id is not None:
            self._send(event, {**data, "prompt_id": self._job.prompt_id}, self._job.client_id)

    def _record(self, event: str, data: Mapping[str, Any], *, broadcast: bool = False) -> None:
        full = {**data, "prompt_id": self._job.prompt_id, "timestamp": int(time.time() * 1000)}
        self.result.messages.append((event, full))
        if broadcast or self._job.client_id is not None:
            self._send(event, full, self._job.client_id)

    def _send_result(self, node_id: str, result: node_calls.NodeResult) -> None:
        if result.ui:
            self.result.outputs[node_id] = result.ui
            ids = {"node_id": node_id, "display_node": node_id, "parent_node": None, "real_node_id": node_id}
            self.result.meta[node_id] = ids
            self._send_to_client("executed", {"node": node_id, "display_node": node_id, "output": result.ui})

    def _send_progress(self, node_id: str, state: str) -> None:
        self._progress[node_id] = {
            "value": 1.0 if state == "finished" else 0.0,
            "max": 1.0,
            "state": state,
            "node_id": node_id,
            "prompt_id": self._job.prompt_id,
            "display_node_id": node_id,
            "parent_node_id": None,
            "real_node_id": node_id,
        }
        self._send_to_client("progress_state", {"nodes": dict(self._progress)})

    def _record_failure(self, node_id: str, error: BaseException) -> None:
        if isinstance(error, node_calls.InterruptedRun | asyncio.CancelledError):
            self._record("execution_interrupted", self._describe_node(node_id), broadcast=True)
            return
        # Our own errors say all there is to know.
        expected = isinstance(error, DataseteError)
        logger.error(
            "Node %s failed%s", node_id, f": {error}" if expected else ".", exc_info=None if expected else error
        )
        self._record("execution_error", self._describe_error(node_id, error))

    def _describe_node(self, node_id: str) -> dict[str, Any]:
        node_type = self._job.prompt[node_id]["class_type"]
        return {"node_id": node_id, "node_type": node_type, "executed": list(self._executed)}

    def _describe_error(self, node_id: str, error: BaseException) -> dict[str, Any]:
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        inputs = self._inputs.get(node_id, {})
        return self._describe_node(node_id) | {
            "exception_message": f"{error}\n",
            "exception_type": name,
            "traceback": traceback.format_tb(error.__traceback__),
            "current_inputs": {key: [_as_json(value) for value in values] for key, values in inputs.items()},
            "current_outputs": list(self._outputs),
        }


async def _cancel(running: Mapping[asyncio.Task[None], str]) -> None:
    """Cancel the nodes that still await, and let each clean up."""
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def _as_json(value: object) -> object:
    # Cut, since the text of a tensor may be megabytes, and goes to the browser and the history.
    return value if value is None or isinstance(value, int | float | str) else str(value)[:1000]
