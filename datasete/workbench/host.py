"""Presents the workbench to the pack's nodes and services as their host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from datasete.host.api import Run
from datasete.host.runs import RunQueue
from datasete.workbench.folders import Folders
from datasete.workbench.node_calls import ExecutionBlocker, InterruptedRun, current_run
from datasete.workbench.prompt_queue import QueuedRun
from datasete.workbench.sockets import Sockets


class WorkbenchHost:
    """Implements `datasete.host.api.Host`."""

    name = "workbench"
    metadata = True

    def __init__(self, folders: Folders, sockets: Sockets, running: Callable[[], QueuedRun | None]) -> None:
        self._sockets = sockets
        self._running = running
        self.input_dir: Path = folders.input
        self.output_dir: Path = folders.output
        self.user_dir: Path = folders.user
        self.runs: RunQueue | None = None

    def run(self) -> Run | None:
        """Return the run whose node is executing in this context, or None outside of one."""
        return current_run.get()

    def interrupted(self) -> bool:
        """Whether the current run was asked to stop."""
        job = self._running()
        return job is not None and job.stopping()

    def interruption(self) -> BaseException:
        """Return the exception that ends the current run quietly."""
        return InterruptedRun("The run was stopped.")

    def blocked(self) -> object:
        """Return the value that keeps everything downstream of an output from running."""
        return ExecutionBlocker(None)

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        """Send a websocket message to one client, or to all when `client_id` is None."""
        self._sockets.send(event, data, client_id)
