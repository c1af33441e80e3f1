"""What the pack needs from the program it runs in: folders, messages to browsers, and a way to stop a run.

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
    """The place in a run at which a node is being called.

    Attributes:
        prompt_id: the run.
        node_id: the node's unique id, with its path when it is inside a subgraph (``"4:2"``).
        list_index: which item of a list input this call is for; 0 without a list.
        client_id: the browser tab that queued the run, or None when no tab did.
    """

    prompt_id: str
    node_id: str
    list_index: int = 0
    client_id: str | None = None


class Host(Protocol):
    """The program that runs the nodes."""

    name: str
    input_dir: Path
    output_dir: Path
    user_dir: Path
    runs: RunQueue | None
    """The host's queue; None where there is none."""

    @property
    def metadata(self) -> bool:
        """Whether saved pictures may contain the workflow."""

    def run(self) -> Run | None:
        """Return the run whose node is executing in this context, or None outside of one."""

    def interrupted(self) -> bool:
        """Whether the current run was asked to stop. Cheap enough to poll in a loop of the run."""

    def interruption(self) -> BaseException:
        """Return the exception that ends the current run quietly when a node raises it."""

    def blocked(self) -> object:
        """Return the value that keeps everything downstream of an output from running."""

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        """Send a websocket message to one client, or to all when `client_id` is None. Safe to call from any thread."""


def queued_prompt(host: Host, prompt_id: str) -> QueuedPrompt | None:
    """Return a prompt that runs or waits on the host; None when it does neither, or the host has no queue."""
    return host.runs.prompt(prompt_id) if host.runs else None


class Interrupted(BaseException):
    """Ends a run of the `BareHost`. A BaseException like ComfyUI's: no ``except Exception`` may swallow it."""


@dataclass(frozen=True)
class Blocked:
    """The blocked output of the `BareHost`."""


@dataclass
class BareHost:
    """No host program at all, for scripts and tests. `sent` keeps what would have gone to browsers."""

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
        """Return what a test put into `current`."""
        return self.current

    def interrupted(self) -> bool:
        """Return what a test put into `stopping`."""
        return self.stopping

    def interruption(self) -> BaseException:
        """Return an `Interrupted`."""
        return Interrupted("The run was stopped.")

    def blocked(self) -> object:
        """Return a `Blocked`."""
        return Blocked()

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        """Keep the message in `sent`."""
        self.sent.append((event, data, client_id))
