"""Gates with a listener, and runs that wait at them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from datasete.gates import Answer, Gates, GateView
from datasete.plugin import Decision, Gate


class Listener:
    """Everything that browsers and observers received, in order."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any], str | None]] = []
        self.opened: list[Gate] = []
        self.answered: list[tuple[Gate, int | None]] = []
        self.decisions: list[Decision | None] = []

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        self.sent.append((event, dict(data), client_id))

    def gate_opened(self, gate: Gate) -> None:
        self.opened.append(gate)

    def gate_answered(self, gate: Gate, route: int | None, decision: Decision | None = None) -> None:
        self.answered.append((gate, route))
        self.decisions.append(decision)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [data for event, data, _ in self.sent if event == name]


def gate(
    node_id: str = "7", prompt_id: str = "p", list_index: int = 0, routes: int = 3, slot: str = "", frames: int = 2
) -> Gate:
    return Gate(prompt_id, node_id, list_index, routes, frames, width=40, height=30, slot=slot)


def preview(frame: int, size: int) -> tuple[bytes, str]:
    return f"{frame}@{size}".encode(), "image/webp"


class House:
    """Gates with a listener, and runs that wait at them."""

    def __init__(self, policy: Callable[[Gate], Decision | None] | None = None) -> None:
        self.listener = Listener()
        self.now = 1000.0
        self.gates = Gates(self.listener.send, self.listener, clock=lambda: self.now, policy=policy)
        self.interrupted = False
        self.tasks: list[asyncio.Task[Answer]] = []

    async def ask(self, *args: Any, client: str | None = "tab", **kwargs: Any) -> asyncio.Task[Answer]:
        task = asyncio.create_task(
            self.gates.ask(gate(*args, **kwargs), GateView(preview, client), lambda: self.interrupted)
        )
        self.tasks.append(task)
        await asyncio.sleep(0)
        return task

    async def close(self) -> None:
        """End the runs that still wait; their gates must be gone then."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        assert len(self.gates) == 0

    def tokens(self) -> list[str]:
        return [entry["token"] for entry in self.gates.pending()]
