"""Runs one workflow to its end without a server or a browser, batches included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasete.application import Application, build_application, set_application
from datasete.host.runs import FAILED, SUCCESS, QueuedPrompt, RunEnd
from datasete.ids import new_id
from datasete.workbench.folders import Folders
from datasete.workbench.occupancy import occupied
from datasete.workbench.workbench import Workbench, build_workbench, load_pack_nodes


@dataclass(frozen=True)
class WorkflowResult:
    """How the runs of a workflow ended.

    Attributes:
        runs: how every run ended, in order.
        batches: the batches that took part, as `Batches.describe` describes them.
        waiting_gate: the node of the gate that ended it, as nothing would answer it; or "".
    """

    runs: tuple[RunEnd, ...]
    batches: tuple[dict[str, object], ...]
    waiting_gate: str = ""

    @property
    def good(self) -> bool:
        """Whether the last run succeeded and every batch finished."""
        finished = all(batch["state"] == "finished" for batch in self.batches)
        return bool(self.runs) and self.runs[-1].kind == SUCCESS and finished and not self.waiting_gate

    @property
    def reason(self) -> str:
        """Why it failed, in a sentence; empty when it succeeded."""
        if self.waiting_gate:
            return (
                f"The gate at node {self.waiting_gate} waits for a person, and nothing answers it here. "
                "Name a policy in gates.policy, or queue the workflow on a server."
            )
        stopped = [str(batch["message"] or batch["status"]) for batch in self.batches if batch["state"] != "finished"]
        failed = [run.reason for run in self.runs[-1:] if run.kind == FAILED]
        return "" if self.good else next(iter([*stopped, *failed]), "The run did not come to its end.")


def run_workflow(
    data: Path, graph: Mapping[str, Any], progress: Callable[[str], None] = lambda _: None
) -> WorkflowResult:
    """Run a workflow, and what its batches trigger, until the queue is empty.

    Args:
        data: the folder with input, output and user.
        graph: the workflow in ComfyUI's API format.
        progress: called with the batches' status whenever that changes.

    Raises:
        InvalidInput: it is not valid; nothing ran.
        ConfigError: the configuration cannot be used, or another host works in the folder.
    """
    with occupied(data.expanduser().resolve()):
        return _run_alone(data, graph, progress)


def _run_alone(data: Path, graph: Mapping[str, Any], progress: Callable[[str], None]) -> WorkflowResult:
    folders = Folders(data)
    folders.prepare()
    workbench = build_workbench(data, Path())
    application = build_application(workbench.host)
    # Nodes find the application in the process, as ComfyUI makes them without arguments.
    set_application(application)
    try:
        return asyncio.run(_run(workbench, application, graph, progress))
    finally:
        set_application(None)
        application.close()


async def _run(
    workbench: Workbench, application: Application, graph: Mapping[str, Any], progress: Callable[[str], None]
) -> WorkflowResult:
    ends: list[RunEnd] = []
    before = {entry.key: entry.updated for entry in await asyncio.to_thread(application.batches.all)}
    workbench.runs.watch(ends.append)
    workbench.loading = asyncio.create_task(load_pack_nodes(workbench.registry))
    workbench.runs.serve(asyncio.get_running_loop())
    workbench.queue.start()
    try:
        await asyncio.to_thread(workbench.runs.enqueue, QueuedPrompt(new_id(), graph))
        shown = waiting = ""
        while workbench.queue.remaining() and not waiting:
            # Polled, since progress is for people, and the ledger is written by another thread.
            await asyncio.sleep(0.1)
            changed = await asyncio.to_thread(_changed_batches, application, before)
            status = " | ".join(str(batch["status"]) for batch in changed)
            if status != shown:
                progress(status)
                shown = status
            # Without a page nobody can press a route: such a gate would wait forever.
            waiting = next((str(gate["id"]) for gate in application.gates.pending() if not gate["policy"]), "")
        changed = await asyncio.to_thread(_changed_batches, application, before)
        return WorkflowResult(tuple(ends), tuple(changed), waiting)
    finally:
        await asyncio.to_thread(workbench.queue.close)


def _changed_batches(application: Application, before: Mapping[str, int]) -> list[dict[str, object]]:
    batches = application.batches
    return [batches.describe(entry) for entry in reversed(batches.all()) if before.get(entry.key) != entry.updated]
