"""A host with a queue in memory: a test says when the next run happens, and a function does its work."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasete.host.api import BareHost, Interrupted, Run
from datasete.host.runs import CANCELLED, CLEARED, FAILED, SUCCESS, Listener, QueuedPrompt, RunEnd
from datasete.ids import new_id


@dataclass
class MemoryRuns:
    """A `datasete.host.runs.RunQueue` without a host program.

    Attributes:
        waiting: the queued runs, in order.
        running: the current run.
        history: how runs ended.
        clock: Unix milliseconds; each call is some seconds later, so that no two events have one time.
        types: ``INPUT_TYPES()`` by class name.
    """

    host: BareHost
    waiting: list[QueuedPrompt] = field(default_factory=list)
    running: QueuedPrompt | None = None
    history: dict[str, RunEnd] = field(default_factory=dict)
    types: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    clock: Callable[[], int] = field(default_factory=lambda: itertools.count(1_700_000_000_000, 2000).__next__)
    _is_cleared: bool = False
    _listeners: list[Listener] = field(default_factory=list)

    def prompt(self, prompt_id: str) -> QueuedPrompt | None:
        """See `datasete.host.runs.RunQueue`."""
        prompts = [*([self.running] if self.running else []), *self.waiting]
        return next((prompt for prompt in prompts if prompt.prompt_id == prompt_id), None)

    def ended(self, prompt_id: str) -> RunEnd | None:
        """See `datasete.host.runs.RunQueue`."""
        return self.history.get(prompt_id)

    def enqueue(self, prompt: QueuedPrompt) -> None:
        """See `datasete.host.runs.RunQueue`. Every prompt is valid."""
        stamped = QueuedPrompt(
            prompt.prompt_id, prompt.graph, prompt.extra_data, prompt.secrets, prompt.targets, self.clock()
        )
        self.waiting.append(stamped)

    def watch(self, listener: Listener) -> None:
        """See `datasete.host.runs.RunQueue`."""
        self._listeners.append(listener)

    def node_inputs(self, class_type: str) -> Mapping[str, Any]:
        """See `datasete.host.runs.RunQueue`."""
        return self.types.get(class_type, {})

    def press(self, graph: Mapping[str, Any], *, secrets: Mapping[str, Any] | None = None, **extra_data: Any) -> str:
        """Press Queue; return the run's id."""
        prompt_id = new_id()
        self.enqueue(QueuedPrompt(prompt_id, graph, extra_data, secrets or {}))
        return prompt_id

    def clear(self) -> None:
        """Clear the queue, also while a run is under way, which then goes on."""
        self.waiting.clear()
        self._is_cleared = self.running is not None

    def run_next(self, work: Callable[[QueuedPrompt], object]) -> RunEnd:
        """Do the first waiting run: `work` succeeds, raises an error, or raises `Interrupted`."""
        self.running = prompt = self.waiting.pop(0)
        self.host.current = Run(prompt.prompt_id, "1", 0, prompt.client_id)
        try:
            work(prompt)
            kind, reason = SUCCESS, ""
        except Interrupted:
            kind, reason = CANCELLED, "The run was cancelled."
        except Exception as error:  # noqa: BLE001 - as a host reports whatever a node raises
            kind, reason = FAILED, str(error)
        self.host.current = None
        end = RunEnd(prompt.prompt_id, kind, self.clock(), reason, CLEARED if self._is_cleared else "")
        self._is_cleared = False
        for listener in self._listeners:
            listener(end)
        self.history[prompt.prompt_id] = end
        self.running = None
        return end

    def run_all(self, work: Callable[[QueuedPrompt], object], limit: int = 1000) -> int:
        """Do all waiting runs, also those that they queue; return how many, at most `limit`."""
        for count in range(limit):
            if not self.waiting:
                return count
            self.run_next(work)
        return limit


def memory_host(folder: Path) -> tuple[BareHost, MemoryRuns]:
    """A host with its queue, over ``input``, ``output`` and ``user`` in `folder`, which are created."""
    for name in ("input", "output", "user"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    host = BareHost(folder / "input", folder / "output", folder / "user", name="memory")
    host.runs = runs = MemoryRuns(host)
    return host, runs
