"""Puts the parts of the workbench together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datasete.tasks.workers import FOLDERS, Bulkheads
from datasete.workbench.assets import PACK_NAME, Pack, find_pack
from datasete.workbench.caching import OutputCache
from datasete.workbench.execution import Execution
from datasete.workbench.folders import Folders
from datasete.workbench.host import WorkbenchHost
from datasete.workbench.nodes import add_core_nodes
from datasete.workbench.prompt_queue import PromptQueue, QueuedRun
from datasete.workbench.registry import Registry
from datasete.workbench.runs import WorkbenchRuns
from datasete.workbench.sockets import Sockets


@dataclass
class Workbench:
    """The parts of a workbench, which its routes serve."""

    folders: Folders
    frontend: Path
    pack: Pack
    registry: Registry
    sockets: Sockets
    queue: PromptQueue
    host: WorkbenchHost
    runs: WorkbenchRuns = field(init=False)
    workers: Bulkheads = field(default_factory=Bulkheads)
    number: float = 0
    loading: asyncio.Task[None] | None = None
    sampling: asyncio.Task[None] | None = None
    """Makes the samples of the first start, while the first page loads."""

    async def nodes(self) -> Registry:
        """Return the registry once the pack's own nodes are in it; they load while the page does."""
        if self.loading is not None:
            # Shielded: a request that is cancelled must not cancel the loading for all others.
            await asyncio.shield(self.loading)
        return self.registry

    def in_thread(self, call: Callable[[], Any]) -> Coroutine[Any, Any, Any]:
        """Run what a node checks before its run, which may look at folders."""
        return self.workers.of(FOLDERS).run(call)

    def status(self) -> dict[str, Any]:
        """Return how much is queued, as the frontend shows it."""
        return {"exec_info": {"queue_remaining": self.queue.remaining()}}

    def next_number(self, *, front: bool) -> float:
        """Return the place in the queue of one more run."""
        number = -self.number if front else self.number
        self.number += 1
        return number


def build_workbench(data: Path, frontend: Path) -> Workbench:
    """Put a workbench together over a data folder; nothing runs until its queue starts."""
    folders = Folders(data)
    sockets = Sockets()
    registry = Registry()
    add_core_nodes(registry, folders)
    cache = OutputCache()

    def execution(job: QueuedRun, in_thread: Callable[..., Any]) -> Execution:
        return Execution(job, registry.classes, cache, sockets.send, in_thread)

    def changed() -> None:
        sockets.send("status", {"status": workbench.status()})

    def ended(job: QueuedRun) -> None:
        if job.client_id is not None:
            sockets.send("executing", {"node": None, "prompt_id": job.prompt_id}, job.client_id)

    queue = PromptQueue(execution, changed, ended)
    host = WorkbenchHost(folders, sockets, queue.running)
    workbench = Workbench(folders, frontend, find_pack(), registry, sockets, queue, host)
    host.runs = workbench.runs = WorkbenchRuns(
        queue, registry, workbench.nodes, lambda: workbench.next_number(front=False), workbench.in_thread
    )
    return workbench


async def load_pack_nodes(registry: Registry) -> None:
    """Add the pack's own nodes. They bring torch, which takes seconds to load, so this does not hold up the server."""
    await asyncio.to_thread(add_pack_nodes, registry)


def add_pack_nodes(registry: Registry) -> None:
    """Add the pack's own nodes now."""
    from datasete.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS

    registry.add(NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS, f"custom_nodes.{PACK_NAME}")
