"""The gates of a list input: which of them a node shows, and how many it is known to have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from datasete.gates import Answer, Gates, GateView
from datasete.plugin import Gate


class SilentObservers:
    """Hears of gates and does nothing."""

    def gate_opened(self, gate: Gate) -> None:
        del gate

    def gate_answered(self, gate: Gate, route: int | None, decision: object = None) -> None:
        del gate, route, decision


class Node:
    """A node that is called once for each item of a list."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.gates = Gates(lambda event, data, _=None: self.events.append((event, dict(data))), SilentObservers())
        self.tasks: list[asyncio.Task[Answer]] = []

    async def opens(self, item: int, node_id: str = "7", prompt_id: str = "p") -> None:
        gate = Gate(prompt_id, node_id, item, routes=2, frames=1, width=4, height=3)
        view = GateView(lambda frame, size: (b"", "image/webp"), "tab")
        self.tasks.append(asyncio.create_task(self.gates.ask(gate, view, lambda: False)))
        await asyncio.sleep(0)

    def on_view(self) -> dict[str, Any]:
        [shown] = [gate for gate in self.gates.pending() if gate["shown"] and gate["id"] == "7"]
        return shown

    async def answers(self) -> None:
        self.gates.choose(1, token=self.on_view()["token"])
        await asyncio.sleep(0)


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    made = Node()
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)


async def test_a_single_picture_is_no_list(node: Node) -> None:
    await node.opens(0)
    assert node.on_view()["list"] is None


async def test_each_item_says_its_place_and_how_many_are_known(node: Node) -> None:
    for item in range(3):
        await node.opens(item)
    seen = []
    for _ in range(3):
        seen.append(node.on_view()["list"])
        await node.answers()
    assert seen == [{"index": 0, "count": 3}, {"index": 1, "count": 3}, {"index": 2, "count": 3}]


async def test_an_item_that_opens_later_makes_the_list_longer(node: Node) -> None:
    await node.opens(0)
    await node.opens(4)
    assert node.on_view()["list"] == {"index": 0, "count": 5}
    await node.answers()
    await node.opens(2)
    assert node.on_view()["list"] == {"index": 4, "count": 5}


async def test_what_a_person_looks_at_stays_and_the_others_follow_in_order(node: Node) -> None:
    for item in (2, 3, 0, 1):
        await node.opens(item)
    order = []
    for _ in range(4):
        order.append(node.on_view()["list_index"])
        await node.answers()
    assert order == [2, 0, 1, 3]


async def test_a_choice_without_a_token_answers_the_item_that_is_shown(node: Node) -> None:
    for item in (1, 0):
        await node.opens(item)
    node.gates.choose(2, node_id="7")
    assert (await node.tasks[0]).route == 2
    assert not node.tasks[1].done()


async def test_other_nodes_and_other_runs_are_lists_of_their_own(node: Node) -> None:
    await node.opens(0)
    await node.opens(1, node_id="8")
    await node.opens(5, prompt_id="q")
    assert node.gates.pending()[0]["list"] is None
