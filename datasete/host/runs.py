"""What batches need from the host: the prompts that it runs, how they end, and a way to queue one more."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

TICKET = "datasete_ticket"
"""The key of a prompt's extra data under which a triggered run carries its ticket."""

PRESS = "datasete_press"
"""The key under which a browser says which press of Run queued a prompt: the same for all of Run ×10."""

DYNAMIC = "datasete_dynamic"
"""The key of texts as they were typed, by node and input, of which the prompt has what the page chose from them."""

QUEUED_BY = "datasete_queued_by"
"""The key under which a workflow says that its own tab is to queue the runs of a batch: ``browser``."""

CLEARED = "The queue was cleared."
"""Why no run follows one during which a person cleared the queue."""

SUCCESS = "success"
FAILED = "failed"
CANCELLED = "cancelled"


@dataclass(frozen=True)
class QueuedPrompt:
    """A prompt that runs or waits in the queue.

    Attributes:
        prompt_id: the run.
        graph: the nodes, as ComfyUI's API format has them. Not to be changed.
        extra_data: what came with it and may be shown: the workflow, the client. Not to be changed.
        secrets: what came with it and must not be stored, shown or sent anywhere else.
        targets: the output nodes to run it for.
        queued: when it was queued, in Unix milliseconds; None when the host does not say.
    """

    prompt_id: str
    graph: Mapping[str, Any]
    extra_data: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict, repr=False)
    targets: tuple[str, ...] = ()
    queued: int | None = None

    @property
    def client_id(self) -> str | None:
        """The browser tab that queued it."""
        client = self.extra_data.get("client_id")
        return client if isinstance(client, str) else None

    @property
    def workflow(self) -> str:
        """The id of the workflow that it was made from; empty when none came with it."""
        info = self.extra_data.get("extra_pnginfo")
        workflow = info.get("workflow") if isinstance(info, Mapping) else None
        found = workflow.get("id") if isinstance(workflow, Mapping) else None
        return found if isinstance(found, str) else ""

    @property
    def ticket(self) -> str:
        """The ticket of the trigger that queued it; empty when a person did."""
        return self._text(TICKET)

    @property
    def press(self) -> str:
        """Which press of Run queued it; empty when the browser did not say."""
        return self._text(PRESS)

    def _text(self, key: str) -> str:
        text = self.extra_data.get(key)
        return text if isinstance(text, str) else ""


@dataclass(frozen=True)
class RunEnd:
    """How a run ended.

    Attributes:
        prompt_id: the run.
        kind: ``success``, ``failed`` or ``cancelled``.
        ended: when, in Unix milliseconds.
        reason: why it did not succeed.
        stop: why no run is to follow it, however it ended: somebody cleared the queue meanwhile.
    """

    prompt_id: str
    kind: str
    ended: int
    reason: str = ""
    stop: str = ""


Listener: TypeAlias = Callable[[RunEnd], None]


class RunQueue(Protocol):
    """The host's queue. Every method may be called from any thread but the one of the host's event loop."""

    def prompt(self, prompt_id: str) -> QueuedPrompt | None:
        """Return a prompt that runs or waits; None when it does neither."""

    def ended(self, prompt_id: str) -> RunEnd | None:
        """Return how a run ended; None until it has, and when the host has forgotten it."""

    def enqueue(self, prompt: QueuedPrompt) -> None:
        """Queue a prompt under its own id, behind all others, once the host has validated it.

        Raises:
            InvalidInput: the host's validation rejects it; nothing was queued.
        """

    def watch(self, listener: Listener) -> None:
        """Call `listener` at the end of every run from now on, before the host starts the next one."""

    def node_inputs(self, class_type: str) -> Mapping[str, Any]:
        """Return a node class's ``INPUT_TYPES()``; empty for an unknown class."""


def run_end(prompt_id: str, status: Mapping[str, Any] | None) -> RunEnd | None:
    """Read the ``status`` of a history entry, in ComfyUI's form; None without one."""
    if not status:
        return None
    for name, data in reversed([tuple(message) for message in status.get("messages") or []]):
        ended = int(data.get("timestamp") or now())
        if name == "execution_success":
            return RunEnd(prompt_id, SUCCESS, ended)
        if name == "execution_interrupted":
            return RunEnd(prompt_id, CANCELLED, ended, _cancelled_at(data))
        if name == "execution_error":
            return RunEnd(prompt_id, FAILED, ended, _reason(data))
    kind = SUCCESS if status.get("completed") else FAILED
    return RunEnd(prompt_id, kind, now(), "" if kind == SUCCESS else "The run failed.")


def now() -> int:
    """Return the time in Unix milliseconds."""
    return int(time.time() * 1000)


def _cancelled_at(data: Mapping[str, Any]) -> str:
    where = data.get("node_type")
    return f"The run was cancelled at {where}."[:200] if where else "The run was cancelled."


def _reason(data: Mapping[str, Any]) -> str:
    text = " ".join(str(data.get("exception_message") or data.get("exception_type") or "The run failed.").split())
    return f"{data.get('node_type') or 'A node'}: {text}"[:500]
