"""What the pack needs of the program it runs in: folders, messages to browsers, and how a run is stopped.

`datasete.comfy.host` implements it for ComfyUI, `datasete.workbench.host` for the embedded host, and `BareHost` for
nodes that are called from a script or a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from datasete.host.runs import QueuedPrompt, RunQueue


@dataclass(frozen=True)
class Run:
    """Where in a run a node is being called.

    Attributes:
        prompt_id: the run.
        node_id: the node's unique id, with its path when it is inside a subgraph (``"4:2"``).
        list_index: which item of a list input this call is for; 0 when there is no list.
        client_id: the browser tab that queued the run, or None when nobody in particular did.
    """

    prompt_id: str
    node_id: str
    list_index: int = 0
    client_id: str | None = None


class Host(Protocol):
    """The program around the nodes."""

    name: str
    input_dir: Path
    output_dir: Path
    user_dir: Path
    runs: RunQueue | None
    """The host's queue; None where there is none."""

    @property
    def metadata(self) -> bool:
        """Whether pictures that are saved may hold the workflow."""

    def run(self) -> Run | None:
        """The run whose node is executing in this context, or None outside of one."""

    def interrupted(self) -> bool:
        """Whether the current run was asked to stop. Cheap; safe to poll from a run's own loop."""

    def interruption(self) -> BaseException:
        """The exception that ends the current run quietly when a node raises it."""

    def blocked(self) -> object:
        """The value that keeps everything downstream of an output from running."""

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        """Send a websocket message to one client, or to all when `client_id` is None. Callable from any thread."""


def queued_prompt(host: Host, prompt_id: str) -> QueuedPrompt | None:
    """Return a prompt that runs or waits on the host; None when it does neither, or the host has no queue."""
    return host.runs.prompt(prompt_id) if host.runs else None


class Interrupted(BaseException):
    """Ends a run of the `BareHost`; a BaseException for the reason ComfyUI's is one: nothing may swallow it."""


@dataclass(frozen=True)
class Blocked:
    """The `BareHost`'s blocked output."""


@dataclass
class BareHost:
    """No program around the nodes at all: scripts and tests. `sent` keeps what would have gone to browsers."""

    input_dir: Path
    output_dir: Path
    user_dir: Path
    name: str = "script"
    sent: list[tuple[str, Mapping[str, object], str | None]] = field(default_factory=list)
    stopping: bool = False
    current: Run | None = None
    runs: RunQueue | None = None
    metadata: bool = True

    def run(self) -> Run | None:
        """What a test put into `current`."""
        return self.current

    def interrupted(self) -> bool:
        """What a test put into `stopping`."""
        return self.stopping

    def interruption(self) -> BaseException:
        """`Interrupted`."""
        return Interrupted("The run was stopped.")

    def blocked(self) -> object:
        """`Blocked`."""
        return Blocked()

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        """Keep the message in `sent`."""
        self.sent.append((event, data, client_id))
