"""Gates that a policy answers when no person is faster."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import pytest

from datasete.errors import Conflict
from datasete.gates import Answer, Gates, GateView
from datasete.plugin import Decision, Gate

LONG = 3600.0
PATIENCE = 30


def gate(node_id: str = "7", prompt_id: str = "p", list_index: int = 0) -> Gate:
    return Gate(prompt_id, node_id, list_index, routes=3, frames=1, width=40, height=30)


def preview(frame: int, size: int) -> tuple[bytes, str]:
    return b"", "image/webp"


class House:
    """Gates whose policy is what a test puts into `decide`, and all that was told about them."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any], str | None]] = []
        self.answered: list[tuple[str, int | None, Decision | None]] = []
        self.asked: list[tuple[Gate, str]] = []
        self.decide: Callable[[Gate], Decision | None] = lambda gate: None
        self.now = 1000.0
        self.tasks: list[asyncio.Task[Answer]] = []
        self.gates = Gates(self.send, self, clock=lambda: self.now, policy=self.policy)

    def send(self, event: str, data: Mapping[str, object], client_id: str | None = None) -> None:
        self.sent.append((event, dict(data), client_id))

    def gate_opened(self, gate: Gate) -> None:
        pass

    def gate_answered(self, gate: Gate, route: int | None, decision: Decision | None = None) -> None:
        self.answered.append((gate.node_id, route, decision))

    def policy(self, gate: Gate) -> Decision | None:
        self.asked.append((gate, threading.current_thread().name))
        return self.decide(gate)

    async def ask(self, *args: Any, client: str | None = "tab", **kwargs: Any) -> asyncio.Task[Answer]:
        run = asyncio.create_task(self.gates.ask(gate(*args, **kwargs), GateView(preview, client), lambda: False))
        self.tasks.append(run)
        await asyncio.sleep(0)
        return run

    async def until(self, condition: Callable[[], object]) -> None:
        async def watch() -> None:
            while not condition():
                await asyncio.sleep(0.001)

        await asyncio.wait_for(watch(), PATIENCE)

    async def counting(self, *args: Any, **kwargs: Any) -> asyncio.Task[Answer]:
        """Open a gate and wait until its countdown runs."""
        run = await self.ask(*args, **kwargs)
        await self.until(lambda: self.gates.pending()[-1]["policy"])
        return run

    def events(self, name: str) -> list[dict[str, Any]]:
        return [data for event, data, _ in self.sent if event == name]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)
    assert len(made.gates) == 0


async def test_a_decision_for_at_once_answers_with_nobody_there(house: House) -> None:
    house.decide = lambda gate: Decision(3)
    run = await house.ask(client=None)
    assert (await asyncio.wait_for(run, PATIENCE)).route == 3
    assert [event["reason"] for event in house.events("datasete-gate-closed")] == ["policy"]


async def test_a_countdown_ends_in_its_route_and_with_what_was_painted_before(house: House) -> None:
    house.decide = lambda gate: Decision(2, 0.01, "Nobody came.")
    answer = await asyncio.wait_for(await house.ask(), PATIENCE)
    assert (answer.route, bool(answer.mask)) == (2, False)


async def test_a_policy_is_asked_once_about_each_gate_off_the_runs_loop(house: House) -> None:
    runs = [await house.ask(str(node)) for node in range(3)]
    await house.until(lambda: len(house.asked) == 3)
    assert sorted(asked.node_id for asked, _ in house.asked) == ["0", "1", "2"]
    assert threading.current_thread().name not in {thread for _, thread in house.asked}
    for node in range(3):
        house.gates.choose(1, node_id=str(node))
    await asyncio.gather(*runs)
    assert len(house.asked) == 3


async def test_the_countdown_is_shown_and_listed(house: House) -> None:
    house.decide = lambda gate: Decision(2, LONG, "Nobody came.")
    await house.counting()
    wanted = {"route": 2, "at": 1000.0 + LONG, "left": LONG, "reason": "Nobody came."}
    assert [event["policy"] for event in house.events("datasete-gate-show")] == [None, wanted]
    house.now += 5
    assert house.gates.pending()[0]["policy"] == wanted | {"left": LONG - 5}
    assert house.sent[-1] == ("datasete-gates-changed", {}, None)


async def test_a_person_is_faster_than_the_timer(house: House) -> None:
    house.decide = lambda gate: Decision(2, LONG)
    run = await house.counting()
    house.gates.choose(1, node_id="7")
    assert (await run).route == 1
    assert house.events("datasete-gate-closed")[0]["reason"] == "answered"
    assert house.answered == [("7", 1, None)]


async def test_of_a_person_and_a_timer_at_the_same_time_exactly_one_wins(house: House) -> None:
    house.decide = lambda gate: Decision(2, 0.001)
    for _ in range(50):
        run = await house.ask()
        [token] = [entry["token"] for entry in house.gates.pending()]
        try:
            await asyncio.to_thread(house.gates.choose, 1, token=token)
            wanted = 1
        except Conflict:
            wanted = 2
        assert (await run).route == wanted
        assert len(house.answered) == len(house.events("datasete-gate-closed"))
    assert len(house.answered) == 50


async def test_a_gate_is_shown_and_answered_while_a_policy_thinks(house: House) -> None:
    thinking = threading.Event()

    def slow(gate: Gate) -> Decision:
        thinking.wait(PATIENCE)
        return Decision(2)

    house.decide = slow
    slow_runs = [await house.ask(str(node)) for node in range(40)]
    assert len(house.events("datasete-gate-show")) == 40
    for node in range(40):
        house.gates.choose(1, node_id=str(node))
    assert {(await run).route for run in slow_runs} == {1}
    thinking.set()
    await house.until(lambda: not any(thread.name == "datasete-policy" for thread in threading.enumerate()))
    assert [route for _, route, _ in house.answered] == [1] * 40


@pytest.mark.parametrize("decision", [None, Decision(None, 0.0, "Look at this one.")])
async def test_a_gate_without_a_route_to_take_waits(house: House, decision: Decision | None) -> None:
    house.decide = lambda gate: decision
    run = await house.ask()
    await house.until(lambda: not any(thread.name == "datasete-policy" for thread in threading.enumerate()))
    await asyncio.sleep(0)
    assert not run.done()
    assert house.gates.pending()[0]["policy"] is None


async def test_an_automatic_answer_is_one_log_line_and_observers_get_the_decision(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.decide = lambda gate: Decision(2, 0.0, "Nobody came.")
    with caplog.at_level(logging.INFO, "datasete"):
        await asyncio.wait_for(await house.ask(), PATIENCE)
    assert [record.getMessage() for record in caplog.records] == [
        "A policy sent gate 7 of run p to route 2. Nobody came."
    ]
    assert house.answered == [("7", 2, Decision(2, 0.0, "Nobody came."))]


async def test_each_item_of_a_list_has_its_own_countdown_from_when_it_is_shown(house: House) -> None:
    house.decide = lambda gate: Decision(2, LONG)
    runs = [await house.ask(list_index=index) for index in range(3)]
    await house.until(lambda: len(house.asked) == 3 and house.gates.pending()[0]["policy"])
    assert [bool(entry["policy"]) for entry in house.gates.pending()] == [True, False, False]
    await house.until(lambda: not any(thread.name == "datasete-policy" for thread in threading.enumerate()))
    house.now = 1100.0
    house.gates.choose(1, node_id="7")
    [second, third] = house.gates.pending()
    assert (second["policy"]["at"], third["policy"]) == (1100.0 + LONG, None)
    assert house.events("datasete-gate-show")[-1]["policy"] == second["policy"]
    assert (await runs[0]).route == 1


async def test_a_list_that_nobody_attends_goes_through_in_order(house: House) -> None:
    house.decide = lambda gate: Decision(gate.list_index % 3 + 1)
    runs = [await house.ask(list_index=index) for index in range(20)]
    answers = await asyncio.wait_for(asyncio.gather(*runs), PATIENCE)
    assert [answer.route for answer in answers] == [index % 3 + 1 for index in range(20)]


async def test_who_holds_a_gate_ends_its_countdown_for_good(house: House) -> None:
    house.decide = lambda gate: Decision(2, 0.5)
    run = await house.counting()
    house.gates.cancel_countdown(node_id="7")
    assert house.gates.pending()[0]["policy"] is None
    assert house.events("datasete-gate-show")[-1]["policy"] is None
    await asyncio.sleep(0.6)
    assert not run.done()
    house.gates.choose(1, node_id="7")
    assert (await run).route == 1


async def test_who_paints_holds_the_gate(house: House) -> None:
    house.decide = lambda gate: Decision(2, LONG)
    run = await house.counting()
    house.gates.attach_mask(str(house.gates.pending()[0]["token"]), b"mask")
    [entry] = house.gates.pending()
    assert (entry["policy"], entry["masked"]) == (None, True)
    assert not run.done()


async def test_a_decision_that_comes_after_somebody_held_the_gate_is_too_late(house: House) -> None:
    thinking = threading.Event()
    house.decide = lambda gate: Decision(2) if thinking.wait(PATIENCE) else None
    run = await house.ask()
    house.gates.cancel_countdown(node_id="7")
    thinking.set()
    await house.until(lambda: not any(thread.name == "datasete-policy" for thread in threading.enumerate()))
    await asyncio.sleep(0)
    assert not run.done()


async def test_a_gate_that_is_gone_cannot_be_held(house: House) -> None:
    with pytest.raises(Conflict):
        house.gates.cancel_countdown(node_id="7")


async def test_a_run_that_ends_takes_its_countdown_with_it(house: House) -> None:
    house.decide = lambda gate: Decision(2, 0.5)
    run = await house.counting()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    await asyncio.sleep(0.6)
    assert [event["reason"] for event in house.events("datasete-gate-closed")] == ["ended"]
    assert house.answered == []
