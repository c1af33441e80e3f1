"""Which gate a request means, which one a node displays, and the gates of a list input."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from gate_house import House

from datasete.errors import Conflict, InvalidInput


class Node(House):
    """A node that is called once for each item of a list."""

    async def opens(self, item: int, node_id: str = "7", prompt_id: str = "p") -> None:
        await self.ask(node_id, prompt_id, item)

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
    await made.close()


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


async def test_a_choice_by_token_is_what_the_run_gets(house: House) -> None:
    run = await house.ask()
    house.gates.choose(2, token=house.tokens()[0])
    assert (await run).route == 2


async def test_a_choice_without_a_token_answers_the_gate_of_that_node(house: House) -> None:
    one, other = await house.ask("7"), await house.ask("4:2")
    house.gates.choose(1, node_id="4:2")
    assert (await other).route == 1
    assert not one.done()


async def test_a_guessed_token_is_refused_and_nothing_changes(house: House) -> None:
    run = await house.ask()
    for guess in ("0" * 32, "x", house.tokens()[0][:-1], house.tokens()[0].upper() + " "):
        with pytest.raises(Conflict):
            house.gates.choose(1, node_id="7", token=guess)
    assert not run.done()
    assert len(house.gates) == 1


async def test_a_token_with_another_nodes_id_is_refused(house: House) -> None:
    await house.ask("7")
    with pytest.raises(InvalidInput, match="another node"):
        house.gates.choose(1, node_id="8", token=house.tokens()[0])
    assert len(house.gates) == 1


async def test_two_runs_at_one_node_need_a_token(house: House) -> None:
    one, other = await house.ask(prompt_id="p"), await house.ask(prompt_id="q")
    with pytest.raises(Conflict, match="Two runs wait"):
        house.gates.choose(1, node_id="7")
    first, second = house.tokens()
    house.gates.choose(2, token=second)
    house.gates.choose(1, node_id="7")
    assert ((await one).route, (await other).route) == (1, 2)
    assert first != second


async def test_open_gates_can_be_answered_in_reverse_order(house: House) -> None:
    runs = [await house.ask(str(node)) for node in range(5)]
    for node in reversed(range(5)):
        house.gates.choose(node % 3 + 1, node_id=str(node))
    assert [(await run).route for run in runs] == [1, 2, 3, 1, 2]


async def test_items_of_a_list_are_shown_one_at_a_time_oldest_first(house: House) -> None:
    runs = [await house.ask(list_index=index) for index in range(3)]
    shown = house.listener.events("datasete-gate-show")
    assert [event["list_index"] for event in shown] == [0]
    assert [entry["shown"] for entry in house.gates.pending()] == [True, False, False]
    for index, run in enumerate(runs):
        house.gates.choose(index + 1, node_id="7")
        assert (await run).route == index + 1
    assert [event["list_index"] for event in house.listener.events("datasete-gate-show")] == [0, 1, 2]
